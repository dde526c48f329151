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


FORKS = """
import json, os, socket, sys, time
from pathlib import Path
from hemicycle.site.processes import supervisor

folder = Path(sys.argv[1])
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
loaded = object()


def work(own):
    def is_listening(number):
        try:
            return bool(socket.socket(fileno=os.dup(number)).getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        except OSError:
            return False

    supervisor.follow_parent()
    told = {
        "loaded": id(loaded),
        "listening": [is_listening(listener.fileno()) for listener in listeners],
        "title": Path("/proc/self/cmdline").read_text().strip("\\0"),
        "session": os.getsid(0) == os.getpid(),
        "inputs": sum(os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:")
                      for fd in map(int, os.listdir("/proc/self/fd"))
                      if fd > 2 and os.path.exists(f"/proc/self/fd/{fd}")),
    }
    draft = folder / f"{own}.draft"
    draft.write_text(json.dumps(told))
    draft.rename(folder / f"{own}.{os.getpid()}")
    time.sleep(float(sys.argv[2]))
    return 3


children = [
    supervisor.Child(f"child {own}", lambda own=own: work(own), (listeners[own].fileno(),))
    for own in (0, 1)
]
print(id(loaded), flush=True)
sys.exit(supervisor.run(children))
"""


def start_forks(folder: Path, lives_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FORKS, folder, str(lives_s)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def forks(folder: Path, own: int) -> list[int]:
    return [int(file.suffix[1:]) for file in folder.glob(f"{own}.[0-9]*")]


def test_a_fork_has_the_memory_and_only_its_own_descriptors(tmp_path: Path) -> None:
    supervisor = start_forks(tmp_path, lives_s=60)
    eventually(lambda: bool(forks(tmp_path, 0) and forks(tmp_path, 1)))
    supervisor.terminate()
    out, _err = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    for own in (0, 1):
        (file,) = tmp_path.glob(f"{own}.[0-9]*")
        assert json.loads(file.read_text()) == {
            "loaded": int(out.splitlines()[0]),
            "listening": [own == 0, own == 1],
            "title": f"hemicycle child {own}",
            "session": True,
            "inputs": 0,
        }


def test_a_fork_that_ends_is_started_again_with_its_own_exit_code(tmp_path: Path) -> None:
    supervisor = start_forks(tmp_path, lives_s=0)
    eventually(lambda: len(forks(tmp_path, 0)) >= 2)
    supervisor.terminate()
    _out, said = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    assert "child 0 ended with exit code 3; starting it again in 0.1 s\n" in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_fork_outlives_its_supervisor(how: signal.Signals, tmp_path: Path) -> None:
    supervisor = start_forks(tmp_path, lives_s=60)
    eventually(lambda: bool(forks(tmp_path, 0) and forks(tmp_path, 1)))
    supervisor.send_signal(how)
    supervisor.communicate(timeout=20)
    eventually(lambda: not any(is_alive(forks(tmp_path, own)[0]) for own in (0, 1)))
