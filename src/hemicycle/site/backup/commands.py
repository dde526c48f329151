"""`hemicycle backup`, `verify-backup` and `restore`.

Exit status: 0 done; 1 failed, or the backup has a fault; 2 wrong options.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hemicycle import object_store
from hemicycle import settings_sources as sources
from hemicycle.site.backup import contents, envelope, stores
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.manifest import Manifest
from hemicycle.site.backup.stores import BackupFile
from hemicycle.site.processes.start_errors import CannotStart

if TYPE_CHECKING:
    from hemicycle.site.backup.following import StreamFolder
    from hemicycle.site.backup.reading import Source


NICENESS = 10
"""The nice value of a backup: a meeting under way has priority on the processor."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command: a sentence for people, and facts for programs."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


# ── backup ────────────────────────────────────────────────────────────────────────────────────
def backup(arguments: list[str]) -> int:
    """Back up the site; return the exit status."""
    parser = _parser(
        "backup",
        "Back up the whole site into one file, while it runs: database, keys, uploads, mail, the "
        "security log, and the recordings.",
        "Make a pair of keys once, with --make-key, and keep the secret one where the backups are "
        "not. Then back up with: hemicycle backup --to FOLDER --key FILE.pub",
    )
    parser.add_argument(
        "--to",
        metavar="FOLDER",
        help="where the backup is written: a folder, or s3://bucket/prefix",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=("recordings",),
        help="what to leave out; recordings are most of the size",
    )
    parser.add_argument(
        "--continuous",
        action="store_true",
        help="run until it is stopped, and copy every second what has changed",
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="encrypt to the public keys in this file, one a line: age1… or ssh-ed25519 …",
    )
    how.add_argument(
        "--passphrase", type=Path, metavar="FILE", help="encrypt with the passphrase in this file"
    )
    how.add_argument(
        "--unencrypted",
        action="store_true",
        help="do not encrypt: who has the file has all names, addresses and keys",
    )
    how.add_argument(
        "--make-key",
        type=Path,
        metavar="FILE",
        help="make no backup, but a pair of keys: the secret one in FILE, the public in FILE.pub",
    )
    options = parser.parse_args(arguments)
    if options.make_key:
        return _carried_out(options, lambda: _make_key(options.make_key))
    if options.to is None:
        parser.error("--to is missing: the folder that the backup is written into")
    if options.continuous and options.without:
        parser.error("--continuous copies the recordings too: leave out --without")
    with nullcontext() if options.continuous else _stepping_back():
        return _carried_out(options, lambda: _noted(options))


