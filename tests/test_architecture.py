"""The architecture: what the core knows, what is imported, how things are named.

`make check` looks after who imports whom. A rule parses only files whose text may break it.
"""

import ast
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/hemicycle"
PROCEDURE = PACKAGE / "procedure"
MOST_FOLDERS = 14
USED_BY_OTHERS = {"brotli", "httptools", "tzdata", "uvloop", "websockets"}
"""Dependencies that Hemicycle does not import: servestatic, uvicorn and zoneinfo import them."""


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


def test_each_dependency_is_used() -> None:
    wanted = set(_dependencies())
    provided = defaultdict(set)
    for module, names in packages_distributions().items():
        for name in names:
            provided[name.lower().replace("_", "-")].add(module)
    texts = {path: path.read_text() for path in PACKAGE.rglob("*.py")}
    settings = (PACKAGE / "site/settings.py").read_text()  # names applications as strings

    def is_used(module: str) -> bool:
        return f'"{module}' in settings or any(
            module == name.partition(".")[0]
            for path, text in texts.items()
            if module in text
            for name in _imported(path)
        )

    assert {name for name in wanted if not any(map(is_used, provided[name]))} == USED_BY_OTHERS


def test_the_house_has_few_rooms() -> None:
    folders = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert len(folders) <= MOST_FOLDERS, sorted(folder.name for folder in folders)


def test_a_class_name_has_one_meaning() -> None:
    sources = {str(path.relative_to(PACKAGE)): path.read_text() for path in _python(PACKAGE)}
    assert ambiguous_classes(sources) == []


def test_a_loop_variable_says_what_it_holds() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in _sources()
        for line in loops_over_each(path.read_text(), path.suffix)
    ]
    assert found == []


def test_no_sentence_is_a_key() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for path in _python(PACKAGE)
        for line in sentences_as_keys(path.read_text())
    }
    assert found == set()


# What the rules catch.

FAULTY = """
class Line: ...
class Form:
    class Meta: ...
"""


def test_a_class_in_two_modules_is_caught() -> None:
    other = "class Line: ...\nclass Table:\n    class Meta: ...\n"
    assert ambiguous_classes({"a.py": FAULTY, "b.py": other}) == ["Line: a.py, b.py"]
    assert ambiguous_classes({"a.py": FAULTY, "migrations/0001.py": other}) == []


def test_a_class_within_a_class_is_named_by_both() -> None:
    other = "class Page:\n    class Line: ...\n"
    assert ambiguous_classes({"a.py": FAULTY, "b.py": other}) == []


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".py", "for each in rows: ..."),
        (".py", "found = [each.id for each in rows]"),
        (".py", "found = {key: each for key, each in rows}"),
        (".py", "first = sorted(rows, key=lambda each: each.id)"),
        (".js", "for (const each of rows) show(each);"),
        (".js", "rows.map((each) => each.id);"),
        (".js", "rows.map(each => each.id);"),
        (".html", "{% for each in rows %}{{ each }}{% endfor %}"),
        (".html", "{% for key, each in rows.items %}{{ each }}{% endfor %}"),
    ],
)
def test_a_loop_over_each_is_caught(suffix: str, text: str) -> None:
    assert list(loops_over_each(text, suffix)) == [1]


def test_the_word_itself_is_no_fault() -> None:
    assert not list(loops_over_each('"""One for each in the hall."""\nx = 1  # for each', ".py"))
    assert not list(loops_over_each("// for each of them\nfor (const row of rows) {}", ".js"))
    assert not list(
        loops_over_each("{% for row in rows %}for each in the hall{% endfor %}", ".html")
    )


@pytest.mark.parametrize(
    "text",
    [
        'CODES = {"The list is full.": "full"}\ncode = CODES[said]',
        'CODES = {_("The list is full."): "full"}\ncode = CODES.get(str(said))',
        'CODES: dict[str, str] = {FULL: "full"}\nFULL = _("The list is full.")\nCODES[said]',
        'code = {"The list is full.": "full"}[said]',
        'full = counts["The list is full."]',
        'full = counts.get("The list is full.", 0)',
        'is_full = str(refused) == "The list is full."',
        'is_full = refused.sentence == _("The list is full.")',
    ],
)
def test_a_sentence_as_a_key_is_caught(text: str) -> None:
    assert list(sentences_as_keys(text))


