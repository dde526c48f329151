"""What a layout shows of its sources. `clock_vectors.json` has the cases of the clock."""

from hemicycle.engine.overlays import BurntClock
from hemicycle.engine.video.layouts import ClockWords, Layout, Plate
from hemicycle.procedure.clock import HolderClock

RUNNING = BurntClock(HolderClock(180_000, 0, 1_770_000_000_000))


def test_its_state_is_a_word_and_none_before_it_begins() -> None:
    words = ClockWords(warning="30 seconds")
    assert [words.of(phase) for phase in ("ready", "speaking", "warning", "time", "stopped")] == [
        "",
        "Speaking",
        "30 seconds",
        "Time up",
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
