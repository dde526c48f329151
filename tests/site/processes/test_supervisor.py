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
