"""Which tests of a checkout run which lines of the targets, and processes that run some of them."""

import json
import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tools.mutation.changes import PACKAGE, Change, modules

TRACING = Path(__file__).parent / "tracing"
FORKS = Path(__file__).parent / "forks.py"
NOBODY = -1
"""Stands for a line that runs when a module is imported, or between tests."""
TIMES = count(10**9)
"""Times of change for files with a fault, so that Python never takes code compiled before."""


class Suite(NamedTuple):
    """The tests that pass, how long each takes, and which lines they run."""

    tests: list[str]
    seconds: list[float]
    lines: dict[str, dict[str, list[int]]]
    """For each module and line in a function the numbers of the tests that run it, or `NOBODY`."""
    libraries: list[str]
    """What the tests load that is not ours."""

    def tests_of(self, change: Change) -> list[int]:
        """Return the tests that run a changed statement: those of its folder first, then by time.

        For what runs when a module is imported, the tests of the whole module count, or those of
        its folder if no test runs a function of the module.
        """
        module = self.lines.get(change.path, {})
        folder = change.path.rpartition("/")[0] + "/"
        numbers = {NOBODY}
        if change.place.in_function:
            lines = map(str, range(change.place.first, change.place.last + 1))
            numbers = {number for line in lines for number in module.get(line, ())}
        if NOBODY in numbers:
            numbers |= _numbers([module])
        if numbers == {NOBODY}:
            numbers |= _numbers(of for path, of in self.lines.items() if path.startswith(folder))
        return sorted(
            numbers - {NOBODY},
            key=lambda number: (
                not self.tests[number].startswith(f"tests/{folder}"),
                self.seconds[number],
                number,
            ),
        )


def suite_of(tree: Path, marks: Sequence[str], paths: Sequence[str], jobs: int) -> Suite:
    """Run all selected tests once and trace them, unless that was done for the same sources."""
    digest = sha256(json.dumps([*marks, *paths]).encode())
    for path in sorted(path for name in ("src", "tests") for path in (tree / name).rglob("*.py")):
        digest.update(path.read_bytes())
    cache = tree / ".pytest_cache" / "mutation" / f"{digest.hexdigest()[:16]}.json"
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder, copy_of(tree) as copy:
            several = ["-n", str(jobs), "--dist", "worksteal"] if jobs > 1 else []
            for expression in marks:
                _trace(tree, copy, Path(folder), ["-m", expression, *several, *paths])
            cache.write_text(json.dumps(_read(Path(folder), copy)))
    return Suite(*json.loads(cache.read_text()))


@contextmanager
def copy_of(tree: Path) -> Iterator[Path]:
    """Copy the package of a checkout into a folder for PYTHONPATH, and yield the folder."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-mutation-") as folder:
        shutil.copytree(tree / PACKAGE, Path(folder) / PACKAGE.name, symlinks=True)
        yield Path(folder)


def _trace(tree: Path, copy: Path, folder: Path, options: list[str]) -> None:
    files = [copy / path.relative_to(tree / PACKAGE.parent) for path in modules(tree)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (TRACING, copy))),
        "MUTATION_TRACE": str(folder),
        "MUTATION_FILES": os.pathsep.join(map(str, files)),
    }
    pytest = [f"{tree}/.venv/bin/pytest", "-q", "-p", "no:cacheprovider", "-p", "mutation_contexts"]
    subprocess.run([*pytest, *options], cwd=tree, env=environment, check=False)


def _read(folder: Path, copy: Path) -> Suite:
    tests: list[str] = []
    seconds: list[float] = []
    lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for log in folder.glob("*.tests"):
        numbers: dict[str, set[int]] = defaultdict(set, {"0": {NOBODY}})
        for facts in map(json.loads, log.read_text().splitlines()):
            if facts["passes"]:
                for context in facts["contexts"]:
                    numbers[str(context)].add(len(tests))
                tests.append(facts["test"])
                seconds.append(facts["seconds"])
        with log.with_suffix(".hits").open() as hits:
            for hit in hits:
                context, line, file = hit.rstrip().split(" ", 2)
                lines[file.removeprefix(f"{copy / PACKAGE.name}/")][line] |= numbers[context]
    plain = {path: {line: sorted(of[line]) for line in of} for path, of in lines.items()}
    return Suite(tests, seconds, plain, json.loads((folder / "libraries").read_text()))


def _numbers(modules: Iterable[dict[str, list[int]]]) -> set[int]:
    return {number for lines in modules for line in lines.values() for number in line}


class Runner:
    """A copy of a checkout's package, and a process that runs tests with one fault at a time."""

    def __init__(self, tree: Path, copy: Path, suite: Suite) -> None:
        self._tree, self._package, self._suite = tree, copy / PACKAGE.name, suite
        self._report = copy / "report"
        self._process = subprocess.Popen(
            [tree / ".venv/bin/python", "-P", FORKS],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(copy)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(suite.libraries)

    def run(self, tests: Sequence[int], change: Change | None = None) -> dict[str, Any]:
        """Run tests with a fault, until the first one fails, or without a fault all of them.

        The answer has pytest's exit status as `code` (None if the time was over), and the
        `failures`.
        """
        if change is None:
            return self._answer(tests, [])
        path, source = self._package / change.path, self._tree / PACKAGE / change.path
        path.write_text(change.code)
        os.utime(path, times=(moment := next(TIMES), moment))
        try:
            return self._answer(tests, ["-x"])
        finally:
            shutil.copy2(source, path)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _answer(self, tests: Sequence[int], options: list[str]) -> dict[str, Any]:
        request = {
            "tests": [self._suite.tests[number] for number in tests],
            "options": options,
            "limit_s": 60 + 4 * sum(self._suite.seconds[number] for number in tests),
            "report": str(self._report),
        }
        self._send(request)
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def _send(self, request: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)


@contextmanager
def runner(tree: Path, suite: Suite) -> Iterator[Runner]:
    """Yield a runner with a copy of its own; fail if quick tests fail in it without a fault."""
    with copy_of(tree) as copy:
        runner = Runner(tree, copy, suite)
        quick = sorted(range(len(suite.tests)), key=suite.seconds.__getitem__)[:5]
        answer = runner.run(quick)
        if answer["code"] != 0:
            raise RuntimeError((copy / "report.log").read_text())
        yield runner
        runner.close()
