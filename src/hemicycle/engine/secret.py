"""A secret that several processes of one machine share, in a file that the first of them makes.

`make_private` protects the folder of the file.
"""

import os
import secrets
import stat
from pathlib import Path


class UnusableSecret(OSError):
    """A secret's file cannot be read or made; `str()` is a sentence that says what to do."""


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can open, whatever its mode and the umask were.

    Raises `PermissionError` with a sentence if it is open to others and belongs to another user.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & 0o077:
        return
    try:
        folder.chmod(0o700)
    except PermissionError as error:
        raise PermissionError(
            f"The data folder {folder} is open to other users (mode {mode:o}) and belongs to one "
            "of them. It holds names, addresses and keys: let it belong to the user who runs "
            "Hemicycle, or set its mode to 700."
        ) from error


def made_once(file: Path) -> str:
    """Return the secret in `file`, created on first use; safe when several processes start at
    once. Raises `UnusableSecret`.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _create(file, secrets.token_urlsafe(48))
        content = file.read_text()
    except OSError as error:
        raise UnusableSecret(
            f"The key {file} cannot be read or made: {error.strerror}. Let the folder "
            f"{file.parent} belong to the user who runs Hemicycle, and make room on a full disk."
        ) from error
    except UnicodeDecodeError as error:
        raise UnusableSecret(f"The key {file} is damaged. Restore it from a backup.") from error
    if not content.strip():
        raise UnusableSecret(f"The key {file} is empty. Restore it from a backup.")
    return content


def _create(file: Path, content: str) -> None:
    """Write `file` whole or not at all, unless another process was first."""
    # The name is unique for each thread too: two visitors may be the first at the same time.
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
