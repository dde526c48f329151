"""Benchmarks: that they run, what they need, and how they measure."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import processor
from bench.before import cluster_surge
from bench.meeting import live_fanout
from hemicycle.meeting.state.meeting_view import as_json, public_view
from hemicycle.record.floor import floor_of
from tests.support.lists import World
from tools.clients import golang
from tools.frontend import ROOT

# These measure what a whole machine does, or set up networks and installations of their own.
ALONE = {
    *("abuse", "cluster_surge", "edge_failover", "engine_failover", "failover", "footprint"),
    *("install", "rolling_restart", "turn"),
}


@pytest.mark.test_all("benches")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.alone if name in ALONE else ()) for name in bench.NAMES],
)
def test_each_benchmark_gives_its_figures(name: str) -> None:
    ours = ("HEMICYCLE_", "DJANGO_", "PYTEST_")  # this run's settings, which nobody else has
    process = subprocess.run(
        [sys.executable, "-m", "bench", "--small", name],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith(ours)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if process.stderr.endswith(" and was not run.\n") and os.geteuid():
        pytest.skip(process.stderr.splitlines()[-1])
    assert process.returncode == 0, process.stderr
    figures = json.loads(process.stdout)  # a single line, and nothing else
    assert (figures.pop("bench"), figures.pop("small")) == (name, True)
    assert figures.pop("machine")["cores"] == len(os.sched_getaffinity(0))
    assert list(bench.faults_of(figures, bench.declared(name))) == []


@pytest.mark.parametrize(
    ("figures", "faults"),
    [
        ({"s": 1.0, "runs": [{"ms": 0}], "names": []}, []),
        ({"s": 1.0, "runs": [{"ms": 0}, {"ms": None}], "names": []}, ["runs.ms has no value"]),
        ({"s": float("nan"), "runs": [{"ms": 0}], "names": {"a": 1}}, ["s has no value"]),
        ({"runs": [], "names": []}, ["s is missing", "runs.ms is missing", "runs is not declared"]),
        ({"s": 1, "runs": {"ms": 1}, "names": 1, "s_2": 1}, ["s_2 is not declared"]),
    ],
)
def test_figures_are_compared_with_those_declared(
    figures: dict[str, object], faults: list[str]
) -> None:
    assert list(bench.faults_of(figures, ("s", "runs.ms", "names"))) == faults


def test_without_a_browser_a_benchmark_says_what_it_needs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "page_weight"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "hemicycle: tests and benchmarks drive pages in Chromium, and none was found.",
        "hemicycle: on Debian, as root: apt-get install chromium",
        "page_weight needs Chromium and was not run.",
    ]


def test_what_needs_no_browser_runs_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    names = ["record_fold", "loss", "checkpoint", "forecast"]
    assert bench.runnable(names) == ["record_fold", "forecast"]
    assert capfd.readouterr().err.endswith(
        "loss needs Chromium and was not run.\ncheckpoint needs Chromium and was not run.\n"
    )
    assert bench.runnable(["peers"]) == []
    said = capfd.readouterr().err
    assert said.endswith(f"peers needs {golang.NEEDED} and was not run.\n")
    assert bench.runnable(["cluster_surge"]) == []
    said = capfd.readouterr().err
    assert "apt-get install pgbouncer" in said
    assert said.endswith("Patroni, etcd and PostgreSQL and was not run.\n")
    assert bench.runnable(["encoders"]) == []
    assert "apt-get install espeak-ng" in capfd.readouterr().err
    monkeypatch.setattr(bench, "NEEDS", [need for need in bench.NEEDS if need[2] != "Chromium"])
    assert bench.runnable(["turn"]) == []
    assert capfd.readouterr().err.endswith(
        "turn needs root, coturn, nftables and iproute2 and was not run.\n"
    )
    assert bench.runnable(["record_fold"]) == ["record_fold"]
    assert capfd.readouterr().err == ""


BUSY = {"web": 0.8, "clients": 0.5, "PostgreSQL": 0.3, "other work": 0.3}


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (BUSY, "the cores of this machine: 1.90 of 2 cores were busy"),
        ({**BUSY, "web": 1.9}, "the cores of this machine: 3.00 of 2"),
        ({**BUSY, "web": 0.1}, "no processor: 1.20 of 2"),
    ],
)
def test_the_limit_of_a_surge_is_what_was_busy(used: dict[str, float], said: str) -> None:
    assert cluster_surge.limit(2, used, 2).startswith(said)


def test_two_web_processes_that_are_busy_are_the_limit_of_many_cores() -> None:
    found = cluster_surge.limit(8, {**BUSY, "web": 1.9}, 2)
    assert found.startswith("the web processes, each of which uses one core: 3.00 of 8 cores")
    assert found.endswith("(web 1.90, clients 0.50, PostgreSQL 0.30, other work 0.30)")


def test_a_surge_says_how_many_cores_its_aim_would_take() -> None:
    one, two = {"per_s": 40.0}, {"per_s": 50.0, "cores": BUSY}
    assert cluster_surge.aim_takes_cores(one, two) == 2.28  # for 60 a second; 50 take 1.9


def test_processor_time_is_that_of_a_process_and_its_children() -> None:
    before, all_before = processor.used_s(os.getpid()), processor.busy_s()
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert processor.used_s(os.getpid()) - before >= 0.25
    assert processor.busy_s() - all_before >= 0.25
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert processor.parent_of(child.pid) == os.getpid()
    child.communicate(b"\n")


@pytest.mark.django_db
def test_the_benches_of_the_feed_know_a_press_when_they_see_it(world: World) -> None:
    world.open_panel()
    act_seq = floor_of(world.panels[0].meeting_id).act_seq
    frame = as_json(public_view)(world.hearing.id).encode()
    assert live_fanout.shown(act_seq) in frame
    assert live_fanout.shown(act_seq + 1) not in frame
