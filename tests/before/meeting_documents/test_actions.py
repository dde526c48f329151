"""Documents of a meeting: which are accepted, who may publish them, and how they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.meeting_documents import actions, queries, receivers
from hemicycle.before.meeting_documents.actions import Details, DocumentRefused
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import aliases, panel_seats
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from tests.support.documents import PDF, added_document, publish, seated, slides
from tests.support.lists import World

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
Kind = MeetingDocument.Kind


def told(world: World, kind: str) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind=kind).order_by("seq")
    return [row.fields() for row in rows]


@pytest.mark.usefixtures("either_storage")
def test_a_document_is_kept_recorded_and_deleted(world: World) -> None:
    titles = {"en": "Concept note", "fr": "Note de cadrage"}
    document = added_document(world, says={"titles": titles})
    name = document.file.name or ""
    assert default_storage.open(name).read() == PDF
    assert "slides" not in name
    assert (document.size, document.translations) == (
        len(PDF),
        {"fr": {"title": "Note de cadrage"}},
    )
    (entry,) = told(world, "document.added")
    assert entry == {
        "document": document.id.hex,
        "kind": "note",
        "size": len(PDF),
        "sha256": document.sha256,
        "public": True,
        "slot": "",
    }
    assert Details.of(document).titles == titles
    for _press in range(2):
        actions.remove(document=document, actor=world.office)
    assert not MeetingDocument.objects.exists()
    assert told(world, "document.removed") == [{"document": entry["document"]}]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("slides.exe", PDF),
        ("slides", PDF),
        ("slides.pdf", b"<html>not a PDF</html>"),
        ("slides.pptx", PDF),
        ("slides.pdf", b""),
    ],
)
def test_a_file_of_another_kind_is_refused(world: World, name: str, data: bytes) -> None:
    with pytest.raises(DocumentRefused):
        added_document(world, file=SimpleUploadedFile(name, data), file_name=name)
    assert not MeetingDocument.objects.exists()


def test_there_is_a_limit_for_each_panellist_and_each_hearing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OF_PERSON", 1)
    monkeypatch.setattr(actions, "MOST", 2)
    slides(world)
    with pytest.raises(DocumentRefused):
        slides(world)
    added_document(world)
    with pytest.raises(DocumentRefused):
        added_document(world)
    assert MeetingDocument.objects.count() == 2


def test_the_same_details_change_nothing(world: World) -> None:
    document = added_document(world)
    actions.change(document=document, details=Details.of(document), actor=world.office)
    assert told(world, "document.changed") == []


def test_what_was_deleted_meanwhile_cannot_be_changed(world: World) -> None:
    document = slides(world)
    actions.remove(document=document, actor=world.office)
    with pytest.raises(DocumentRefused):
        publish(world, document)
    with pytest.raises(DocumentRefused):
        actions.agree(document=document, agrees=False, actor=world.office)


def test_slides_are_public_only_while_their_author_agrees(world: World) -> None:
    document = slides(world, agrees=False)
    with pytest.raises(DocumentRefused):
        publish(world, document)
    actions.agree(document=document, agrees=True, actor=world.office)
    document.refresh_from_db()
    assert not document.is_public  # the office has not published it
    publish(world, document)
    assert queries.public(world.hearing) == [document]
    actions.agree(document=document, agrees=False, actor=world.office)
    assert queries.public(world.hearing) == []
    document.refresh_from_db()
    assert not document.is_public
    assert [entry["agrees"] for entry in told(world, "document.agreed")] == [True, False]


def test_an_alias_takes_slides_from_the_public(world: World) -> None:
    document = slides(world)
    publish(world, document)
    assert document.member is not None
    aliases.set_alias(
        hearing=world.hearing, member=document.member, alias="Voice A", actor=world.office
    )
    document = MeetingDocument.objects.select_related("member").get()
    assert (document.is_public, document.shown_name) == (False, "presentation.pdf")
    with pytest.raises(DocumentRefused):
        publish(world, document)
    actions.agree(document=document, agrees=False, actor=world.office)
    with pytest.raises(DocumentRefused):
        actions.agree(document=document, agrees=True, actor=world.office)


def test_a_public_title_does_not_name_a_person_with_an_alias(world: World) -> None:
    member, _person = seated(world)
    document = added_document(world, f"Paper by {member.name}")
    aliases.set_alias(hearing=world.hearing, member=member, alias="Voice A", actor=world.office)
    assert queries.public_titles(world.hearing, [document]) == ["Paper by Voice A"]


@pytest.mark.parametrize(
    "lose",
    [
        lambda world, member: member.delete(),
        lambda world, member: panel_seats.seat(
            hearing=world.hearing,
            member=member,
            email="another@hearing.example",
            actor=world.office,
        ),
    ],
    ids=["seat removed", "seat given to another"],
)
def test_slides_stay_those_of_the_person_who_handed_them_in(
    world: World, lose: Callable[[World, PanelMember], object]
) -> None:
    document = slides(world)
    assert document.member is not None
    assert document.person is not None
    lose(world, document.member)
    assert queries.of_person(world.hearing, document.person) == [document]


@pytest.mark.usefixtures("either_storage")
def test_erasing_a_panellist_deletes_their_slides_alone(world: World) -> None:
    note, document = added_document(world), slides(world)
    person = document.person
    assert person is not None
    assert list(receivers.holdings(world.hearing, person)) == ["1 presentation: deleted"]
    erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    assert list(MeetingDocument.objects.all()) == [note]


def test_a_panellist_sees_topic_time_order_and_questions(world: World) -> None:
    member, person = seated(world, 1)
    others = world.panels[0].members.filter(role=Role.PANELLIST).order_by("ordinal")
    for number, (text, to, panel) in enumerate(
        [
            ("To me?", member, world.panels[0]),
            ("To another?", others[0], world.panels[0]),
            ("To all of you?", None, world.panels[0]),
            ("To any panel?", None, None),
        ]
    ):
        world.ngo(f"Ngo {number}", question=text)
        row = Question.objects.get(text=text)
        questions.sort(
            question=row, guiding_question=None, segment=panel, to=to, actor=world.office
        )
    (seat,) = queries.own_seats(world.hearing, person)
    assert (seat.member, seat.place, seat.limit_ms) == (member, 2, member.limit_s * 1000)
    assert seat.speakers == list(others)
    assert [row.text for row in seat.questions] == ["To me?", "To all of you?"]
    moderator = world.panels[0].members.get(role=Role.MODERATOR)
    chair = panel_seats.seat(
        hearing=world.hearing, member=moderator, email="chair@hearing.example", actor=world.office
    )
    assert chair is not None
    (presides,) = queries.own_seats(world.hearing, chair)
    assert (presides.place, presides.limit_ms, len(presides.questions)) == (0, None, 4)


def test_the_technicians_list_follows_the_programme(world: World) -> None:
    second, person = seated(world, 1)
    later = added_document(world, "Second", is_public=False, member=second, person=person)
    first = slides(world)
    added_document(world)
    assert queries.handed_in(world.hearing) == [first, later]
