"""Convening, changing and publishing: rows and record agree, or nothing is saved."""

from datetime import UTC, date, datetime

import pytest

from hemicycle.hearing.setup import actions, document_mapping, toml_io
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.hearing.setup.schema import Document, InvalidDocument
from hemicycle.record import keys
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from tests.hearing.setup.conftest import REFERENCE

pytestmark = pytest.mark.postgresql("constraints")

local = datetime.fromisoformat
OFFICE = Actor("0" * 32, "secretariat")


def told(hearing: Hearing) -> list[tuple[str, str]]:
    return [
        (entry.kind, entry.body)
        for entry in Entry.objects.filter(hearing=hearing.id).order_by("seq")
    ]


def document(hearing: Hearing) -> Document:
    return document_mapping.to_document(actions.whole(hearing.id))


def test_what_was_convened_is_what_the_file_says(hearing: Hearing, reference: str) -> None:
    assert document(hearing) == toml_io.loads(reference)
    assert told(hearing) == [
        (
            "hearing.convened",
            f'{{"key":"{keys.fingerprint()}","meetings":2,"segments":4,"source":"file"}}',
        ),
        ("hearing.published", "{}"),
    ]
    assert hearing.status == Hearing.Status.PUBLISHED


@pytest.mark.django_db
def test_all_dates_can_be_shifted_together() -> None:
    moved = actions.convene(REFERENCE, slug="rehearsal", shift_to=date(2031, 1, 20))
    assert moved.slug == "rehearsal"
    assert [deadline.at for deadline in moved.deadlines.all()] == [
        datetime(2031, 1, 12, 22, 0, 0, tzinfo=UTC),
        datetime(2031, 1, 17, 4, 59, 59, tzinfo=UTC),
    ]
    assert moved.meetings.get(ordinal=1).starts_at == datetime(2031, 1, 20, 15, tzinfo=UTC)


def test_a_short_address_is_taken_once(hearing: Hearing) -> None:
    with pytest.raises(InvalidDocument) as caught:
        actions.convene(REFERENCE)
    assert str(caught.value) == (
        "Another hearing already has the short address “2021-trafficking”. Choose another."
    )
    assert Hearing.objects.count() == 1


def test_nothing_changed_is_nothing_recorded(hearing: Hearing) -> None:
    before = told(hearing)
    assert actions.change(hearing=hearing, data=document(hearing), actor=OFFICE) == []
    assert told(hearing) == before


def test_changes_are_told_by_name_and_ids_stay(hearing: Hearing) -> None:
    ids = list(Segment.objects.filter(meeting__hearing=hearing).values_list("id", flat=True))
    data = document(hearing)
    data["venue"] = "Hall 4"
    data["deadlines"][0]["closes"] = local("2021-07-06T17:00")
    data["meetings"][0]["segments"][1]["title"] = "Panel 1, renamed"
    assert actions.change(hearing=hearing, data=data, actor=OFFICE) == [
        "venue",
        "deadlines",
        "meetings",
    ]
    assert told(hearing)[2:] == [
        ("hearing.changed", '{"fields":["venue"]}'),
        ("programme.changed", '{"meetings":2,"segments":4}'),
        ("deadline.changed", '{"at":1625605200000,"track":"stakeholders"}'),
    ]
    assert ids == list(
        Segment.objects.filter(meeting__hearing=hearing).values_list("id", flat=True)
    )
    assert document(hearing) == data


def test_the_deadline_for_statements_is_on_the_record(hearing: Hearing) -> None:
    data = document(hearing)
    data["statements"] = {"closes": local("2021-07-12T17:00"), "late": "accepted"}
    assert actions.change(hearing=hearing, data=data, actor=OFFICE) == ["statements"]
    data["statements"] = {"closes": None, "late": "refused"}
    actions.change(hearing=hearing, data=data, actor=OFFICE)
    assert told(hearing)[2:] == [
        ("deadline.changed", '{"at":1626123600000,"track":"statements"}'),
        ("hearing.changed", '{"fields":["statements"]}'),
        ("deadline.changed", '{"at":null,"track":"statements"}'),
    ]


def test_dates_of_statements_move_with_the_hearing(reference: str) -> None:
    data = toml_io.loads(reference + "\n[statements]\ncloses = 2021-07-12\n")
    moved = documents.shifted(data, date(2021, 7, 20))
    assert moved["statements"]["closes"] == local("2021-07-19T23:59:59")
    assert toml_io.loads(toml_io.dumps(data)) == data
    with pytest.raises(InvalidDocument, match="after the end of the hearing"):
        toml_io.loads(reference + "\n[statements]\ncloses = 2021-07-14\n")


def test_meetings_and_questions_can_change_places(hearing: Hearing) -> None:
    data = document(hearing)
    data["guiding_questions"].reverse()
    data["categories"].reverse()
    first, second = data["meetings"]
    first["title"], second["title"] = second["title"], first["title"]
    data["meetings"][0]["segments"].pop(0)
    actions.change(hearing=hearing, data=data, actor=OFFICE)
    assert document(hearing) == data


def test_a_wrong_change_changes_nothing(hearing: Hearing) -> None:
    before, record = document(hearing), told(hearing)
    data = document(hearing)
    data["title"] = "New"
    data["meetings"][1]["starts"] = local("2021-07-13T11:00")
    with pytest.raises(InvalidDocument):
        actions.change(hearing=hearing, data=data, actor=OFFICE)
    assert (document(hearing), told(hearing)) == (before, record)


@pytest.mark.django_db
def test_a_hearing_without_a_programme_is_not_published() -> None:
    draft = actions.convene({"title": "Water"})
    with pytest.raises(InvalidDocument) as caught:
        actions.publish_hearing(hearing=draft, actor=OFFICE)
    assert str(caught.value) == (
        "Complete these fields before you publish the hearing: time zone, programme, "
        "categories of participants and deadlines."
    )
    assert (draft.slug, draft.status) == ("water", Hearing.Status.DRAFT)


@pytest.mark.django_db
def test_short_addresses_made_from_titles_never_collide() -> None:
    assert [actions.convene({"title": "Water"}).slug for _ in range(3)] == [
        "water",
        "water-2",
        "water-3",
    ]


def test_a_change_undoes_nothing_that_was_done_since_its_hearing_was_read(
    hearing: Hearing,
) -> None:
    stale = Hearing.objects.get(pk=hearing.pk)
    actions.end(hearing=hearing, actor=OFFICE)
    Hearing.objects.filter(pk=hearing.pk).update(is_rehearsed=True)
    assert actions.change(
        hearing=stale, data={**document(hearing), "venue": "Hall 4"}, actor=OFFICE
    )
    now = Hearing.objects.get(pk=hearing.pk)
    assert (now.venue, now.is_rehearsed) == ("Hall 4", True)
    assert (now.status, now.ended_at) == (Hearing.Status.ENDED, hearing.ended_at)
    assert (stale.status, stale.ended_at) == (now.status, now.ended_at)


def test_a_change_refused_halfway_leaves_what_others_changed(hearing: Hearing) -> None:
    stale = Hearing.objects.get(pk=hearing.pk)
    actions.change(hearing=hearing, data={**document(hearing), "venue": "Hall 4"}, actor=OFFICE)
    with pytest.raises(InvalidDocument):
        actions.change(hearing=stale, data={**document(hearing), "title": ""}, actor=OFFICE)
    assert Hearing.objects.get(pk=hearing.pk).venue == "Hall 4"
