"""The console's pages: a constant number of queries, use without a script, and keys by role."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hemicycle.before.consent.models import SeatConsent, Use
from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.meeting.room.console import console
from hemicycle.meeting.room.engine import hearing_config
from hemicycle.meeting.room.presses import open_segment
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support.markup import compact

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.procedure.state import Floor
    from tests.support.lists import World


def url(world: World, name: str, *more: str) -> str:
    return reverse(name, args=(world.hearing.slug, world.panels[0].meeting_id, *more))


def staff(world: World, role: Role) -> Client:
    person = Person.objects.create(name=f"A {role.label}", email=f"{role}@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
    return world.client(person)


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_updates_take_as_many_queries_for_sixty_speakers_as_for_four(world: World) -> None:
    for number in range(4):
        world.ngo(f"Organization {number}", 0)
    for number in range(60):
        world.ngo(f"Other {number}", 1)
    client = world.client(world.moderator)
    world.open_panel(0)
    few = queries(client, url(world, "room:console-updates"))
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())
    world.open_panel(1)
    path = reverse("room:console-updates", args=(world.hearing.slug, world.panels[1].meeting_id))
    assert queries(client, path) == few
    started = time.thread_time()  # processor time, which does not depend on the load of the machine
    for _ in range(5):
        client.get(path)
    assert (time.thread_time() - started) / 5 < 0.3  # 60 ms on an idle machine


def test_a_press_without_a_script_acts_and_leads_back(panel: World) -> None:
    client = panel.client(panel.moderator)
    seen = floor_of(panel.panels[0].meeting_id).act_seq
    page = client.post(url(panel, "room:press"), {"press": "give_floor", "seen": seen}, follow=True)
    assert page.redirect_chain == [(url(panel, "room:console-of"), 302)]
    assert "Has the floor" in page.content.decode()
    page = client.post(url(panel, "room:press"), {"press": "extend", "seen": seen}, follow=True)
    assert "Someone else acted first." in page.content.decode()


def test_a_panel_is_prolonged_from_the_console(panel: World) -> None:
    client = panel.client(panel.moderator)

    def press(minutes: str) -> int:
        data = {"press": f"reschedule:{minutes}", "seen": str(floor().act_seq)}
        return client.post(url(panel, "room:press"), data).status_code

    def floor() -> Floor:
        return floor_of(panel.panels[0].meeting_id)

    def ends_at() -> int:
        segment = floor().segment
        assert segment is not None
        return segment.ends_at

    planned = ends_at()
    assert press("5") == 302
    assert ends_at() == planned + 5 * 60_000
    panel.clock.move_to(ends_at() + 7 * 60_000)  # the panel is overdue: the minutes count from now
    press("15")
    assert ends_at() == panel.clock() + 15 * 60_000
    for nonsense in ("", "0", "-5", "241", "ten", "9" * 30):
        press(nonsense)
    assert ends_at() == panel.clock() + 15 * 60_000
    assert 'value="reschedule:5"' in client.get(url(panel, "room:console-of")).content.decode()


def test_the_move_form_without_a_script_is_a_whole_page(panel: World) -> None:
    client = panel.client(panel.moderator)
    slot = floor_of(panel.panels[0].meeting_id).order[-1]
    page = client.get(url(panel, "room:move", slot)).content.decode()
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert f'value="move_slot:{slot}"' in page
    client.post(
        url(panel, "room:press"),
        {"press": f"move_slot:{slot}", "before": "", "note": ""},
        follow=True,
    )
    said = client.get(url(panel, "room:console-of")).content.decode()
    assert (
        "Give the reason for moving the speaker." not in said
    )  # the page before has shown it, and it is shown once


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.INTERPRETER])
def test_others_of_the_staff_see_it_without_keys(panel: World, role: Role) -> None:
    client = staff(panel, role)
    page = client.get(url(panel, "room:console-of")).content.decode()
    assert "Speaker of Examplia" in page
    # A technician may also stop the public feed, and has a key for it.
    keys = {"k"} if role == Role.TECHNICIAN else set()
    assert set(re.findall(r'data-key="(\w)"', page)) == keys
    presses = set(re.findall(r'name="press" value="(\w+)', compact(page)))
    assert presses == ({"stop_feed", "resume_feed"} if keys else set())
    assert client.post(url(panel, "room:press"), {"press": "give_floor"}).status_code == 403


def test_the_keys_are_those_that_the_meeting_allows(panel: World) -> None:
    client = panel.client(panel.moderator)

    def usable() -> set[str]:
        page = client.get(url(panel, "room:console-updates")).content.decode()
        buttons = [part for part in page.split("<button")[1:] if "data-key" in part]
        on = [part for part in buttons if " disabled" not in part.partition(">")[0]]
        return {part.partition('data-key="')[2].partition('"')[0] for part in on}

    assert usable() == {"Enter", "s", "a", "z", "l", "c", "p"}
    panel.press(c.GiveFloor())
    assert usable() == {"Enter", "e", "i", "m", "x", "s", "a", "z", "l", "c", "p"}
    panel.press(c.Suspend())
    assert usable() == {"s", "a", "z", "l", "p"}


def test_a_question_is_put_answered_and_told_to_whoever_asked(world: World) -> None:
    registration = world.ngo("Open Doors", 0, question="What works?")
    question = Question.objects.get()
    member = PanelMember.objects.filter(segment=world.panels[0], role=Role.PANELLIST)[0]
    questions.sort(
        question=question,
        segment=world.panels[0],
        guiding_question=None,
        to=member,
        actor=world.office,
    )
    world.open_panel()
    world.press(c.GiveFloor(member.id.hex))
    world.press(c.EndFloor())
    client = world.client(world.moderator)
    page = client.get(url(world, "room:console-updates")).content.decode()
    put = f"draw_question:{question.id.hex}:{member.id.hex}"
    assert f'value="{put}"' in page
    client.post(url(world, "room:press"), {"press": put})
    page = client.get(url(world, "room:console-updates")).content.decode()
    assert "Put to the panel" in page
    assert f'value="give_floor:{member.id.hex}"' in page  # no recall is needed for the answer
    question.refresh_from_db()
    assert (question.state, question.registration_id) == ("drawn", registration.id)
    client.post(url(world, "room:press"), {"press": f"answer_question:{question.id.hex}"})
    question.refresh_from_db()
    assert question.state == "answered"


def test_the_holder_is_muted_and_heard_again(panel: World) -> None:
    panel.press(c.GiveFloor())
    client, held = panel.client(panel.moderator), floor_of(panel.panels[0].meeting_id).holder
    assert held is not None
    press = url(panel, "room:press")
    page = client.get(url(panel, "room:console-updates")).content.decode()
    assert f'value="mute:{held.slot}"' in page
    client.post(press, {"press": f"mute:{held.slot}"})
    page = client.get(url(panel, "room:console-updates")).content.decode()
    assert "muted by the moderator" in page
    assert f'value="unmute:{held.slot}"' in page
    client.post(press, {"press": f"unmute:{held.slot}"})
    assert floor_of(panel.panels[0].meeting_id).muted == frozenset()


def test_a_person_is_removed_with_a_reason_shown_as_removed_and_readmitted(panel: World) -> None:
    meeting = panel.panels[0].meeting_id
    slot = floor_of(meeting).slots[floor_of(meeting).order[0]]
    panel.press(c.Join("c" * 32, slot.person, slot.id))
    client, press = panel.client(panel.moderator), url(panel, "room:press")
    form = client.get(url(panel, "room:remove", slot.person), headers={"HX-Request": "true"})
    assert f'value="remove_participant:{slot.person}"' in form.content.decode()
    client.post(press, {"press": f"remove_participant:{slot.person}", "note": "Shouted."})
    assert floor_of(meeting).removed == {slot.person}
    page = client.get(url(panel, "room:console-updates")).content.decode()
    assert f'value="readmit_participant:{slot.person}"' in page
    client.post(press, {"press": f"readmit_participant:{slot.person}"})
    assert floor_of(meeting).removed == frozenset()


def test_the_connections_tell_sound_and_picture_from_the_page_alone(panel: World) -> None:
    meeting = panel.panels[0].meeting_id
    one, two = (floor_of(meeting).slots[id] for id in floor_of(meeting).order[:2])
    panel.press(c.Join("a" * 32, one.person, one.id))
    panel.press(c.Join("b" * 32, two.person, two.id))
    panel.press(c.ReportLink("b" * 32, two.person, two.id, "up"))
    panel.press(c.Join("d" * 32, panel.moderator.id.hex, ""))
    seen = console(panel.hearing, panel.panels[0].meeting)
    assert [(row.slot, row.connection, row.removed) for row in seen.attendees] == [
        (one.id, "in_room", False),
        (two.id, "linked", False),
        ("", "in_room", False),
    ]
    assert seen.attendees[2].name == panel.moderator.name


def test_the_changeover_is_told_in_the_readers_language(panel: World) -> None:
    client = panel.client(panel.moderator)
    pages = {
        language: client.get(
            url(panel, "room:console-updates"), headers={"accept-language": language}
        ).content.decode()
        for language in ("en", "ar")
    }
    told = {
        language: re.findall(r'changeover__figure num">\s*([^<]*?)\s*<', page)
        for language, page in pages.items()
    }
    (english,) = told["en"]
    assert told["ar"] == [english.removesuffix(" s") + " ث"]


def press(panel: World, value: str) -> Floor:
    data = {"press": value, "seen": floor_of(panel.panels[0].meeting_id).act_seq}
    panel.client(panel.moderator).post(url(panel, "room:press"), data)
    return floor_of(panel.panels[0].meeting_id)


def shown(panel: World) -> str:
    page = panel.client(panel.moderator).get(url(panel, "room:console-updates"))
    return " ".join(page.content.decode().split())


def engine_reports(panel: World, *slots: str) -> None:
    """Let the engine report connections of the moderator and of these slots."""
    panel.press(c.ReportLink("d" * 32, panel.moderator.id.hex, "", "up"))
    for number, slot in enumerate(slots):
        person = floor_of(panel.panels[0].meeting_id).slots[slot].person
        panel.press(c.Join(f"{number:032}", person, slot))
        panel.press(c.ReportLink(f"{number:032}", person, slot, "up"))


def test_the_console_warns_before_the_floor_goes_to_somebody_whom_nobody_hears(
    panel: World,
) -> None:
    first, second = floor_of(panel.panels[0].meeting_id).order[:2]
    assert "no one would hear them" not in shown(panel)  # the engine has reported nothing
    engine_reports(panel, second)
    page = shown(panel)
    assert "no one would hear them" in page
    assert f'value="give_floor:{first}:wait"' in page
    floor = press(panel, f"give_floor:{first}:wait")
    assert floor.holder is not None
    assert (floor.holder.slot, floor.holder.stopped) == (first, "not_started")
    page = shown(panel)
    assert "No one hears the speaker. Their clock is stopped." in page
    assert "no one would hear them" not in page  # the second speaker, who is next now, is connected


def test_a_lost_connection_stays_on_the_console_while_the_speaker_is_gone(panel: World) -> None:
    first = floor_of(panel.panels[0].meeting_id).order[0]
    engine_reports(panel, first)
    person = floor_of(panel.panels[0].meeting_id).slots[first].person
    press(panel, "give_floor")
    assert "No one hears the speaker" not in shown(panel)
    for state in ("lost", "down"):
        panel.press(c.ReportLink(f"{0:032}", person, first, state))
        assert "No one hears the speaker, but their clock is running." in shown(panel)
        assert 'value="interrupt:technical" class="btn btn--small"' in shown(panel)
    assert "in the room without sound" in shown(panel)
    panel.press(c.Leave(f"{0:032}"))
    assert "connection lost" in shown(panel).partition("floor__gone")[0]
    panel.press(c.Join("e" * 32, person, first))
    panel.press(c.ReportLink("e" * 32, person, first, "up"))
    assert "No one hears the speaker" not in shown(panel)


def test_the_hearings_rule_stops_the_clock_by_itself(world: World) -> None:
    world.ngo("Open Doors", 0)
    world.hearing.without_line = "stop"
    world.hearing.save()
    segment = world.panels[0]
    world.clock.move_to(clock.to_ms(segment.starts_at))
    world.press(c.OpenMeeting(segment.meeting_id.hex))
    fresh = Hearing.objects.get(pk=world.hearing.pk)
    world.press(open_segment(fresh, segment.meeting, {"segment": segment.id.hex}))
    engine_reports(world)
    holder = press(world, "give_floor").holder
    assert holder is not None
    assert holder.stopped == "not_started"


def test_a_speaker_out_of_turn_is_called_by_two_presses(panel: World) -> None:
    first, second = floor_of(panel.panels[0].meeting_id).order[:2]
    page = shown(panel)
    assert f'value="give_floor:{first}"' not in page  # the key gives the floor to the next speaker
    assert f'value="give_floor:{second}"' not in page
    path = url(panel, "room:call", second)
    assert f'href="{path}"' in page
    client = panel.client(panel.moderator)
    asked = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert f'value="give_floor:{second}"' in asked
    assert "out of turn?" in asked
    assert 'value="give_floor:' not in client.get(url(panel, "room:call", "-")).content.decode()


def discussing(world: World) -> list[str]:
    """Open a panel whose moderator may open a discussion, and return the panellists' slots."""
    world.panels[0].discussion = "allowed"
    world.panels[0].save()
    world.ngo("Open Doors", 0)
    world.open_panel(0)
    return sorted(floor_of(world.panels[0].meeting_id).panel)


