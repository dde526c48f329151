"""A backup of a large site during a meeting: how long it takes, and how long a press waits."""

import asyncio
import json
import os
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.fixtures import fresh
from bench.site.moderator import Console, Presses, console_of, moderating, p99, presses_on_record
from bench.sizes import size

FIGURES = (
    *("gb", "s", "mb_per_s", "press_p99_ms", "calm_p99_ms", "presses", "presses_failed"),
    *("entries_lost", "verified"),
)
GB = size(5.0, 0.05, "BACKUP_GB")
FILE_BYTES = 4 * 2**20
REGISTERED = size(120, 40)
CALM_S = size(5.0, 3.0)
READY_S = 120.0


def run() -> dict[str, Any]:
    """Return `s` and `mb_per_s` of the backup, and `press_p99_ms` during it."""
    with fresh() as folder, tempfile.TemporaryDirectory(prefix="hemicycle-backups-") as name:
        elsewhere = Path(name)
        console = prepared()
        _fill(folder / "uploads/files")
        hemicycle("backup", "--make-key", str(elsewhere / "key"))
        from tests.support.floor import FloorSite  # Django is set up by now

        site = FloorSite(elsewhere, os.environ["HEMICYCLE_DATABASE_URL"])
        site.start_s = READY_S
        site.start()
        try:
            base = f"http://localhost:{site.port}"
            made, presses = asyncio.run(_measure(base, console, elsewhere))
        finally:
            site.stop()
        lost = presses.taken - presses_on_record(console)
        found = hemicycle("verify-backup", made["file"], "--identity", str(elsewhere / "key"))
    during = presses.waits.get("backup", [])
    return {
        "gb": round(made["bytes"] / 2**30, 2),
        "s": round(made["took_s"], 1),
        "mb_per_s": round(made["bytes"] / 2**20 / made["took_s"], 1),
        "press_p99_ms": p99(during),
        "calm_p99_ms": p99(presses.waits.get("calm", [])),
        "presses": len(during),
        "presses_failed": presses.failed,
        "entries_lost": max(0, lost),
        "verified": found["ok"],
    }


def prepared() -> Console:
    """Rehearse a hearing into its first panel; return the console of its moderator."""
    from hemicycle.site.rehearsal import live, scenes

    rehearsal = live.prepared(
        scenes.read(),
        seed=3,
        registrations=REGISTERED,
        under_way=timedelta(minutes=37),
        tell=lambda _sentence: None,
    )
    return console_of(rehearsal.hearing)


def hemicycle(*arguments: str, **given: str) -> dict[str, Any]:
    """Run a command of Hemicycle; return its output in JSON. Raises RuntimeError if it fails."""
    done = subprocess.run(
        command(*arguments, "--json"),
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def command(*arguments: str) -> list[str]:
    """Return a command line of Hemicycle with these arguments."""
    from tests.support.site import COMMAND

    return [*COMMAND, *arguments]


def _fill(folder: Path) -> None:
    """Fill a folder of the site with files that cannot be compressed."""
    folder.mkdir(parents=True)
    for number in range(round(GB * 2**30 / FILE_BYTES)):
        (folder / f"{number}.bin").write_bytes(os.urandom(FILE_BYTES))


async def _measure(base: str, console: Console, to: Path) -> tuple[dict[str, Any], Presses]:
    presses = Presses()
    async with moderating(base, console, presses) as during:
        during("calm")
        await asyncio.sleep(CALM_S)
        during("backup")
        begun = time.monotonic()
        made = await asyncio.to_thread(
            hemicycle, "backup", "--to", str(to / "made"), "--key", str(to / "key.pub")
        )
        made["took_s"] = time.monotonic() - begun
        during("after")
        await asyncio.sleep(1)
    return made, presses
