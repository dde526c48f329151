"""The clock in the picture counts as every clock of the hearing."""

import pytest

from hemicycle.engine.video.layouts import ClockFace, ClockWords, Layout, Plate

AT = 1_770_000_000_000
RUNNING = ClockFace(AT, 0, 180_000)


@pytest.mark.parametrize(
    ("after_ms", "figures", "phase"),
    [
        (-5, "3:00", "speaking"),
        (0, "3:00", "speaking"),
        (1, "3:00", "speaking"),
        (1_000, "2:59", "speaking"),
        (149_999, "0:31", "speaking"),
        (150_000, "0:30", "warning"),
        (179_999, "0:01", "warning"),
        (180_000, "0:00", "time"),
        (180_999, "0:00", "time"),
        (181_000, "+0:01", "time"),
        (240_000, "+1:00", "time"),
    ],
)
def test_a_running_clock(after_ms: int, figures: str, phase: str) -> None:
    now = AT + after_ms
    assert (RUNNING.figures(now), RUNNING.phase(now)) == (figures, phase)


@pytest.mark.parametrize(
    ("face", "figures", "phase"),
    [
        (ClockFace(None, 0, 180_000), "3:00", "idle"),
        (ClockFace(None, 61_000, 180_000), "1:59", "stopped"),
        (ClockFace(None, 180_000, 180_000), "0:00", "time"),
        (ClockFace(AT - 9_000, 175_000, 180_000), "+0:04", "time"),
        (ClockFace(AT - 9_000, 175_000, 180_000, over_ms=2_000), "+0:02", "time"),
        (ClockFace(AT - 9_000, 175_000, 180_000, over_ms=0), "0:00", "time"),
        (ClockFace(AT, 0, 20_000), "0:20", "speaking"),
        (ClockFace(AT, 0, 0), "0:00", "speaking"),
        (ClockFace(AT, 0, 10**9), "999:59", "speaking"),
    ],
)
def test_other_clocks(face: ClockFace, figures: str, phase: str) -> None:
    assert (face.figures(AT), face.phase(AT)) == (figures, phase)


def test_its_state_is_a_word_and_none_before_it_begins() -> None:
    words = ClockWords(warning="30 seconds")
    assert [words.of(phase) for phase in ("idle", "speaking", "warning", "time", "stopped")] == [
        "",
        "Speaking",
        "30 seconds",
        "Time",
        "Stopped",
    ]


def test_a_source_is_named_by_its_plate_or_by_the_names() -> None:
    ann, bo = Plate("Ann Lee"), Plate("Bo Diaz")
    layout = Layout("panel", main="a", others=("b", "c"), plate=ann, names=(("b", bo), ("a", bo)))
    assert [layout.plate_of(source) for source in "abc"] == [ann, bo, Plate("")]
    beside = Layout("speaker", main="a", plate=Plate(" "), names=(("a", bo),))
    assert (beside.burnt, beside.plate_of("a")) == (None, bo)


def test_words_and_clock_make_no_new_scene() -> None:
    one = Layout("speaker", main="a", plate=Plate("Ann Lee"))
    assert one.scene() == Layout("speaker", main="a", clock=RUNNING).scene()
    assert one.scene() != Layout("speaker", main="b").scene()
    assert one.scene() != Layout("screen", main="a", screen="s").scene()
