"""Mail while the file store is unavailable: nothing is lost, and the office need not act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.before.statements.models import Statement
from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.mail.incoming import processing
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.receiving import store
from hemicycle.site.files import bucket as buckets
from tests.mail.incoming.arriving import arrived, known_as, stored
from tests.mail.incoming.letters import letter, with_file

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ANA = "ana@relief.example.org"


def attempt(mail: Mail, often: int = 1) -> str:
    """Process a message `often` times; return its state."""
    for _attempt in range(often):
        processing.process(mail.pk)
    mail.refresh_from_db()
    return mail.state


def test_mail_is_not_acknowledged_without_the_store(away: S3Server) -> None:
    away.go_away()
    with pytest.raises(StoreAway):
        store.write(letter().as_bytes())


def test_mail_waits_until_the_store_is_back(away: S3Server, world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    (mail,) = stored(with_file(letter()))
    away.go_away()
    assert attempt(mail, processing.MOST_ATTEMPTS + 2) == Mail.State.STORED
    away.come_back()
    assert (attempt(mail), Statement.objects.count()) == (Mail.State.DONE, 1)


def test_a_statement_by_mail_is_not_given_to_the_office_for_want_of_the_store(
    away: S3Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    (mail,) = stored(with_file(letter()))
    with monkeypatch.context() as patch:
        patch.setattr(buckets.BucketStorage, "_save", _is_away)
        assert attempt(mail) == Mail.State.STORED
    assert (attempt(mail), Statement.objects.count()) == (Mail.State.DONE, 1)


def _is_away(self: buckets.BucketStorage, name: str, _content: object) -> str:
    raise StoreAway(f"The store at {self} does not take {name}.")


def test_the_office_reads_that_the_store_is_away_not_that_mail_is_gone(
    away: S3Server, world: World
) -> None:
    mail = arrived(letter())
    office, page = world.client(), f"/office/{world.hearing.slug}/mail/{mail.pk}/"
    away.go_away()
    for number in (0, 1):
        assert office.get(f"{page}file/{number}/").status_code == 503
