"""The security log's files: whole lines from several processes, private, removed in time."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from hemicycle.site.security.log_files import DayFiles, JsonLine, lines_in

WRITING = """
import logging, sys
from hemicycle.site.security.log_files import DayFiles
handler = DayFiles(sys.argv[1], 30)
for number in range(200):
    record = logging.LogRecord("x", 20, "", 0, "", (), None)
    record.security = {"event": "link.used", "count": number, "what": sys.argv[2] * 300}
    handler.handle(record)
"""


def at(*moment: int) -> logging.LogRecord:
    record = logging.LogRecord("hemicycle.security", logging.INFO, "", 0, "", (), None)
    year, month, day, *time = moment
    began = datetime(year, month, day, tzinfo=UTC).timestamp()
    hours, minutes, seconds, micros = (*time, 0, 0, 0, 0)[:4]
    record.created = began + hours * 3600 + minutes * 60 + seconds + micros / 1e6
    record.__dict__["security"] = {"event": "session.begun", "person": "0" * 32}
    return record


def test_a_line_is_one_json_object_with_its_time_in_utc() -> None:
    line = json.loads(JsonLine().format(at(2026, 7, 13, 9, 5, 0, 250_000)))
    assert line == {
        "at": "2026-07-13T09:05:00.250+00:00",
        "event": "session.begun",
        "person": "0" * 32,
    }


def test_each_day_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    handler = DayFiles(tmp_path / "security", 30)
    for day in (1, 2, 2):
        handler.handle(at(2026, 7, day, 23, 59, 59))
    handler.handle(at(2026, 8, 1))
    found = sorted((tmp_path / "security").iterdir())
    assert [file.name for file in found] == ["2026-07-02.jsonl", "2026-08-01.jsonl"]
    assert [line["at"][:10] for line in lines_in(tmp_path / "security")] == [
        "2026-08-01",
        "2026-07-02",
        "2026-07-02",
    ]


def test_nobody_else_reads_them_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        DayFiles(tmp_path / "security", 30).handle(at(2026, 7, 13))
    finally:
        os.umask(before)
    folder = tmp_path / "security"
    (file,) = folder.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (folder, file)] == [0o700, 0o600]


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    writing = [
        subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path), letter]) for letter in "abc"
    ]
    assert [process.wait(60) for process in writing] == [0, 0, 0]
    lines = list(lines_in(tmp_path))
    counted = {
        letter: [line["count"] for line in lines if line["what"] == letter * 300]
        for letter in "abc"
    }
    assert counted == {letter: list(range(199, -1, -1)) for letter in "abc"}


def test_a_damaged_line_hides_no_other(tmp_path: Path) -> None:
    DayFiles(tmp_path, 30).handle(at(2026, 7, 13))
    with (tmp_path / "2026-07-13.jsonl").open("a") as file:
        file.write('{"at": "2026-\n[1]\n\n')
    assert [line["event"] for line in lines_in(tmp_path)] == ["session.begun"]
