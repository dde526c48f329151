"""A secret that several processes of one machine share, in a file that the first of them makes."""

import os
import secrets
from pathlib import Path


def made_once(file: Path) -> str:
    """The secret in `file`, made on first use; safe when several processes start at once."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        _create(file, secrets.token_urlsafe(48))
    return file.read_text()


def _create(file: Path, content: str) -> None:
    """Write `file` whole or not at all, unless another process was first."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
