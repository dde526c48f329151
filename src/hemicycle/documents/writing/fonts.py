"""The fonts that papers are set in, from packages installed with Hemicycle.

Noto Serif sets Latin, Greek and Cyrillic, Amiri Arabic, Noto Serif SC Chinese; for bold
Chinese the upright Noto Sans SC stands in, as Chinese printers do. Fonts of the machine
are not used: a paper looks the same wherever it is made.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

_PACKAGES = {
    "fontpkg_noto_serif": "files",
    "fontpkg_amiri": "files",
    "pylopdf_fonts_zh_cn": "",
}
TEXT_FAMILIES = ("Noto Serif", "Amiri", "Noto Serif SC")
STRONG_FAMILIES = ("Noto Serif", "Amiri", "Noto Sans SC")
# One file of each family tells what the family covers.
_COVERAGE = ("NotoSerif[wdth,wght].ttf", "Amiri-Regular.ttf", "NotoSerifSC-Regular.otf")


@dataclass(frozen=True, slots=True)
class Installed:
    """Fonts ready for typst, and the code points they can draw."""

    typst: typst.Fonts
    covered: frozenset[int]


@cache
def installed() -> Installed:
    """The fonts found on this machine, read once in a process."""
    folders = _folders()
    return Installed(
        typst=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
        ),
        covered=frozenset(_covered(folders)),
    )


def _folders() -> list[Path]:
    found = []
    for package, folder in _PACKAGES.items():
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise RuntimeError(
                f"The font package {package.replace('_', '-')} is not installed. Run make setup."
            )
        found.append(Path(spec.origin).parent / folder)
    return found


def _covered(folders: list[Path]) -> set[int]:
    covered: set[int] = set()
    for folder, name in zip(folders, _COVERAGE, strict=True):
        with TTFont(folder / name, lazy=True) as font:
            covered.update(font["cmap"].getBestCmap())
    return covered
