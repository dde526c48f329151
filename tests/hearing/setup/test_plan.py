"""Publishing with a check for gaps, withdrawing, moving the dates, and closing early."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from hemicycle.hearing.setup import actions, document_mapping, publishing
from hemicycle.hearing.setup.models import Deadline, Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


def says(hearing: Hearing) -> list[str]:
    return [concern.says for concern in publishing.concerns(hearing)]


def test_a_whole_hearing_in_time_has_no_concern(world: World) -> None:
    Hearing.objects.filter(pk=world.hearing.pk).update(languages=["en"], original_language="en")
    assert says(Hearing.objects.get(pk=world.hearing.pk)) == []


def test_each_gap_and_each_past_date_is_named(world: World) -> None:
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    hearing.original_language = "en"
    hearing.languages, hearing.mailboxes, hearing.convener = ["en", "fr"], {}, ""
    hearing.save()
    world.panels[0].members.all().delete()
    hearing.guiding_questions.all().delete()
    Deadline.objects.filter(hearing=hearing, track="stakeholders").delete()
    world.clock.move_to(clock.to_ms(world.panels[0].starts_at))
    found = "\n".join(says(hearing))
    for gap in (
        "Nobody is named as the convener.",
        "No mailbox is named",
        "is in the past: 13 July 2021, 10:00",
        "has no moderator.",
        "This deadline has passed: Member States and observers, 9 July 2021",
        "cannot register: its track has no deadline.",
        "There are no guiding questions.",
        "Texts that are not translated into French yet:",
    ):
        assert gap in found, gap


def test_a_hearing_without_people_goes_back_to_a_draft(world: World) -> None:
    slug = world.hearing.slug
    assert world.client().get(f"/h/{slug}/").status_code == 200
    world.client().post(f"/office/{slug}/unpublish/")
    assert world.client().get(f"/h/{slug}/").status_code == 404
    assert Entry.objects.filter(kind="hearing.unpublished").count() == 1
    actions.publish_hearing(hearing=world.hearing, actor=world.office)
    assert world.client().get(f"/h/{slug}/").status_code == 200


def test_a_hearing_that_people_take_part_in_stays_public(world: World) -> None:
    world.ngo("Open Doors", 0)
    with pytest.raises(InvalidDocument, match="People have registered"):
        actions.unpublish(hearing=world.hearing, actor=world.office)


def test_a_hearing_that_was_opened_stays_public(world: World) -> None:
    world.open_panel(0)
    with pytest.raises(InvalidDocument, match="A meeting has been opened"):
        actions.unpublish(hearing=world.hearing, actor=world.office)


def test_all_dates_move_together(world: World) -> None:
    def dated() -> list[object]:
        data = document_mapping.to_document(actions.whole(world.hearing.pk))
        meetings = [row["starts"] for row in data["meetings"]]
        return [*meetings, *(row["closes"] for row in data["deadlines"])]

    before = dated()
    actions.move(hearing=world.hearing, first_day=date(2021, 8, 3), actor=world.office)
    assert dated() == [at + timedelta(days=21) for at in before]  # type: ignore[operator]


def test_the_page_shows_where_each_date_goes_before_it_goes(world: World) -> None:
    page = f"/office/{world.hearing.slug}/move/"
    client = world.client()
    shown = client.get(page, {"first_day": "2021-08-03"})
    assert "August 3, 2021" in shown.text or "3 August 2021" in shown.text
    assert client.get(page, {"first_day": "2021-06-01"}).status_code == 422
    assert client.post(page, {"first_day": "soon"}).status_code == 422
    answer = client.post(page, {"first_day": "2021-08-03"})
    assert answer["Location"] == f"/office/{world.hearing.slug}/changes/"


def test_registration_closes_early_and_once(world: World) -> None:
    page = f"/office/{world.hearing.slug}/close/"
    client = world.client()
    client.post(page, {"track": "stakeholders"})
    row = Deadline.objects.get(hearing=world.hearing, track="stakeholders")
    assert row.at <= clock.now()
    (entry,) = Entry.objects.filter(kind="deadline.changed")
    assert entry.fields()["track"] == "stakeholders"
    world.clock.advance(1000)
    assert "was closed already" in client.post(page, {"track": "stakeholders"}, follow=True).text
    assert client.post(page, {"track": "nobody"}).status_code == 302
