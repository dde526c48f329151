"""The pages of meeting documents: what each visitor sees and may download."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.hearing.people.models import Appointment, Duty, Person, Role
from hemicycle.hearing.setup import aliases
from tests.support.documents import PDF, added_document, pdf, publish, seated, slides
from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def address(world: World, name: str, *args: object) -> str:
    return reverse(f"meeting_documents:{name}", args=(world.hearing.slug, *args))


def test_the_office_adds_a_document_in_two_languages_and_the_public_reads_it(world: World) -> None:
    client, page = world.client(), f"/h/{world.hearing.slug}/"
    assert Client().get(page).context["documents"] == []
    first, other = "en", next(tag for tag in world.hearing.languages if tag != "en")
    sent = {
        "file": pdf("note.pdf"),
        "kind": "background",
        "language": "",
        "ordinal": "2",
        "is_public": "on",
        f"title_{first}": "A side paper",
        f"title_{other}": "Another title",
    }
    assert client.post(address(world, "office"), sent).status_code == 302
    document = MeetingDocument.objects.get()
    assert (document.kind, document.ordinal, document.original_language) == (
        "background",
        2,
        first,
    )
    assert document.translations == {other: {"title": "Another title"}}
    text = Client().get(page).content.decode()
    path = address(world, "public", document.pk)
    assert (path in text, "A side paper" in text, "several languages" in text) == (True, True, True)
    answer = Client().get(path)
    assert b"".join(answer) == PDF
    assert 'attachment; filename="note.pdf"' in answer.headers["Content-Disposition"]
    del sent["is_public"], sent["file"]
    assert client.post(address(world, "detail", document.pk), sent).status_code == 302
    assert path not in Client().get(page).content.decode()
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("missing", ["file", "title_en", "kind"])
def test_an_incomplete_form_says_so_and_keeps_what_was_typed(world: World, missing: str) -> None:
    sent = {"file": pdf(), "kind": "note", "ordinal": "7", "title_en": "Concept note"}
    sent.pop(missing)
    answer = world.client().post(address(world, "office"), sent)
    assert answer.status_code == 422
    assert missing in answer.context["form"].errors
    assert 'value="7"' in answer.content.decode()
    assert not MeetingDocument.objects.exists()


def test_a_panellist_prepares_on_their_own_page(world: World) -> None:
    member, person = seated(world)
    client, page = world.client(person), address(world, "panel")
    text = client.get(page).content.decode()
    assert str(member.topic) in text
    assert '<option value="en" selected>' in text
    sent = {"seat": str(member.pk), "file": pdf(), "title": "", "language": "fr", "agrees": "on"}
    assert client.post(page, sent).status_code == 302
    document = MeetingDocument.objects.get()
    assert (document.title, document.language, document.person) == (member.topic, "fr", person)
    assert (document.agrees, document.is_public) == (True, False)
    assert b"".join(client.get(address(world, "file", document.pk))) == PDF
    publish(world, document)
    no = client.post(address(world, "agree", document.pk), {"agrees": "no"})
    assert no.status_code == 302
    document.refresh_from_db()
    assert (document.agrees, document.is_public) == (False, False)
    assert client.post(address(world, "take-back", document.pk)).status_code == 302
    assert not MeetingDocument.objects.exists()


def test_nobody_else_on_the_panel_reads_or_changes_a_file(world: World) -> None:
    document = slides(world)
    _member, other = seated(world, 1)
    client = world.client(other)
    assert client.get(address(world, "file", document.pk)).status_code == 404
    for name in ("agree", "take-back"):
        assert client.post(address(world, name, document.pk)).status_code == 404
    assert MeetingDocument.objects.filter(agrees=True).exists()


def test_a_seat_of_somebody_else_cannot_be_chosen(world: World) -> None:
    _member, person = seated(world)
    other, _other_person = seated(world, 1)
    answer = world.client(person).post(
        address(world, "panel"), {"seat": str(other.pk), "file": pdf()}
    )
    assert answer.status_code == 422
    assert not MeetingDocument.objects.exists()


def technician(world: World) -> Client:
    person = Person.objects.create(name="Tess", email="tess@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.TECHNICIAN)
    return world.client(person)


def officer(world: World, *duties: Duty) -> Client:
    """Return the browser of an officer who has these duties."""
    person = Person.objects.create(name="Ann", email=f"{'-'.join(duties)}@hearing.example")
    Appointment.objects.create(
        person=person, hearing_id=world.hearing.id, role=Role.SECRETARIAT, duties=[*duties]
    )
    return world.client(person)


@pytest.mark.parametrize("opened", [technician, lambda world: officer(world, Duty.MEDIA)])
def test_technicians_get_slides_and_not_what_the_office_keeps(
    world: World, opened: Callable[[World], Client]
) -> None:
    kept, document = added_document(world, is_public=False), slides(world)
    client = opened(world)
    text = client.get(address(world, "presentations")).content.decode()
    assert address(world, "file", document.pk) in text
    assert address(world, "file", kept.pk) not in text
    assert client.get(address(world, "file", document.pk)).status_code == 200
    assert client.get(address(world, "file", kept.pk)).status_code == 404


def test_under_an_alias_nobody_is_asked_to_publish_and_no_name_is_shown(world: World) -> None:
    document = slides(world, file_name="Slides of Jane.pdf")
    assert document.member is not None
    name = document.member.name
    aliases.set_alias(
        hearing=world.hearing, member=document.member, alias="Voice A", actor=world.office
    )
    assert document.person is not None
    own = world.client(document.person).get(address(world, "panel"))
    assert "agrees" not in own.context["form"].fields
    client = technician(world)
    listed = client.get(address(world, "presentations")).content.decode()
    answer = client.get(address(world, "file", document.pk))
    assert "Voice A" in listed
    for said in (listed, answer.headers["Content-Disposition"]):
        assert name not in said
        assert "Jane" not in said


@pytest.mark.parametrize("is_seat_lost", [False, True])
def test_an_officer_reads_what_may_name_the_protected_only_with_that_duty(
    world: World, is_seat_lost: bool
) -> None:
    document = slides(world, file_name="Slides of Jane.pdf", says={"titles": {"en": "Jane’s"}})
    member = document.member
    assert member is not None
    ann = officer(world, Duty.DOCUMENTS)
    assert "Jane" in ann.get(address(world, "office")).text
    assert ann.get(address(world, "file", document.pk)).status_code == 200
    aliases.set_alias(hearing=world.hearing, member=member, alias="Voice A", actor=world.office)
    if is_seat_lost:
        member.delete()
    page = ann.get(address(world, "office")).text
    assert ("Voice A" in page) is not is_seat_lost
    assert not [name for name in ("Jane", member.name, str(document.pk)) if name in page]
    for name in ("detail", "file"):
        assert ann.get(address(world, name, document.pk)).status_code == 404
    assert ann.post(address(world, "remove", document.pk)).status_code == 404
    bob = officer(world, Duty.DOCUMENTS, Duty.PROTECTED)
    assert "Jane" in bob.get(address(world, "office")).text
    for name in ("detail", "file"):
        assert bob.get(address(world, name, document.pk)).status_code == 200
