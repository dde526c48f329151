"""A benchmark that lacks what it needs says so, and the others run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as bench
from tools.clients import golang
from tools.frontend import ROOT


def test_benchmarks_that_look_at_pages_are_known() -> None:
    looking = {name for name in bench.NAMES if bench.needs_browser(name)}
    assert {"page_weight", "browser_verify", "webcast_delay", "loss", "reconnect"} <= looking
    assert not looking & {"record_fold", "forecast", "balance", "mail_in", "registration_surge"}


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
    assert bench.runnable(["record_fold", "loss", "forecast"]) == ["record_fold", "forecast"]
    assert capfd.readouterr().err.endswith("loss needs Chromium and was not run.\n")
    assert bench.runnable(["peers"]) == []
    said = capfd.readouterr().err
    assert said.endswith(f"peers needs {golang.NEEDED} and was not run.\n")
    assert bench.runnable(["record_fold"]) == ["record_fold"]
    assert capfd.readouterr().err == ""
