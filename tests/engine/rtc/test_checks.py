"""Private names of other libraries are listed, checked, and reported when one is missing."""

import ast
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import aioice.ice
import pytest

import hemicycle.engine
from hemicycle.engine.rtc import checks

LIBRARIES = ("aioice", "aiortc", "pylibsrtp")
ENGINE = Path(hemicycle.engine.__file__).parent
TREES = {path: ast.parse(path.read_text()) for path in ENGINE.rglob("*.py")}


def test_the_libraries_installed_are_those_we_know() -> None:
    checks.check()
    for library in (*LIBRARIES, "av"):
        assert version(library) in checks.KNOWN


def test_a_missing_method_and_a_missing_attribute_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aioice.ice.Connection, "build_request")
    assigned = MappingProxyType({"aioice.ice.Connection": ("_nominees",), "aiortc.Gone": ("_a",)})
    monkeypatch.setattr(checks, "ASSIGNED", assigned)
    lacking = "lacks aioice.ice.Connection.build_request, aioice.ice.Connection._nominees, "
    with pytest.raises(checks.UnsupportedLibrary, match=f"{lacking}aiortc.Gone._a"):
        checks.check()


def test_every_import_from_a_module_that_is_not_public_is_listed() -> None:
    imported: dict[str, set[str]] = {}
    for module, name in (found for tree in TREES.values() for found in _imports(tree)):
        imported.setdefault(module, set()).add(name)
    assert imported == {module: set(names) for module, names in checks.IMPORTED.items()}


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield module and name of each import that is not in a library's public API."""
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.startswith(tuple(f"{library}." for library in LIBRARIES))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module not in LIBRARIES:
            if node.module.partition(".")[0] in LIBRARIES:
                yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in modules:
            yield ast.unparse(node.value), node.attr


def test_every_private_name_of_another_object_is_listed() -> None:
    listed = {name for names in (*checks.ATTRIBUTES.values(), *checks.ASSIGNED.values())
              for name in names}  # fmt: skip
    used = {name for tree in TREES.values() for name in _private(tree)}
    assert "_nominated" in used
    assert "gather_candidates" in used
    assert used <= listed


def _private(tree: ast.AST) -> Iterator[str]:
    """Yield private names of objects other than `self`, and names that are replaced as strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            if not own and not node.attr.endswith("__"):
                yield node.attr.replace("_RTCDtlsTransport", "")  # without Python's name mangling
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"_replace", "setattr"}:
            yield from (
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
