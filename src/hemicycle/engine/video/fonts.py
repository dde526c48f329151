"""The fonts of the program picture, from packages installed with Hemicycle.

Noto Sans sets Latin, Greek, Cyrillic and Devanagari, as on the pages; Noto Sans Arabic Arabic, and
Noto Sans SC Chinese. What none of them has is looked for among the machine's own fonts.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst

FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans SC")

_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "pylopdf_fonts_zh_cn")


@cache
def installed() -> typst.Fonts:
    """The fonts found on this machine, read once in a process.

    Raises `RuntimeError` with a sentence where a font package is missing.
    """
    folders = [_folder(package) for package in _PACKAGES]
    return typst.Fonts(font_paths=folders, include_embedded_fonts=False)


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        name = package.replace("_", "-")
        raise RuntimeError(f"The font package {name} is not installed. Run make setup.")
    return Path(spec.origin).parent
