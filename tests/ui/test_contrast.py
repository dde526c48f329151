"""The colours of tokens.css: text at 4.5:1 or more, edges of controls at 3:1 or more."""

import re
from pathlib import Path

import pytest

from hemicycle.ui import icons

TOKENS = Path(icons.__file__).parent / "static/css/tokens.css"
GROUNDS = ("paper", "surface", "sunk")
INKS = ("ink", "ink-soft", "brand", "brand-strong", "ok", "warn", "bad", "quiet")
TINTED = ("ok", "warn", "bad", "quiet", "brand")


def palette(selector: str) -> dict[str, str]:
    block = TOKENS.read_text().split(f"\n  {selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("selector", [":root", '[data-theme="room"]'])
def test_every_pair_can_be_read(selector: str) -> None:
    colours = palette(selector)
    text = [(ink, ground) for ink in INKS for ground in GROUNDS]
    text += [(tone, f"{tone}-tint") for tone in TINTED]
    text += [("on-brand", "brand"), ("on-brand", "brand-strong"), ("brand-strong", "brand-tint")]
    edges = [(edge, ground) for edge in ("edge", "focus") for ground in GROUNDS]
    if selector == ":root":
        text += [("on-screen", "screen"), ("on-highlight", "highlight")]  # alike in both themes
    weak = {
        f"{one} on {other}": round(contrast(colours[one], colours[other]), 2)
        for pairs, least in ((text, 4.5), (edges, 3.0))
        for one, other in pairs
        if contrast(colours[one], colours[other]) < least
    }
    assert weak == {}
