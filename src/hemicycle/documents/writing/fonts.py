"""The fonts of papers, which are part of Hemicycle.

Noto Serif is used for Latin, Greek and Cyrillic, Amiri for Arabic, and Noto Serif SC for Chinese;
bold Chinese is set in the upright Noto Sans SC, as Chinese printers do. Fonts of the machine are
not used: a paper looks the same on every machine.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

TEXT_FAMILIES = ("Noto Serif", "Amiri", "Noto Serif SC")
STRONG_FAMILIES = ("Noto Serif", "Amiri", "Noto Sans SC")

_FOLDER = Path(__file__).parents[2] / "fonts"
_TEXT_FOLDERS = ("noto-serif", "amiri", "noto-serif-sc")
_FOLDERS = (*_TEXT_FOLDERS, "noto-sans-sc")


@dataclass(frozen=True, slots=True)
class InstalledFonts:
    """Fonts ready for typst, and the code points they can draw."""

    typst: typst.Fonts
    covered: frozenset[int]


@cache
def installed() -> InstalledFonts:
    """Return the fonts of papers, which are read once in a process.

    Raises `RuntimeError` with a sentence if a font is missing.
    """
    folders = [_FOLDER / name for name in _FOLDERS]
    if not all(folder.is_dir() for folder in folders):
        raise RuntimeError("The fonts of papers are not installed. Run make setup.")
    return InstalledFonts(
        typst=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
        ),
        covered=frozenset(_covered()),
    )


def _covered() -> set[int]:
    """Return the code points of the families of running text, as listed by `tools/frontend.py`."""
    covered: set[int] = set()
    for name in _TEXT_FOLDERS:
        for first, last in json.loads((_FOLDER / name / "covered.json").read_text()):
            covered.update(range(first, last + 1))
    return covered