def test_a_discussion_is_opened_muted_and_ended_from_the_console(world: World) -> None:
    slots = discussing(world)
    assert len(slots) > 1
    assert 'value="open_discussion"' in shown(world)
    floor = press(world, "open_discussion")
    assert floor.microphones == set(slots)
    page = shown(world)
    assert "The panel is in discussion" in page
    assert 'value="close_discussion"' in page
    assert 'value="open_discussion"' not in page
    for slot in slots:
        assert f'value="mute:{slot}" class="btn btn--small"' in page
    assert press(world, f"mute:{slots[0]}").microphones == set(slots[1:])
    assert f'value="unmute:{slots[0]}"' in shown(world)
    assert press(world, "undo").microphones == set(slots)
    assert press(world, "close_discussion").discussion is None
    assert 'value="end_floor"' in shown(world)


def test_no_discussion_is_offered_where_the_programme_has_none(panel: World) -> None:
    assert "open_discussion" not in shown(panel)


def test_a_panellist_who_keeps_out_of_the_recording_takes_no_part(world: World) -> None:
    slots = discussing(world)
    SeatConsent.objects.create(
        member_id=UUID(hex=slots[0]),
        use=Use.RECORDING,
        is_given=False,
        changed_at=clock.now(),
        seq=1,
    )
    press(world, "open_discussion")
    page = shown(world)
    assert "chose not to be recorded: not heard" in page
    assert f'value="mute:{slots[0]}"' not in page
    config = hearing_config(world.hearing)
    assert config["apart"] == [slots[0]]