@contextmanager
def _stepping_back() -> Iterator[None]:
    """Lower the priority of this process within the block."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(usual, NICENESS))
    try:
        yield
    finally:
        with suppress(PermissionError):  # only root may raise the priority again
            os.setpriority(os.PRIO_PROCESS, 0, usual)


def _make_key(file: Path) -> CommandResult:
    beside = file.with_name(f"{file.name}.pub")
    if taken := [path for path in (file, beside) if path.exists()]:
        raise BackupFault(f"{taken[0]} exists already; it was not changed.")
    try:
        public = envelope.make_key(file)
        beside.write_text(f"{public}\n", "ascii")
    except OSError as error:
        raise BackupFault(f"{error.filename} cannot be written: {error.strerror}.") from error
    sentence = (
        f"Made {file} and {beside}. Move {file} to a safe place away from this machine: without "
        "it no backup can be opened."
    )
    return CommandResult(
        sentence, {"secret": str(file), "public": str(beside), "recipient": public}
    )


def _noted(options: argparse.Namespace) -> CommandResult:
    """Back up, and note a failure for `hemicycle doctor`."""
    from hemicycle.site.backup import status
    from hemicycle.site.processes import start_checks

    start_checks.check_folder()
    data = contents.own_folders().data
    kind = status.STREAM if options.continuous else status.BACKUP
    try:
        return _stream(options) if options.continuous else _backup(options)
    except BackupFault as fault:
        with suppress(OSError):  # the disk may be full
            status.note(data, kind, options.to, done_at=None, fault=str(fault))
        raise


def _backup(options: argparse.Namespace) -> CommandResult:
    from hemicycle.site.backup import status, writing

    folders = contents.own_folders()
    made = writing.make(
        folders, options.to, _seal(options), with_recordings="recordings" not in options.without
    )
    done_at = datetime.fromisoformat(made.manifest.at)
    status.note(folders.data, status.BACKUP, options.to, done_at=done_at)
    return CommandResult(
        f"Backed up {_told(made.manifest)} into {made.file} ({_size(made.size)}).{_elsewhere()}",
        {"file": str(made.file), "size": made.size, **_facts(made.manifest)},
    )


def _seal(options: argparse.Namespace) -> Encryption:
    if options.key:
        return Encryption(recipients=envelope.recipients_in(options.key))
    if options.passphrase:
        return Encryption(passphrase=envelope.passphrase_in(options.passphrase))
    return Encryption()


def _stream(options: argparse.Namespace) -> CommandResult:
    """Copy changes continuously until SIGTERM or SIGINT."""
    from hemicycle.site.backup import drafts, status, stream
    from hemicycle.site.backup.faults import of_disk

    folders, seal, store = contents.own_folders(), _seal(options), stores.at(options.to)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    last = stream.Progress(options.to, datetime.now(UTC))

    def tell(now: stream.Progress) -> None:
        nonlocal last
        if (now.to, now.fault) != (last.to, last.fault):
            print(now.fault or f"Copying to {now.to}", file=sys.stderr, flush=True)
        last = now
        with suppress(OSError):
            done_at = None if now.fault else now.at
            status.note(folders.data, status.STREAM, now.to, done_at=done_at, fault=now.fault)

    try:
        store.prepare()
        with drafts.scratch(folders.data) as scratch:
            stream.run(folders, store, seal, scratch, stops=ended.wait, tell=tell)
    except OSError as error:
        raise of_disk(error, Path(options.to), "The copy is not up to date.") from error
    return CommandResult(
        f"Copied everything to {last.to} until {last.at:%Y-%m-%d %H:%M:%S} UTC.{_elsewhere()}",
        {"stream": last.to, "at": last.at.isoformat(timespec="milliseconds")},
    )


def _elsewhere() -> str:
    """Return sentences about a key and files that are kept elsewhere and are not in the backup."""
    from django.conf import settings

    told = ""
    if place := settings.RECORD_KEY:
        told += f" The record's key is kept at {place.partition('?')[0]} and is not in it."
    if settings.FILES.startswith(object_store.SCHEME):
        told += (
            f" The files are kept at {settings.FILES} and are not in it: let the store keep "
            "versions of them, or copy that bucket too."
        )
    return told


# ── verify-backup ─────────────────────────────────────────────────────────────────────────────
def verify_backup(arguments: list[str]) -> int:
    """Verify a backup; return the exit status."""
    parser = _parser(
        "verify-backup",
        "Check a backup without restoring it: every file, the database and the record.",
    )
    _add_keys(parser)
    options = parser.parse_args(arguments)
    return _carried_out(options, lambda: _verified(options))


def _verified(options: argparse.Namespace) -> CommandResult:
    """Verify, and note the result for `hemicycle doctor` if this machine has a site."""
    from hemicycle.site.backup import status

    data = Path(sources.given().get(sources.DATA_DIR) or "var").absolute()
    is_site = (data / "keys").is_dir()
    try:
        result = _verify(options)
    except BackupFault as fault:
        if is_site:
            with suppress(OSError):
                status.note(data, status.CHECK, options.file, done_at=None, fault=str(fault))
        raise
    if is_site:
        with suppress(OSError):
            status.note(data, status.CHECK, options.file, done_at=datetime.now(UTC))
    return result


def _verify(options: argparse.Namespace) -> CommandResult:
    from hemicycle.site.backup import following, reading

    file, keys = _found(options.file, options.until), _keys(options)
    if isinstance(file, following.StreamFolder):
        with tempfile.TemporaryDirectory(prefix="hemicycle-verify-") as folder:
            found = following.verify(file, keys, Path(folder))
    else:
        found = reading.verify(file, keys)
    entries = found.record.entries if found.record else None
    sentence = f"The backup is whole: {_told(found.manifest)}"
    if entries is None:
        return CommandResult(
            f"{sentence}. Its database is in PostgreSQL's own backup.", _facts(found.manifest)
        )
    return CommandResult(
        f"{sentence}; the record's {entries} entries hold.",
        {**_facts(found.manifest), "entries": entries},
    )


# ── restore ───────────────────────────────────────────────────────────────────────────────────
def restore(arguments: list[str]) -> int:
    """Restore a backup; return the exit status."""
    parser = _parser(
        "restore",
        "Put a backup back into a folder, and erase again the people who were erased since. Stop "
        "the site first.",
    )
    _add_keys(parser)
    parser.add_argument(
        "--into", type=Path, required=True, metavar="FOLDER", help="the data folder to fill"
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="where the folder has content: move that into a folder inside it first",
    )
    parser.add_argument(
        "--erased",
        type=Path,
        metavar="FILE",
        help="the newest erased.jsonl that there is, if the folder does not have it",
    )
    options = parser.parse_args(arguments)
    return _carried_out(options, lambda: _restore(options))


def _restore(options: argparse.Namespace) -> CommandResult:
    from hemicycle.site.backup import restoring

    if options.erased and not options.erased.is_file():
        raise BackupFault(f"There is no list of erased people at {options.erased}.")
    done = restoring.restore(
        _found(options.file, options.until),
        options.into,
        _keys(options),
        replace=options.replace,
        erased=options.erased,
    )
    sentence = f"Restored {_told(done.manifest)} into {done.folder}."
    if done.erased:
        sentence += f" {done.erased} erased since then were erased again."
    if done.unfinished:
        sentence += f" Of {done.unfinished} erased since then, some data is left: see the log."
    named = sources.given().get("HEMICYCLE_MEDIA_SEGMENTS")
    recordings = done.folder / restoring.SEGMENTS
    if named and recordings.is_dir() and Path(named).absolute() != recordings:
        sentence += f" Move the recordings from {recordings} to {named}, which your settings name."
    delete_by = contents.delete_by(done.aside.name) if done.aside else None
    if done.aside and delete_by:
        sentence += (
            f" What was there before is in {done.aside}. It has personal data, which no erasure "
            f"reaches: delete it by {delete_by:%Y-%m-%d}."
        )
    facts = {
        "folder": str(done.folder),
        "aside": str(done.aside) if done.aside else None,
        "delete_aside_by": delete_by.isoformat() if delete_by else None,
        "erased_again": done.erased,
        "erasures_unfinished": done.unfinished,
    }
    return CommandResult(sentence, facts | _facts(done.manifest))


# ── Shared ────────────────────────────────────────────────────────────────────────────────────
def _parser(name: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"hemicycle {name}", description=description, epilog=epilog
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="the backup or stream; of a folder or s3://bucket/prefix, the newest one in it",
    )
    parser.add_argument(
        "--until",
        type=_moment,
        metavar="TIME",
        help="of a stream: up to which moment it is read, such as 2026-11-28T10:15:00Z",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--identity", type=Path, metavar="FILE", help="the secret key that opens the backup"
    )
    how.add_argument(
        "--passphrase", type=Path, metavar="FILE", help="the file with the backup's passphrase"
    )


def _found(place: str, until: datetime | None) -> "Source | StreamFolder":
    """Return the backup or stream at a path or an address, or the newest one there."""
    from hemicycle.site.backup import following, stream

    place = place.rstrip("/")
    is_remote = place.startswith(object_store.SCHEME)
    folder, _, name = place.rpartition("/")
    if name.startswith(stream.PREFIX):
        return following.StreamFolder(stores.at(folder or "."), name, until)
    if is_remote and name.endswith(contents.SUFFIX):
        return BackupFile(stores.at(folder), name)
    if not is_remote and not Path(place).is_dir():
        return Path(place)
    store = stores.at(place)
    backups = [name for name in store.names("hemicycle-") if name.endswith(contents.SUFFIX)]
    streams = stream.streams(store)
    if backups and streams:
        raise BackupFault(
            f"{store} has backups and streams. Name one of them, such as {store}/{backups[-1]} or "
            f"{store}/{streams[-1]}."
        )
    if streams:
        return following.StreamFolder(store, streams[-1], until)
    if not backups:
        raise BackupFault(f"There is no backup at {store}.")
    return BackupFile(store, backups[-1])


def _moment(raw: str) -> datetime:
    found = datetime.fromisoformat(raw)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _keys(options: argparse.Namespace) -> Keys:
    if options.identity:
        return Keys(identities=envelope.identities_in(options.identity))
    if options.passphrase:
        return Keys(passphrase=envelope.passphrase_in(options.passphrase))
    return Keys()


def _carried_out(options: argparse.Namespace, act: Callable[[], CommandResult]) -> int:
    try:
        done = act()
    except (BackupFault, CannotStart) as fault:
        if options.json:
            print(json.dumps({"ok": False, "fault": str(fault)}, ensure_ascii=False))
        else:
            print(f"hemicycle: {fault}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"ok": True, **done.facts}, ensure_ascii=False, indent=2))
    else:
        print(done.sentence)
    return 0


def _told(found: Manifest) -> str:
    without = "" if found.has_recordings else " without recordings"
    at = found.at.replace("T", " ").replace("+00:00", " UTC")
    return f"{len(found.files)} files of {at}{without} ({_size(found.size)})"


def _facts(found: Manifest) -> dict[str, Any]:
    return {
        "at": found.at,
        "version": found.version,
        "database": found.database,
        "recordings": found.has_recordings,
        "files": len(found.files),
        "bytes": found.size,
        "heads": {hearing: seq for hearing, (seq, _) in found.heads.items()},
    }


def _size(size: int) -> str:
    for unit, name in ((2**30, "GB"), (2**20, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 2**10:.0f} KB"
