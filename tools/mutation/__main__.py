"""Try small faults in the rules, and count how many the tests notice: `python -m tools.mutation`.

A sample of faults, the same for the same seed, is tried in copies of the sources, each with the
tests that run the changed line. The tests of its folder come first, then quick ones, until together
they have taken `--budget` seconds. A fault that survives may still be noticed by a slow test, so
the share is a lower bound. Tests on PostgreSQL run the same lines and are left out.

    python -m tools.mutation --output after.jsonl
    python -m tools.mutation --tree ../before --marks "not peers_mail" --output before.jsonl
    python -m tools.mutation compare before.jsonl after.jsonl

The first line of the output has the options and a digest of each module, the others a fault each.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tools.mutation.changes import REGISTRATION, TARGETS, Change, digests, sample
from tools.mutation.suite import Runner, Suite, runner, suite_of

ROOT = Path(__file__).parents[2]
MARKS = "not peers_mail and not alone and not real_time"
FIRST = 15
"""How many tests a fault meets first: most faults end there, and few files are to be read."""
NOTICED = {"killed", "timed out"}

type Result = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Try a sample, or compare two."""
    if arguments[:1] == ["compare"]:
        compare(*map(Path, arguments[1:]))
        return 0
    options = _options(arguments)
    begin = time.monotonic()
    print_differences("this checkout", digests(ROOT), str(options.tree), digests(options.tree))
    suite = suite_of(options.tree, options.marks or [MARKS], options.tests, options.jobs)
    print(f"{len(suite.tests)} tests traced after {time.monotonic() - begin:.0f} s", flush=True)
    changes = sample(options.tree, options.sample, options.seed)
    settings = {name: str(value) for name, value in vars(options).items()}
    with options.output.open("w") as file:
        print(json.dumps(settings | {"digests": digests(options.tree)}), file=file)
        results = []
        for result in results_of(options.tree, suite, changes, options.budget, options.jobs):
            print(json.dumps(result), file=file, flush=True)
            results.append(result)
    print_report(results)
    print(f"{time.monotonic() - begin:.0f} s")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("tools.mutation", description="Try small faults in rules.")
    parser.add_argument("--output", type=Path, required=True, help="a file for lines of JSON")
    parser.add_argument("--sample", type=int, default=500, help="how many faults")
    parser.add_argument("--seed", type=int, default=39)
    parser.add_argument("--tree", type=Path, default=ROOT, help="another checkout, set up")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--marks", action="append", help="pytest's -m; several run in turn")
    parser.add_argument("--budget", type=float, default=20, help="seconds of tests for a fault")
    parser.add_argument("tests", nargs="*", help="files and folders of tests; all without")
    options = parser.parse_args(arguments)
    options.tree = options.tree.resolve()
    return options


def results_of(
    tree: Path, suite: Suite, changes: Sequence[Change], budget_s: float, jobs: int
) -> Iterator[Result]:
    """Yield the fate of each change.

    A test that noticed a change may have failed for another reason. So it runs once more without
    any change, and if it fails again, the change is tried without this test.
    """
    runners: SimpleQueue[Runner] = SimpleQueue()
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        for _ in range(jobs):
            runners.put(stack.enter_context(runner(tree, suite)))

        def borrow[T](use: Callable[[Runner], T]) -> T:
            taken = runners.get()
            try:
                return use(taken)
            finally:
                runners.put(taken)

        def attempt(change: Change, without: Iterable[str] = ()) -> Result:
            return borrow(lambda runner: _result(runner, suite, change, budget_s, set(without)))

        results = list(pool.map(attempt, changes))
        tests = sorted({result["by"] for result in results} & set(suite.tests))
        numbers = [suite.tests.index(test) for test in tests]
        wrong = set(borrow(lambda runner: runner.run(numbers))["failures"])
        if wrong:
            print("These fail without a fault, and do not count:", *sorted(wrong), sep="\n  ")
        for change, result in zip(changes, results, strict=True):
            yield attempt(change, wrong) if result["by"] in wrong else result


def _result(
    runner: Runner, suite: Suite, change: Change, budget_s: float, without: set[str]
) -> Result:
    begin = time.monotonic()
    covering = [number for number in suite.tests_of(change) if suite.tests[number] not in without]
    chosen, total_s = [], 0.0
    for number in covering:
        if total_s + suite.seconds[number] <= budget_s:
            chosen.append(number)
            total_s += suite.seconds[number]
    fate, by = "not executed" if not covering else "survived", ""
    for tests in (chosen[:FIRST], chosen[FIRST:]):
        if tests and fate == "survived":
            answer = runner.run(tests, change)
            if (code := answer["code"]) is None:
                fate = "timed out"
            elif code != 0:
                fate, by = "killed", (answer["failures"] or [f"status {code}"])[0]
    print(f"{fate} {change.path}:{change.line}", flush=True)
    return {
        "ident": change.ident,
        "path": change.path,
        "line": change.line,
        "operator": change.operator,
        "fate": fate,
        "by": by,
        "tests": len(chosen),
        "covering": len(covering),
        "seconds": round(time.monotonic() - begin, 1),
        "diff": change.diff,
    }


def print_report(results: Sequence[Result]) -> None:
    """Print the survivors, then how many changes were noticed, by target and in all."""
    for result in results:
        if result["fate"] not in NOTICED:
            print(
                f"\n{result['path']}:{result['line']} {result['fate']}, {result['operator']}, "
                f"{result['tests']} of {result['covering']} tests\n{result['diff']}"
            )
    print()
    for target in dict.fromkeys([*map(_folder, TARGETS), ""]):
        fates = Counter(result["fate"] for result in results if result["path"].startswith(target))
        if fates:
            print(
                f"{target or 'all':22} {_share(fates):6.1%} of {fates.total():3} noticed: "
                + ", ".join(f"{fates[fate]} {fate}" for fate in sorted(fates))
            )


def compare(before: Path, after: Path) -> None:
    """Print both shares, and the changes that ended otherwise."""
    runs = [list(map(json.loads, path.read_text().splitlines())) for path in (before, after)]
    print_differences(str(before), runs[0][0]["digests"], str(after), runs[1][0]["digests"])
    first, second = ({result["ident"]: result for result in run[1:]} for run in runs)
    for path, run in ((before, first), (after, second)):
        fates = Counter(result["fate"] for result in run.values())
        print(f"{path}: {_share(fates):.1%} of {fates.total()} noticed")
    for ident, result in (second | first).items():
        one, other = (
            run[ident]["fate"] if ident in run else "not tried" for run in (first, second)
        )
        if one != other and not {one, other} <= NOTICED:
            print(f"\n{result['path']}:{result['line']} {one}, then {other}")
            print(result["by"], result["diff"], sep="\n")


def print_differences(
    name: str, digest: dict[str, str], other_name: str, other: dict[str, str]
) -> None:
    """Say which modules differ, since the samples then differ too."""
    for path in sorted(digest.keys() | other.keys()):
        if digest.get(path) != other.get(path):
            print(f"{path} differs between {name} and {other_name}")


def _folder(target: str) -> str:
    return REGISTRATION if target.startswith(REGISTRATION) else target + "/"


def _share(fates: Counter[str]) -> float:
    return sum(fates[fate] for fate in NOTICED) / max(1, fates.total())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
