"""The id of the folder of webcasts, by which `web` knows whether machines share one."""

import logging
import secrets
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

FILE = ".folder"
LENGTH = 32


@cache
def folder_id(segments: Path) -> str:
    """Return the id of a folder; create both if they are missing. "" if that is not possible."""
    try:
        segments.mkdir(parents=True, exist_ok=True)
        return _made_once(segments / FILE)
    except OSError as error:
        log.warning("the folder of the webcast has no id: %s", error)
        return ""


def _made_once(path: Path) -> str:
    unfinished = path.with_name(f"{FILE}-{secrets.token_hex(8)}")
    unfinished.write_text(secrets.token_hex(LENGTH // 2))
    try:
        # If several machines begin at the same time, only one creates the file, complete from the
        # start.
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink(missing_ok=True)
    return path.read_text().strip()[:LENGTH]
