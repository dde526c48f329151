"""Who is heard on which channel, from which sample on, and that nobody else is heard."""

import gc
import os
import subprocess
import sys
import weakref
from dataclasses import replace

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude, longest_gap_ms, spans, tones
from hemicycle.engine.audio.fader import RAMP, HandedFader
from hemicycle.engine.audio.limiter import CEILING, LOOK_AHEAD
from hemicycle.engine.audio.loudness import SILENCE
from hemicycle.engine.audio.mixer import MicrophoneTurned, Mixer
from hemicycle.engine.streams import FLOOR, TICK_SAMPLES, AudioSource, Samples
from tests.engine.audio.studio import SECOND, Broken, Noise, Nothing, Speech, Steady, Studio, Tone

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh", "de", "it", "pt", "ja", "ko")


def ramp() -> Samples:
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(1, RAMP + 1) / RAMP)).astype(np.float32)


def test_nobody_is_heard_who_has_not_been_told_to_be() -> None:
    studio = Studio(("floor", "fr"))
    studio.add(a=Steady(), b=Steady())
    studio.run(5)
    assert not np.stack([studio.heard("floor"), studio.heard("fr")]).any()


def test_a_microphone_opens_and_is_cut_at_the_very_samples() -> None:
    studio = Studio()
    studio.add(a=Steady(0.25))
    studio.mixer.microphone("a", 5_000, on=True)
    studio.mixer.microphone("a", 12_345, on=False)
    studio.run(20)
    expected = np.zeros(20 * TICK_SAMPLES, np.float32)
    expected[5_000:12_345] = 0.25
    expected[5_000 : 5_000 + RAMP] = 0.25 * ramp()
    expected[12_345 : 12_345 + RAMP] = 0.25 * (1 - ramp())
    assert studio.heard() == pytest.approx(expected, abs=1e-6)
    assert not studio.heard()[12_345 + RAMP :].any()


def test_it_tells_from_which_sample_on_it_was_open_and_silent_and_what_it_measured() -> None:
    studio = Studio()
    studio.add(a=Tone(1000, 0.1), b=Tone(500))
    studio.mixer.microphone("a", 5_000, on=True)
    studio.mixer.microphone("a", 53_000, on=False)
    studio.run(60)
    opened, closed = studio.turned
    assert opened == MicrophoneTurned("a", True, 5_000)
    assert closed == MicrophoneTurned("a", False, 53_000 + RAMP, closed.measured)
    assert closed.measured == pytest.approx((-23.0, -20.0), abs=0.05)


def test_a_closing_is_reported_before_the_opening_at_the_same_sample() -> None:
    studio = Studio()
    studio.add(next=Steady(), holder=Steady())
    studio.open("holder")
    studio.run(5)
    studio.mixer.microphone("holder", 0, on=False)
    studio.open("next")
    studio.run(5)
    told = [(turned.id, turned.open) for turned in studio.turned]
    assert told == [("holder", True), ("holder", False), ("next", True)]


def test_the_turns_of_one_microphone_within_a_tick_keep_their_order() -> None:
    studio = Studio()
    studio.add(a=Steady())
    studio.mixer.microphone("a", LOOK_AHEAD, on=True)
    studio.mixer.microphone("a", LOOK_AHEAD + RAMP, on=False)
    studio.mixer.microphone("a", LOOK_AHEAD + 2 * RAMP, on=True)
    studio.run(1)
    assert [turned.open for turned in studio.turned] == [True, False, True]


def test_an_order_for_a_time_gone_by_counts_from_the_next_sample() -> None:
    studio = Studio()
    studio.add(a=Steady())
    studio.run(3)
    studio.mixer.microphone("a", 0, on=True)
    studio.run(1)
    assert studio.turned == [MicrophoneTurned("a", True, 3 * TICK_SAMPLES + LOOK_AHEAD)]


def test_an_extension_takes_back_the_cut() -> None:
    studio = Studio()
    studio.add(a=Steady())
    studio.mixer.microphone("a", 0, on=True)
    studio.mixer.microphone("a", 9_000, on=False)
    studio.run(5)
    studio.mixer.microphone("a", 0, on=True)
    studio.mixer.microphone("a", 20_000, on=False)
    studio.run(20)
    assert [(turned.open, turned.sample) for turned in studio.turned] == [
        (True, LOOK_AHEAD),
        (False, 20_000 + RAMP),
    ]


def test_open_microphones_are_heard_together_and_closed_ones_not() -> None:
    studio = Studio()
    studio.add(moderator=Tone(400), holder=Tone(800), next=Tone(1200))
    studio.open("moderator", "holder")
    studio.run(25)
    assert tones(studio.heard()[4_800:], [400, 800, 1200]) == {400, 800}


