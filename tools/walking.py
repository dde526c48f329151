"""Common parts of the walks: a server started by `make run`, checks, and waiting."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
WITHIN_S = 60
SAID_AT_START = re.compile(
    r"^(|> .*|Making .*|Installing .*|This database is empty.*|- .*|Hemicycle is at .*"
    r"|Sign in as:|  .+ https?://\S+|Stop it with Ctrl-C\."
    r"|The media engine is at .*|Hemicycle takes in mail by .*)$"
)
"""The lines that a server without problems prints."""


def expect(holds: bool, what: str, more: str = "") -> None:
    """Report a check; end the walk if it fails."""
    print(f"{'ok ' if holds else 'NOT'}  {what}", flush=True)
    if not holds:
        sys.exit(more or 1)


def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until `true()`, and report `what`; end the walk after this many seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            expect(False, what)
        time.sleep(0.5)
    expect(True, what)


def quietly(true: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until `true()` without a report; end the walk with `what()` after `WITHIN_S`."""
    end = time.monotonic() + WITHIN_S
    while not true():
        if time.monotonic() > end:
            expect(False, what())
        time.sleep(0.1)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Run `make run` with data in `folder`; yield the links that it prints, by person."""
    # A picture rate for many windows on two processors; the caller's environment can change it.
    few = {"HEMICYCLE_MEDIA_FPS": "8"}
    environment = (
        few
        | os.environ
        | {
            "HEMICYCLE_DATA_DIR": str(folder / "data"),
            "PYTHONUNBUFFERED": "1",
        }
    )
    with (folder / "server.log").open("w") as written:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until(lambda: "Stop it with" in log(folder), "make run says where it is", 600)
            yield dict(re.findall(r"^  (\S.*?) +(https?://\S+)$", log(folder), re.MULTILINE))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def log(folder: Path) -> str:
    """Return the output of the server so far."""
    return (folder / "server.log").read_text()


def expect_quiet(folder: Path) -> None:
    """End the walk if the server printed anything that does not belong to its start."""
    said = [line for line in log(folder).splitlines() if not SAID_AT_START.match(line)]
    expect(not said, "the server met no trouble", "\n".join(said))