@pytest.mark.parametrize(
    "text",
    [
        'SAYS = {"full": _("The list is full.")}\nSAYS[code]',
        'HEADERS = {"Content-Type": "text/plain"}\nHEADERS["Content-Type"]',
        'row["first name"]',
    ],
)
def test_codes_and_short_names_are_good_keys(text: str) -> None:
    assert not list(sentences_as_keys(text))


# The rules.


def ambiguous_classes(sources: dict[str, str]) -> list[str]:
    """Return the names of classes that several modules define, each with its modules.

    A class within a class, such as a form's `Meta` or a model's `Status`, is left out, since it is
    named together with the outer class.
    """
    classes = {
        name: set(re.findall(r"^class\s+(\w+)", text, re.MULTILINE))
        for name, text in sorted(sources.items())
        if "migrations" not in name
    }
    often = Counter(name for names in classes.values() for name in names)
    places: dict[str, list[str]] = defaultdict(list)
    for name, names in classes.items():
        if all(often[candidate] == 1 for candidate in names):
            continue
        for node in ast.parse(sources[name]).body:  # a line of a text may begin with "class" too
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    return [f"{name}: {', '.join(where)}" for name, where in places.items() if len(where) > 1]


_EACH_IN_PYTHON = re.compile(r"\beach\b(?!\s+(?!(?:and|as|else|for|if|in|is|not|or)\b)\w)")
"""The word where it may be a name: only a keyword or a sign follows a name."""
_EACH_IN_SCRIPT = re.compile(r"\b(?:const|let|var) each\b|\beach\)? *=>")
_EACH_IN_TEMPLATE = re.compile(r"\{%-? *for (?:\w+, *)*each(?:, *\w+)* in\b")


def loops_over_each(text: str, suffix: str) -> Iterator[int]:
    """Yield the lines on which a loop names its item only `each`."""
    if suffix == ".py":
        if _EACH_IN_PYTHON.search(text):
            yield from _loops_in_python(text)
        return
    pattern = _EACH_IN_SCRIPT if suffix == ".js" else _EACH_IN_TEMPLATE
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.search(line):
            yield number


def _loops_in_python(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            names = [part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)]
            line = node.target.lineno
        elif isinstance(node, ast.Lambda):
            names, line = [argument.arg for argument in node.args.args], node.lineno
        else:
            continue
        if "each" in names:
            yield line


_TRANSLATING = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
_SENTENCE = re.compile(r"[A-Z][^\n]* [^\n]*[.!?…]$|(?:\S+ ){5,}\S+$")


def sentences_as_keys(text: str) -> Iterator[int]:
    """Yield the lines that look something up by a sentence, or compare with one.

    As a rule of thumb, a sentence begins with a capital and ends with a stop, or has six words, or
    is translated. A dictionary whose keys are sentences is a fault, since its only use is to look
    them up. So is a subscript, `get` or comparison with a sentence.
    """
    tree = ast.parse(text)
    translated = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_translation(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for key in _keys(node):
            named = isinstance(key, ast.Name) and key.id in translated
            if named or _is_translation(key) or _is_sentence(key):
                yield key.lineno


def _keys(node: ast.AST) -> Iterable[ast.expr]:
    match node:
        case ast.Dict():
            return [key for key in node.keys if key is not None]
        case ast.Subscript():
            return [node.slice]
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
            return [key]
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
            return [node.left, *node.comparators]
        case _:
            return []


def _is_translation(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _TRANSLATING
    )


def _is_sentence(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(_SENTENCE.match(node.value))
    )


def _dependencies() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in project["dependencies"]:
        name = re.match(r"[\w-]+", requirement)
        assert name
        yield name[0].lower()


def _python(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def _sources() -> Iterator[Path]:
    for folder in ("src", "tests", "bench", "tools"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".js", ".html", ".txt"} and not {
                "migrations",
                "vendor",
                "fonts",
                "node_modules",
            } & {*path.parts}:
                yield path


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "hemicycle.procedure")
    return names
