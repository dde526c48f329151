"""What the engine hides of a protected speaker: the picture, and the voice itself.

`web` signs a person's choices into each pass and sends them with the configuration. If the two
differ, or one of them is missing, the stricter applies. Pure values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

type Camera = Literal["live", "card", "off"]
"""live: as is. card: a card with the public name in its place. off: a card when they speak,
and nothing beside others.
"""

type Voice = Literal["live", "changed"]
"""live: as is. changed: resynthesized in another voice before anything hears it
(`engine.masking`).
"""

CAMERAS: Final[tuple[Camera, ...]] = ("live", "card", "off")
"""From the loosest to the strictest."""

VOICES: Final[tuple[Voice, ...]] = ("live", "changed")
"""From the loosest to the strictest."""


@dataclass(frozen=True, slots=True)
class Protection:
    """How much of a person may be seen and heard; the default hides nothing."""

    camera: Camera = "live"
    voice: Voice = "live"

    @property
    def shows(self) -> bool:
        """Whether the person's picture may be decoded at all."""
        return self.camera == "live"

    @property
    def masks(self) -> bool:
        """Whether the voice must be changed."""
        return self.voice == "changed"

    def with_stricter(self, other: "Protection") -> "Protection":
        """Return the stricter of both, for picture and voice each."""
        return Protection(
            max(self.camera, other.camera, key=CAMERAS.index),
            max(self.voice, other.voice, key=VOICES.index),
        )

    def is_looser_than(self, other: "Protection") -> bool:
        """Whether this shows more of the person than `other` in any part."""
        return self.with_stricter(other) != self


OPEN: Final = Protection()
"""Nothing is hidden."""

STRICTEST: Final = Protection("off", "changed")
"""What applies while a person's choice is not known."""


def read(data: Any) -> Protection:
    """Read choices from a pass or the configuration; the strictest for unknown values."""
    if not isinstance(data, Mapping):
        return STRICTEST
    camera, voice = data.get("camera"), data.get("voice")
    return Protection(
        camera if camera in CAMERAS else STRICTEST.camera,
        voice if voice in VOICES else STRICTEST.voice,
    )
