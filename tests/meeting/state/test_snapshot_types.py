"""The types that scripts declare for the feed's views match the views that the server makes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.meeting.wall import actions as walls
from hemicycle.meeting.wall.models import Wall
from hemicycle.procedure import commands as c
from hemicycle.record import feed
from tools import frontend

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database
TYPES = frontend.ROOT / "src/hemicycle/meeting/state/static/state/snapshot.js"
VIEWS = {"public": "MeetingView", "live": "MeetingView", "seat": "SeatView", "room": "RoomView"}
"""Each audience of the feed, with the type of its views."""

SHOWN = re.compile(
    r'data-(?:show|when|unless|is)="((?:meeting|segment|holder|next|question|feed|me)\.[\w.]+)"'
)


def views(world: World) -> dict[str, Any]:
    return {
        name: json.loads(audience.render(world.hearing.id))
        for name in VIEWS
        if (audience := feed.audience_named(name)) is not None
    }


def moments(world: World) -> Iterator[dict[str, Any]]:
    """Play a short meeting that uses all that a view can show; yield the views at each moment."""
    yield views(world)
    question = Question.objects.get()
    questions.sort(
        question=question, segment=world.panels[0], guiding_question=None, actor=world.office
    )
    walls.set_up(
        hearing=world.hearing,
        is_public=True,
        takes_posts=True,
        is_moderated=False,
        actor=world.office,
    )
    Wall.objects.update(in_hall=True)
    Client().post(f"/h/{world.hearing.slug}/wall/", {"name": "Ada", "text": "Hello"})
    world.open_panel()
    yield views(world)
    world.press(c.DrawQuestion(question.id.hex))
    world.press(c.GiveFloor())
    world.clock.advance(10_000)
    yield views(world)
    world.press(c.Interrupt("technical"))
    yield views(world)
    world.press(c.Suspend())
    yield views(world)
    world.press(c.Resume())
    world.press(c.EndFloor())
    yield views(world)
    world.press(c.CloseSegment())
    yield views(world)
    world.press(c.CloseMeeting())
    yield views(world)


def errors(folder: Path, **scripts: str) -> dict[str, list[str]]:
    """Return the errors that TypeScript finds in each script, checked against the types."""
    for name, script in scripts.items():
        (folder / f"{name}.js").write_text(script, "utf-8")
    settings = {
        "extends": str(frontend.ROOT / "tsconfig.json"),
        "files": [f"{name}.js" for name in scripts],
        "include": [],
    }
    (folder / "tsconfig.json").write_text(json.dumps(settings), "utf-8")
    found = subprocess.run(
        frontend.type_check(folder / "tsconfig.json"), capture_output=True, text=True, check=False
    )
    told = found.stdout + found.stderr
    return {name: re.findall(rf"\b{name}\.js\(\d+,\d+\): (.+)", told) for name in scripts}


def declared(name: str, kind: str, value: object) -> str:
    """Return a variable of a declared type, whose object may have no field more or less."""
    kind = f"import({json.dumps(str(TYPES))}).{kind}"
    return f"/** @type {{{kind}}} */\nexport const {name} = {json.dumps(value)};\n"


def views_right_and_wrong(world: World) -> tuple[str, str]:
    """Return a script with all views of a meeting, and one with five views that are wrong."""
    world.mission("Examplia", 0)
    for name in ("Open Doors", "Safe Harbour"):
        world.ngo(name, 0)
    world.ngo("Late Voices", 0, question="What works?")
    told = list(moments(world))
    public = [moment["public"] for moment in told]
    for field in ("segment", "holder", "clock", "next", "question", "wall"):
        assert {view[field] is None for view in public} == {True, False}, field
    assert public[-2]["lines"]
    slots = {name for view in told for slot in view["seat"]["slots"].values() for name in slot}
    assert slots >= {"show", "position", "ready", "stopped", "muted", "earliest", "status"}
    right = "".join(
        declared(f"{name}{number}", VIEWS[name], view)
        for number, moment in enumerate(told)
        for name, view in moment.items()
    )
    view = public[2]
    assert view["holder"] is not None
    wrong = [
        {**view, "extra": 1},
        {name: value for name, value in view.items() if name != "waiting"},
        {**view, "waiting": "3"},
        {**view, "standing": "elsewhere"},
        {**view, "holder": {**view["holder"], "email": "somebody@hearing.example"}},
    ]
    return right, "".join(
        declared(f"wrong{number}", "MeetingView", value) for number, value in enumerate(wrong)
    )


def showing(paths: set[str]) -> str:
    """Return a script that reads the fields that templates show."""
    types = json.dumps(str(TYPES))
    shown = f"import({types}).MeetingView & {{ me: import({types}).SlotView }}"
    lines = [f"view.{path.replace('.', '?.')};" for path in sorted(paths)]
    return f"/** @param {{{shown}}} view */\nexport function f(view) {{\n" + "\n".join(
        [*lines, "}"]
    )


def test_views_are_of_the_declared_types_and_templates_show_their_fields(
    world: World, tmp_path: Path
) -> None:
    """A field too many, one too few, one of another type or an unknown one is an error."""
    right, wrong = views_right_and_wrong(world)
    pages = (frontend.ROOT / "src").rglob("templates/**/*.html")
    paths = {path for page in pages for path in SHOWN.findall(page.read_text("utf-8"))}
    assert {"holder.name", "meeting.phase", "me.show"} <= paths
    found = errors(
        tmp_path,
        right=right,
        wrong=wrong,
        shown=showing(paths),
        unknown=showing({*paths, "holder.surname"}),
    )
    assert (found["right"], found["shown"]) == ([], [])
    parts = ("extra", "waiting", "string", "elsewhere", "email")
    assert len(found["wrong"]) == len(parts), found
    for part, error in zip(parts, found["wrong"], strict=True):
        assert part in error
    (error,) = found["unknown"]
    assert "surname" in error
