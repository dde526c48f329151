"""`hemicycle backup`, `verify-backup` and `restore`.

Exit status: 0 done; 1 not done, or the backup has a fault; 2 wrong options.
"""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hemicycle import settings_sources as sources
from hemicycle.site.backup import envelope
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.manifest import Manifest
from hemicycle.site.processes.start_errors import CannotStart


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command did: a line for people, and facts for programs."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


# ── backup ────────────────────────────────────────────────────────────────────────────────────
def backup(arguments: list[str]) -> int:
    """Back up the site; returns the exit status."""
    parser = _parser(
        "backup",
        "Back up the whole site into one file, while it runs: database, keys, uploads, mail, the "
        "security log, and the recordings.",
        "Make a pair of keys once, with --make-key, and keep the secret one where the backups are "
        "not. Then back up with: hemicycle backup --to FOLDER --key FILE.pub",
    )
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where the backup is written")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=("recordings",),
        help="what to leave out; recordings are most of the size",
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
    return _carried_out(options, lambda: _backup(options))


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


def _backup(options: argparse.Namespace) -> CommandResult:
    from hemicycle.site.backup import contents, writing
    from hemicycle.site.processes import start_checks

    start_checks.check_folder()
    seal = Encryption()
    if options.key:
        seal = Encryption(recipients=envelope.recipients_in(options.key))
    elif options.passphrase:
        seal = Encryption(passphrase=envelope.passphrase_in(options.passphrase))
    made = writing.make(
        contents.own_folders(),
        options.to.absolute(),
        seal,
        with_recordings="recordings" not in options.without,
    )
    _note_backup()
    return CommandResult(
        f"Backed up {_told(made.manifest)} into {made.file} ({_size(made.size)}).{_elsewhere()}",
        {"file": str(made.file), "size": made.size, **_facts(made.manifest)},
    )


def _note_backup() -> None:
    """Note the time, for those who watch the site. The backup is good without it."""
    from django.db import DatabaseError

    from hemicycle.site.operating import signs_of_life
    from hemicycle.site.operating.models import SignOfLife

    with suppress(DatabaseError):
        signs_of_life.give(SignOfLife.Name.BACKUP)


def _elsewhere() -> str:
    """What to know about a key that is kept in another place."""
    from django.conf import settings

    place: str = settings.RECORD_KEY
    if not place:
        return ""
    return f" The record's key is kept at {place.partition('?')[0]} and is not in it."


# ── verify-backup ─────────────────────────────────────────────────────────────────────────────
def verify_backup(arguments: list[str]) -> int:
    """Verify a backup; returns the exit status."""
    parser = _parser(
        "verify-backup",
        "Check a backup without restoring it: every file, the database and the record.",
    )
    _add_keys(parser)
    options = parser.parse_args(arguments)
    return _carried_out(options, lambda: _verify(options))


def _verify(options: argparse.Namespace) -> CommandResult:
    from hemicycle.site.backup import reading

    found = reading.verify(options.file, _keys(options))
    return CommandResult(
        f"The backup is whole: {_told(found.manifest)}; the record's {found.record.entries} "
        "entries hold.",
        {**_facts(found.manifest), "entries": found.record.entries},
    )


# ── restore ───────────────────────────────────────────────────────────────────────────────────
def restore(arguments: list[str]) -> int:
    """Restore a backup; returns the exit status."""
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
        options.file,
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
    if done.aside:
        sentence += f" What was there before is in {done.aside}."
    facts = {
        "folder": str(done.folder),
        "aside": str(done.aside) if done.aside else None,
        "erased_again": done.erased,
        "erasures_unfinished": done.unfinished,
    }
    return CommandResult(sentence, facts | _facts(done.manifest))


# ── What they share ───────────────────────────────────────────────────────────────────────────
def _parser(name: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"hemicycle {name}", description=description, epilog=epilog
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--identity", type=Path, metavar="FILE", help="the secret key that opens the backup"
    )
    how.add_argument(
        "--passphrase", type=Path, metavar="FILE", help="the file with the backup's passphrase"
    )


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
