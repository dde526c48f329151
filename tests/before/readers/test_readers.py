"""Readers: how they are named, agree, read, are shown in public, and are withdrawn or erased."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hemicycle.before.on_air import choices
from hemicycle.before.readers import actions, places, queries
from hemicycle.before.readers.actions import ReaderRefused
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.documents.reading import Limits, extract
from hemicycle.engine.control import passes as wire
from hemicycle.engine.control.access import ParticipantAccess
from hemicycle.engine.protection import Protection
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import retention
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import people_kept
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.room import engine
from hemicycle.meeting.room.access import holder_by_reader, welcome_at_seats
from hemicycle.meeting.state.display_names import display_names
from hemicycle.meeting.state.meeting_view import public_view
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions as summaries
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

NAMED = {"name": "Rosa Reader", "email": "rosa@example.org", "language": "en", "voice": "live"}


def place_of(row: Registration) -> places.ReadingPlace:
    """Return the only reading place of a participant."""
    (place,) = places.of_registration(row)
    return place


def named(row: Registration, voice: str = "live") -> ProxyReader:
    """Name a reader as the participant, and return the reader."""
    given = {**NAMED, "voice": voice}
    return actions.name(place=place_of(row), actor=actor_of(row), **given)


def agreed(row: Registration, *, may_be_named: bool = False, voice: str = "live") -> ProxyReader:
    """Name a reader and agree as the reader; return the reader."""
    reader = named(row, voice)
    return actions.confirm(reader=reader, place=place_of(row), may_be_named=may_be_named)


def own_pass(row: Registration, use: str) -> tuple[int, str]:
    """Ask for a pass by the participant's link; return the status, and the role or error code."""
    address = reverse("room:pass", args=(row.hearing.slug, links.secret_of(row)))
    answer = Client().post(address, {"use": use})
    if answer.status_code != 200:
        return answer.status_code, answer.json()["code"]
    return 200, _read(answer.json()["token"]).role


def readers_pass(reader: ProxyReader, use: str = "publish") -> wire.Pass:
    """Return the pass that the reader receives by their link."""
    args = (reader.hearing.slug, queries.secret_of(reader))
    answer = Client().post(reverse("room:reader-pass", args=args), {"use": use})
    assert answer.status_code == 200, answer.content
    return _read(answer.json()["token"])


def _read(token: str) -> wire.Pass:
    return wire.read(token, settings.MEDIA_ENGINE.secret)


