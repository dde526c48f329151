"""The supervisor starts its processes again when they end, and ends them when it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
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
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # ended, but not yet reaped by its parent


def is_gone(pid: int) -> bool:
    return not is_alive(pid)


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

# Reports that it is ready, or fails if a file says so; ends 0.1 s after it was asked to.
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
time.sleep(0.1)
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
            while "ends" not in (folder / "story").read_text():
                await asyncio.sleep(0.02)
        except NotReady as error:
            print(error, flush=True)
            await asyncio.sleep(0.5)  # a process that leaves nevertheless has ended by then
        os.kill(os.getpid(), signal.SIGTERM)
    task = asyncio.create_task(restart())
    yield
    await task

sys.exit(run([child], beside))
"""


def restarted(folder: Path, how: str, new: str = "whole") -> tuple[str, list[list[str]]]:
    """Return what a supervisor says about a restart of its child, and what the processes noted."""
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


# ── Forks ─────────────────────────────────────────────────────────────────────────────────────

# A forking process: its forks note what they have, and serve until they are asked to leave.
FORKING = """
import json, os, signal, socket, sys, threading
from pathlib import Path
from hemicycle import readiness
from hemicycle.site.processes.forking import fork_on_request
from hemicycle.site.processes.supervisor import LEAVE, follow_parent

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
from version import VERSION

loaded = object()
forking = os.getpid()
(folder / "forking").open("a").write(f"{forking}\\n")


def is_listening(number):
    try:
        with socket.socket(fileno=os.dup(number)) as copy:
            return bool(copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def opened():
    return sorted(path for path in (os.readlink(entry) for entry in Path("/proc/self/fd").iterdir()
                                    if entry.exists())
                  if path.startswith(("socket:", "pipe:", "anon_inode:")))


def work(own, *options):
    leaving = threading.Event()
    signal.signal(LEAVE, lambda *_: leaving.set())
    told = {
        "version": VERSION,
        "loaded": id(loaded),
        "forking": forking,
        "parent": os.getppid(),
        "listening": [is_listening(int(number)) for number in sys.argv[2:4]],
        "title": Path("/proc/self/cmdline").read_text().strip("\\0"),
        "writes": signal.getsignal(signal.SIGTTOU) == signal.SIG_IGN,
        "group": os.getpgrp() == os.getpid() and os.getsid(0) != os.getpid(),
        "sockets": sum(path.startswith("socket:") for path in opened()),
        "watched": sum(path.startswith("anon_inode:") for path in opened()),
        "options": options,
    }
    follow_parent()
    draft = folder / f"{own}.draft"
    draft.write_text(json.dumps(told))
    draft.rename(folder / f"{own}.{os.getpid()}")
    readiness.tell_supervisor()
    if (folder / "short").exists():
        return 3
    leaving.wait()
    return 0


arguments = fork_on_request()
sys.exit(0 if arguments is None else work(*arguments))
"""
FORKS = """
import asyncio, signal, socket, sys
from contextlib import asynccontextmanager
from hemicycle.site.processes import supervisor

supervisor.READY_WITHIN_S = 20
if "adopts" in sys.argv:  # as the first process of a container does
    import ctypes
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
numbers = [listener.fileno() for listener in listeners]
command = [sys.executable, sys.argv[1], sys.argv[2], *map(str, numbers)]
children = [
    supervisor.Child(f"child {own}", ["false"], (number,), ("--successor",), supervisor.LEAVE,
                     [str(own)])
    for own, number in enumerate(numbers)
]

@asynccontextmanager
async def beside(running):
    async def restart():
        try:
            async for sentence in running.restart(running.names):
                print(sentence, flush=True)
        except supervisor.NotReady as error:
            print(error, flush=True)
        print("restarted", flush=True)
    tasks = []
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGHUP, lambda: tasks.append(asyncio.create_task(restart())))
    yield

sys.exit(supervisor.run(children, beside, command))
"""


class Forks:
    """A supervisor of two forks, "child 0" and "child 1"; `set_version` changes their code."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.set_version("1")
        program = folder / "program.py"
        program.write_text(FORKING)
        self.supervisor = subprocess.Popen(
            [sys.executable, "-c", FORKS, program, folder, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def set_version(self, version: str) -> None:
        (self.folder / "version.py").write_text(f"VERSION = {version}\n")

    def noted(self, own: int) -> dict[int, dict[str, object]]:
        """Return what each process of a child has noted, by the process's id."""
        files = self.folder.glob(f"{own}.[0-9]*")
        return {int(file.suffix[1:]): json.loads(file.read_text()) for file in files}

    def forking(self) -> list[int]:
        file = self.folder / "forking"
        return born(file) if file.exists() else []

    def living(self) -> list[int]:
        return [pid for own in (0, 1) for pid in self.noted(own) if is_alive(pid)]

    def wait_for(self, each: int) -> None:
        eventually(lambda: all(len(self.noted(own)) == each for own in (0, 1)))

    def restart(self) -> list[str]:
        """Request a restart, and return what the supervisor says about it."""
        self.supervisor.send_signal(signal.SIGHUP)
        assert self.supervisor.stdout is not None
        return list(iter(self.supervisor.stdout.readline, "restarted\n"))

    def stop(self) -> str:
        """End all processes, and return the log."""
        self.supervisor.terminate()
        _out, log = self.supervisor.communicate(timeout=20)
        assert self.supervisor.returncode == 0, log
        assert self.living() == []
        eventually(lambda: not any(map(is_alive, self.forking())))
        return log


