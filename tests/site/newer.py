"""A newer version of Hemicycle: these sources, with another version of one kind of entry."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"
VERSION = "99.0"
HOST = "newer.hearing.example"
KIND = '    KIND: ClassVar[str] = "floor.extended"\n'


def make(folder: Path) -> dict[str, str]:
    """Write the newer version to a folder; return the environment in which Python imports it.

    That version writes `floor.extended` in version 2, and has another host name.
    """
    folder.mkdir()
    shutil.copytree(SOURCES / "hemicycle", folder / "hemicycle", copy_function=_link)
    events = folder / "hemicycle/procedure/events.py"
    text = events.read_text()
    assert text.count(KIND) == 1
    _write(events, text.replace(KIND, f"{KIND}    VERSION: ClassVar[int] = 2\n"))
    about = folder / f"hemicycle-{VERSION}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: hemicycle\nVersion: {VERSION}\n")
    (folder / "sitecustomize.py").write_text(
        f"import socket\n\nsocket.gethostname = lambda: {HOST!r}\n"
    )
    return {"PYTHONPATH": str(folder)}


def _link(source: str, to: str) -> None:
    """Link a file, so that its compiled bytecode stays valid; copy it if it cannot be linked."""
    with suppress(OSError):
        os.link(source, to)
        return
    shutil.copy2(source, to)


def _write(file: Path, text: str) -> None:
    file.unlink()  # the linked file in the sources keeps its text
    file.write_text(text)
