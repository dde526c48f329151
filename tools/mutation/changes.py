"""The changes that are tried, and a sample of them that is the same in each run."""

import ast
import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst import matchers as m
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

PACKAGE = Path("src/hemicycle")
REGISTRATION = "before/registration/"
TARGETS = {
    "procedure": "the rules of a meeting; each module is one",
    "record/log": "trees, checkpoints, proofs and witnesses of the record",
    "meeting/cutting": "which stretches of a recording become public, and who decides it",
    REGISTRATION + "registration_rules.py": "deadlines, and how long a place is kept",
    REGISTRATION + "standing.py": "who takes part, and which places are on a list",
    REGISTRATION + "places.py": "places in a category and for an organization",
    REGISTRATION + "panel_room.py": "places on a panel's list",
    REGISTRATION + "waiting.py": "who moves up, and in which order",
    REGISTRATION + "proving.py": "which inscription counts for a mission",
    REGISTRATION + "list_phase.py": "when a list moves from rows to the floor",
    REGISTRATION + "speaking_time.py": "which of several limits counts",
    REGISTRATION + "quota.py": "how much one registration may store",
    REGISTRATION + "similarity.py": "when two requests are alike",
    REGISTRATION + "track_guard.py": "which changes of a hearing people's registrations rule out",
}
"""Folders and modules below `src/hemicycle`, and what rules they hold."""

TEXTS = m.OneOf(*map(m.Name, ("_", "gettext", "gettext_lazy", "ngettext", "pgettext", "cast")))
NEUTRAL = m.OneOf(
    m.Annotation(),
    m.Assert(),  # tells the type checker what holds
    m.Import(),
    m.ImportFrom(),
    m.TypeAlias(),
    m.SimpleStatementLine(body=[m.Expr(m.OneOf(m.SimpleString(), m.ConcatenatedString()))]),
    m.Assign(targets=[m.AssignTarget(m.OneOf(m.Name("__slots__"), m.Name("__all__")))]),
    m.Decorator(m.OneOf(m.Name("dataclass"), m.Call(m.Name("dataclass")))),
    m.Call(func=TEXTS),
    m.Arg(keyword=m.OneOf(m.Name("help_text"), m.Name("verbose_name"))),
)
"""Code that no rule is in: a change there says nothing about the tests."""

type Positions = Mapping[cst.CSTNode, CodeRange]


class Place(NamedTuple):
    """The lines of a statement, or of the head of a compound one; or none inside a function."""

    first: int = 0
    last: int = 0
    in_function: bool = False


@dataclass(frozen=True)
class Change:
    """One small fault in a module."""

    path: str
    operator: str
    ident: str
    """The same in another checkout whose module has the same code, on whichever line."""
    place: Place
    line: int
    module: cst.Module
    node: cst.CSTNode
    replacement: cst.CSTNode

    @property
    def code(self) -> str:
        """The module with the fault."""
        module = self.module.deep_replace(self.node, self.replacement)
        assert isinstance(module, cst.Module)
        return module.code

    @property
    def diff(self) -> str:
        """What differs, without context."""
        lines = self.module.code.splitlines(), self.code.splitlines()
        return "\n".join(list(difflib.unified_diff(*lines, n=0, lineterm=""))[3:])

    @property
    def has_effect(self) -> bool:
        """Whether the fault is code that Python accepts and that means something else."""
        try:
            return ast.dump(ast.parse(self.code)) != ast.dump(ast.parse(self.module.code))
        except SyntaxError:
            return False


def modules(tree: Path) -> list[Path]:
    """Return the modules of all targets, without migrations; an absent one is an error."""
    folders = [tree / PACKAGE / name for name in TARGETS]
    if absent := [str(folder) for folder in folders if not folder.exists()]:
        raise FileNotFoundError(", ".join(absent))
    paths = [path for folder in folders for path in (folder, *folder.rglob("*.py"))]
    return sorted(path for path in paths if path.is_file() and "migrations" not in path.parts)


def digests(tree: Path) -> dict[str, str]:
    """Return a digest of each module of the targets."""
    package = tree / PACKAGE
    return {
        path.relative_to(package).as_posix(): sha256(path.read_bytes()).hexdigest()[:12]
        for path in modules(tree)
    }


def sample(tree: Path, size: int, seed: int) -> list[Change]:
    """Draw changes, of each operator as many as of any other while it has some.

    Most changes that are possible drop an argument of a call, which nearly every test notices; an
    equal number of each kind says more. The order of files and what is in others has no influence.
    """
    ranks: Counter[str] = Counter()
    ranked: list[tuple[int, str, Change]] = []
    for order, change in sorted(
        ((_digest(seed, change.ident), change) for path in modules(tree) for change in _in(path)),
        key=lambda pair: pair[0],
    ):
        ranked.append((ranks[change.operator], order, change))
        ranks[change.operator] += 1
    chosen: list[Change] = []
    for _rank, _order, change in sorted(ranked, key=lambda entry: entry[:2]):
        if len(chosen) < size and change.has_effect:
            chosen.append(change)
    return chosen


def _in(path: Path) -> Iterator[Change]:
    name = path.as_posix().rpartition(f"{PACKAGE}/")[2]
    wrapper = MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    module, positions = wrapper.module, wrapper.resolve(PositionProvider)
    same: Counter[tuple[str, ...]] = Counter()
    for node, place in _walk(module, Place(), positions):
        for kind, operator in mutation_operators:
            for replacement in operator(node) if isinstance(node, kind) else ():
                label = operator.__name__.removeprefix("operator_")
                what = (name, label, module.code_for_node(node), module.code_for_node(replacement))
                same[what] += 1
                ident = _digest(*what, same[what])[:12]
                line = positions[node].start.line
                yield Change(name, label, ident, place, line, module, node, replacement)


def _walk(
    node: cst.CSTNode, place: Place, positions: Positions
) -> Iterator[tuple[cst.CSTNode, Place]]:
    if m.matches(node, NEUTRAL):
        return
    place = _place(node, place, positions)
    yield node, place
    for child in node.children:
        yield from _walk(child, place, positions)


def _place(node: cst.CSTNode, around: Place, positions: Positions) -> Place:
    lines = positions[node]
    first, last = lines.start.line, lines.end.line
    match node:
        case cst.FunctionDef():
            return Place(first, last, in_function=True)  # defaults act where the body runs
        case cst.ClassDef():
            return Place(first, last)
        case cst.SimpleStatementLine():
            return Place(first, last, around.in_function)
    match getattr(node, "body", getattr(node, "cases", None)):
        case cst.IndentedBlock(body=[block, *_]) | [cst.MatchCase() as block, *_]:
            return Place(first, max(first, positions[block].start.line - 1), around.in_function)
    return around


def _digest(*parts: object) -> str:
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()
