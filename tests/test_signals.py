"""Apps join in by signals and registries, never by writing into another module's collection.

Both rules are read from the source: no module writes into a list, dictionary or set that another
module made, and no module keeps an empty list of callables for others to fill.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hemicycle.signals import Signal

SOURCE = Path(__file__).parents[1] / "src"

COLLECTIONS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKERS = {"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque"}
WRITERS = {
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "add"),
    *("setdefault", "popitem", "discard", "appendleft", "extendleft", "move_to_end"),
}


@dataclass
class Module:
    """What the rules need of a module, without its tree: a million nodes would stay in memory."""

    name: str
    collections: set[str] = field(default_factory=set)
    empty_lists: dict[str, set[str]] = field(default_factory=dict)
    """The names in the annotation of each empty list."""
    callables: set[str] = field(default_factory=set)
    """The module's own names for types of callables."""
    writes: list[ast.expr] = field(default_factory=list)
    """The expressions whose values the module changes in place."""
    imported: dict[str, str] = field(default_factory=dict)
    """The dotted names of imported modules and objects, by their names in this module."""


def house() -> dict[str, str]:
    """Return the text of each module of Hemicycle, by its dotted name."""
    texts = {}
    for path in sorted((SOURCE / "hemicycle").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        texts[".".join(parts).removesuffix(".__init__")] = path.read_text()
    return texts


def read(name: str, text: str) -> Module:
    tree = ast.parse(text)
    module = Module(name, callables=set(_callable_aliases(tree)))
    for node in ast.walk(tree):
        _read_import(module, node)
        module.writes += _written(node)
    for statement in tree.body:
        bound, annotation, value = _binding(statement)
        if bound and value is not None and _is_collection(value):
            module.collections.add(bound)
            if annotation is not None and _is_empty_list(value):
                module.empty_lists[bound] = _names(annotation)
    return module


def _callable_aliases(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        name, _annotation, value = _binding(node)
        if isinstance(node, ast.TypeAlias):
            name, value = node.name.id, node.value
        if name and isinstance(value, ast.Subscript) and "Callable" in _names(value.value):
            yield name


def _binding(node: ast.stmt) -> tuple[str, ast.expr | None, ast.expr | None]:
    """Return the name that a statement binds, its annotation and value; "" if it binds none."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.annotation, node.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, None, node.value
    return "", None, None


def _is_collection(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in MAKERS
    return isinstance(value, COLLECTIONS)


def _is_empty_list(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in {"list", "set"} and not value.args
    return isinstance(value, ast.List) and not value.elts


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _read_import(module: Module, node: ast.AST) -> None:
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for name in node.names:
            module.imported[name.asname or name.name] = f"{node.module}.{name.name}"
    elif isinstance(node, ast.Import):
        for name in node.names:
            if name.asname:
                module.imported[name.asname] = name.name
    elif isinstance(node, ast.Assign) and _loads_a_module(node.value):
        assert isinstance(node.value, ast.Call)
        loaded = node.value.args[0]
        if isinstance(node.targets[0], ast.Name) and isinstance(loaded, ast.Constant):
            module.imported[node.targets[0].id] = str(loaded.value)


def _loads_a_module(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "import_module" in _names(value.func)


def faults(texts: Mapping[str, str]) -> list[str]:
    """Return what breaks either rule, one line each: the place, and the collection."""
    modules = [read(name, text) for name, text in texts.items()]
    callables = {"Callable"}.union(*(module.callables for module in modules))
    collections = {f"{module.name}.{name}" for module in modules for name in module.collections}
    hooks = [
        f"{module.name}: hook list {name}"
        for module in modules
        for name, types in module.empty_lists.items()
        if types & callables
    ]
    writes = [
        f"{module.name}:{target.lineno}: writes into {dotted}"
        for module in modules
        for target in module.writes
        if (dotted := _resolve(module, target)) in collections
    ]
    return sorted(hooks + writes)


def _written(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions whose value a piece of code changes in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in WRITERS:
            yield node.func.value
    elif isinstance(node, ast.Assign | ast.Delete):
        yield from (part.value for part in node.targets if isinstance(part, ast.Subscript))
    elif isinstance(node, ast.AugAssign):
        target = node.target
        yield target.value if isinstance(target, ast.Subscript) else target


def _resolve(module: Module, node: ast.expr) -> str:
    """Return the dotted name of something that another module made; "" for the module's own."""
    if isinstance(node, ast.Name):
        return module.imported.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := _resolve(module, node.value)):
        return f"{owner}.{node.attr}"
    return ""


def test_no_module_writes_into_the_collection_of_another() -> None:
    assert faults(house()) == []


WRONG = {
    "house.signals": """
from collections.abc import Callable

Changed = Callable[[str], None]
ON_CHANGED: list[Changed] = []
DAILY: list[Callable[[], int]] = []
WORDS: dict[str, str] = {}
KNOWN = set()
""",
    "house.apps": """
from importlib import import_module

from house import signals
from house.signals import KNOWN, WORDS as words
import house.signals as other

def ready():
    signals.ON_CHANGED.append(print)
    words["a"] = "b"
    words.update(c="d")
    KNOWN.add("e")
    other.DAILY += [int]
    late = import_module("house.signals")
    late.ON_CHANGED.insert(0, print)
    del signals.WORDS["a"]
""",
}


def test_each_way_of_writing_is_found() -> None:
    assert faults(WRONG) == [
        "house.apps:10: writes into house.signals.WORDS",
        "house.apps:11: writes into house.signals.WORDS",
        "house.apps:12: writes into house.signals.KNOWN",
        "house.apps:13: writes into house.signals.DAILY",
        "house.apps:15: writes into house.signals.ON_CHANGED",
        "house.apps:16: writes into house.signals.WORDS",
        "house.apps:9: writes into house.signals.ON_CHANGED",
        "house.signals: hook list DAILY",
        "house.signals: hook list ON_CHANGED",
    ]


def test_what_a_module_does_with_its_own_is_its_own_affair() -> None:
    own = "known: dict[str, str] = {}\n\ndef register(key, name):\n    known[key] = name\n"
    reader = "from house.registry import known\n\ndef names():\n    return [*known.values()]\n"
    assert faults({"house.registry": own, "house.reader": reader}) == []


def test_receivers_are_called_in_order_and_once() -> None:
    asked = Signal[[int], int]("asked")
    double = asked.connect(lambda number: number * 2)
    asked.connect(lambda number: number + 1)
    asked.connect(double)
    assert asked.send(5) == [10, 6]
    asked.disconnect(double)
    assert asked.send(5) == [6]
    with pytest.raises(ValueError, match="not in list"):
        asked.disconnect(double)


def test_an_exception_reaches_the_sender() -> None:
    asked = Signal[[], None]("asked")

    @asked.connect
    def refuse() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        asked.send()
    assert repr(asked) == "<Signal asked: 1 receivers>"
