"""The envelope of a backup: encrypted in the age format, or plain with a checksum at the end.

With public keys, it is one age file. pyrage encrypts for a passphrase only what fits into memory.
So with a passphrase the backup is encrypted to a key made for this backup; that key, encrypted with
the passphrase and armoured, precedes it as a separate age file. A plain backup is a tar file with a
line `sha256:…` after its end, which tar ignores.

Data from an age file is authenticated before it is returned. Whether the end is missing is known
only when everything has been read (`Opened.finish`).
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyrage
from pyrage import ssh, x25519

from hemicycle.site.backup.faults import BackupFault, Damaged
from hemicycle.site.backup.pipes import ByteSink, PipeThread, close_quietly

AGE: Final = b"age-encryption.org/v1"
ARMOUR, ARMOUR_END = b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"-----END AGE ENCRYPTED FILE-----\n"
MOST_ARMOUR = 4096
"""The maximum size of an armoured key, in bytes; ours have about 500."""
TRAILER: Final = b"sha256:"
TRAILER_SIZE = len(TRAILER) + 64 + 1
MOST_KEYS = 2**20
"""The maximum size of a file of keys, in bytes."""


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Encryption:
    """How a new backup is encrypted: for public keys, with a passphrase, or not at all."""

    recipients: tuple[Any, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret keys or the passphrase to open a backup with."""

    identities: tuple[Any, ...] = ()
    passphrase: str = ""


def recipients_in(file: Path) -> tuple[Any, ...]:
    """Return the public keys in a file, one per line: `age1…` or `ssh-ed25519 …`."""
    found = []
    for line in _lines(file):
        if line.startswith("AGE-SECRET-KEY-"):
            raise BackupFault(
                f"{file} has a secret key. Give the file with the public key, and keep the secret "
                "one away from this machine."
            )
        kind = ssh.Recipient if line.startswith("ssh-") else x25519.Recipient
        try:
            found.append(kind.from_str(line))
        except pyrage.RecipientError as error:
            raise BackupFault(f"{file} has a line that is no public key: {error}.") from error
    if not found:
        raise BackupFault(f"{file} has no public key.")
    return tuple(found)


def identities_in(file: Path) -> tuple[Any, ...]:
    """Return the secret keys in a file: lines `AGE-SECRET-KEY-…`, or an OpenSSH key."""
    content = _read(file)
    try:
        if content.startswith(b"-----BEGIN"):
            return (ssh.Identity.from_buffer(content),)
        found = tuple(x25519.Identity.from_str(line) for line in _lines(file))
    except pyrage.IdentityError as error:
        raise BackupFault(f"{file} is not a secret key that opens backups: {error}.") from error
    if not found:
        raise BackupFault(f"{file} has no secret key.")
    return found


def passphrase_in(file: Path) -> str:
    """Return the passphrase in the first line of a file."""
    lines = _lines(file)
    if not lines or len(lines[0]) < 12:
        raise BackupFault(f"{file} must have a passphrase of 12 or more characters in its line 1.")
    return lines[0]


def make_key(file: Path) -> str:
    """Write a new secret key into `file`, which must not exist; return its public key."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"# public key: {public}\n{identity}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return public


def _lines(file: Path) -> list[str]:
    try:
        text = _read(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BackupFault(f"{file} is not a text in UTF-8.") from error
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_KEYS + 1)
    except OSError as error:
        raise BackupFault(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > MOST_KEYS:
        raise BackupFault(f"{file} is too large for a file of keys.")
    return content


# ── Pipes to pyrage, which calls for data itself ──────────────────────────────────────────────
class _Kept:
    """A file for pyrage, which reports errors only as text: `error` has the first `OSError`."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: OSError | None = None

    def read(self, size: int) -> bytes:
        return self._kept(lambda: bytes(self._file.read(size)))

    def write(self, data: bytes) -> int:
        return self._kept(lambda: int(self._file.write(data)))

    def flush(self) -> None:
        self._kept(self._file.flush)

    def _kept[T](self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            self.error = self.error or error
            raise


# ── Closing ───────────────────────────────────────────────────────────────────────────────────
@contextmanager
def sealed(file: ByteSink, seal: Encryption) -> Iterator[BinaryIO]:
    """Yield a file to write an archive into; `file` has all of it at the end of the block."""
    if seal.passphrase:
        identity = x25519.Identity.generate()
        file.write(pyrage.passphrase.encrypt(str(identity).encode(), seal.passphrase, armored=True))
        with _encrypted(file, [identity.to_public()]) as opened:
            yield opened
    elif seal.recipients:
        with _encrypted(file, list(seal.recipients)) as opened:
            yield opened
    else:
        hashed = _Hashed(file)
        yield hashed  # type: ignore[misc]  # tarfile needs only `write`
        file.write(TRAILER + hashed.digest.hexdigest().encode() + b"\n")


class _Hashed:
    def __init__(self, file: ByteSink) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)


