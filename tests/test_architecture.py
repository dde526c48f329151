"""The plan of the house holds: who imports whom, and what the core may know."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROCEDURE = ROOT / "src/hemicycle/procedure"


def test_imports_follow_the_contracts() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_procedure_knows_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"hemicycle.procedure"}
    found = {
        f"{path.name}: {name}"
        for path in PROCEDURE.rglob("*.py")
        for name in _imported(path)
        if name.partition(".")[0] not in allowed
        and not f"{name}.".startswith("hemicycle.procedure.")
    }
    assert found == set()


def test_the_procedure_reads_no_clock() -> None:
    clocks = {"now", "utcnow", "today", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}
    found = {
        f"{path.name}:{node.lineno}"
        for path in PROCEDURE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
    }
    assert found == set()


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "hemicycle.procedure")
    return names
