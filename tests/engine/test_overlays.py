"""Names and words for ids on the picture: plates, the clock and cards."""

from dataclasses import replace
from typing import Any

from hemicycle.engine import hearing_config
from hemicycle.engine.hearing_config import HearingConfig, PushTarget
from hemicycle.engine.overlays import BurntClock, clock_of, layout_of
from hemicycle.engine.plan import Publisher, Scene
from hemicycle.engine.video.layouts import ClockWords, HoldingCard, Layout, Plate
from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import HolderClock
from tests.procedure.meeting import opened

TOLD: dict[str, Any] = {
    "title": "On water",
    "languages": ["en", "fr"],
    "meeting": "m1",
    "picture": {"plate": "burnt", "clock": "beside"},
    "cards": {"between": "Next", "clock.time": "Temps écoulé"},
    "places": {"a": {"name": "Ana Silva", "line": "Rivers"}, "b": {"name": "Bo Li"}},
    "moderators": {"m": {"name": "Mo", "line": "Moderator"}},
    "push": [{"url": "rtmp://tv.example.org/live", "language": "fr"}],
}
BRIEF = hearing_config.read(TOLD)


def test_a_brief_is_read_with_its_defaults() -> None:
    assert hearing_config.read({}) == HearingConfig()
    assert (
        replace(
            HearingConfig(),
            title="On water",
            languages=("en", "fr"),
            meeting="m1",
            clock="beside",
            cards=TOLD["cards"],
            places={"a": Plate("Ana Silva", "Rivers"), "b": Plate("Bo Li")},
            moderators={"m": Plate("Mo", "Moderator")},
            push=(PushTarget("rtmp://tv.example.org/live", "fr"),),
        )
        == BRIEF
    )


def test_a_card_says_who_is_next() -> None:
    scene = Scene("card", card="between")
    assert layout_of(scene, opened("a", "b").floor, BRIEF, {}) == Layout(
        "card", card=HoldingCard("On water", ("Next", "Ana Silva", "Rivers"))
    )


def test_plates_are_burnt_in_and_the_clock_stands_beside() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor())
    scene = Scene("panel", main="s1", others=("s2", "s3", "gone"), slot="a")
    seats = {
        "s2": Publisher("s2", "publish", "moderator", person="m"),
        "s3": Publisher("s3", "publish", "panellist", slot="b"),
    }
    ana = Plate("Ana Silva", "Rivers")
    assert layout_of(scene, meeting.floor, BRIEF, seats) == Layout(
        "panel",
        main="s1",
        others=("s2", "s3", "gone"),
        plate=ana,
        names=(("s1", ana), ("s2", Plate("Mo", "Moderator")), ("s3", Plate("Bo Li"))),
    )


def test_the_clock_counts_as_the_floor_does() -> None:
    meeting = opened("a", rules=Rules(at_limit="cut", grace_ms=2_000))
    assert clock_of(meeting.floor, BRIEF) is None
    meeting.do(c.GiveFloor())
    assert clock_of(meeting.floor, BRIEF) == BurntClock(
        HolderClock(180_000, 0, meeting.now, 30_000, "cut", 2_000),
        ClockWords(time="Temps écoulé"),
    )


def test_a_moderator_between_items_has_a_plate_and_no_clock() -> None:
    scene = Scene("speaker", main="s2", person="m")
    plate = Plate("Mo", "Moderator")
    assert layout_of(scene, opened("a").floor, replace(BRIEF, clock="burnt"), {}) == Layout(
        "speaker", main="s2", plate=plate, names=(("s2", plate),)
    )


def test_a_rehearsals_mark_is_in_each_picture_and_each_card() -> None:
    told = hearing_config.read({**TOLD, "mark": "REHEARSAL"})
    for scene in (Scene("card", card="before"), Scene("speaker", main="s1", slot="a")):
        assert layout_of(scene, opened("a", "b").floor, told, {}).mark == "REHEARSAL"
        assert layout_of(scene, opened("a", "b").floor, BRIEF, {}).mark == ""
