"""Names, cards and the clock's face, typeset by typst in a thread and cached.

The composer never waits: `get` returns the drawing, or None while it is being made.
"""

import json
import logging
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

from hemicycle.engine.video import fonts
from hemicycle.engine.video.geometry import Rect, Size, even
from hemicycle.engine.video.layouts import BLANK, NOBODY, ClockFacePhase, HoldingCard, Plate
from hemicycle.engine.video.sprites import Sprite, sprite

logger = logging.getLogger(__name__)

GLYPHS = "0123456789:+"
LONGEST_TEXT = 160
KEPT_BYTES = 96 * 2**20
"""Memory for drawings that may be needed again; a whole card of 1280x720 takes 5.5 MB."""

_TEMPLATE = Path(__file__).with_name("artwork.typ").read_bytes()

type ArtKind = Literal["plate", "caption", "avatar", "card", "clock", "digits", "mark", "frame"]


@dataclass(frozen=True, slots=True)
class Art:
    """A drawing to make for an area of pixels; `program` is the height of the program picture."""

    kind: ArtKind
    area: Size
    program: int
    plate: Plate = NOBODY
    named: bool = False
    card: HoldingCard = BLANK
    phase: ClockFacePhase = "ready"
    word: str = ""

    @property
    def solid(self) -> bool:
        """Whether the drawing fills its area to the edges."""
        return self.kind in {"avatar", "card", "digits"}


def cell(program: int) -> Size:
    """Return the size of one figure of the clock."""
    return Size(even(program / 19), even(program / 12))


def word_height(program: int) -> int:
    """Return the height of the clock's foot, which shows its state as a word."""
    return even(program / 18)


def digits(phase: ClockFacePhase, program: int) -> Art:
    """Return the figures of a clock, side by side in the order of `GLYPHS`."""
    one = cell(program)
    return Art("digits", Size(one.width * len(GLYPHS), one.height), program, phase=phase)


def clock(phase: ClockFacePhase, word: str, place: Rect, program: int) -> Art:
    """Return the background of a clock with its state, at the bottom of its place."""
    height = min(place.height, cell(program).height + word_height(program) + even(program / 50))
    return Art("clock", Size(place.width, height), program, phase=phase, word=word)


def initials(name: str) -> str:
    """Return one or two letters that represent a name; "" for none.

    Two for several words in a script with capitals; otherwise only the first letter, since letters
    of other scripts join or are whole words.
    """
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return ""
    first = unicodedata.normalize("NFC", words[0])[0].upper()
    last = unicodedata.normalize("NFC", words[-1])[0].upper()
    cased = first.lower() != first and last.lower() != last
    return first + last if cased and len(words) > 1 else first


def is_right_to_left(text: str) -> bool:
    """Whether the first strong character of a text runs from right to left (Unicode UAX 9, P2)."""
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def draw(art: Art) -> Sprite:
    """Make a drawing. It takes some milliseconds.

    Raises `typst.TypstError` for text that cannot be set.
    """
    png = typst.compile(
        _TEMPLATE,
        format="png",
        ppi=72,
        font_paths=fonts.installed(),
        sys_inputs={"art": json.dumps(_data(art), ensure_ascii=False)},
    )
    assert isinstance(png, bytes)
    return sprite(png, whole=art.solid)


def _data(art: Art) -> dict[str, Any]:
    return {
        "kind": art.kind,
        "width": art.area.width,
        "height": art.area.height,
        "unit": art.program / 720,
        "fonts": fonts.FAMILIES,
        "name": _said(art.plate.name),
        "line": _said(art.plate.line),
        "initials": _said(initials(art.plate.name)),
        "lift": 0.0 if art.area.height < art.program / 2 else 0.08,
        "named": art.named,
        "title": _said(art.card.title),
        "lines": [_said(line) for line in art.card.lines],
        "phase": art.phase,
        "word": _said(art.word),
        "below": word_height(art.program),
        "cell": cell(art.program).width,
        "glyphs": list(GLYPHS),
    }


def _said(text: str) -> dict[str, Any]:
    shown = " ".join(text.split())
    if len(shown) > LONGEST_TEXT:
        shown = shown[: LONGEST_TEXT - 1].rstrip() + "…"
    return {"text": shown, "rtl": is_right_to_left(shown)}


class ArtworkCache:
    """Makes drawings in a thread, and keeps the most recently used."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Art, Sprite] = OrderedDict()
        self._asked: set[Art] = set()
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="artwork")

    def prepare(self, arts: Iterable[Art]) -> None:
        """Make drawings before they are needed."""
        for art in arts:
            self.get(art)

    def get(self, art: Art) -> Sprite | None:
        """Return a drawing; None while it is being made. Never waits for it."""
        with self._lock:
            kept = self._kept.get(art)
            if kept is not None:
                self._kept.move_to_end(art)
            elif art not in self._asked:
                self._asked.add(art)
                self._worker.submit(self._make, art)
            return kept

    def _make(self, art: Art) -> None:
        try:
            made = draw(art)
        except Exception:
            # The picture continues without this drawing; the log says why.
            logger.exception("A %s for the program picture could not be drawn", art.kind)
            made = Sprite.empty()
        with self._lock:
            self._kept[art] = made
            self._asked.discard(art)
            while len(self._kept) > 1 and sum(s.nbytes for s in self._kept.values()) > KEPT_BYTES:
                self._kept.popitem(last=False)

    def close(self) -> None:
        """Stop the thread; wait for the drawing that is being made."""
        self._worker.shutdown(cancel_futures=True)