@pytest.fixture
def forks(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Forks]:
    forks = Forks(tmp_path, *getattr(request, "param", ()))
    forks.wait_for(1)
    yield forks
    if forks.supervisor.poll() is None:
        forks.supervisor.kill()
        forks.supervisor.communicate()


def test_a_fork_has_the_memory_and_only_its_own_descriptors(forks: Forks) -> None:
    (forking,) = forks.forking()
    (first,), (second,) = (list(forks.noted(own).values()) for own in (0, 1))
    assert first["loaded"] == second["loaded"]
    for own, noted in enumerate((first, second)):
        assert noted | {"loaded": 0} == {
            "version": 1,
            "loaded": 0,
            "forking": forking,
            "parent": forking,
            "listening": [own == 0, own == 1],
            "title": f"hemicycle child {own}",
            "writes": True,
            "group": True,
            "sockets": 2,  # its standard input, and its listener
            "watched": 0,
            "options": [],
        }
    assert forks.stop() == ""


def test_a_fork_that_ends_is_started_again_with_its_own_exit_code(forks: Forks) -> None:
    (forks.folder / "short").touch()
    os.kill(next(iter(forks.noted(0))), signal.SIGKILL)
    eventually(lambda: len(forks.noted(0)) >= 3)
    log = forks.stop()
    assert log.startswith(
        "child 0 ended with exit code -9; starting it again in 0.1 s\n"
        "child 0 ended with exit code 3; starting it again in 0.2 s\n"
    )
    assert len(forks.forking()) == 1


@pytest.mark.parametrize(
    ("forks", "code"), [((), "unknown"), (("adopts",), "-9")], indirect=["forks"]
)
def test_forks_live_on_when_the_forking_process_dies(forks: Forks, code: str) -> None:
    before = forks.living()
    (old,) = forks.forking()
    os.kill(old, signal.SIGKILL)
    eventually(lambda: len(forks.forking()) == 2)
    assert sorted(forks.living()) == sorted(before)
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len(forks.noted(0)) == 2)
    (orphan, new) = (forks.noted(0)[pid] for pid in sorted(forks.noted(0), key=before.count)[::-1])
    assert (orphan["forking"], new["forking"]) == (old, forks.forking()[1])
    assert forks.stop() == (
        "preloaded ended with exit code -9; starting it again in 0.1 s\n"
        f"child 0 ended with exit code {code}; starting it again in 0.1 s\n"
    )


def test_a_child_waits_for_the_next_forking_process(forks: Forks) -> None:
    (old,) = forks.forking()
    os.kill(old, signal.SIGSTOP)  # it takes the request, and dies before it answers
    os.kill(next(iter(forks.noted(0))), signal.SIGKILL)
    time.sleep(0.5)
    os.kill(old, signal.SIGKILL)
    eventually(lambda: len(forks.noted(0)) == 2)
    assert len(forks.noted(1)) == 1
    forks.stop()


def test_successors_have_the_code_that_is_on_the_disk(forks: Forks) -> None:
    forks.set_version("2")
    before = forks.living()
    said = forks.restart()
    assert [line.partition(":")[0] for line in said] == ["child 0", "child 1"]
    for own in (0, 1):
        old, new = sorted(forks.noted(own).items(), key=lambda item: item[0] not in before)
        assert (old[1]["version"], new[1]["version"]) == (1, 2)
        assert new[1]["options"] == ["--successor"]
        eventually(partial(is_gone, old[0]))
    first, second = forks.forking()
    eventually(partial(is_gone, first))  # its last fork has left
    assert is_alive(second)
    assert forks.stop() == ""


def test_all_stay_if_the_new_code_cannot_be_loaded(forks: Forks) -> None:
    before = forks.living()
    forks.set_version("1 / 0")
    assert forks.restart() == ["the new version could not be loaded, so all old processes stay\n"]
    forks.set_version("1")
    assert forks.living() == before
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len(forks.noted(0)) == 2)  # the old forking process is still useful
    assert len(forks.forking()) == 1
    assert "ZeroDivisionError" in forks.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_fork_outlives_its_supervisor(how: signal.Signals, forks: Forks) -> None:
    forks.supervisor.send_signal(how)
    forks.supervisor.communicate(timeout=20)
    eventually(lambda: not any(map(is_alive, [*forks.living(), *forks.forking()])))


def test_a_supervisor_stops_while_the_forking_process_loads(tmp_path: Path) -> None:
    (tmp_path / "version.py").write_text("import time; time.sleep(60); VERSION = 1\n")
    program = tmp_path / "program.py"
    program.write_text(FORKING)
    with subprocess.Popen([sys.executable, "-c", FORKS, program, tmp_path]) as process:
        eventually(lambda: len(children_of(process.pid)) == 1)
        (forking,) = children_of(process.pid)
        begun = time.monotonic()
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert time.monotonic() - begun < 5
    assert not is_alive(forking)


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
