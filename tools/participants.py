"""The participants of `tools.meeting`: a voice of espeak-ng that reads a text, and a face.

The faces are drawn (`tests/support/person.js`) and do not depict real people.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from bench.engine.sound_figures import speech
from hemicycle.engine.streams import Samples
from hemicycle.site.rehearsal.speech import statement

WORDS = 60
"""About how many words a microphone repeats."""
STATEMENT = """Госпожа Председатель, благодарим вас за созыв этого слушания.

Три вещи больше всего изменили бы жизнь пострадавших от торговли людьми: вид на жительство, который
не зависит от суда, приюты, деньги которых не кончаются вместе с проектом, и переводчики с первого
часа.

Мы просим Ассамблею рекомендовать всё это, а государства отчитываться об этом раз в два года."""
"""The statement that the mission submits and reads, in the language of its registration."""


@dataclass(frozen=True)
class Participant:
    """A voice by its name in espeak-ng, its pace in words per minute, and its face.

    `look` is empty for interpreters, who have no camera. Without a text, the voice reads a
    synthetic statement in its language.
    """

    voice: str
    pace: int = 150
    look: dict[str, Any] = field(default_factory=dict)
    text: str = ""

    def says(self) -> Samples:
        """Return the sound that the microphone repeats: mono at `SOUND_RATE`, at a normal level."""
        language = self.voice[:2]
        random = Random(self.voice)  # noqa: S311 - no secret
        text = self.text or statement(random, language, "Open Lantern Network", (), WORDS)
        return speech(self.voice, text, self.pace)


PARTICIPANTS: Final = {
    "moderator": Participant(
        "en-gb+f2",
        140,
        {
            "seed": 11,
            "skin": "#8d5a3c",
            "hair": "#2b211f",
            "style": "bun",
            "clothes": "#5c2f4a",
            "wall": "#a79c88",
            "room": "shelf",
            "glasses": True,
        },
        "I thank the last speaker, and I remind all participants of the limit of three minutes. "
        "Interpreters work from your text: please do not speak too fast. The next speaker on my "
        "list has the floor.",
    ),
    "panellist": Participant(
        "en-us+m3",
        155,
        {
            "seed": 24,
            "skin": "#e2b18c",
            "hair": "#b9b2aa",
            "style": "short",
            "clothes": "#2f4a63",
            "wall": "#8ea3a0",
            "room": "window",
            "glasses": True,
        },
    ),
    "mission": Participant(
        "ru+f4",
        145,
        {
            "seed": 37,
            "skin": "#c98f66",
            "hair": "#4a2e22",
            "style": "scarf",
            "clothes": "#2f6a66",
            "wall": "#b3a596",
            "room": "plant",
            "glasses": False,
        },
        STATEMENT,
    ),
    "ngo": Participant(
        "ru+m4",
        150,
        {
            "seed": 52,
            "skin": "#5f3d2b",
            "hair": "#1c1614",
            "style": "bald",
            "clothes": "#7a5a2a",
            "wall": "#9aa0b0",
            "room": "window",
            "glasses": False,
        },
    ),
    "booth-french-1": Participant("fr-fr+f3"),
    "booth-french-2": Participant("fr-fr+m2", 140),
    "booth-english-1": Participant("en-us+f1", 145),
    "booth-english-2": Participant("en-gb+m7", 140),
}
"""The participants by the names of their windows. All others only listen."""
