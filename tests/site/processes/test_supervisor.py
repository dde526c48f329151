"""Keeping processes: started again when they end, and ended with their supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hemicycle.site.processes.supervisor import (
    FIRST_DELAY_S,
    HEALTHY_AFTER_S,
    LONGEST_DELAY_S,
    next_delay,
)

# Appends its process id to a file, then does what is asked.
CHILD = """
import os, sys, time
from hemicycle.site.processes.supervisor import follow_parent
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
follow_parent()
time.sleep(float(sys.argv[2]))
"""
SUPERVISOR = """
import sys
from hemicycle.site.processes.supervisor import Child, run
sys.exit(run([Child("child", [sys.executable, *sys.argv[1:]])]))
"""


def start(folder: Path, lives_s: float) -> tuple[subprocess.Popen[str], Path]:
    program, births = folder / "child.py", folder / "births"
    program.write_text(CHILD)
    births.touch()
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, program, births, str(lives_s)],
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, births


def eventually(look: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not look():
        assert time.monotonic() < limit, "it did not happen within 20 s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def born(births: Path) -> list[int]:
    return [int(line) for line in births.read_text().split()]


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    supervisor, births = start(tmp_path, lives_s=0)
    eventually(lambda: len(born(births)) >= 2)
    supervisor.terminate()
    _out, said = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    assert said.startswith("child ended with exit code 0; starting it again in 0.1 s\n")


def test_the_end_of_a_child_is_a_line_of_the_log() -> None:
    program = (
        "import sys; from hemicycle import logs; logs.name_process('up'); "
        "from hemicycle.site.processes import commands, supervisor; "
        "commands._supervise([supervisor.Child('web', [sys.executable, '-c', 'pass'])])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HEMICYCLE_LOG_FORMAT": "json"},
    ) as process:
        assert process.stderr is not None
        told = json.loads(process.stderr.readline())
        process.terminate()
    assert (told["process"], told["level"]) == ("up", "ERROR")
    assert told["message"] == "web ended with exit code 0; starting it again in 0.1 s"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_child_outlives_its_supervisor(how: signal.Signals, tmp_path: Path) -> None:
    supervisor, births = start(tmp_path, lives_s=60)
    eventually(lambda: len(born(births)) == 1)
    supervisor.send_signal(how)
    supervisor.communicate(timeout=20)
    eventually(lambda: not is_alive(born(births)[0]))


@pytest.mark.parametrize(
    ("delay_s", "lived_s", "expected_s"),
    [
        (FIRST_DELAY_S / 2, 0.0, FIRST_DELAY_S),
        (4.0, 1.0, 8.0),
        (LONGEST_DELAY_S, 1.0, LONGEST_DELAY_S),
        (LONGEST_DELAY_S, HEALTHY_AFTER_S, FIRST_DELAY_S),
    ],
)
def test_the_wait_doubles_until_a_child_lives_long(
    delay_s: float, lived_s: float, expected_s: float
) -> None:
    assert next_delay(delay_s, lived_s) == expected_s


# ── Replacing ─────────────────────────────────────────────────────────────────────────────────

# Says that it is ready unless a file forbids it; leaves 0.3 s after it was asked to.
READY_CHILD = """
import os, signal, sys, threading, time
from pathlib import Path
from hemicycle import readiness
from hemicycle.site.processes.supervisor import LEAVE, follow_parent

folder = Path(sys.argv[1])
leaving = threading.Event()
signal.signal(LEAVE, lambda *_: leaving.set())
if (folder / "broken").exists():
    sys.exit(3)
with (folder / "story").open("a") as story:
    story.write(f"begins {os.getpid()} {sys.argv[2:]}\\n")
follow_parent()
readiness.tell_supervisor()
leaving.wait()
time.sleep(0.3)
with (folder / "story").open("a") as story:
    story.write(f"ends {os.getpid()} []\\n")
"""
RESTARTS = """
import sys
from contextlib import asynccontextmanager
from pathlib import Path
import asyncio, os, signal
from hemicycle.site.processes import supervisor
from hemicycle.site.processes.supervisor import LEAVE, Child, NotReady, run

supervisor.READY_WITHIN_S = 20
folder = Path(sys.argv[1])
overlaps = sys.argv[3] == "overlaps"
command = [sys.executable, sys.argv[2], str(folder)]
child = Child("child", command, (), ("--successor",) if overlaps else None, LEAVE)

@asynccontextmanager
async def beside(running):
    async def restart():
        while not (folder / "story").exists():
            await asyncio.sleep(0.02)
        if sys.argv[4] == "broken":
            (folder / "broken").touch()
        try:
            async for sentence in running.restart(["child"]):
                print(sentence, flush=True)
        except NotReady as error:
            print(error, flush=True)
        await asyncio.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
    task = asyncio.create_task(restart())
    yield
    await task

sys.exit(run([child], beside))
"""


def restarted(folder: Path, how: str, new: str = "whole") -> tuple[str, list[list[str]]]:
    """What a supervisor says of one restart of its child, and what its processes noted."""
    program = folder / "child.py"
    program.write_text(READY_CHILD)
    done = subprocess.run(
        [sys.executable, "-c", RESTARTS, folder, program, how, new],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    story = (folder / "story").read_text().splitlines()
    return done.stdout, [line.split(" ", 2) for line in story]


def test_a_successor_serves_before_the_old_process_ends(tmp_path: Path) -> None:
    said, story = restarted(tmp_path, "overlaps")
    assert said.startswith("child: a new process took over after ")
    (_, old, _), (_, new, options), (_, ended, _) = story[:3]
    assert [what for what, *_ in story[:3]] == ["begins", "begins", "ends"]
    assert ended == old != new
    assert options == "['--successor']"


def test_an_old_process_ends_first_where_two_must_not_run(tmp_path: Path) -> None:
    said, story = restarted(tmp_path, "alone")
    assert said.startswith("child: a new process took over after ")
    assert [what for what, *_ in story[:3]] == ["begins", "ends", "begins"]
    assert story[0][1] == story[1][1] != story[2][1]


def test_the_old_process_stays_if_the_new_one_does_not_become_ready(tmp_path: Path) -> None:
    said, story = restarted(tmp_path, "overlaps", "broken")
    assert said == "the new child did not become ready, so the old one stays\n"
    assert [what for what, *_ in story] == ["begins"]