def test_opening_a_meeting_long_before_its_time_is_asked(world: World) -> None:
    opens = clock.to_ms(world.panels[0].meeting.starts_at)
    world.clock.move_to(opens - 61 * 60_000)
    early = shown(world)
    assert "This meeting is planned for" in early
    world.clock.move_to(opens - 59 * 60_000)
    assert "This meeting is planned for" not in shown(world)


def test_minutes_are_told_only_where_they_say_something(panel: World) -> None:
    assert "min left for" in shown(panel)
    ends_at = clock.now_ms() + 27_528 * 60_000
    panel.press(c.Reschedule(ends_at))
    assert "min left" not in shown(panel)
    assert "waiting, planned until" in shown(panel)


def test_a_panel_that_overruns_into_the_next_item_says_so_and_goes_on(world: World) -> None:
    world.ngo("Open Doors", 1)
    world.open_panel(1)
    segment = panel_rules.panels(world.hearing)[1]
    next_item = segment.meeting.segments.get(ordinal=segment.ordinal + 1)
    path = reverse("room:console-of", args=(world.hearing.slug, segment.meeting_id))
    said = f"“{next_item.title}” should have begun. Close this item, or prolong it."

    def page() -> str:
        return compact(world.client(world.moderator).get(path).content.decode())

    world.clock.move_to(clock.to_ms(next_item.starts_at) - 1)
    assert said not in page()
    world.clock.move_to(clock.to_ms(next_item.starts_at) + 60_000)
    assert said in page()
    assert re.search(r"over time, \d+ waiting", page())
    world.press(c.GiveFloor(), 1)
    assert said in page()
    world.press(c.EndFloor(), 1)
    world.press(c.CloseSegment(), 1)
    assert said not in page()


def test_a_raised_hand_is_shown_and_called_from_the_console(panel: World) -> None:
    slot = floor_of(panel.panels[0].meeting_id).order[0]
    panel.press(c.GiveFloor(slot))
    panel.press(c.EndFloor())
    assert f'id="hand-{slot}"' not in shown(panel)
    panel.press(c.Ready(slot))
    assert "hand raised" in shown(panel)
    answer = panel.client(panel.moderator).post(
        url(panel, "room:press"), {"press": f"recall:{slot}"}
    )
    assert answer.status_code == 302
    assert floor_of(panel.panels[0].meeting_id).slots[slot].state == "waiting"
