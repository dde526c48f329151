"""Consents to each use of a person's contribution: given and withdrawn, with their effects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.consent import actions, queries
from hemicycle.before.consent.models import Consent, Use
from hemicycle.before.registration import links
from hemicycle.hearing.setup.models import Category
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World


def page(registration: Registration) -> str:
    return reverse("consent:own", args=(links.secret_of(registration),))


def entries(world: World, kind: str) -> list[dict[str, object]]:
    found = Entry.objects.filter(hearing=world.hearing.id, kind=kind).order_by("seq")
    return [entry.fields() for entry in found]


def test_every_use_has_its_purpose_and_stands_as_its_basis_says(
    world: World, client: Client
) -> None:
    row = world.ngo("Open Doors", 0)
    lines = {line.use: line.is_given for line in queries.lines(row)}
    assert lines == {
        Use.LIST: False,
        Use.WEBCAST: True,
        Use.RECORDING: True,
        Use.STATEMENT: False,
        Use.QUESTION: True,
        Use.TRANSCRIPT: True,
        Use.PHOTOGRAPH: False,
    }
    shown = client.get(page(row)).content.decode()
    for line in queries.lines(row):
        assert str(line.terms.purpose) in shown
        assert str(line.use.label) in shown


def test_taking_back_and_giving_are_on_the_record_once(world: World, client: Client) -> None:
    row = world.ngo("Open Doors", 0)
    for _ in range(2):
        client.post(page(row), {"give": "photograph"})
    client.post(page(row), {"take_back": "photograph"})
    ids = {"registration": row.id.hex, "use": "photograph"}
    assert entries(world, "consent.given") == [ids]
    assert entries(world, "consent.withdrawn") == [ids]
    assert "Withdrawn:" in client.get(page(row)).content.decode()


@pytest.mark.parametrize("sent", [{}, {"give": ""}, {"take_back": "everything"}, {"give": "x" * 9}])
def test_what_is_no_use_changes_nothing(world: World, client: Client, sent: dict[str, str]) -> None:
    row = world.ngo("Open Doors", 0)
    assert client.post(page(row), sent).status_code == 302
    assert not Consent.objects.exists()


def test_the_list_shows_no_name_at_once(panel: World, client: Client) -> None:
    row = row_of(panel, "Open Doors")
    type(panel.hearing).objects.update(public_list=True)
    url = f"/h/{panel.hearing.slug}/speakers/"
    client.post(page(row), {"give": "list"})
    assert "Open Doors" in client.get(url).content.decode()
    client.post(page(row), {"take_back": "list"})
    assert "Open Doors" not in client.get(url).content.decode()


@pytest.mark.django_db
def test_a_statement_leaves_the_library_and_comes_back(client: Client) -> None:
    from tests.support.finished import finished_hearing

    with finished_hearing() as finished:
        row = finished.registrations["Open Doors"]
        url = f"/h/{finished.world.hearing.slug}/statements/?q=recruitment"
        key = str(finished.statement("Open Doors").pk)
        client.post(page(row), {"give": "statement"})
        assert key in client.get(url).content.decode()
        client.post(page(row), {"take_back": "statement"})
        assert key not in client.get(url).content.decode()
        assert not finished.statement("Open Doors").consents_to_publish


def test_a_question_stands_without_a_name(world: World, client: Client) -> None:
    row = world.ngo("Open Doors", 0, question="Who pays?")
    question = row.questions.get()
    assert question.public_asker == "Open Doors"
    client.post(page(row), {"take_back": "question"})
    question.refresh_from_db()
    assert question.public_asker == ""


def test_the_office_sees_all_and_takes_back_but_never_agrees(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    url = reverse("consent:office", args=(world.hearing.slug,))
    office = world.client()
    office.post(url, {"registration": row.pk, "give": "photograph"})
    assert entries(world, "consent.given") == []
    office.post(url, {"registration": row.pk, "take_back": "recording"})
    assert not queries.is_given(row, Use.RECORDING)
    assert "Open Doors" in office.get(url).content.decode()
    assert office.post(url, {"registration": "x", "take_back": "list"}).status_code == 404


def test_erasing_somebody_deletes_what_they_agreed_to(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    actions.change(registration=row, use=Use.WEBCAST, is_given=False, actor=world.office)
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert not Consent.objects.exists()


# Recordings.


@pytest.fixture
def panel(world: World) -> World:
    """The first panel, open, with three organizations on its list and without panellists."""
    from hemicycle.hearing.people.models import Role

    for segment in world.panels:
        segment.members.filter(role=Role.PANELLIST).delete()
    for name in ("Open Doors", "Safe Harbour", "Late Voices"):
        world.ngo(name, 0)
    world.open_panel()
    return world


@pytest.fixture
def segments(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ENGINE = replace(
        settings.MEDIA_ENGINE, segments=tmp_path / "segments", url="http://127.0.0.1:9"
    )


def row_of(world: World, name: str) -> Registration:
    found: Registration = world.hearing.registrations.get(organization__name=name)
    return found


def speak(world: World) -> int:
    """Give the floor to the next speaker for four seconds; return the time when it began, in ms."""
    begun = world.clock()
    world.press(c.GiveFloor())
    world.clock.advance(4000)
    return begun


def close(world: World) -> None:
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())


def first(world: World) -> Registration:
    """Return the registration of the first speaker."""
    floor = floor_of(world.panels[0].meeting_id)
    slot = next(iter(floor.order)) if floor.order else ""
    held = [past.slot for past in floor.history] + ([floor.holder.slot] if floor.holder else [])
    slot = held[0] if held else slot
    found: Registration = world.hearing.registrations.get(inscriptions__id=slot)
    return found


@pytest.mark.parametrize("use", ["webcast", "recording"])
def test_a_recording_is_cut_with_proof_on_the_page_and_by_letter(
    panel: World, segments: None, client: Client, use: str
) -> None:
    from tests.support.recorded import make_cuts, record

    begun = panel.clock()
    given = [speak(panel), speak(panel)]
    close(panel)
    recording = record(panel.panels[0].meeting, begun, 9)
    row = first(panel)
    client.post(page(row), {"take_back": use})
    assert "removal ordered. It stops being public" in client.get(page(row)).content.decode()
    assert make_cuts() == 1
    assert recording.loudness("floor.aac", given[0], given[0] + 3900) < 0.01
    assert recording.loudness("floor.aac", given[1] + 200, given[1] + 3900) > 0.01
    shown = client.get(page(row)).content.decode()
    assert "picture, the sound of every language, captions, chapters and downloads were" in shown
    assert "Downloads are not counted" in shown
    letter = Message.objects.get(subject__contains="removed from the recording")
    assert "picture, the sound of every language" in letter.body
    assert row.person.email == letter.address


def test_captions_alone(panel: World, segments: None, client: Client) -> None:
    from tests.support.recorded import make_cuts, record

    begun = panel.clock()
    given = speak(panel)
    close(panel)
    recording = record(panel.panels[0].meeting, begun, 12, {begun + 1500: "their words"})
    row = first(panel)
    client.post(page(row), {"take_back": "transcript"})
    assert make_cuts() == 1
    assert "their words" not in recording.words()
    assert recording.loudness("floor.aac", given + 200, given + 3800) > 0.01
    assert "Captions of" in client.get(page(row)).content.decode()


def test_taken_back_in_mid_sentence_what_is_still_to_come_goes_too(panel: World) -> None:
    from hemicycle.meeting.cutting import actions as cutting

    begun = speak(panel)
    row = first(panel)
    actions.change(registration=row, use=Use.RECORDING, is_given=False, actor=panel.office)
    (order,) = cutting.ordered()
    assert (order["order"]["to_ms"], order["order"]["from_ms"] <= begun) == (None, True)
    panel.clock.advance(3000)
    speak(panel)
    (order,) = cutting.ordered()
    assert order["order"]["to_ms"] == begun + 7000


def test_chosen_beforehand_the_webcast_never_shows_them(panel: World) -> None:
    from hemicycle.meeting.cutting import actions as cutting
    from hemicycle.meeting.room.engine import hearing_config

    row = first(panel)
    actions.change(registration=row, use=Use.WEBCAST, is_given=False, actor=panel.office)
    assert cutting.ordered() == []
    (slot,) = hearing_config(panel.hearing)["withheld"]
    assert slot in queries.slots_of(row)
    speak(panel)
    (order,) = cutting.ordered()
    assert order["order"]["to_ms"] is None
    speak(panel)
    (order,) = cutting.ordered()
    assert order["order"]["to_ms"] is not None


def test_chosen_beforehand_they_are_live_and_cut_when_their_turn_is_over(panel: World) -> None:
    from hemicycle.meeting.cutting import actions as cutting
    from hemicycle.meeting.room.engine import hearing_config

    row = first(panel)
    actions.change(registration=row, use=Use.RECORDING, is_given=False, actor=panel.office)
    speak(panel)
    assert hearing_config(panel.hearing)["withheld"] == {}
    assert cutting.ordered() == []
    speak(panel)
    (order,) = cutting.ordered()
    assert order["order"]["to_ms"] is not None


def test_the_office_has_a_column_only_for_what_somebody_was_asked(world: World) -> None:
    Category.objects.filter(hearing=world.hearing).update(no_objection=True)
    world.ngo("Open Doors", 0)
    url, office = reverse("consent:office", args=(world.hearing.slug,)), world.client()
    assert "named to Member States" not in office.get(url).text
    world.ngo("Safe Harbour", 0, alias="Voice A")
    assert "named to Member States" in office.get(url).text
