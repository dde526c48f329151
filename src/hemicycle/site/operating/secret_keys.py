"""The file of the secret key: the key is in its first line, earlier keys are below it.

Signatures of earlier keys stay valid, so a new key breaks no personal link.
"""

import os
import secrets
from pathlib import Path

from django.conf import settings

from hemicycle import settings_sources as sources
from hemicycle.site.processes.start_errors import CannotStart

VARIABLE = "HEMICYCLE_SECRET_KEY"


def key_file() -> Path:
    """Return the file that the key comes from; raise `CannotStart` if there is none."""
    given = sources.given()
    if file := given.secret_files.get(VARIABLE):
        return file
    if given.get(VARIABLE):
        place = given.labels.get(VARIABLE, VARIABLE)
        raise CannotStart(
            f"The secret key is not in a file: change {place} yourself, and put the old key into "
            f"{VARIABLE}_FALLBACKS, so that old links keep working."
        )
    keys: Path = settings.KEYS_DIR
    return keys / "secret"


def rotate(file: Path) -> int:
    """Add a new key at the top of the file; return how many earlier keys the file keeps."""
    earlier = file.read_text("utf-8").split()
    write(file, [secrets.token_urlsafe(48), *earlier])
    return len(earlier)


def write(file: Path, keys: list[str]) -> None:
    """Write the file atomically; only its owner can read it."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write("\n".join(keys) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            owner = file.stat()
            if (owner.st_uid, owner.st_gid) != (draft.stat().st_uid, draft.stat().st_gid):
                os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