def test_each_channel_carries_the_floor_until_it_is_told_otherwise() -> None:
    studio = Studio(("floor", "fr", "es"))
    studio.add(speaker=Tone(400), french=Tone(800))
    studio.open("speaker")
    studio.mixer.booth("fr", "french", 2_880)
    studio.mixer.route("fr", "fr")
    studio.run(25)
    heard = {name: tones(studio.heard(name)[9_600:], [400, 800]) for name in ("floor", "fr", "es")}
    assert heard == {"floor": {400}, "fr": {800}, "es": {400}}


def test_relay_and_second_language_are_routes_like_any_other() -> None:
    studio = Studio(("en", "fr", "es"))
    studio.add(french=Tone(800))
    studio.mixer.booth("fr", "french", 2_880)
    for channel in ("en", "es"):
        studio.mixer.route(channel, "fr")
    studio.run(25)
    heard = {name: tones(studio.heard(name)[9_600:], [800]) for name in ("en", "fr", "es")}
    assert heard == {"en": {800}, "fr": frozenset(), "es": {800}}


def handed_over(first: float, second: float, fade: int = 2_880) -> Samples:
    studio = Studio(("fr",))
    studio.add(one=Tone(first), two=Tone(second))
    studio.mixer.booth("fr", "one", fade)
    studio.mixer.route("fr", "fr")
    studio.run(25)
    studio.mixer.booth("fr", "two", fade)
    studio.run(25)
    return studio.heard("fr")[4_800:]


