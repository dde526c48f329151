"""A data folder is destroyed during a meeting, and is restored from the continuous copy."""

import asyncio
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.fixtures import fresh
from bench.site.backup import command, hemicycle, prepared
from bench.site.footprint import family
from bench.site.moderator import Console, Presses, moderating, p99
from bench.sizes import size

FIGURES = (
    *("s", "restored_s", "lost", "lost_of_last_2_s", "presses", "press_p99_ms", "mb"),
    "verified",
)
HELD_S = size(60.0, 4.0, "RESTORE_SECONDS")
PROMISED_S = 2.0
"""The longest time from the confirmation of an entry until it is in the copy (docs/backup.md)."""
READY_S = 120.0


def run() -> dict[str, Any]:
    """Return `s` from the loss until the site answers, and `lost`, the number of missing entries.

    `lost` does not count entries of the last `PROMISED_S` seconds.
    """
    with fresh() as folder, tempfile.TemporaryDirectory(prefix="hemicycle-copies-") as name:
        elsewhere = Path(name)
        console = prepared()
        hemicycle("backup", "--make-key", str(elsewhere / "key"))
        from tests.support.floor import FloorSite  # Django is set up by now

        site = FloorSite(elsewhere, os.environ["HEMICYCLE_DATABASE_URL"])
        site.failures_expected = True
        site.start_s = READY_S
        site.start()
        copying = _copying(elsewhere)
        try:
            _wait_for(elsewhere / "copies", copying)
            presses = asyncio.run(_hold(f"http://localhost:{site.port}", console))
        finally:
            lost_at = time.time()
            _kill(site.pid, copying.pid)
        shutil.rmtree(folder)
        begun = time.monotonic()
        copies = [str(elsewhere / "copies"), "--identity", str(elsewhere / "key")]
        done = hemicycle("restore", *copies, "--into", str(folder))
        restored_s = time.monotonic() - begun
        site.start()
        took_s = time.monotonic() - begun
        site.stop()
        found = _presses_in(folder / "db.sqlite3", console)
        verified = hemicycle("verify-backup", *copies)
    due = sum(1 for at in presses.taken_at if at < lost_at - PROMISED_S)
    return {
        "s": round(took_s, 1),
        "restored_s": round(restored_s, 1),
        "lost": max(0, due - found),
        "lost_of_last_2_s": max(0, presses.taken - max(due, found)),
        "presses": presses.taken,
        "press_p99_ms": p99(presses.waits.get("copied", [])),
        "mb": round(done["bytes"] / 2**20, 1),
        "verified": verified["ok"],
    }


def _kill(*processes: int) -> None:
    """Kill processes with their descendants, and wait until none can write to a file any more."""
    ends = [os.pidfd_open(member) for process in processes for member in family(process)]
    for end in ends:
        signal.pidfd_send_signal(end, signal.SIGKILL)
    for end in ends:
        select.select([end], [], [])  # it is readable when the process has ended
        os.close(end)


def _copying(elsewhere: Path) -> subprocess.Popen[bytes]:
    to, key = str(elsewhere / "copies"), str(elsewhere / "key.pub")
    with (elsewhere / "copying.log").open("wb") as log:
        return subprocess.Popen(
            command("backup", "--continuous", "--to", to, "--key", key),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_for(copies: Path, copying: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + READY_S
    while not list(copies.glob("*/*.hemicycle-changes")):
        if copying.poll() is not None or time.monotonic() > limit:
            raise RuntimeError((copies.parent / "copying.log").read_text())
        time.sleep(0.1)


async def _hold(base: str, console: Console) -> Presses:
    presses = Presses()
    async with moderating(base, console, presses) as during:
        during("copied")
        await asyncio.sleep(HELD_S)
    return presses


def _presses_in(file: Path, console: Console) -> int:
    """Return how many presses are on the record in a restored database."""
    with closing(sqlite3.connect(file)) as connection:
        ((found,),) = connection.execute(
            "SELECT count(*) FROM record_entry WHERE hearing = ? AND seq > ? "
            "AND kind IN ('meeting.suspended', 'meeting.resumed')",
            (console.hearing, console.begun_at),
        )
    return int(found)