@contextmanager
def _encrypted(file: ByteSink, recipients: list[Any]) -> Iterator[BinaryIO]:
    read_end, write_end = os.pipe()
    source, target = os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb")
    kept: Any = _Kept(file)  # pyrage's types require more methods than it uses
    thread = PipeThread(lambda: pyrage.encrypt_io(source, kept, recipients), source)
    thread.start()
    try:
        yield target
        target.close()
    except BrokenPipeError:
        pass  # the thread has ended, and its error has the reason
    finally:
        close_quietly(target)
        thread.join()
    if kept.error:
        raise kept.error
    if thread.error:
        raise BackupFault(f"The backup could not be encrypted: {thread.error}.")


# ── Opening ───────────────────────────────────────────────────────────────────────────────────
class Opened:
    """The archive in an envelope: a file that is read once, from beginning to end."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end; raise `BackupFault` if the archive is damaged."""
        raise NotImplementedError

    def finish(self) -> None:
        """Read the rest, and raise `BackupFault` if the end is missing or damaged."""
        while self.read(2**16):
            pass

    def close(self) -> None:
        """Close the archive without reading the rest."""


class _Decrypted(Opened):
    def __init__(self, file: BinaryIO, identities: list[Any]) -> None:
        read_end, write_end = os.pipe()
        self._source, target = os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb")
        self._file: Any = _Kept(file)
        kept: Any = _Kept(target)
        self._thread = PipeThread(lambda: pyrage.decrypt_io(self._file, kept, identities), target)
        self._thread.start()

    def read(self, size: int = -1) -> bytes:
        if data := self._source.read(size):
            return data
        self._thread.join()
        if self._file.error:
            raise BackupFault(f"The backup cannot be read: {self._file.error.strerror}.")
        error = self._thread.error
        if isinstance(error, pyrage.DecryptError) and "key" in str(error).lower():
            raise BackupFault(
                "This key does not open the backup, or the backup's first lines are damaged."
            )
        if error:
            raise Damaged
        return b""

    def close(self) -> None:
        self._source.close()
        self._thread.join()


class _Plain(Opened):
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self._left = max(size - TRAILER_SIZE, 0)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self._digest.update(data)
        return data

    def finish(self) -> None:
        super().finish()
        if self._file.read() != TRAILER + self._digest.hexdigest().encode() + b"\n":
            raise Damaged


@contextmanager
def opened(file: BinaryIO, keys: Keys) -> Iterator[Opened]:
    """Yield the archive in a backup; raise `BackupFault` if there is none or the key is missing."""
    archive = _open(file, keys)
    try:
        yield archive
    finally:
        archive.close()


def _open(file: BinaryIO, keys: Keys) -> Opened:
    beginning = file.read(512)
    file.seek(0)
    if beginning.startswith(ARMOUR):
        if not keys.passphrase:
            raise BackupFault("The backup is encrypted with a passphrase: give its --passphrase.")
        return _Decrypted(file, [_by_passphrase(file, keys.passphrase)])
    if beginning.startswith(AGE):
        if not keys.identities:
            raise BackupFault("The backup is encrypted to a key: give the secret one, --identity.")
        return _Decrypted(file, list(keys.identities))
    if beginning[257:262] != b"ustar":
        raise BackupFault("This is not a backup of Hemicycle, or its first bytes are damaged.")
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return _Plain(file, size)


def _by_passphrase(file: BinaryIO, passphrase: str) -> x25519.Identity:
    beginning = file.read(MOST_ARMOUR)
    end = beginning.find(ARMOUR_END)
    if end < 0:
        raise Damaged(" at its beginning")
    file.seek(end := end + len(ARMOUR_END))
    try:
        secret = pyrage.passphrase.decrypt(beginning[:end], passphrase)
        return x25519.Identity.from_str(secret.decode("ascii"))
    except (pyrage.DecryptError, pyrage.IdentityError, OSError, ValueError) as error:
        raise BackupFault(
            "This passphrase does not open the backup, or the backup's first lines are damaged."
        ) from error
