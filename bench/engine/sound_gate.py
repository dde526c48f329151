"""The quality of sound for interpreters: every channel and relay depth, through the real engine.

The speaker and three interpreters are standard WebRTC clients. French works from the floor, Spanish
from French, and Russian from the floor; nobody interprets into English. The sound that the engine
sends on each channel is decoded, and so is the sound that reaches two of the booths (`booth_…`).
`docs/sound.md` explains the figures.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from scipy import signal

from bench.engine import sound_figures as figures
from bench.engine.crowd import stay_here
from bench.engine.lossy import Lossy
from bench.sizes import size
from hemicycle.engine.audio.analysis import decoded
from hemicycle.engine.audio.limiter import CEILING
from hemicycle.engine.streams import (
    FLOOR,
    PICTURE_RATE,
    PROGRAM,
    SOUND_RATE,
    TICK_SAMPLES,
    Packet,
    Samples,
)
from hemicycle.engine.synthetic.client import SyntheticPublisher
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, Aired, Ear, on_air, until

FIGURES = (
    *("response_db", "thd_percent", "crosstalk_db", "noise_db", "delay_ms", "lip_sync_ms"),
    *("spread_lu", "stoi", "pesq", "howl_db", "howl_peak_db", "over_ceiling_ms", "channels"),
)
WORDS_A_MINUTE = size(150, 450)
LOST = 0.05
SETTLE_S = 0.5
SOFT = 0.05
"""The amplitude of test tones, a level that the automatic gain does not change."""

LEAD_S = size(9.0, 1.0)
"""The length of a tone before the others, in seconds. After it, the automatic gain treats all tones
as noise and does not change them.
"""

TONES: Final = {FLOOR: 600, "fr": 1_000, "es": 1_400, "ru": 1_800}
PURE_HZ = (250, 1_000, 4_000)
NOISE_DB = -80.0
LEVELS_LU: Final = {FLOOR: 0.0, "fr": -8.0, "es": 6.0, "ru": -10.0}
"""The difference of each voice from the right loudness, when the spread of channels is measured."""

TEXTS: Final = {
    FLOOR: (
        "en-gb",
        (
            "Mister Chair, the river rises every spring, and the village has asked for a "
            "wall since nineteen ninety. We thank the engineers who came, and we ask that "
            "the work begins."
        ),
    ),
    "fr": (
        "fr-fr",
        (
            "Monsieur le président, la rivière monte chaque printemps et le village "
            "demande une digue depuis longtemps. Nous remercions les ingénieurs et "
            "demandons que les travaux commencent."
        ),
    ),
    "es": (
        "es",
        (
            "Señor presidente, el río crece cada primavera y el pueblo pide un muro desde "
            "hace muchos años. Damos las gracias a los ingenieros y pedimos que empiecen "
            "las obras."
        ),
    ),
    "ru": (
        "ru",
        (
            "Господин председатель, река поднимается каждую весну, и деревня давно просит "
            "построить дамбу. Мы благодарим инженеров и просим начать работы как можно "
            "скорее."
        ),
    ),
}
HOWLS_HZ: Final = {FLOOR: 1_850, "fr": 2_700, "es": 700, "ru": 3_900}
LOOP_GAIN = 4.0
"""The gain from the sound of a loudspeaker to the microphone, at the resonance of the room."""

FLASHES, FLASH_EVERY_S, FLASH_S = size(6, 2), 1.0, 0.2


LOWEST: Final = ("howl_db", "howl_peak_db", "stoi", "pesq")
SIGNED: Final = ("response_db", "lip_sync_ms")
"""Figures of which the lowest is the worst, and figures that can be wrong in both directions."""


def run() -> dict[str, Any]:
    """Return each figure for the worst channel, and `channels` with the figures of each channel."""
    stay_here()
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-sound-"))
    try:
        return worst(_judged(asyncio.run(_recorded(folder))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def worst(channels: Mapping[str, Mapping[str, float | None]]) -> dict[str, Any]:
    """Return each figure for the worst channel; for loudness, the spread of all channels."""
    worst_is: dict[str, Callable[[list[float]], float]] = dict.fromkeys(LOWEST, min)
    worst_is |= dict.fromkeys(SIGNED, farthest)
    names = dict.fromkeys(name for found in channels.values() for name in found)
    told: dict[str, Any] = {}
    for name in names:
        values = [value for found in channels.values() if (value := found.get(name)) is not None]
        if name == "lufs":  # the loudest channel minus the softest
            told["spread_lu"] = round(max(values) - min(values), 2)
        else:
            told[name] = worst_is.get(name, max)(values) if values else None
    return {**told, "channels": channels}


def farthest(values: list[float]) -> float:
    """Return the value with the largest distance from 0."""
    return max(values, key=abs)


class Line:
    """A buffer for sound between a listener and a microphone."""

    IN_HAND = SOUND_RATE * 60 // 1000

    def __init__(self) -> None:
        self._waiting: Samples = np.zeros(0, np.float32)
        self._flows = False

    def take(self, sound: Samples) -> None:
        """Add the sound that a listener heard; keep the last half second."""
        self._waiting = np.concatenate([self._waiting, sound])[-SOUND_RATE // 2 :]

    def empty(self) -> None:
        """Delete the sound that was not read."""
        self._waiting, self._flows = np.zeros(0, np.float32), False

    def read(self) -> Samples:
        """Return the next 20 ms, or silence while the buffer has too little."""
        self._flows = len(self._waiting) >= (TICK_SAMPLES if self._flows else self.IN_HAND)
        if not self._flows:
            return np.zeros(TICK_SAMPLES, np.float32)
        tick, self._waiting = self._waiting[:TICK_SAMPLES], self._waiting[TICK_SAMPLES:]
        return tick


class Microphone:
    """A microphone that plays a given sound, and can also pick up a loudspeaker."""

    def __init__(self) -> None:
        self.level = 0.0
        self.read_at = 0.0
        """The time at which the first sample of the sound was read (monotonic s)."""
        self._left: Samples = np.zeros(0, np.float32)
        self._is_new = False
        self._line: Line | None = None
        self._gain, self._room = 0.0, ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))
        self._states = np.zeros(2)

    def play(self, sound: Samples) -> None:
        """Play a sound from the next tick on."""
        self._left, self._is_new = sound, True

    def hear(self, line: Line | None, gain: float = 1.0, hertz: float = 0.0) -> None:
        """Pick up the sound of a loudspeaker, or of none.

        With `hertz`, the room has a resonance there.
        """
        if line is not None:
            line.empty()
        self._line, self._gain, self._states = line, gain, np.zeros(2)
        peak = signal.iirpeak(hertz, 8, SOUND_RATE) if hertz else ((1.0, 0.0, 0.0),) * 2
        self._room = (peak[0], peak[1])

    def read(self) -> Samples:
        """Return the next 20 ms."""
        if self._is_new:
            self.read_at, self._is_new = time.monotonic(), False
        tick, self._left = self._left[:TICK_SAMPLES], self._left[TICK_SAMPLES:]
        made = np.pad(tick, (0, TICK_SAMPLES - len(tick)))
        if self._line is not None:
            back, self._states = signal.lfilter(*self._room, self._line.read(), zi=self._states)
            made = made + self._gain * back
        self.level = float(np.abs(made).max(initial=0.0))
        return np.clip(made, -1, 1).astype(np.float32)


class Flash:
    """A camera whose picture is white while there is sound."""

    fps = 25

    def frame(self, number: int, level: float) -> av.VideoFrame:
        """Return the picture for this level of sound."""
        values = np.full((360 * 3 // 2, 640), 128, np.uint8)
        values[:360] = 235 if level > SOFT / 2 else 16
        return av.VideoFrame.from_ndarray(values, "yuv420p")


class OnLine(SyntheticPublisher):
    """A client with a microphone behind a network that can lose packets."""

    network: Lossy

    async def _post(self, offer: str) -> str:
        return await self.network.through(await super()._post(offer))


class Studio:
    """The speaker and the interpreters, with recorders of the channels and of two booths."""

    def __init__(self, engine: Aired, network: Lossy) -> None:
        self.engine, self.network = engine, network
        self.microphones = {name: Microphone() for name in TONES}
        self.lines = {name: Line() for name in TONES}
        self.booths: dict[str, list[Samples]] = {"booth_fr": [], "booth_es": []}
        self.relay = Line()
        self.packets: dict[str, list[tuple[float, Packet]]] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Studio"]:
        """Connect all clients, with the interpreters' microphones on."""
        async with AsyncExitStack() as stack:
            for name, microphone in self.microphones.items():
                await stack.enter_async_context(self._publisher(name, microphone))
                heard = self.engine.listener(_Passed(self.lines[name].take), name)
                await stack.enter_async_context(heard)
            for language in ("fr", "es"):
                ear = _Passed(self._into(f"booth_{language}"))
                booth = self.engine.listener(
                    ear, role="interpreter", seat=f"i-{language}", booth=language
                )
                await stack.enter_async_context(booth)
            for session in tuple(self.engine.hearing.roster.sessions.values()):
                if session.kind == "publish" and session.pass_.booth:
                    await self.engine.hearing.control(session, {"do": "microphone", "on": True})
                    if session.pass_.booth == "es":
                        relay = {"do": "incoming", "from": "fr"}
                        await self.engine.hearing.control(session, relay)
            for name in ("en", *TONES):
                self.packets[name] = []
                self.engine.hearing.outputs[name].add(self._taking(name))
            await asyncio.sleep(SETTLE_S)
            yield self

    def _publisher(self, name: str, microphone: Microphone) -> SyntheticPublisher:
        if name == FLOOR:
            token = self.engine.token("publish", "speaker", "s0", slot="s0")
        else:
            token = self.engine.token("publish", "interpreter", f"i-{name}", booth=name)
        whip = f"{self.engine.base}/media/whip/{HEARING}"
        made = OnLine(whip, token, Flash() if name == FLOOR else None, microphone)
        made.network = self.network
        return made

    def _into(self, booth: str) -> Any:
        def take(sound: Samples) -> None:
            self.booths[booth].append(sound)
            if booth == "booth_es":
                self.relay.take(sound)

        return take

    def _taking(self, name: str) -> Any:
        def take(packet: Packet) -> None:
            self.packets[name].append((time.monotonic(), packet))

        return take

    async def record(self, sounds: Mapping[str, Samples], seconds: float) -> "Recording":
        """Play sounds, and return what was heard everywhere, from 0.1 s before their start."""
        for packets in self.packets.values():
            packets.clear()
        for sounds_of in self.booths.values():
            sounds_of.clear()
        await asyncio.sleep(0.1)
        for name, sound in sounds.items():
            self.microphones[name].play(sound)
        await asyncio.sleep(seconds + SETTLE_S + 0.4)
        return Recording(
            {name: list(taken) for name, taken in self.packets.items()},
            {name: list(taken) for name, taken in self.booths.items()},
            self.microphones[FLOOR].read_at,
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording: the packets of each channel with their times, and the sound of the booths.

    `read_at` is the time at which the first sample was read from the speaker's microphone. All
    times are monotonic, in seconds.
    """

    packets: dict[str, list[tuple[float, Packet]]]
    booths: dict[str, list[Samples]]
    read_at: float

    def heard(self) -> dict[str, Samples]:
        """Return the sound of each channel and booth."""
        channels = {name: decoded([packet for _, packet in taken])
                    for name, taken in self.packets.items()}  # fmt: skip
        return channels | {name: np.concatenate(taken) for name, taken in self.booths.items()}


class _Passed(Ear):
    """An ear that passes its sound to a function."""

    def __init__(self, to: Callable[[Samples], None]) -> None:
        super().__init__()
        self._to = to

    def take(self, sound: Samples) -> None:
        self._to(sound)


type Figures = dict[str, dict[str, float | None]]
type Judge = Callable[[], Figures]
"""Returns the figures of a recording. It is called at the end, because the engine needs the
processors during the recordings.
"""


async def _recorded(folder: Path) -> list[Judge]:
    _spoken({}), _spoken(LEVELS_LU)  # cached now, because it takes time
    network = Lossy()
    languages = ["en", "fr", "es", "ru"]
    async with on_air(folder, languages=languages) as engine:
        rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
        listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
        ends_at = engine.script.now_ms() + 7_200_000
        engine.script.do(
            c.OpenMeeting("0" * 31 + "2"), c.OpenSegment("panel", "panel", ends_at, rules, listed)
        )
        async with Studio(engine, network).open() as studio:
            engine.script.do(c.GiveFloor("s0"))
            await until(lambda: "s0" in engine.script.floor.slots, "the floor should be given")
            await asyncio.sleep(SETTLE_S)
            # The tones come before speech: the automatic gain learns from speech, and does not take
            # tones without pauses for speech.
            parts = (_tones, _noise, _delays, _speech, _loss, _howls, _loud)
            judges = [await record(studio) for record in parts]
    network.close()
    return judges


def _judged(judges: Sequence[Judge]) -> Figures:
    found: Figures = {}
    for judge in judges:
        for name, told in judge().items():
            found.setdefault(name, {}).update(told)
    return found


def source_of(name: str) -> str:
    """Return whose microphone is heard on a channel or in a booth."""
    return {"en": FLOOR, "booth_fr": FLOOR, "booth_es": "fr"}.get(name, name)


async def _tones(studio: Studio) -> Judge:
    """Record tones, for the frequency response, the distortion and the crosstalk."""
    sweep = figures.steps(figures.THIRDS, SOFT)
    pure = figures.steps(PURE_HZ, SOFT, 1.0)
    lead = figures.steps([figures.REFERENCE_HZ], SOFT, LEAD_S)
    sent = {name: np.concatenate([lead, sweep, pure, figures.steps([hertz], SOFT, 1.0)])
            for name, hertz in TONES.items()}  # fmt: skip
    recording = await studio.record(sent, len(sent[FLOOR]) / SOUND_RATE)
    return lambda: tones_of(recording.heard(), sweep)


def tones_of(heard: Mapping[str, Samples], sweep: Samples) -> Figures:
    """Return the figures for the tones on each channel, which follow the lead."""
    told: Figures = {}
    for name, sound in heard.items():
        begin = figures.delay(sweep, sound)
        came = sound[begin:]
        levels = figures.response(came, SOFT)
        middle = [
            came[len(sweep) + n * SOUND_RATE + SOUND_RATE // 5 :][: SOUND_RATE * 3 // 5]
            for n in range(len(PURE_HZ) + 1)
        ]
        own = TONES[source_of(name)]
        others = [figures.tone_db(middle[-1], hertz) for hertz in TONES.values() if hertz != own]
        told[name] = {
            "response_db": round(farthest(list(levels.values())), 2),
            "thd_percent": round(
                max(
                    figures.distortion_percent(piece, hertz)
                    for piece, hertz in zip(middle[:-1], PURE_HZ, strict=True)
                ),
                2,
            ),
            "crosstalk_db": round(max(others) - figures.tone_db(middle[-1], own), 1),
        }
    return told


async def _noise(studio: Studio) -> Judge:
    """Record the level of each channel while the microphones have only their own faint noise."""
    random = np.random.default_rng(1)
    faint = 10 ** (NOISE_DB / 20) * random.standard_normal(2 * SOUND_RATE)
    recording = await studio.record(dict.fromkeys(TONES, faint.astype(np.float32)), 2.0)
    middle = slice(SOUND_RATE * 3 // 4, SOUND_RATE * 7 // 4)
    return lambda: {
        name: {"noise_db": round(figures.rms_db(sound[middle]), 1)}
        for name, sound in recording.heard().items()
    }


async def _delays(studio: Studio) -> Judge:
    """Record the delay from a microphone to the packet that the engine sends, and along the relay.

    The interpreters repeat what they hear. A flash in the picture comes with each sound.
    """
    every, lasts = round(FLASH_EVERY_S * SOUND_RATE), round(FLASH_S * SOUND_RATE)
    random = np.random.default_rng(2)
    sent = np.zeros(FLASHES * every, np.float32)
    for n in range(FLASHES):
        at = n * every + every // 2
        sent[at : at + lasts] = 2 * SOFT * np.clip(random.standard_normal(lasts), -2, 2)
    studio.microphones["fr"].hear(studio.lines[FLOOR])
    studio.microphones["es"].hear(studio.relay)
    pictures: list[Packet] = []
    studio.engine.hearing.outputs[PROGRAM].add(pictures.append)
    recording = await studio.record({FLOOR: sent}, len(sent) / SOUND_RATE)
    studio.engine.hearing.outputs[PROGRAM].remove(pictures.append)
    for name in ("fr", "es"):
        studio.microphones[name].hear(None)
    return lambda: delays_of(recording, sent, pictures)


def delays_of(recording: Recording, sent: Samples, pictures: Sequence[Packet]) -> Figures:
    """Return the delays of the sounds, and the lip sync of sounds and flashes."""
    every, heard, shown = round(FLASH_EVERY_S * SOUND_RATE), recording.heard(), _flashes(pictures)
    told: Figures = {}
    for name in ("en", FLOOR, "fr", "es"):
        at = figures.delay(sent, heard[name])
        # A packet can arrive only after its last sample; the same is true at the ear.
        packets = recording.packets[name]
        number = next(n for n, (_, one) in enumerate(packets) if one.pts - packets[0][1].pts > at)
        came, packet = packets[number - 1]
        inside = (at - (packet.pts - packets[0][1].pts)) / SOUND_RATE
        late = came + inside - recording.read_at
        told[name] = {"delay_ms": round(1000 * late, 1)}
        if name in {"en", FLOOR}:
            sounded = [
                (packets[0][1].pts + at + n * every + every // 2) / SOUND_RATE
                for n in range(FLASHES)
            ]
            told[name]["lip_sync_ms"] = _lip_sync_ms(shown, sounded)
    return told


def _flashes(packets: Sequence[Packet]) -> list[float]:
    """Return the times at which the program's picture turned bright, in s of its clock."""
    decoder: Any = av.CodecContext.create("h264", "r")
    begun, was_bright = [], True
    first = next((n for n, packet in enumerate(packets) if packet.keyframe), len(packets))
    for packet in packets[first:]:
        for frame in decoder.decode(av.Packet(packet.data)):
            picture = frame.to_ndarray(format="gray")
            height, width = picture.shape
            middle = picture[height // 3 : height // 2, width // 3 : width // 2]
            is_bright = float(middle.mean()) > 128
            if is_bright and not was_bright:
                begun.append(packet.pts / PICTURE_RATE)
            was_bright = is_bright
    return begun


def _lip_sync_ms(shown: Sequence[float], sounded: Sequence[float]) -> float | None:
    """Return by how many ms the picture is later than the sound, as the median of all flashes.

    It is None if no flash is near a sound.
    """
    late = [
        at_picture - at_sound
        for at_sound in sounded
        for at_picture in shown
        if abs(at_picture - at_sound) < FLASH_EVERY_S / 2
    ]
    return round(1000 * float(np.median(late)), 1) if late else None


def _spoken(offsets: Mapping[str, float]) -> dict[str, Samples]:
    return {
        name: figures.speech(voice, text, WORDS_A_MINUTE, -23 + offsets.get(name, 0.0))
        for name, (voice, text) in TEXTS.items()
    }


async def _speech(studio: Studio) -> Judge:
    """Record the loudness of each channel with voices of very different levels.

    Each voice speaks twice; the second time counts, when the automatic gain has adapted.
    """
    once = _spoken(LEVELS_LU)
    sent = {name: np.concatenate([sound, sound]) for name, sound in once.items()}
    recording = await studio.record(sent, max(map(len, sent.values())) / SOUND_RATE)
    return lambda: {
        name: {"lufs": round(figures.loudness(_second(sound, once[source_of(name)])), 2)}
        for name, sound in recording.heard().items()
    }


def _second(sound: Samples, once: Samples) -> Samples:
    begin = figures.delay(once, sound[: 2 * len(once)])
    begin = begin if begin > len(once) // 2 else begin + len(once)
    return sound[begin : begin + len(once)]


async def _loss(studio: Studio) -> Judge:
    """Record speech on each channel while 5 % of its microphone's packets are lost."""
    sent = _spoken({})
    studio.network.up = LOST
    recording = await studio.record(sent, max(map(len, sent.values())) / SOUND_RATE)
    studio.network.up = 0.0
    return lambda: speech_of(recording.heard(), sent)


def speech_of(heard: Mapping[str, Samples], sent: Mapping[str, Samples]) -> Figures:
    """Return the intelligibility and the quality of speech on each channel."""
    told: Figures = {}
    for name, sound in heard.items():
        said = sent[source_of(name)]
        came = figures.aligned(said, sound)
        told[name] = {
            "stoi": round(figures.intelligibility(said, came), 3),
            "pesq": round(figures.quality(said, came), 2),
        }
    return told


async def _loud(studio: Studio) -> Judge:
    """Record shouts and knocks at full scale."""
    random = np.random.default_rng(4)
    sent = {}
    for name, sound in _spoken({}).items():
        shout = np.clip(20 * sound[: 3 * SOUND_RATE], -1, 1)
        knock = np.clip(random.standard_normal(SOUND_RATE // 5), -1, 1).astype(np.float32)
        sent[name] = np.concatenate([shout, np.zeros(SOUND_RATE // 2, np.float32), knock, shout])
    recording = await studio.record(sent, len(sent[FLOOR]) / SOUND_RATE)
    return lambda: {name: {"over_ceiling_ms": round(figures.above_ms(sound, CEILING), 1)}
                    for name, sound in recording.heard().items()}  # fmt: skip


async def _howls(studio: Studio) -> Judge:
    """Record howls: each microphone picks up the loudspeaker of its own channel, amplified."""
    for name, microphone in studio.microphones.items():
        microphone.hear(studio.lines[name], LOOP_GAIN, HOWLS_HZ[name])
    recording = await studio.record(_spoken({}), 6.0)
    for microphone in studio.microphones.values():
        microphone.hear(None)
    return lambda: howls_of(recording.heard())


def howls_of(heard: Mapping[str, Samples]) -> Figures:
    """Return how far a howl falls, and its peak, near the resonance of its room."""
    told: Figures = {}
    for name, sound in heard.items():
        hertz = HOWLS_HZ[source_of(name)]
        howl = figures.near(sound, hertz / 1.2, hertz * 1.2)
        told[name] = {
            "howl_db": round(figures.fall_db(howl), 1),
            "howl_peak_db": round(figures.peak_db(howl), 1),
        }
    return told
