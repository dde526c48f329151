"""Archives: the seal covers the manifest, the manifest every file, the record its entries."""

import json
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from hemicycle.record import seals
from hemicycle.record.chain import canonical
from hemicycle.record.log import carried
from hemicycle.record.log.carried import NOBODY, Judges, RecordRoots
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.entries import verify_lines
from hemicycle.record.verify.report import (
    Broken,
    Failed,
    Report,
    Row,
    Unreadable,
    is_trusted,
    judged,
    sealed,
    text_of,
)

ARCHIVE = "hemicycle-archive-1"
ENTRIES = "record.jsonl"
NOTES = "notes.jsonl"
SEAL = "seal.json"
MANIFEST = "manifest.json"
MOST_UNPACKED = 4 * 1024**3
MOST_FILES = 100_000
"""The most bytes and files of a zip that is unpacked; a folder may have any size."""
LARGEST_TEXT = 64 * 1024**2
"""The most bytes of a line or a document that are read, as in `verify.html`."""
LEFT_BY_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that file managers create in a folder; they are reported, not refused."""


def verify_export(folder: Path, key: str = "", judges: Judges = NOBODY) -> Report:
    """Verify an archive: its seal, record, files, signer, and the checkpoints in it.

    Every file is compared with the manifest. Raises `Unreadable` for a folder that is no archive.
    """
    if not any((folder / name).is_file() for name in (ENTRIES, SEAL, MANIFEST)):
        said = _("%(name)s is not an exported hearing: it has no %(file)s.")
        raise Unreadable(said % {"name": folder.name, "file": ENTRIES})
    _require_readable(folder)
    lines: dict[str, list[str]] = {}
    try:
        seal = _seal_of(folder)
    except Failed as failure:
        return Report(0, 0, 0, failure.broken)
    head = asdict(seal.end)
    roots = RecordRoots(_checkpoint_sizes(folder))
    own = {seal.end.hearing: roots}
    report = verify_lines(rows_of(folder / ENTRIES), [head], rows_of(folder / NOTES), lines, own)
    report = replace(report, seal=seal, ignored=tuple(sorted(_left_by_desktops(folder))))
    if not report.holds:
        return report
    if lines.keys() - {seal.end.hearing}:
        alien = Broken.file(ENTRIES, _("it has entries of another hearing"))
        return replace(report, broken=alien)
    try:
        _check_files(folder, seal.manifest)
        line = lines.get(seal.end.hearing, [])
        report = replace(report, is_trusted=is_trusted(seal, line, key))
        found = judged(
            _("file %(name)s") % {"name": carried.NAME},
            lambda: carried.read(_checkpoints_of(folder)),
            roots,
            line or [seal.signer],
            judges,
        )
        return replace(report, checkpoints=found)
    except Failed as failure:
        return replace(report, broken=failure.broken, is_trusted=False)


def _require_readable(folder: Path) -> None:
    """Raise `Unreadable` for a document that is too large for memory."""
    for name in (SEAL, MANIFEST, carried.NAME):
        if (folder / name).is_file() and (folder / name).stat().st_size > LARGEST_TEXT:
            said = _("The file %(name)s is larger than can be read here.")
            raise Unreadable(said % {"name": name})


def _checkpoints_of(folder: Path) -> list[Any]:
    """Return the checkpoints in the archive, empty if it has no such file; raise `InvalidProof`."""
    path = folder / carried.NAME
    return carried.documents_of(text_of(path)) if path.is_file() else []


def _checkpoint_sizes(folder: Path) -> set[int]:
    """Return the sizes at which roots are needed; errors in the file are reported later."""
    try:
        return carried.sizes_in(_checkpoints_of(folder))
    except InvalidProof:
        return set()


def _seal_of(folder: Path) -> seals.Seal:
    for name in (SEAL, MANIFEST, ENTRIES):
        if not (folder / name).is_file():
            raise Failed(Broken.file(name, _("it is missing")))
    return sealed(
        _("file %(name)s") % {"name": SEAL}, seals.check_archive_seal, text_of(folder / SEAL)
    )


def verify_zip(path: Path, key: str = "", judges: Judges = NOBODY) -> Report:
    """Verify a zipped archive.

    Raises `Unreadable` for a zip that cannot be unpacked, or would be too large.
    """
    try:
        with opened(path) as folder:
            return verify_export(folder, key, judges)
    except Failed as failure:
        return Report(0, 0, 0, failure.broken)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Yield the folder of an archive; a zip is unpacked inside the block.

    Raises `Failed` for a zip that holds something beside the archive or a name twice, and
    `Unreadable` as `verify_zip` does.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="hemicycle-verify-") as folder:
        yield Path(folder) / _unpack(path, folder)


def _unpack(path: Path, folder: str) -> str:
    """Unpack a zip; return the folder in it that holds the archive."""
    try:
        with zipfile.ZipFile(path) as packed:
            top = _top(packed)
            _require_room(path.name, packed, folder)
            packed.extractall(folder)
            return top
    except Unreadable:
        raise
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        EOFError,
        zlib.error,
        lzma.LZMAError,
        RuntimeError,
    ) as error:
        said = _("%(name)s cannot be unpacked (%(error)s).")
        raise Unreadable(said % {"name": path.name, "error": error}) from error


def _top(packed: zipfile.ZipFile) -> str:
    """Return the folder of the zip that holds the archive; anything beside it was added later."""
    names = [info.filename for info in packed.infolist() if not info.is_dir()]
    first_levels = (name.split("/") for name in names if name.count("/") == 1)
    top = next((top for top, name in first_levels if name in {SEAL, MANIFEST, ENTRIES}), "")
    seen = set()
    for name in names:
        if name in seen:
            raise Failed(Broken.file(name, _("it is in the zip twice")))
        if "\\" in name or {"", ".", ".."} & set(name.split("/")):
            raise Failed(Broken.file(name, _("its name points outside the archive")))
        if top and not name.startswith(f"{top}/"):
            raise Failed(Broken.file(name, _("it has been added")))
        seen.add(name)
    return top


def _require_room(name: str, packed: zipfile.ZipFile, folder: str) -> None:
    """Raise `Unreadable` for a zip that would fill the disk (a zip bomb).

    No file is unpacked beyond the size that its entry in the zip states.
    """
    members = packed.infolist()
    size = sum(member.file_size for member in members)
    room = min(MOST_UNPACKED, shutil.disk_usage(folder).free)
    if size > room or len(members) > MOST_FILES:
        said = _(
            "%(name)s would unpack to %(size)s bytes in %(files)s files, and at most %(most_size)s "
            "bytes in %(most_files)s files are unpacked here. Unpack it yourself, and give the "
            "folder."
        )
        told = {"size": f"{size:,}", "files": f"{len(members):,}"}
        most = {"most_size": f"{room:,}", "most_files": f"{MOST_FILES:,}"}
        raise Unreadable(said % {"name": name, **told, **most})


def rows_of(path: Path) -> Iterator[Row]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        whole_lines = iter(lambda: file.readline(LARGEST_TEXT), "")
        for number, line in enumerate(whole_lines, start=1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                where = _("%(name)s, line %(number)s") % {"name": path.name, "number": number}
                raise Failed(Broken(where, _("it cannot be read"), number))
            yield row


def _check_files(folder: Path, expected: str) -> None:
    """Raise `Failed` for the first file that differs from the manifest or is not in it.

    `expected` is the manifest's SHA-256, from the seal.
    """
    content = (folder / MANIFEST).read_bytes()
    if sha256(content).hexdigest() != expected:
        raise Failed(Broken.file(MANIFEST, _("it has been changed")))
    listed = _listed(content)
    present = _names(folder)
    added = sorted(present - listed.keys() - {MANIFEST, SEAL})
    for name, digest in listed.items():
        path = folder / name
        if _leads_out(folder, path):
            raise Failed(Broken.file(name, _("it is a link, not a file")))
        if name not in present:
            raise Failed(Broken.file(name, _missing(folder, added, digest)))
        if _digest(path) != digest:
            raise Failed(Broken.file(name, _("it has been changed")))
    for name in added:
        raise Failed(Broken.file(name, _("it has been added")))


def _leads_out(folder: Path, path: Path) -> bool:
    """Return whether a file of the manifest is a link, or lies outside the folder."""
    try:
        return path.is_symlink() or not path.resolve().is_relative_to(folder.resolve())
    except (ValueError, OSError):  # a name that no file can have
        return False


def _listed(manifest: bytes) -> dict[str, str]:
    """Return the digests of all files by name; raise `Failed` unless it is in canonical form."""
    try:
        document = json.loads(manifest)
        listed: dict[str, str] = document["files"]
        is_known = document["format"] == ARCHIVE and canonical(document) == manifest
        all_text = all(isinstance(digest, str) for digest in listed.values())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        is_known = all_text = False
    if not (is_known and all_text):
        raise Failed(Broken.file(MANIFEST, _("it is not the manifest of an archive")))
    return listed


def _missing(folder: Path, added: Iterable[str], digest: str) -> str:
    for name in added:
        if not (folder / name).is_symlink() and _digest(folder / name) == digest:
            return _("it has been renamed to %(to)s") % {"to": name}
    return _("it is missing")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _names(folder: Path) -> set[str]:
    return _present(folder) - _left_by_desktops(folder)


def _left_by_desktops(folder: Path) -> set[str]:
    return {name for name in _present(folder) if name.rpartition("/")[2] in LEFT_BY_DESKTOPS}


def _present(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