def test_a_handover_of_one_tone_never_dips_by_a_decibel() -> None:
    sound = handed_over(1000, 1000)
    peaks = np.abs(sound[: len(sound) // 48 * 48].reshape(-1, 48)).max(axis=1)
    assert peaks.min() >= 0.1 * 10 ** (-1 / 20)
    assert peaks.max() <= 0.1 * 2**0.5 + 1e-6


def test_a_handover_leaves_no_gap_and_only_the_new_voice() -> None:
    sound = handed_over(600, 1000)
    assert longest_gap_ms(sound, 600, 1000) == 0
    assert tones(sound[-9_600:], [600, 1000]) == {1000}
    power = [amplitude(block, 600) ** 2 + amplitude(block, 1000) ** 2 for block in sound_ms(sound)]
    assert min(power) >= 0.01 * 10**-0.1


def sound_ms(sound: Samples, ms: int = 10) -> list[Samples]:
    count = len(sound) // (48 * ms)
    return np.split(sound[: count * 48 * ms], count)


def test_handing_over_to_and_fro_ends_with_the_last_word() -> None:
    studio = Studio(("fr",))
    studio.add(one=Tone(600), two=Tone(1000))
    studio.mixer.route("fr", "fr")
    for name in ("one", "two", "one", "two"):
        studio.mixer.booth("fr", name, 2_880)
        studio.run(1)
    studio.run(25)
    assert tones(studio.heard("fr")[-9_600:], [600, 1000]) == {1000}


def test_leaving_the_booths_microphone_is_silence_within_5_ms() -> None:
    studio = Studio(("fr",))
    studio.add(one=Steady(0.25))
    studio.mixer.booth("fr", "one", 2_880)
    studio.mixer.route("fr", "fr")
    studio.run(10)
    end = studio.now + RAMP
    studio.mixer.booth("fr", None, 2_880)
    studio.run(10)
    assert studio.heard("fr")[end - RAMP - 1] == pytest.approx(0.25)
    assert not studio.heard("fr")[end:].any()


def test_a_cough_is_silent_within_5_ms_and_the_voice_returns() -> None:
    studio = Studio(("fr",))
    studio.add(one=Steady(0.25))
    studio.mixer.booth("fr", "one", 2_880)
    studio.mixer.route("fr", "fr")
    studio.run(10)
    begin = studio.now
    studio.mixer.cough("one", on=True)
    studio.run(10)
    end = studio.now
    studio.mixer.cough("one", on=False)
    studio.run(10)
    heard = studio.heard("fr")
    assert heard[begin - 1] == pytest.approx(0.25)
    assert not heard[begin + RAMP : end].any()
    assert heard[end + RAMP :] == pytest.approx(np.full(len(heard) - end - RAMP, 0.25))


def test_a_change_of_route_has_no_gap_and_no_dip() -> None:
    studio = Studio(("fr",))
    studio.add(speaker=Tone(1000), french=Tone(1000))
    studio.open("speaker")
    studio.mixer.booth("fr", "french", 2_880)
    studio.run(25)
    for bus in ("fr", FLOOR, "fr"):
        studio.mixer.route("fr", bus)
        studio.run(10)
    peaks = [np.abs(millisecond).max() for millisecond in sound_ms(studio.heard("fr")[4_800:], 1)]
    assert min(peaks) >= 0.1 * 10 ** (-1 / 20)


def test_twelve_channels_each_carry_their_own_booth() -> None:
    studio = Studio((FLOOR, *LANGUAGES))
    frequencies = {name: 400.0 + 200 * n for n, name in enumerate((FLOOR, *LANGUAGES))}
    studio.add(**{f"in {name}": Tone(frequency) for name, frequency in frequencies.items()})
    studio.open(f"in {FLOOR}")
    for name in LANGUAGES:
        studio.mixer.booth(name, f"in {name}", 2_880)
        studio.mixer.route(name, name)
    studio.run(25)
    heard = {name: tones(studio.heard(name)[9_600:], frequencies.values()) for name in frequencies}
    assert heard == {name: {frequency} for name, frequency in frequencies.items()}


def test_a_tone_of_15_khz_passes_whole() -> None:
    studio = Studio()
    studio.add(a=Tone(15_000))
    studio.open("a")
    studio.run(50)
    assert amplitude(studio.heard()[-24_000:], 15_000) == pytest.approx(0.1, rel=0.01)


def test_however_many_shout_no_sample_leaves_above_the_ceiling() -> None:
    studio = Studio()
    studio.add(a=Noise(-3, 1), b=Noise(-3, 2), c=Tone(100, 1.0))
    studio.open("a", "b", "c")
    studio.run(50)
    assert np.abs(studio.heard()).max() <= CEILING + 1e-6
    assert max(tick.reduced[0] for tick in studio.ticks) > 6


def test_a_source_without_sound_is_silent_and_disturbs_nobody() -> None:
    studio = Studio()
    studio.add(a=Steady(0.25), none=Nothing())
    studio.open("a", "none")
    studio.run(10)
    assert studio.heard()[-1] == pytest.approx(0.25)
    assert studio.mixer.levels()["none"].peak == SILENCE


@pytest.mark.parametrize(
    "bad",
    [
        Broken(OSError("gone"), blocks=10),
        Steady(float("nan")),
        Broken(ValueError("no"), blocks=3),
    ],
)
def test_a_source_that_fails_is_dropped_and_told_and_the_others_go_on(bad: Steady | Broken) -> None:
    studio = Studio()
    studio.add(a=Steady(0.25), bad=bad)
    studio.open("a", "bad")
    studio.run(20)
    assert [failed.id for failed in studio.failed] == ["bad"]
    turned = [turned.open for turned in studio.turned if turned.id == "bad"]
    assert turned in ([], [True, False])
    assert studio.heard()[-1] == pytest.approx(0.25)
    assert sorted(studio.mixer.levels()) == ["a", "channel:floor"]


def test_a_block_of_another_length_is_a_failure_too() -> None:
    class Short:
        def read(self) -> Samples:
            return np.zeros(480, np.float32)

    studio = Studio()
    studio.add(short=Short())
    studio.run(1)
    assert [str(failed.error) for failed in studio.failed] == [
        "A source gave (480,) samples; a tick has 960."
    ]


def test_who_is_removed_falls_silent_without_a_step_and_is_told_as_closed() -> None:
    studio = Studio()
    studio.add(a=Steady(0.25))
    studio.open("a")
    studio.run(10)
    end = studio.now + RAMP
    studio.mixer.remove("a")
    studio.run(5)
    assert studio.turned[-1] == MicrophoneTurned("a", False, end, studio.turned[-1].measured)
    assert np.abs(np.diff(studio.heard())).max() < 0.01
    assert not studio.heard()[end:].any()
    assert studio.ticks[10].gone == ("a",)


def test_a_new_sound_under_the_same_id_goes_on_where_the_old_one_was() -> None:
    studio = Studio()
    studio.add(a=Tone(400))
    studio.open("a")
    studio.run(10)
    studio.add(a=Tone(800))
    studio.run(20)
    assert tones(studio.heard()[-9_600:], [400, 800]) == {800}
    assert len(studio.turned) == 1


def test_removed_and_added_again_it_is_a_new_one() -> None:
    studio = Studio()
    studio.add(a=Tone(400))
    studio.open("a")
    studio.run(10)
    studio.mixer.remove("a")
    studio.add(a=Tone(800))
    studio.run(20)
    assert spans(studio.heard(), 800) == []
    assert [turned.open for turned in studio.turned] == [True, False]


def test_orders_about_strangers_change_nothing() -> None:
    studio = Studio(("fr",))
    studio.mixer.microphone("x", 0, on=True)
    studio.mixer.cough("x", on=True)
    studio.mixer.remove("x")
    studio.mixer.booth("fr", "x", 100)
    studio.mixer.route("fr", "la")
    studio.run(10)
    assert not studio.heard("fr").any()


def test_levels_of_sources_and_channels() -> None:
    studio = Studio(("floor", "fr"))
    studio.add(a=Tone(997, 0.1), b=Tone(997, 0.01))
    studio.open("a")
    studio.run(SECOND)
    levels = {name: (level.loudness, level.peak) for name, level in studio.mixer.levels().items()}
    assert levels == {
        "a": (-23.0, -20.0),
        "b": (-43.0, -40.0),
        "channel:floor": (-23.0, -20.0),
        "channel:fr": (-23.0, -20.0),
    }


def test_nothing_is_kept_of_those_who_came_and_went() -> None:
    studio = Studio(("floor", "fr"))
    sounds = []
    for n in range(30):
        name, sound = f"visitor {n}", Tone(400)
        sounds.append(weakref.ref(sound))
        studio.add(**{name: sound})
        studio.open(name)
        studio.mixer.booth("fr", name, 2_880)
        studio.mixer.route("fr", "fr" if n % 2 else FLOOR)
        studio.run(3)
        studio.mixer.remove(name)
        studio.run(1)
    studio.mixer.booth("fr", None, 2_880)
    studio.run(5)
    del sound
    gc.collect()
    assert [sound() for sound in sounds] == [None] * 30
    assert sorted(studio.mixer.levels()) == ["channel:floor", "channel:fr"]
    assert studio.mixer._booths == {"fr": {}}
    assert [len(route) for route in studio.mixer._routes.values()] == [1, 1]


def test_another_process_goes_on_without_a_seam() -> None:
    def play(*, moves: bool) -> Studio:
        studio = Studio(("floor", "fr"))
        sounds: dict[str, AudioSource] = {"a": Speech(-30), "b": Tone(500, 0.9)}
        for name, sound in sounds.items():
            studio.mixer.add(name, sound)
        studio.mixer.microphone("a", 2_000, on=True)
        studio.mixer.microphone("b", 50_000, on=True)
        studio.mixer.microphone("a", 100_100, on=False)
        studio.mixer.booth("fr", "b", 4_000)
        studio.mixer.route("fr", "fr")
        studio.run(104)  # the switch comes while a microphone closes and the limiter acts
        if moves:
            handed = studio.mixer.handed()
            studio.mixer = Mixer(("floor", "fr"))
            studio.mixer.resume(handed, sounds)
        studio.run(60)
        return studio

    one, other = play(moves=False), play(moves=True)
    for channel in ("floor", "fr"):
        assert np.array_equal(one.heard(channel), other.heard(channel))
    assert one.turned == other.turned
    assert one.mixer.levels()["a"] == other.mixer.levels()["a"]


def test_a_source_that_was_not_moved_is_silent() -> None:
    studio = Studio()
    studio.add(a=Steady())
    studio.open("a")
    studio.run(5)
    mixer = Mixer(("floor",))
    mixer.resume(studio.mixer.handed(), {})
    assert not mixer.tick(5 * TICK_SAMPLES).channels[0, LOOK_AHEAD:].any()


def test_the_state_of_another_mixer_is_refused() -> None:
    studio = Studio(("floor", "fr"))
    studio.add(a=Steady())
    handed = studio.mixer.handed()
    with pytest.raises(ValueError, match="channels"):
        Mixer(("floor",)).resume(handed, {})
    spoilt = [
        replace(handed, sources=()),
        replace(handed, limiter=replace(handed.limiter, tail=b"1234")),
        replace(handed, gains=replace(handed.gains, gains=np.full(1, 40.0).tobytes())),
        replace(
            handed, routes={name: {FLOOR: HandedFader(7, 0, None, ())} for name in handed.routes}
        ),
    ]
    for wrong in spoilt:
        with pytest.raises(ValueError, match=r"reshape|gain"):
            Mixer(("floor", "fr")).resume(wrong, {})


def test_products_of_matrices_use_one_thread() -> None:
    """With a thread for each processor, a tick took twice as long."""
    program = """if True:
        import hemicycle.engine.audio.mixer, numpy, os
        numpy.ones((500, 500)) @ numpy.ones((500, 500))
        print(len(os.listdir("/proc/self/task")))"""
    asked = {name: value for name, value in os.environ.items() if "OPENBLAS" not in name}
    told = subprocess.run(
        [sys.executable, "-c", program], env=asked, check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "1"
