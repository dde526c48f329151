"""The media engine's configuration, and the facts that it reports: applied in order, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from hemicycle.engine.control import passes
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.meeting.room import engine
from hemicycle.meeting.room.models import Engine
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, Head

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from tests.support.lists import World

ID = "e" * 32


def bearer(hearing: str = "", *, use: passes.Use = "service", secret: str = "") -> dict[str, str]:
    given = passes.Pass(hearing=hearing, use=use, role="technician", seat="engine")
    return {"Authorization": f"Bearer {passes.sign(given, secret or settings.MEDIA_ENGINE.secret)}"}


def asked(client: Client, path: str, hearing: str = "") -> Any:
    answer = client.get(f"/media-api/{path}", headers=bearer(hearing))
    assert answer.status_code == 200
    return answer.json()


def on_air(client: Client) -> list[str]:
    """Return the hearings that the only engine gets."""
    asked: dict[str, Any] = {name: [] for name in ("running", "attended")}
    asked |= {"machine": "", "process": "1" * 32, "url": "http://127.0.0.1:8090", "folder": ""}
    asked |= {"load": 0, "listed_ms": 0, "first": True, "leaving": False}
    answer = client.post(
        "/media-api/hearings", asked, content_type="application/json", headers=bearer()
    )
    assert answer.status_code == 200
    return sorted(answer.json()["hearings"])


def sent(client: Client, hearing: Hearing, data: Any) -> Any:
    return client.post(
        f"/media-api/{hearing.id.hex}/facts",
        data,
        content_type="application/json",
        headers=bearer(hearing.id.hex),
    )


def fact(number: int, panel: World, command: c.Command) -> dict[str, Any]:
    meeting = panel.panels[0].meeting_id.hex
    return {"n": number, "meeting": meeting, "command": c.to_json(command)}


def heard(panel: World) -> frozenset[str]:
    return floor_of(panel.panels[0].meeting_id).heard


def test_a_hearing_is_on_the_air_from_an_hour_before_until_it_has_closed(
    world: World, client: Client
) -> None:
    hearing = world.hearing.id.hex
    starts = min(segment.meeting.starts_at for segment in world.panels)
    found = []
    for minutes in (-61, -60, 5):
        world.clock.move_to(clock.to_ms(starts + timedelta(minutes=minutes)))
        found.append(on_air(client))
    assert found == [[], [hearing], [hearing]]


def test_a_hearing_stays_on_the_air_for_farewells_and_no_longer(
    panel: World, client: Client
) -> None:
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    assert on_air(client) == [panel.hearing.id.hex]
    panel.clock.advance(24 * 3_600_000)
    assert on_air(client) == []


def test_whoever_practises_keeps_the_hearing_on_the_air(world: World, client: Client) -> None:
    engine.attended(world.hearing)
    assert on_air(client) == [world.hearing.id.hex]
    world.clock.advance(15 * 60 * 1000 + 1)
    assert on_air(client) == []


def test_a_draft_and_what_is_over_are_not_on_the_air(panel: World, client: Client) -> None:
    panel.hearing.status = panel.hearing.Status.ENDED
    panel.hearing.save()
    assert on_air(client) == []


def test_the_engine_is_told_what_the_record_does_not_hold(panel: World, client: Client) -> None:
    hearing = panel.hearing
    moderator = PanelMember.objects.get(segment=panel.panels[0], role=Role.MODERATOR)
    moderator.person = Person.objects.create(name="Somebody else")
    moderator.save()
    told = asked(client, hearing.id.hex, hearing.id.hex)
    places, feed = told.pop("places"), told.pop("feed")
    cards, after = told.pop("cards"), told.pop("after")
    assert told == {
        "hearing": hearing.id.hex,
        "mark": "",
        "in_public": True,
        "protected": {},
        "withheld": {},
        "apart": [],
        "names": {"own": {}, "raisers": {}, "all": []},
        "title": str(hearing),
        "convener": hearing.convener,
        "hashtag": hearing.hashtag,
        "languages": hearing.languages,
        "meeting": panel.panels[0].meeting_id.hex,
        "picture": {"plate": "burnt", "clock": "burnt"},
        "moderators": {moderator.person.id.hex: {"name": moderator.name, "line": moderator.title}},
        "raisers": {},
        "videos": {},
        "videos_first": [],
        "public_delay": {"s": 0, "segments": {}},
        "push": [],
        "seq": Head.objects.get(hearing=hearing.id).seq,
    }
    assert {
        "name": "Speaker of Open Doors",
        "line": "Representative, Open Doors",
        "country": "",
    } in (places.values())
    assert set(cards) >= {"before", "suspended", "between", "closed"}
    assert feed.startswith(f"/feed/{hearing.id.hex}/entries?token=")
    opened = Entry.objects.get(hearing=hearing.id, kind="meeting.opened")
    assert after == opened.seq - 1


def test_all_moderators_preside_while_none_of_the_panel_is_known(
    panel: World, client: Client
) -> None:
    told = asked(client, panel.hearing.id.hex, panel.hearing.id.hex)
    assert told["moderators"] == {
        panel.moderator.id.hex: {"name": panel.moderator.name, "line": ""}
    }


def test_facts_become_entries_in_order_and_once(panel: World, client: Client) -> None:
    panel.press(c.GiveFloor())
    slot = floor_of(panel.panels[0].meeting_id).holder
    assert slot is not None
    first = [
        fact(1, panel, c.ReportMicrophone(slot.slot, True, 5)),
        fact(2, panel, c.ReportLink("c", "p", slot.slot, "up")),
    ]
    second = [fact(3, panel, c.ReportMicrophone(slot.slot, False, 9))]
    answers = [
        sent(client, panel.hearing, {"engine": ID, "facts": batch}).json()
        for batch in (first, first, [*first, *second], second)
    ]
    assert answers == [{"taken": 2}, {"taken": 2}, {"taken": 3}, {"taken": 3}]
    kinds = ("microphone.opened", "link.changed", "microphone.closed")
    told = Entry.objects.filter(hearing=panel.hearing.id, kind__in=kinds).order_by("seq")
    assert [(entry.kind, entry.actor) for entry in told] == [
        (kind, "system:media") for kind in kinds
    ]
    assert told[2].fields()["at_ms"] == 9


def test_two_engines_are_told_apart(panel: World, client: Client) -> None:
    one = {"engine": ID, "facts": [fact(1, panel, c.ReportMicrophone("a", True))]}
    other = {"engine": "f" * 32, "facts": [fact(1, panel, c.ReportMicrophone("b", True))]}
    for data in (one, other):
        assert sent(client, panel.hearing, data).json() == {"taken": 1}
    assert heard(panel) == {"a", "b"}
    assert Engine.objects.count() == 2


def test_what_is_refused_or_elsewhere_counts_as_taken(panel: World, client: Client) -> None:
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    elsewhere = {**fact(2, panel, c.ReportMicrophone("a", True)), "meeting": UUID(int=7).hex}
    facts = [
        fact(1, panel, c.Ready("a")),
        elsewhere,
        fact(3, panel, c.ReportMicrophone("b", True)),
    ]
    assert sent(client, panel.hearing, {"engine": ID, "facts": facts}).json() == {"taken": 3}
    assert heard(panel) == {"b"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"engine": "x", "facts": []},
        {"engine": 5, "facts": []},
        {"engine": ID, "facts": {}},
        {"engine": ID, "facts": [{"n": 1}]},
        {"engine": ID, "facts": [{"n": 0, "meeting": ID, "command": {"command": "tick"}}]},
        {"engine": ID, "facts": [{"n": 2**70, "meeting": ID, "command": {"command": "tick"}}]},
        {"engine": ID, "facts": [{"n": True, "meeting": ID, "command": {"command": "tick"}}]},
        {"engine": ID, "facts": [{"n": 1, "meeting": ID, "command": {"command": "nothing"}}]},
        {"engine": ID, "facts": [{"n": 1, "meeting": ID, "command": {"command": "undo"}}]},
    ],
)
def test_what_are_no_facts(panel: World, client: Client, data: Any) -> None:
    answer = sent(client, panel.hearing, data)
    assert answer.status_code == 400
    assert not Engine.objects.exists()


def test_a_service_pass_alone_opens_these_addresses(panel: World, client: Client) -> None:
    hearing, secret = panel.hearing.id.hex, "another secret of more than 32 characters"
    here = f"/media-api/{hearing}"
    asked_with: list[tuple[str, dict[str, str]]] = [
        (here, {}),
        (here, {"Authorization": "Bearer nothing"}),
        (here, bearer(hearing, secret=secret)),
        (here, bearer(hearing, use="attend")),
        (here, bearer("")),
        (here, bearer("a" * 32)),
        ("/media-api/hearings", bearer(hearing)),
    ]
    answers = [client.get(path, headers=headers).status_code for path, headers in asked_with]
    assert answers == [401, 401, 401, 403, 403, 403, 403]
    staff = panel.client()
    assert staff.get(here).status_code == 401
    assert client.get(f"/media-api/{'a' * 32}", headers=bearer("a" * 32)).status_code == 404


def test_the_engine_is_told_which_sessions_have_ended(panel: World, client: Client) -> None:
    from hemicycle.hearing.people.models import SignInSession

    gone, there = panel.client(panel.moderator), panel.client(panel.moderator)
    rows = {
        row.session_key: row.pk.hex for row in SignInSession.objects.filter(person=panel.moderator)
    }
    at_gone, at_there = (rows[browser.session.session_key] for browser in (gone, there))
    assert ended(client, panel.hearing, [at_gone, at_there]) == []
    there.post("/sign-in/sessions/end-others/")
    assert ended(client, panel.hearing, [at_gone, at_there, ID]) == sorted([at_gone, ID])
    there.logout()
    assert ended(client, panel.hearing, [at_there]) == [at_there]


@pytest.mark.parametrize("data", [[], {}, {"sessions": 5}, {"sessions": ["x"]}, {"sessions": [5]}])
def test_what_are_no_sessions(panel: World, client: Client, data: Any) -> None:
    assert asks_who_ended(client, panel.hearing, data).status_code == 400


def ended(client: Client, hearing: Hearing, sign_ins: list[str]) -> list[str]:
    told: list[str] = asks_who_ended(client, hearing, {"sessions": sign_ins}).json()["ended"]
    return told


def asks_who_ended(client: Client, hearing: Hearing, data: Any) -> Any:
    return client.post(
        f"/media-api/{hearing.id.hex}/ended",
        data,
        content_type="application/json",
        headers=bearer(hearing.id.hex),
    )


def test_facts_need_no_token_of_a_form(panel: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sent(strict, panel.hearing, {"engine": ID, "facts": []}).status_code == 200
