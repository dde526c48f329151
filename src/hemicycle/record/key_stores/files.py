"""The record's key as a file that only its owner can read.

During a renewal there are two more files beside it: `….next.pem` and `….previous.pem`.
"""

import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import signing
from hemicycle.record.key_stores.base import KeyUnavailable


@dataclass(frozen=True, slots=True)
class FileStore:
    """A key in PEM (PKCS #8, not encrypted) at `path`."""

    path: Path

    @property
    def place(self) -> str:
        """The file's address, as the setting spells it."""
        return f"file:{self.path}"

    @property
    def next_path(self) -> Path:
        """The path of the key that a renewal has prepared."""
        return self.path.with_suffix(".next.pem")

    @property
    def previous_path(self) -> Path:
        """The path of the previous key until a renewal is complete."""
        return self.path.with_suffix(".previous.pem")

    def current(self) -> Ed25519PrivateKey:
        """Return the key. Read a replaced file again; create a missing one."""
        found = _read(self.path)
        if found is None:
            _make(self.path)
            found = _read(self.path)
        if found is None:
            raise KeyUnavailable(f"The key {self.path} has gone again.")
        return found

    def waiting(self) -> Ed25519PrivateKey | None:
        """Return the key that a renewal has prepared, or None."""
        return _read(self.next_path)

    def previous(self) -> Ed25519PrivateKey | None:
        """Return the key before the current one, or None."""
        return _read(self.previous_path)

    def prepare(self) -> Ed25519PrivateKey:
        """Return the waiting key; create one if there is none."""
        found = self.waiting()
        if found is None:
            _make(self.next_path)
            found = self.waiting()
        if found is None:
            raise KeyUnavailable(f"The key {self.next_path} has gone again.")
        return found

    def promote(self, fingerprint: str) -> None:
        """Make the waiting key the current one, and keep the current one beside it."""
        waiting = self.waiting()
        if waiting is None or signing.fingerprint(waiting.public_key()) != fingerprint:
            if signing.fingerprint(self.current().public_key()) == fingerprint:
                return
            raise KeyUnavailable(f"There is no key {fingerprint} beside {self.path}.")
        try:
            if self.path.exists():
                self.previous_path.unlink(missing_ok=True)
                os.link(self.path, self.previous_path)
            self.next_path.replace(self.path)
            _sync(self.path.parent)
        except OSError as error:
            raise KeyUnavailable(f"The key {self.path} cannot be replaced ({error}).") from error

    def forget_previous(self) -> None:
        """Delete the key before the current one, if there is one."""
        self.previous_path.unlink(missing_ok=True)


def _read(path: Path) -> Ed25519PrivateKey | None:
    """Return the key in a file, or None if there is no file."""
    try:
        state = path.stat()
        return _parsed(path, state.st_ino, state.st_mtime_ns, state.st_mode)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyUnavailable(f"The key {path} cannot be read ({error.strerror}).") from error


@lru_cache(maxsize=4)
def _parsed(path: Path, _inode: int, _changed_ns: int, mode: int) -> Ed25519PrivateKey:
    """Return the key in a file. Inode and time are cache keys that detect a replaced file."""
    if not stat.S_ISREG(mode):
        raise KeyUnavailable(f"The key {path} is not a file.")
    if mode & 0o077:
        found = f"{stat.S_IMODE(mode):04o}"
        raise KeyUnavailable(
            f"Other users can read the key {path} (mode {found}). Run: chmod 600 {path}"
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnavailable(f"{path} holds no private key in PEM without a password.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnavailable(f"The key {path} is of another type than Ed25519.")
    return key


def _make(path: Path) -> None:
    """Create a key file, unless another process creates it first: then that key stays."""
    own = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        own.unlink(missing_ok=True)  # left by a process with the same id that was killed here
        _write(own, Ed25519PrivateKey.generate())
        try:
            os.link(own, path)
        except FileExistsError:
            pass
        finally:
            own.unlink()
        _sync(path.parent)
    except OSError as error:
        raise KeyUnavailable(f"The key {path} cannot be made ({error.strerror}).") from error


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    """Write a private key to a new file with mode 0600, and flush it to the disk."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
