"""The results of the last backups, in a file of the data folder, for `hemicycle doctor`."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hemicycle.site.backup.contents import STATUS

BACKUP, STREAM, CHECK = "backup", "stream", "check"


@dataclass(frozen=True, slots=True)
class BackupAttempt:
    """The last attempt of one kind: its target, the moment up to which the copy is complete, and
    the error if it failed.
    """

    to: str
    tried_at: str
    """The time of the attempt (ISO 8601, UTC)."""
    done_at: str = ""
    """When the site was read for the last complete copy; empty if there is none."""
    fault: str = ""


def note(data: Path, kind: str, to: str, *, done_at: datetime | None, fault: str = "") -> None:
    """Store an attempt; a failed one keeps `done_at` of the last successful one."""
    attempts = read(data)
    before = attempts[kind].done_at if kind in attempts else ""
    done = done_at.isoformat(timespec="seconds") if done_at else before
    now = datetime.now(UTC).isoformat(timespec="seconds")
    attempts[kind] = BackupAttempt(to, now, done, fault)
    draft = data / f"{STATUS}.part"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump({name: asdict(attempt) for name, attempt in attempts.items()}, opened)
    draft.rename(data / STATUS)


def read(data: Path) -> dict[str, BackupAttempt]:
    """Return the last attempts by kind; a damaged file counts as empty."""
    try:
        found = json.loads((data / STATUS).read_text("utf-8"))
        return {name: BackupAttempt(**row) for name, row in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
