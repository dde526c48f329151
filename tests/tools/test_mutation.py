"""Faults that `python -m tools.mutation` tries: which are noticed, and that they are the same."""

import json
import sys
from pathlib import Path

import pytest

from tools.mutation.__main__ import compare, main
from tools.mutation.changes import PACKAGE, TARGETS, digests, sample

RULES = '''
"""What is left of a speaker's time."""
STEP_MS: int = 100


def left(limit: int, used: int) -> int:
    """Return no less than nothing."""
    return max(0, limit - used)


def step() -> int:
    return STEP_MS


def in_a_process() -> int:
    return 7


def unchecked() -> int:
    return 8


def unused() -> int:
    return 9
'''
TESTS = """
import subprocess
import sys

from hemicycle.procedure import clock


def test_left():
    assert [clock.left(10, 4), clock.left(4, 10)] == [6, 0]


def test_step():
    assert clock.step() == 100


def test_in_a_process():
    code = "from hemicycle.procedure.clock import in_a_process as f; assert f() == 7"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unchecked():
    clock.unchecked()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small checkout with one module that has rules."""
    for target in TARGETS:
        path = tmp_path / PACKAGE / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("") if path.suffix else path.mkdir()
    (tmp_path / PACKAGE / "__init__.py").write_text("")
    (tmp_path / PACKAGE / "procedure/clock.py").write_text(RULES)
    (tmp_path / "tests/procedure").mkdir(parents=True)
    (tmp_path / "tests/procedure/test_clock.py").write_text(TESTS)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def test_a_sample_is_the_same_each_time(tree: Path) -> None:
    first, second = (sample(tree, 10, seed=39) for _ in range(2))
    other_seed = [change.ident for change in sample(tree, 10, seed=40)]
    assert [change.ident for change in first] == [change.ident for change in second]
    assert [change.ident for change in first] != other_seed


def test_a_line_more_above_changes_no_sample(tree: Path) -> None:
    before = [change.ident for change in sample(tree, 10, seed=39)]
    (tree / PACKAGE / "procedure/clock.py").write_text(f"# a comment\n{RULES}")
    assert [change.ident for change in sample(tree, 10, seed=39)] == before


@pytest.mark.test_all("benches")
@pytest.mark.slow
def test_which_faults_are_noticed(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")  # the small checkout has none
    sources, output = digests(tree), tree / "faults.jsonl"
    main(["--tree", str(tree), "--jobs", "1", "--output", str(output)])
    results = [json.loads(line) for line in output.read_text().splitlines()][1:]
    fates = {(RULES.splitlines()[result["line"] - 1].strip(), result["fate"]) for result in results}
    assert fates == {
        ("STEP_MS: int = 100", "killed"),
        ("return max(0, limit - used)", "killed"),
        ("return 7", "killed"),
        ("return 8", "survived"),
        ("return 9", "not executed"),
    }
    assert digests(tree) == sources
    weaker = tree / "weaker.jsonl"
    weaker.write_text(output.read_text().replace('"killed"', '"survived"'))
    capsys.readouterr()
    compare(output, weaker)
    report = capsys.readouterr().out
    assert report.count("killed, then survived") == sum(r["fate"] == "killed" for r in results)
