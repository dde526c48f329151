"""Check the dependencies between folders that Python's imports do not show.

A template that extends another, a script that imports one, a style sheet, the name of a template in
Python, an address written by hand: each makes its folder depend on another (an edge), and
import-linter does not find them. This check compares them with the order of the `layers` contracts
in `pyproject.toml`: a folder may use only itself and folders below it.

A link to a higher page is navigation, and allowed by name only: `{% url "room:seat" %}` and
`reverse("room:seat")` are not edges, because tests find names that do not exist, and the address
can change without a change to the template or module. The same address written as `/h/x/seat/` is
an edge to the folder whose `urls.py` declares it. The beginning of an address, such as `/office/`,
may belong to several folders: the edge is allowed if one of them may be used.

A template or an address in a variable is not checked, because the text does not show it; a lower
folder uses this to show what a higher one registers. The addresses that `site/asgi.py` mounts
beside Django (the clock, the feed, sound and picture) are not checked either: they are the protocol
between pages and processes, and no folder of pages declares them.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import join, normpath

ROOT = Path(__file__).parents[1]
PACKAGE = "hemicycle"
ANY = "\0"
"""Placeholder for the variable parts of an address in a template or format."""

LOADS = re.compile(r"{%-?\s*load\s+(.+?)\s*-?%}")
BUILDS_ON = re.compile(r"""{%-?\s*(?:extends|include)\s+["']([^"']+)["']""")
STATIC = re.compile(r"""{%-?\s*static\s+["']([^"']+)["']""")
MODULE = re.compile(r"""{%-?\s*module\s+["']([^"']+)["']""")
STYLES = re.compile(r"""{%-?\s*styles\s+((?:["'][^"']+["']\s*)+)""")
QUOTED = re.compile(r"""["']([^"']+)["']""")
ATTRIBUTE = re.compile(r"""=\s*"(/[^"]*)"|=\s*'(/[^']*)'""")
TEMPLATE_COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?{%\s*endcomment\s*%}", re.DOTALL)
FILLED_IN = re.compile(r"{{.*?}}|{%.*?%}|\${[^}]*}")

SCRIPT_IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+\.js)["']"""  # types in comments are edges too
)
SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)
SCRIPT_ADDRESS = re.compile(r"""["'`](?:\${[^}]*})?(/[^"'`\n]*)["'`]""")
ADDRESS = re.compile(rf"/(?:[\w.~{ANY}-]+/?)+")
STYLE_USE = re.compile(r"""@import\s+(?:url\()?["']([^"']+)["']|url\(\s*["']?([^"')]+)["']?\s*\)""")


@dataclass(frozen=True, slots=True)
class Edge:
    """The use of `target` in a line of `file`, and the parts to which the two belong."""

    file: str
    line: int
    kind: str
    target: str
    source_part: str
    target_part: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.kind} {self.target.replace(ANY, '…')!r} makes "
            f"{self.source_part} depend on {self.target_part}, which does not lie below it"
        )


@dataclass(frozen=True, slots=True)
class Layers:
    """One `layers` contract: dotted modules, each with its rank, 0 on top."""

    ranks: dict[str, int]

    def of(self, part: str) -> str | None:
        """Return the layer of a part (the part itself or an ancestor), or None."""
        names = part.split(".")
        return next(
            (
                name
                for length in range(len(names), 0, -1)
                if (name := ".".join(names[:length])) in self.ranks
            ),
            None,
        )

    def allows(self, source: str, target: str) -> bool:
        """Return whether `source` may use `target`: the same or a lower layer, or in no layer."""
        above, below = self.of(source), self.of(target)
        if above is None or below is None or above == below:
            return True
        return self.ranks[above] < self.ranks[below]


