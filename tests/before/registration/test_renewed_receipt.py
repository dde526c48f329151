"""A speaker renews a receipt in a browser with one press, and the new file includes its proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hemicycle.before.registration import queries
from hemicycle.hearing.setup import checkpointing
from hemicycle.record import keys, receipts
from hemicycle.record.models import Entry
from tests.record.log.test_checkpoints import WITNESS_KEY, cosign

if TYPE_CHECKING:
    from tests.support.browser import Pages
    from tests.support.lists import World
    from tests.support.site import Site


def test_one_press_renews_a_receipt(world: World, site: Site, pages: Pages) -> None:
    row = world.ngo("River Watch", 0)
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.arrival)
    old = receipts.spelled(queries.signed_receipt(entry))
    (made,) = checkpointing.make_due()
    cosign(made)
    page = pages.open(base_url=site.url, viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto("/receipts/")
    page.fill("textarea", old)
    page.click("form button.btn--primary")
    page.get_by_text("does not contain this proof yet").wait_for()
    page.get_by_text(WITNESS_KEY.name).wait_for()
    with page.expect_download() as download:
        page.click("button[name=renew]")
    renewed = Path(download.value.path()).read_text("utf-8")
    proved = receipts.check(renewed, {keys.fingerprint()}, [WITNESS_KEY]).proved
    assert proved is not None
    assert [witness.name for witness in proved.witnessed] == [WITNESS_KEY.name]
