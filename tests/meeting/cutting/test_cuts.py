"""Cuts in recordings: what orders them, and the recording without the part that was removed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Person
from hemicycle.meeting.cutting import stretches
from hemicycle.procedure import commands as c
from hemicycle.record import clock, erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.jobs import work_off
from tests.support.markup import compact

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings

    from tests.support.lists import World
    from tests.support.recorded import Recorded


class Held(NamedTuple):
    """A recorded meeting in which three people spoke for four seconds each."""

    world: World
    recording: Recorded
    given: list[int]
    slots: list[str]
    end: int

    @property
    def url(self) -> str:
        return reverse("cutting:office", args=(self.world.hearing.slug,))

    def post(self, kind: str, **fields: object) -> object:
        data = {f"{kind}-{name}": value for name, value in fields.items()} | {kind: "", "sure": "1"}
        return self.world.client().post(self.url, data)

    def look(self, kind: str, **fields: object) -> str:
        """Return the page that shows what a cut would remove."""
        data = {f"{kind}-{name}": value for name, value in fields.items()} | {kind: ""}
        answer = self.world.client().post(self.url, data)
        assert answer.status_code == 200
        return str(answer.content.decode())


@pytest.fixture
def held(panel: World, settings: Settings, tmp_path: Path) -> Held:
    from tests.support.recorded import record

    settings.MEDIA_ENGINE = replace(
        settings.MEDIA_ENGINE, segments=tmp_path / "segments", url="http://127.0.0.1:9"
    )
    begun, given = panel.clock(), []
    for _ in range(3):
        given.append(panel.clock())
        panel.press(c.GiveFloor())
        panel.clock.advance(4000)
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    meeting = panel.panels[0].meeting
    words = {begun + 1500: "first words", begun + 5500: "second words", begun + 13_000: "last"}
    recording = record(meeting, begun, 14, words)
    slots = [one.slot for one in floor_of(meeting.id).history]
    return Held(panel, recording, given, slots, panel.clock())


def is_heard(held: Held, number: int, track: str = "floor.aac") -> bool:
    begin = held.given[number] + 100
    return held.recording.loudness(track, begin, begin + 3700) > 0.01


def entries(held: Held, kind: str) -> list[dict[str, object]]:
    found = Entry.objects.filter(hearing=held.world.hearing.id, kind=kind).order_by("seq")
    return [entry.fields() for entry in found]


def test_the_office_cuts_somebody_out(held: Held, client: Client) -> None:
    from tests.support.recorded import make_cuts

    page = held.world.client().get(held.url).content.decode()
    assert "Nothing has been removed." in page
    watch = reverse(
        "webcast:watch", args=(held.world.hearing.slug, held.world.panels[0].meeting_id)
    )
    assert "Open Doors" in client.get(watch).content.decode()
    answer = held.post("slot", slot=held.slots[1], reason="speaker", trail=2)
    assert answer.status_code == 302  # type: ignore[attr-defined]
    page = held.world.client().get(held.url).content.decode()
    assert "being removed" in page
    assert is_heard(held, 1)
    shown = client.get(watch).content.decode()
    assert "Removed at the request of the speaker" in shown, "the page is there before the files"
    assert "Open Doors" not in shown
    assert make_cuts() == 1
    assert [is_heard(held, number) for number in range(3)] == [True, False, True]
    after = held.given[2]
    assert held.recording.loudness("fr.opus", after + 100, after + 1900) < 0.01
    assert held.recording.loudness("fr.opus", after + 2200, after + 3900) > 0.01
    assert "second words" not in held.recording.words()
    assert "first words" in held.recording.words()
    assert "removed from every file" in held.world.client().get(held.url).content.decode()
    (ordered,) = entries(held, "recording.cut")
    (done,) = entries(held, "recording.cut_done")
    assert (ordered["slot"], ordered["reason"], done["cut"]) == (
        held.slots[1],
        "speaker",
        ordered["cut"],
    )
    assert make_cuts() == 0


def test_nothing_is_cut_before_it_was_seen_and_confirmed(held: Held) -> None:
    page = compact(held.look("slot", slot=held.slots[1], reason="speaker", trail=2))
    assert page.count("<tr>") == 2, "a head and one stretch"
    assert "Open Doors" in page
    assert entries(held, "recording.cut") == []
    hidden = dict(re.findall(r'<input type="hidden" name="(\S+)" value="([^"]*)"', page))
    assert 'name="slot">' in page
    answer = held.world.client().post(held.url, hidden | {"slot": ""})
    assert answer.status_code == 302
    (ordered,) = entries(held, "recording.cut")
    assert (ordered["slot"], ordered["trail_ms"]) == (held.slots[1], 2000)


def test_whoever_is_heard_in_a_stretch_is_named_before_it_is_cut(held: Held) -> None:
    zone = held.world.hearing.zone
    begin, end = (
        clock.from_ms(held.given[1] + ms).astimezone(zone).strftime("%H:%M:%S")
        for ms in (1000, 3000)
    )
    meeting = held.world.panels[0].meeting_id.hex
    page = held.look("time", meeting=meeting, begin=begin, end=end, reason="speaker", trail=0)
    assert "Open Doors" in page
    assert begin in page
    assert end in page
    assert entries(held, "recording.cut") == []


def test_twice_is_once(held: Held) -> None:
    for _ in range(2):
        held.post("slot", slot=held.slots[0], reason="secretariat", trail=0)
    assert len(entries(held, "recording.cut")) == 1


def test_the_office_cuts_a_stretch_of_time(held: Held) -> None:
    from tests.support.recorded import make_cuts

    zone = held.world.hearing.zone
    begin, end = (
        clock.from_ms(held.given[0] + ms).astimezone(zone).strftime("%H:%M:%S")
        for ms in (2000, 6000)
    )
    meeting = held.world.panels[0].meeting_id.hex
    fields = {"meeting": meeting, "reason": "secretariat", "trail": 0}
    answer = held.post("time", begin=end, end=begin, **fields)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "The end is before the start." in answer.content.decode()  # type: ignore[attr-defined]
    assert held.post("time", begin=begin, end=end, **fields).status_code == 302  # type: ignore[attr-defined]
    make_cuts()
    at = held.given[0]
    assert held.recording.loudness("floor.opus", at + 2050, at + 5950) < 0.01
    assert held.recording.loudness("floor.opus", at + 100, at + 1000) > 0.01
    assert held.recording.loudness("floor.opus", at + 7100, at + 11_000) > 0.01


@pytest.mark.parametrize("slot", ["", "0" * 32, "x"])
def test_nobody_who_did_not_speak_is_cut(held: Held, slot: str) -> None:
    answer = held.post("slot", slot=slot, reason="speaker", trail=0)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert entries(held, "recording.cut") == []


def test_erasing_somebody_cuts_them_out(held: Held) -> None:
    from tests.support.recorded import make_cuts

    person = Person.objects.get(name="Speaker of Open Doors")
    erasure.erase(hearing=held.world.hearing.id, person=person.pk, actor=held.world.office)
    assert make_cuts() == 1
    assert [is_heard(held, number) for number in range(3)] == [True, False, True]
    assert not erasure.unfinished(held.world.hearing.id).exists()
    erasure.erase(hearing=held.world.hearing.id, person=person.pk, actor=held.world.office)
    assert make_cuts() == 0


def test_when_the_time_is_over_nothing_of_a_recording_is_left(held: Held) -> None:
    from hemicycle.meeting.cutting.receivers import clear_recordings
    from tests.support.recorded import make_cuts

    assert clear_recordings(held.world.hearing) == 1
    make_cuts()
    assert [is_heard(held, number) for number in range(3)] == [False] * 3
    assert "words" not in held.recording.words()
    assert clear_recordings(held.world.hearing) == 0


def test_a_meeting_that_nobody_closed_is_cut_too(held: Held) -> None:
    """The second meeting was opened and never closed, as in a hearing that ends early."""
    from hemicycle.meeting.cutting import actions
    from hemicycle.meeting.cutting.receivers import clear_recordings
    from tests.support.recorded import make_cuts, record

    second = held.world.panels[1].meeting
    begun = held.world.clock()
    held.world.press(c.OpenMeeting(second.id.hex), 1)
    recording = record(second, begun, 5, {begun + 1500: "still going on"})
    held.world.clock.advance(3 * 3_600_000)
    assert clear_recordings(held.world.hearing) == 2
    assert max(order["order"]["to_ms"] for order in actions.ordered()) == held.world.clock()
    make_cuts()
    assert "still going on" not in recording.words()
    assert clear_recordings(held.world.hearing) == 0


def test_erasing_somebody_who_has_the_floor_cuts_what_is_still_to_come(panel: World) -> None:
    from hemicycle.meeting.cutting import actions

    panel.press(c.GiveFloor())
    panel.clock.advance(2000)
    floor = floor_of(panel.panels[0].meeting_id)
    assert floor.holder is not None
    name = "Speaker of Examplia"
    erasure.erase(
        hearing=panel.hearing.id,
        person=Person.objects.get(name=name).pk,
        actor=panel.office,
    )
    (order,) = actions.ordered()
    assert order["order"]["to_ms"] is None
    actions.report(hearing=panel.hearing.id, order=order["order"], done=True)
    assert actions.ordered(), "it goes on"
    panel.clock.advance(2000)
    panel.press(c.GiveFloor())
    (closed,) = actions.ordered()
    assert closed["order"]["to_ms"] == panel.clock()
    actions.report(hearing=panel.hearing.id, order=order["order"], done=True)
    assert actions.ordered(), "an older order's report does not count for the new one"
    actions.report(hearing=panel.hearing.id, order=closed["order"], done=True)
    assert actions.ordered() == []


def test_erasing_somebody_cuts_their_points_of_order_with_or_without_a_place(world: World) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    listed, mission = world.ngo("Open Doors", 0), world.mission("Sylvania")
    world.open_panel()
    slot = world.inscription(listed).id.hex
    heard = []
    for person in (listed.person_id.hex, mission.person_id.hex):
        point = uuid4().hex
        world.press(c.RaisePointOfOrder(point, person))
        world.press(c.HearPointOfOrder(point))
        world.press(c.RulePointOfOrder(point, "noted"))
        heard.append(floor_of(world.panels[0].meeting_id).heard_points[-1])
    for registration in (listed, mission):
        erasure.erase(hearing=world.hearing.id, person=registration.person_id, actor=world.office)
    cuts = [(cut.slot, cut.giving) for cut in world.hearing.cuts.order_by("giving")]
    assert cuts == [(slot, heard[0].giving), ("", heard[1].giving)]


def test_erasing_a_panellist_cuts_the_discussions_in_which_they_were_heard_or_seen(
    world: World,
) -> None:
    world.panels[0].discussion = "at_once"
    world.panels[0].save()
    world.open_panel()
    floor = floor_of(world.panels[0].meeting_id)
    slot, other = sorted(floor.panel)[:2]
    world.press(c.ReportMicrophone(slot, open=True))
    world.clock.advance(5000)
    world.press(c.CloseDiscussion())
    found = [
        (one.slot, one.from_ms, one.to_ms)
        for one in stretches.of_slots(world.hearing, {slot, other})
    ]
    (talk,) = floor_of(world.panels[0].meeting_id).discussions
    assert found == [(slot, talk.opened_at, talk.ended_at)], "the other never had a microphone"


def test_a_full_disk_is_told_to_the_office(held: Held) -> None:
    from hemicycle.meeting.cutting import actions

    held.post("slot", slot=held.slots[1], reason="speaker", trail=0)
    (order,) = actions.ordered()
    actions.report(hearing=held.world.hearing.id, order=order["order"], done=False)
    assert "the disk is full: free some space" in held.world.client().get(held.url).content.decode()
    assert actions.ordered() == [order]


@pytest.mark.parametrize(
    "said", ["", "[]", "{}", '{"order": 3, "done": true}', '{"order": {"cut": "x"}, "done": true}']
)
def test_a_report_that_makes_no_sense(panel: World, client: Client, said: str) -> None:
    from tests.meeting.room.test_engine import bearer

    url = f"/media-api/{panel.hearing.id.hex}/cut"
    headers = bearer(panel.hearing.id.hex)
    answer = client.post(url, said, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert client.post(url, said, content_type="application/json").status_code == 401


def test_the_archive_is_made_anew_and_verifies(held: Held) -> None:
    from hemicycle.outcome.archive import building
    from hemicycle.outcome.archive.models import Archive
    from tests.support.recorded import make_cuts

    building.want(held.world.hearing, public=True)
    work_off()
    before = Archive.objects.get(hearing=held.world.hearing).file
    held.post("slot", slot=held.slots[1], reason="speaker", trail=0)
    make_cuts()
    assert Archive.objects.get(hearing=held.world.hearing).file == ""
    work_off()
    after = Archive.objects.get(hearing=held.world.hearing)
    assert after.file.storage.exists(after.file.name or "")
    assert after.file != before