class House:
    """The files of a checkout, by the names that templates, scripts and pages use for them."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.package = root / "src" / PACKAGE
        files = [
            file
            for file in sorted(self.package.rglob("*"))
            if file.is_file()
            and not {"vendor", "handbook_pages", "__pycache__", "locale"} & set(file.parts)
        ]
        self.sources = [file for file in files if file.suffix == ".py"]
        self.named = {
            "template": _named(files, "templates"),
            "file": _named(files, "static"),
            "tag library": {
                file.stem: file for file in self.sources if file.parent.name == "templatetags"
            },
        }

    @cached_property
    def layers(self) -> list[Layers]:
        """The `layers` contracts of import-linter."""
        settings = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))
        return [
            Layers(
                {
                    f"{container}.{name.strip()}" if container else name.strip(): rank
                    for container in contract.get("containers", [""])
                    for rank, layer in enumerate(contract["layers"])
                    for name in layer.split("|")
                }
            )
            for contract in settings["tool"]["importlinter"]["contracts"]
            if contract["type"] == "layers"
        ]

    @cached_property
    def routes(self) -> list[tuple[tuple[str, ...], str]]:
        """Each address that a `urls.py` declares, in segments, with the part that declares it."""
        trees = {
            file: ast.parse(file.read_text("utf-8"))
            for file in self.sources
            if file.name.endswith("urls.py")
        }
        before = {module: route for tree in trees.values() for module, route in _included(tree)}
        return [
            (_segments(re.sub(r"<[^>]*>", ANY, before.get(self._module(file), "") + route)), part)
            for file, tree in trees.items()
            for part in [self.part(file)]
            for route in _declared(tree)
        ]

    def _module(self, file: Path) -> str:
        inside = file.relative_to(self.package).with_suffix("")
        return ".".join((PACKAGE, *inside.parts))

    def part(self, file: Path) -> str:
        """Return the dotted name of the part to which a file belongs."""
        inside = file.relative_to(self.package).parts[:-1]
        for marker in ("templates", "static", "templatetags"):
            if marker in inside:
                inside = inside[: inside.index(marker)]
        stem = (file.stem,) if not inside else ()
        return ".".join((PACKAGE, *inside, *stem))

    def use(self, line: int, kind: str, name: str) -> Iterator["Use"]:
        """Yield the use of `name`, or nothing if it comes from another package."""
        found = self.named[kind].get(name)
        if found is not None:
            yield line, kind, name, [self.part(found)]

    def allows(self, source: str, target: str) -> bool:
        """Return whether all contracts allow one part to use another."""
        return all(layers.allows(source, target) for layers in self.layers)

    def owners(self, address: str) -> list[str]:
        """Return the parts whose `urls.py` declare an address, or addresses that begin with it."""
        wanted = _segments(address)
        if all(segment == ANY for segment in wanted):
            return []
        fits = _begins if address.endswith("/") else _equals
        return sorted({part for route, part in self.routes if fits(route, wanted)})


def wrong_edges(house: House) -> list[Edge]:
    """Return all edges to a part that is not below the one that uses it."""
    statics = house.named["file"].values()
    readers = (
        (house.named["template"].values(), _in_template),
        ([file for file in statics if file.suffix == ".js"], _in_script),
        ([file for file in statics if file.suffix == ".css"], _in_style),
        ([file for file in house.sources if not file.name.endswith("urls.py")], _in_python),
    )
    return [
        edge
        for files, read in readers
        for file in files
        for edge in _judged(house, file, read(house, file))
    ]


type Use = tuple[int, str, str, list[str]]
"""A line, the kind of the edge, what is used, and the parts that it may belong to."""


def _judged(house: House, file: Path, uses: Iterator[Use]) -> Iterator[Edge]:
    source = house.part(file)
    for line, kind, target, parts in uses:
        if parts and not any(house.allows(source, part) for part in parts):
            yield Edge(str(file.relative_to(house.root)), line, kind, target, source, parts[0])


def _in_template(house: House, file: Path) -> Iterator[Use]:
    text = TEMPLATE_COMMENT.sub(_blank, file.read_text("utf-8"))
    for match in LOADS.finditer(text):
        for name in re.sub(r"^.*\bfrom\s+", "", match[1]).split():
            yield from house.use(_line(text, match), "tag library", name)
    for match in BUILDS_ON.finditer(text):
        yield from house.use(_line(text, match), "template", match[1])
    for match in STATIC.finditer(text):
        yield from house.use(_line(text, match), "file", match[1])
    for match in MODULE.finditer(text):
        name = match[1] if "/" in match[1] else f"js/{match[1]}.js"
        yield from house.use(_line(text, match), "file", name)
    for match in STYLES.finditer(text):
        for name in QUOTED.findall(match[1]):
            yield from house.use(_line(text, match), "file", f"css/{name}.css")
    for match in ATTRIBUTE.finditer(text):
        yield from _address(house, _line(text, match), match[1] or match[2])


def _in_script(house: House, file: Path) -> Iterator[Use]:
    text = file.read_text("utf-8")
    own = _name(file, "static")
    for match in SCRIPT_IMPORT.finditer(text):
        name = _resolved(own, match[1])
        yield from house.use(_line(text, match), "file", name)
    code = SCRIPT_COMMENT.sub(_blank, text)
    for match in SCRIPT_ADDRESS.finditer(code):
        yield from _address(house, _line(code, match), match[1])


def _in_style(house: House, file: Path) -> Iterator[Use]:
    text = file.read_text("utf-8")
    own = _name(file, "static")
    for match in STYLE_USE.finditer(text):
        name = _resolved(own, match[1] or match[2])
        yield from house.use(_line(text, match), "file", name)


def _in_python(house: House, file: Path) -> Iterator[Use]:
    for line, text in _strings(ast.parse(file.read_text("utf-8"))):
        yield from house.use(line, "template", text)
        yield from house.use(line, "file", text)
        yield from _address(house, line, text)


def _address(house: House, line: int, text: str) -> Iterator[Use]:
    address = FILLED_IN.sub(ANY, text).lstrip(ANY).partition("?")[0].partition("#")[0]
    if ADDRESS.fullmatch(address) and not address.startswith("/static/"):
        yield line, "address", address, house.owners(address)


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string except docstrings, with `ANY` for variable parts."""
    inner = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            inner.update(id(value) for value in node.values)
            yield node.lineno, "".join(_text(value) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            told = re.sub(r"%(?:\(\w+\))?[sd]|{\w*}", ANY, node.value)
            if id(node) not in inner:
                yield node.lineno, told


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ANY


def _declared(tree: ast.Module) -> Iterator[str]:
    """Yield the routes that a `urls.py` writes out; imported ones are found in their own module."""
    known = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in _paths(tree):
        route = _route(node.args[0], known)
        if route and "include" not in ast.dump(node.args[1]):
            yield route


def _included(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the modules that a `urls.py` includes, each with the prefix of its addresses."""
    for node in _paths(tree):
        inner = node.args[1]
        if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "include":
            yield _text(inner.args[0]), _text(node.args[0])


def _paths(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "path":
            yield node


def _route(node: ast.expr, known: Mapping[str, object]) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.Name(id=name):
            return str(known.get(name, ""))
        case ast.JoinedStr(values=values):
            return "".join(_route(value, known) for value in values)
        case ast.FormattedValue(value=value):
            return _route(value, known) or ANY
    return ""


def _segments(address: str) -> tuple[str, ...]:
    return tuple(
        ANY if ANY in segment else segment for segment in address.strip("/").split("/") if segment
    )


def _begins(route: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    both = zip(route, wanted, strict=False)
    return len(wanted) <= len(route) and all(ANY in pair or len(set(pair)) == 1 for pair in both)


def _equals(route: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return len(wanted) == len(route) and _begins(route, wanted)


def _named(files: list[Path], folder: str) -> dict[str, Path]:
    return {_name(file, folder): file for file in files if folder in file.parts}


def _name(file: Path, folder: str) -> str:
    at = len(file.parts) - 1 - file.parts[::-1].index(folder)
    return "/".join(file.parts[at + 1 :])


def _resolved(own: str, used: str) -> str:
    if used.startswith("/static/"):
        return used.removeprefix("/static/")
    return normpath(join(own.rpartition("/")[0], used))


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


if __name__ == "__main__":
    wrong = wrong_edges(House())
    for found_edge in wrong:
        sys.stderr.write(f"{found_edge}\n")
    sys.exit(bool(wrong))
