"""Shows where the time of the tests goes: a plugin of pytest, and a table of what it wrote.

    .venv/bin/python -m pytest -p tools.suite_profile --profile=var/profile -n 2 tests/record
    .venv/bin/python -m tools.suite_profile var/profile

The table has a row for each folder of tests: how many they are, their seconds by the clock, the
seconds of processor time in the tests' own process and in processes that ended in the meantime, and
the seconds of set-up. Then come the slowest fixtures and tests.
"""

import argparse
import json
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

LONGEST = 30
"""How many fixtures and how many tests are listed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--profile", type=Path, help="the folder that gets a file for each process")


def pytest_configure(config: pytest.Config) -> None:
    folder: Path | None = config.getoption("profile")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        worker = getattr(config, "workerinput", {}).get("workerid", "main")
        config.pluginmanager.register(Profile(folder / f"{worker}-{time.time_ns()}.jsonl"))


class Profile:
    """Writes a line for each test and each fixture."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _write(self, **line: Any) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        began = _times()
        result = yield
        clock, process, children = (end - start for end, start in zip(_times(), began, strict=True))
        self._write(test=item.nodeid, clock=clock, process=process, children=children)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        began = time.monotonic()
        result = yield
        seconds = time.monotonic() - began
        self._write(fixture=fixturedef.argname, scope=fixturedef.scope, clock=seconds)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup" and not hasattr(report, "node"):  # else it is a worker's
            self._write(set_up=report.nodeid, clock=report.duration)


def _times() -> tuple[float, float, float]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), time.process_time(), children.ru_utime + children.ru_stime


def main() -> None:
    """Print the table of the files in a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--depth", type=int, default=1, help="folders below tests in a row's name")
    options = parser.parse_args()
    paths = options.folder.glob("*.jsonl")
    lines = [json.loads(line) for path in paths for line in path.open()]
    set_up = {line["set_up"]: line["clock"] for line in lines if "set_up" in line}
    tests = [line for line in lines if "test" in line]
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in tests:
        name = "/".join(line["test"].partition("::")[0].split("/")[1 : 1 + options.depth])
        rows[name].update(
            {
                "tests": 1,
                "set-up": set_up.get(line["test"], 0),
                **{column: line[column] for column in ("clock", "process", "children")},
            }
        )
    columns = ("tests", "clock", "process", "children", "set-up")
    print("| tests of | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
    for name, row in sorted(rows.items(), key=lambda pair: -pair[1]["clock"]):
        print(f"| {name} | " + " | ".join(f"{row[column]:.0f}" for column in columns) + " |")
    fixtures: Counter[str] = Counter()
    for line in lines:
        if "fixture" in line:
            fixtures[f"{line['fixture']} ({line['scope']})"] += line["clock"]
    for name, seconds in fixtures.most_common(LONGEST):
        print(f"{seconds:8.1f} s  {name}")
    for line in sorted(tests, key=lambda line: -line["clock"])[:LONGEST]:
        print(f"{line['clock']:8.1f} s  {line['test']}")


if __name__ == "__main__":
    main()
