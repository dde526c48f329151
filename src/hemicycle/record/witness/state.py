"""What a witness remembers: its key, and the newest checkpoint that it cosigned of each log.

A witness is only as good as its memory: if it forgot a checkpoint, it could be shown another
history. So the state is written to the disk, as a new file that replaces the old one, before a
cosignature is sent, and two processes never share a folder. A folder with a key but without a state
has lost its state, and is refused.

Standard library and `cryptography` only.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hemicycle.record.speech import gettext as _

KEY = "witness.key"
STATE = "state.json"
LOCK = "lock"


class StateError(Exception):
    """A folder that a witness cannot use; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest checkpoint of a log that the witness cosigned.

    `note` is the checkpoint with the log's signature, `key` is the key that signed it, and `at` is
    when it was cosigned, in seconds since the Unix epoch. `evidence` names the file that shows that
    the history was changed afterwards.
    """

    size: int
    root: str
    note: str
    key: str
    at: int
    evidence: str = ""


@dataclass(slots=True)
class WitnessState:
    """A witness's name, and what it has seen of each log, by the log's origin."""

    name: str
    logs: dict[str, LastSeen] = field(default_factory=dict)


class WitnessFolder:
    """The folder of one witness, held by one process at a time (`opened`)."""

    def __init__(self, path: Path, key: Ed25519PrivateKey, state: WitnessState) -> None:
        self.path, self.key, self.state = path, key, state

    def remember(self, origin: str, seen: LastSeen) -> None:
        """Write to disk what was seen of a log. Call this before sending the cosignature."""
        logs = {**self.state.logs, origin: seen}
        _write(self.path / STATE, _spelled(WitnessState(self.state.name, logs)))
        self.state.logs = logs

    def keep_evidence(self, name: str, document: dict[str, Any]) -> Path:
        """Write evidence into a file of its own; return its path."""
        path = self.path / name
        _write(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        return path


@contextmanager
def opened(path: Path, name: str = "") -> Iterator[WitnessFolder]:
    """Open the witness's folder, created on first use; `name` is the name of a new witness.

    Raises `StateError` if another process holds it, if the state is lost or cannot be read, or if
    the witness has another name.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(path / LOCK):
        if not (path / KEY).exists():
            _begin(path, name)
        folder = WitnessFolder(path, _read_key(path / KEY), _read_state(path))
        if name and name != folder.state.name:
            said = _(
                "This witness is called %(name)s, not %(wanted)s. A witness of another name needs "
                "a folder of its own."
            )
            raise StateError(said % {"name": folder.state.name, "wanted": name})
        yield folder


def _begin(path: Path, name: str) -> None:
    if (path / STATE).exists() and _read_state(path).logs:
        said = _(
            "%(path)s is missing: the witness cannot continue from %(state)s. Begin "
            "another witness in a new folder."
        )
        raise StateError(said % {"path": path / KEY, "state": STATE})
    key = Ed25519PrivateKey.generate()
    named = name or f"witness/{os.urandom(6).hex()}"
    _write(path / STATE, _spelled(WitnessState(named)))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _read_key(path: Path) -> Ed25519PrivateKey:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        said = _("Others can read %(path)s. Remove this permission: chmod 600 %(path)s")
        raise StateError(said % {"path": path})
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise StateError(_("%(path)s holds no private key.") % {"path": path}) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StateError(_("%(path)s is not an Ed25519 key.") % {"path": path})
    return key


def _read_state(path: Path) -> WitnessState:
    try:
        found = json.loads((path / STATE).read_text("utf-8"))
        logs = {origin: _seen(row) for origin, row in found["logs"].items()}
        return WitnessState(str(found["name"]), logs)
    except FileNotFoundError as error:
        said = _(
            "%(path)s is missing: the record of what this witness cosigned is lost. Begin "
            "another in a new folder."
        )
        raise StateError(said % {"path": path / STATE}) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = _("%(path)s cannot be read. Begin another witness in a new folder.")
        raise StateError(said % {"path": path / STATE}) from error


def _seen(row: dict[str, Any]) -> LastSeen:
    seen = LastSeen(**row)
    texts = (seen.root, seen.note, seen.key, seen.evidence)
    if not all(isinstance(text, str) for text in texts) or type(seen.size) is not int:
        raise ValueError("a log is not told as it should be")
    if type(seen.at) is not int:
        raise ValueError("a time is not a whole number")
    return seen


def _spelled(state: WitnessState) -> str:
    logs = {origin: asdict(seen) for origin, seen in state.logs.items()}
    whole = {"name": state.name, "logs": logs}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    """Replace a file by a new one in one step, and flush it to the disk."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            said = _("Another witness is at work in %(path)s. Stop it, or choose another folder.")
            raise StateError(said % {"path": path.parent}) from error
        yield


if os.name == "nt":  # pragma: no cover - Windows

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
