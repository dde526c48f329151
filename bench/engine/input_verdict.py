"""How well the engine recognizes faults of a microphone, in six languages.

Each clip is degraded, encoded in Opus as in a browser, and passed to the engine's tap in blocks of
20 ms. The engine examines it as in a hearing. Its thresholds were chosen with other voices,
sentences and levels.
"""

from itertools import islice
from typing import Any, Final

import av
import numpy as np

from bench.engine.degradations import DEGRADATIONS, degraded
from bench.engine.sound_figures import speech
from bench.sizes import size
from hemicycle.engine.audio.analysis import decoded
from hemicycle.engine.audio.input_verdict import LOOK_S, InputOpinion, Trouble, measure
from hemicycle.engine.audio.tap import Tap
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Packet, Samples

FIGURES = ("right", "clips", "false_alarms", "clean_clips", "wrong")
VOICES = size(6, 1)
WITHIN_S = 5.0
BIT_RATE = 36_000

TEXTS: Final = {
    "en-gb": (
        "Thank you for giving me the floor. In our district, three wells are dry, and the fourth "
        "is shared by nine hundred families. We would like to know who decides about the fifth."
    ),
    "fr-fr+f2": (
        "Merci de me donner la parole. Dans notre district, trois puits sont à sec et le "
        "quatrième sert à neuf cents familles. Nous voulons savoir qui décide pour le cinquième."
    ),
    "es+m4": (
        "Gracias por darme la palabra. En nuestro distrito hay tres pozos secos, y el cuarto lo "
        "comparten novecientas familias. Queremos saber quién decide sobre el quinto."
    ),
    "ru": (
        "Спасибо, что дали мне слово. В нашем районе пересохли три колодца, а четвёртым "
        "пользуются девятьсот семей. Мы хотим знать, кто решает, где будет пятый."
    ),
    "ar+f1": (
        "شكرا على إعطائي الكلمة. في منطقتنا جفت ثلاثة آبار، والبئر الرابعة تتقاسمها تسعمئة "
        "أسرة. نريد أن نعرف من يقرر مكان البئر الخامسة."
    ),
    "cmn+m2": (
        "谢谢您让我发言。在我们地区，三口井已经干了，第四口井由九百户家庭共用。"
        "我们想知道第五口井由谁来决定，什么时候开始修建。"
    ),
}
PACES: Final = (135, 150, 145, 155, 140, 160)
LEVELS: Final = (-27.0, -24.5, -22.5, -25.5, -21.5, -23.5)


def run() -> dict[str, Any]:
    """Return `right`, the share of clips with the right verdict and no other, within 5 s."""
    wrong, alarms, right = [], 0, 0
    for number, (voice, text) in enumerate(islice(TEXTS.items(), VOICES)):
        clean = speech(voice, text, PACES[number], LEVELS[number])
        alarms += told_of(clean) != []
        for name, (expected, _) in DEGRADATIONS.items():
            told = told_of(degraded(name, clean, seed=number))
            right += told == [expected]
            if told != [expected]:
                wrong.append({"voice": voice, "degradation": name, "told": told})
    clips = VOICES * len(DEGRADATIONS)
    return {
        "right": round(right / clips, 3),
        "clips": clips,
        "false_alarms": alarms,
        "clean_clips": VOICES,
        "wrong": wrong,
    }


def told_of(sound: Samples) -> list[Trouble]:
    """Return all faults that the engine reports for a clip within five seconds, in order."""
    arrived = coded(sound)[: round(WITHIN_S * SOUND_RATE)]
    blocks = iter(arrived[: len(arrived) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, TICK_SAMPLES))
    tap, opinion, told = Tap(_Blocks(blocks)), InputOpinion(), []
    due = LOOK_S
    for tick in range(len(arrived) // TICK_SAMPLES):
        tap.read()
        if (tick + 1) * TICK_SAMPLES / SOUND_RATE < due:
            continue
        opinion.take(measure(tap.recent()))
        due += opinion.wait_s
        if opinion.trouble is not None and opinion.trouble not in told:
            told.append(opinion.trouble)
    return told


class _Blocks:
    """An audio source that returns one block after the other, then None."""

    def __init__(self, blocks: Any) -> None:
        self._blocks = blocks

    def read(self) -> Samples | None:
        return next(self._blocks, None)


def coded(sound: Samples) -> Samples:
    """Return a sound after encoding in Opus for speech, as browsers send it."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE, "mono", "flt"
    encoder.bit_rate, encoder.options = BIT_RATE, {"application": "voip"}
    packets = []
    for at in range(0, len(sound) - TICK_SAMPLES + 1, TICK_SAMPLES):
        block = np.ascontiguousarray(sound[at : at + TICK_SAMPLES])
        frame = av.AudioFrame.from_ndarray(block[None], "flt", "mono")
        frame.sample_rate, frame.pts = SOUND_RATE, at
        packets += [Packet(bytes(one), at, TICK_SAMPLES) for one in encoder.encode(frame)]
    return decoded(packets)
