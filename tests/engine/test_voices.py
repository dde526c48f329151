"""Who speaks, by the levels of open microphones: begun, ended, reported, and queried later."""

from hemicycle.engine.voices import (
    BESIDE_DB,
    LONGEST_MS,
    SHORTEST_MS,
    SILENCE_MS,
    Utterance,
    VoiceMeter,
)

LOUD, QUIET = -23.0, -70.0


def heard(meter: VoiceMeter, begin: int, end: int, **levels: float) -> list[Utterance]:
    """Feed the meter the same levels four times a second; return the utterances that it reports."""
    return [voice for now in range(begin, end, 250) for voice in meter.take(levels, now)]


def test_a_voice_is_told_when_it_has_been_silent_for_long_enough() -> None:
    meter = VoiceMeter()
    assert heard(meter, 0, 3_000, a=LOUD, b=QUIET) == []
    assert meter.speaking == ("a",)
    assert heard(meter, 3_000, 3_250, a=QUIET, b=QUIET) == []
    assert meter.speaking == ("a",), "a pause for breath"
    told = heard(meter, 3_250, 2_750 + SILENCE_MS + 250, a=QUIET, b=QUIET)
    assert told == [Utterance("a", 0, 2_750)]
    assert not meter.speaking


def test_several_speak_at_once_and_a_neighbours_microphone_does_not() -> None:
    meter = VoiceMeter()
    heard(meter, 0, 1_000, a=LOUD, b=LOUD - BESIDE_DB + 1, c=LOUD - BESIDE_DB - 1)
    assert meter.speaking == ("a", "b")


def test_a_knock_is_not_told_and_a_long_voice_in_parts() -> None:
    meter = VoiceMeter()
    heard(meter, 0, SHORTEST_MS - 150, a=LOUD)
    assert heard(meter, SHORTEST_MS, SHORTEST_MS + 2_000, a=QUIET) == []
    parts = heard(meter, 10_000, 10_000 + LONGEST_MS + 1_000, a=LOUD)
    assert parts == [Utterance("a", 10_000, 10_000 + LONGEST_MS)]
    assert meter.speaking == ("a",)


def test_a_microphone_that_closes_ends_its_voice() -> None:
    meter = VoiceMeter()
    heard(meter, 0, 1_000, a=LOUD, b=LOUD)
    assert meter.end("a") == [Utterance("a", 0, 750)]
    assert meter.end("a") == []
    assert meter.take({}, 1_000) == [Utterance("b", 0, 750)]


def test_captions_ask_who_spoke_at_a_time_or_last_before_it() -> None:
    meter = VoiceMeter()
    heard(meter, 0, 2_000, a=LOUD, b=QUIET)
    heard(meter, 2_000, 6_000, a=QUIET, b=LOUD)
    assert meter.at(1_000) == ("a",)
    assert meter.at(2_200) == ("a", "b")
    assert meter.at(5_000) == ("b",)
    heard(meter, 6_000, 9_000, a=QUIET, b=QUIET)
    assert meter.at(8_500) == ("b",)
    assert meter.at(100_000) == ()
