"""The security log as files: one JSON object per line, one file per day (UTC), deleted in time.

Any number of processes write to the same file: each line is one `write` to a file that is opened
for appending. Files are deleted after some months.
"""

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, override

MOST_READ = 32 * 2**20
"""The number of bytes that the page reads from the end of each file."""


class JsonLine(logging.Formatter):
    """One event as a line of JSON, with its time in UTC."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = getattr(record, "security", {})
        return json.dumps({"at": at, **told})


class DayFiles(logging.Handler):
    """Appends each line to the file of its day, and removes files older than `days`."""

    def __init__(self, folder: str | Path, days: int) -> None:
        super().__init__()
        self._folder, self._days = Path(folder), days
        self.setFormatter(JsonLine())

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._append(datetime.fromtimestamp(record.created, UTC).date(), self.format(record))
        except OSError:
            self.handleError(record)  # a full disk must not stop the logged action

    def _append(self, day: date, line: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._folder / f"{day.isoformat()}.jsonl"
        is_new = not file.exists()
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
        if is_new:
            self._sweep(day - timedelta(days=self._days))

    def _sweep(self, oldest: date) -> None:
        for file in _files(self._folder):
            if file.stem < oldest.isoformat():
                file.unlink(missing_ok=True)


def lines_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the events in a folder, the latest first; damaged lines are left out."""
    for file in reversed(_files(folder)):
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - MOST_READ))
            lines = opened.read().splitlines()
        for line in reversed(lines):
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict):
                yield told


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("????-??-??.jsonl"))
