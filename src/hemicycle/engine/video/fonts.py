"""The fonts of the program picture, which are part of Hemicycle.

Noto Sans sets Latin, Greek, Cyrillic and Devanagari, as on the pages; Noto Sans Arabic sets Arabic,
and Noto Sans SC Chinese. Characters that none of them has are set in the machine's own fonts.
"""

from functools import cache
from pathlib import Path

import typst

FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans SC")

_FOLDER = Path(__file__).parents[2] / "fonts"
_FOLDERS = ("noto-sans", "noto-sans-arabic", "noto-sans-sc")


@cache
def installed() -> typst.Fonts:
    """Return the fonts found on this machine, read once per process.

    Raises `RuntimeError` with a sentence if a font is missing.
    """
    folders = [_FOLDER / name for name in _FOLDERS]
    if not all(folder.is_dir() for folder in folders):
        raise RuntimeError("The fonts of the picture are not installed. Run make setup.")
    return typst.Fonts(font_paths=folders, include_embedded_fonts=False)