def test_the_person_names_a_reader_who_agrees_and_has_the_seat(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    slot = world.inscription(row).id.hex
    own = f"/my/{links.secret_of(row)}/reader/"
    assert reverse("readers:personal", args=(links.secret_of(row),)) == own
    assert own in Client().get(f"/my/{links.secret_of(row)}/on-air/").text
    assert Client().post(own, {**NAMED, "slot": slot, "email": "nobody"}).status_code == 422
    assert Client().post(own, {**NAMED, "slot": slot}).status_code == 302
    reader = ProxyReader.objects.get()
    letter = Message.objects.get(person=reader.person)
    assert "Voice A" in letter.body
    assert "River Watch" not in letter.subject + letter.body
    address = re.search(r"http\S+/read/(\S+)/", letter.body)
    assert address is not None
    assert queries.by_secret(address[1]) == reader
    # Nothing changes before the reader agrees.
    assert own_pass(row, "publish") == (200, "speaker")
    page = f"/read/{address[1]}/"
    assert "You have been asked to read for another person" in Client().get(page).text
    seat = reverse("room:reader-seat", args=(world.hearing.slug, address[1]))
    assert Client().get(seat).status_code == 302
    assert Client().post(page, {"agree": "1"}).status_code == 302
    assert seat in Client().get(page).text
    shown = Client().get(seat).text
    assert "You are reading for \u2068Voice A\u2069" in shown
    assert "River Watch" not in shown
    assert own_pass(row, "publish") == (403, "read_for")
    assert own_pass(row, "screen") == (403, "read_for")
    assert own_pass(row, "listen") == (200, "listener")
    given = readers_pass(reader)
    assert (given.slot, given.seat, given.role) == (slot, slot, "speaker")
    assert (given.name, given.reader) == ("Voice A", reader.id.hex)
    assert given.protection == Protection("card", "live")


def test_the_readers_voice_is_changed_where_that_was_asked_for(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    reader = agreed(row, voice="changed")
    assert readers_pass(reader).protection == Protection("card", "changed")
    assert readers_pass(reader, "practice").protection == Protection("card", "changed")
    # The participant's own protection still applies to their recorded video.
    config = engine.hearing_config(world.hearing)
    slot = world.inscription(row).id.hex
    assert config["protected"] == {slot: {"camera": "card", "voice": "changed"}}
    assert choices.of_seat(world.hearing.id, slot=slot) == choices.SUGGESTED


def test_the_own_link_follows_without_the_seat(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    reader = agreed(row)
    world.open_panel()
    slot = world.inscription(row).id.hex
    own = reverse("room:seat", args=(world.hearing.slug, links.secret_of(row)))
    theirs = reverse("room:reader-seat", args=(world.hearing.slug, queries.secret_of(reader)))
    page = Client().get(own).text
    assert "A reader has your seat" in page
    assert "data-own" not in page
    assert "data-own" in Client().get(theirs).text
    Client().post(theirs, {"act": "join", "connection": "1" * 32})
    Client().post(own, {"act": "join", "connection": "2" * 32})
    assert Client().post(own, {"act": "ready"}).status_code == 400
    Client().post(theirs, {"act": "ready"})
    floor = floor_of(world.panels[0].meeting_id)
    sitting = {id: (seat.person, seat.slot) for id, seat in floor.seats.items()}
    assert sitting == {
        "1" * 32: (reader.person_id.hex, slot),
        "2" * 32: (row.person_id.hex, ""),
    }
    assert slot in floor.ready


@pytest.mark.parametrize(
    ("may_be_named", "expected"), [(False, "Read by a reader"), (True, "Read by Rosa Reader")]
)
def test_the_public_is_told_that_somebody_reads(
    world: World, may_be_named: bool, expected: str
) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A", consents_to_list=True)
    agreed(row, may_be_named=may_be_named)
    slot = world.inscription(row).id.hex
    Hearing.objects.update(public_list=True)
    listed = Client().get(reverse("speakers:public", args=(world.hearing.slug,))).text
    assert expected in listed
    world.open_panel()
    world.press(c.GiveFloor(slot))
    floor = floor_of(world.panels[0].meeting_id)
    shown = display_names([floor.slots[slot]])[slot]
    assert (shown.name, shown.detail) == ("Voice A", expected)
    plate = engine.hearing_config(world.hearing)["places"][slot]
    assert plate == {"name": "Voice A", "line": expected, "country": ""}
    view = public_view(world.hearing.id)
    assert view is not None
    name = "Rosa Reader" if may_be_named else ""
    assert (view["holder"]["is_read"], view["holder"]["reader"]) == (True, name)
    lines = [line for line in view["lines"] if line["kind"] == "floor"]
    assert [(line["is_read"], line["reader"]) for line in lines] == [(True, name)]
    live = Client().get(reverse("webcast:live", args=(world.hearing.slug,))).text
    assert "Read by a reader" in live
    assert ("Rosa Reader" in live) is may_be_named


def test_lists_tables_and_the_archive_say_that_a_reader_read(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A", consents_to_list=True)
    agreed(row)
    Hearing.objects.update(public_list=True)
    panel, slug = world.panels[0], world.hearing.slug
    (line,) = Client().get(f"/api/v1/hearings/{slug}/speakers").json()["panels"][0]["lines"]
    assert (line["organization"], line["reading"]) == ("Voice A", "Read by a reader")
    office = world.client()
    printed = office.get(reverse("speakers:print", args=(slug, panel.pk))).text
    assert "Read by a reader" in printed
    table = office.get(reverse("speakers:csv", args=(slug, panel.pk))).content.decode()
    assert "Read by a reader" in table

    world.open_panel()
    world.press(c.GiveFloor(world.inscription(row).id.hex))
    world.clock.advance(30_000)
    world.press(c.EndFloor())
    world.press(c.CloseSegment())
    summaries.draft(hearing=world.hearing, actor=world.office)
    summaries.publish(hearing=world.hearing, actor=world.office)
    files = dict(export.files(world.hearing, public=True))
    told = {name: files[name].decode() for name in ("index.html", "interventions.csv")}
    told["proceedings.xml"] = files["proceedings.xml"].decode()
    told["summary.docx"] = extract(files["summary.docx"], name="s.docx", limits=Limits()).text
    for name, text in told.items():
        assert ("Voice A" in text, "Read by a reader" in text) == (True, True), name
        assert "Rosa Reader" not in text


def test_the_record_holds_ids_only(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    reader = agreed(row)
    actions.take_back(reader=reader, place=place_of(row), actor=actor_of(row))
    entries = list(Entry.objects.filter(kind__startswith="reader.").order_by("seq"))
    assert [entry.kind for entry in entries] == [
        *("reader.named", "reader.confirmed", "reader.taken_back"),
    ]
    body = {
        "reader": reader.id.hex,
        "person": reader.person_id.hex,
        "slot": world.inscription(row).id.hex,
    }
    assert all(entry.fields() == body for entry in entries)
    assert [entry.actor for entry in entries] == [
        *(row.person_id.hex, reader.person_id.hex, row.person_id.hex),
    ]


def test_taking_back_closes_the_link_at_once(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    reader = agreed(row)
    secret, given = queries.secret_of(reader), readers_pass(reader)
    holder = holder_by_reader(reader)
    assert welcome_at_seats(world.hearing.id, frozenset({holder})) == {holder}
    own = f"/my/{links.secret_of(row)}/reader/"
    slot = world.inscription(row).id.hex
    assert Client().post(own, {"slot": slot, "take_back": "1"}).status_code == 302
    assert welcome_at_seats(world.hearing.id, frozenset({holder})) == frozenset()
    for name in ("room:reader-seat", "room:reader-practice"):
        assert Client().get(reverse(name, args=(world.hearing.slug, secret))).status_code == 410
    asked = Client().post(reverse("room:reader-pass", args=(world.hearing.slug, secret)))
    assert asked.status_code == 410
    assert Client().get(f"/read/{secret}/").status_code == 410
    assert Client().post(f"/read/{secret}/", {"agree": "1"}).status_code == 410
    assert own_pass(row, "publish") == (200, "speaker")
    # The media engine ends open connections, and refuses a pass that was signed before.
    access = ParticipantAccess()
    entries = Entry.objects.filter(kind__startswith="reader.").exclude(kind="reader.named")
    for entry in entries.order_by("seq"):
        access = access.after(entry.kind, entry.fields())
    assert access.bars(given)
    assert Message.objects.filter(person=reader.person).count() == 2


def test_the_engine_gives_the_microphone_to_the_reader_alone() -> None:
    body = {"reader": "1" * 32, "person": "2" * 32, "slot": "3" * 32}
    own = wire.Pass("4" * 32, "publish", "speaker", "3" * 32, person="5" * 32, slot="3" * 32)
    listens = wire.Pass("4" * 32, "listen", "listener", "5" * 32, person="5" * 32)
    theirs = wire.Pass("4" * 32, "publish", "speaker", "3" * 32, person="2" * 32, slot="3" * 32)
    access = ParticipantAccess()
    assert not access.bars(own)
    assert not access.unseats(own)
    access = access.after("reader.confirmed", body)
    assert [access.bars(pass_) for pass_ in (own, listens, theirs)] == [True, False, False]
    assert access.unseats(own)
    access = access.after("reader.taken_back", body)
    assert [access.bars(pass_) for pass_ in (own, listens, theirs)] == [False, False, True]


def test_the_reader_may_decline(world: World) -> None:
    row = world.ngo("River Watch", 0)
    reader = named(row)
    page = f"/read/{queries.secret_of(reader)}/"
    assert "You have declined." in Client().post(page, {"decline": "1"}).text
    assert not ProxyReader.objects.exists()
    assert Message.objects.filter(person=row.person, body__contains="has declined").count() == 1


def test_what_cannot_be_done_is_said_and_changes_nothing(world: World) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Hill Watch", 0)
    mine = {**NAMED, "email": row.person.email.upper()}
    with pytest.raises(ReaderRefused):
        actions.name(place=place_of(row), actor=actor_of(row), **mine)
    reader = agreed(row)
    with pytest.raises(ReaderRefused):
        named(row)
    slot = world.inscription(row).id.hex
    world.open_panel()
    world.press(c.GiveFloor(slot))
    with pytest.raises(ReaderRefused):
        actions.take_back(reader=reader, place=place_of(row), actor=actor_of(row))
    assert own_pass(row, "publish") == (403, "read_for")
    world.press(c.EndFloor())
    world.press(c.GiveFloor(world.inscription(other).id.hex))
    with pytest.raises(ReaderRefused):
        named(other)
    assert ProxyReader.objects.count() == 1


def test_the_office_names_a_panellists_reader(world: World) -> None:
    member = world.panels[0].members.filter(role=Role.PANELLIST)[0]
    client = world.client()
    page = reverse("readers:member", args=(world.hearing.slug, member.pk))
    assert client.get(page).status_code == 200
    assert client.post(page, {**NAMED, "slot": member.pk.hex}).status_code == 302
    reader = ProxyReader.objects.get()
    (place,) = places.of_member(world.hearing, member)
    actions.confirm(reader=reader, place=place, may_be_named=False)
    assert readers_pass(reader).role == "panellist"
    own = reverse("on_air:member", args=(world.hearing.slug, member.pk))
    assert page in client.get(own).text
    assert "A reader has the seat." in client.get(own).text


def test_a_panellist_names_their_own(world: World) -> None:
    person = Person.objects.create(name="Ana Panellist", email="ana@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    address = reverse("readers:seat", args=(world.hearing.slug,))
    client = world.client(person)
    assert client.get(address).status_code == 302  # the person has no seat yet
    member = world.panels[0].members.filter(role=Role.PANELLIST)[0]
    member.person = person
    member.save()
    assert client.post(address, {**NAMED, "slot": member.pk.hex}).status_code == 302
    (place,) = places.of_member(world.hearing, member)
    actions.confirm(reader=ProxyReader.objects.get(), place=place, may_be_named=False)
    asked = client.post(reverse("room:own-pass", args=(world.hearing.slug,)), {"use": "publish"})
    assert (asked.status_code, asked.json()["code"]) == (403, "read_for")


def test_whoever_gives_up_a_place_or_changes_the_speaker_has_no_reader(world: World) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Hill Watch", 1)
    agreed(row)
    agreed(other)
    changes.withdraw(registration=row, reason="", actor=actor_of(row))
    changes.replace_speaker(
        registration=other, name="B", email="b@example.org", title="", actor=actor_of(other)
    )
    assert not ProxyReader.objects.exists()
    assert Entry.objects.filter(kind="reader.taken_back").count() == 2


def test_an_erased_speaker_has_no_reader_left(world: World) -> None:
    row = world.ngo("River Watch", 0)
    reader = agreed(row)
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert not ProxyReader.objects.exists()
    kept = [id for ids in people_kept.send(world.hearing) for id in ids]
    assert reader.person_id in kept
    assert retention.keep_until_of(world.hearing) is not None


def test_an_erased_reader_is_a_reader_without_a_name(world: World) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Hill Watch", 1)
    reader, unread = agreed(row, may_be_named=True), agreed(other)
    secret = queries.secret_of(reader)
    slot = world.inscription(row).id
    world.open_panel()
    world.press(c.GiveFloor(slot.hex))
    for one in (reader, unread):
        erasure.erase(hearing=world.hearing.id, person=one.person_id, actor=world.office)
    assert queries.by_secret(secret) is None
    assert str(queries.readings([slot])[slot]) == "Read by a reader"
    assert ProxyReader.objects.get().person.email == ""
    assert not Message.objects.filter(body__contains="Rosa").exists()


def test_nobody_is_erased_while_they_read(world: World) -> None:
    row = world.ngo("River Watch", 0)
    reader = agreed(row)
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(row).id.hex))
    address = reverse("hearing:erase", args=(world.hearing.slug, reader.person_id))
    client = world.client()
    assert "The seat from which they read for a speaker" in client.get(address).text
    client.post(address)
    reader.person.refresh_from_db()
    assert reader.person.name == "Rosa Reader"
    world.press(c.EndFloor())
    client.post(address)
    reader.person.refresh_from_db()
    assert reader.person.name == ""
