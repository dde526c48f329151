"""Message catalogues: `update` them from the sources, `compile` them, `check` that they are whole.

`update pt` begins a catalogue for Portuguese. All of it is done with Babel and Django's own reading
of templates, so that no gettext programs are needed. A catalogue is whole if each message has a
translation, with the same placeholders, in the terms of the glossary (`tools/glossary.py`), and in
the quotation marks of its language.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import num_plurals
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools import glossary  # noqa: E402 - the folder above is not on the path before

SOURCES = ROOT / "src"
LOCALES = SOURCES / "hemicycle/locale"
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}
QUOTATION_MARKS = {"ar": "«»", "es": "«»", "fr": "«»", "ru": "«»", "zh": "“”"}
"""The marks of each language, as `docs/glossary-*.md` has them; all others are faults."""
_ANY_MARKS = '"“”„‟«»‹›「」『』＂'
_TAG = re.compile(r"<[^>]*>")


def main(task: str, *new: str) -> int:
    """Do one of the tasks; returns the exit code."""
    for language in new:
        begin(language)
    paths = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))
    if task == "compile":
        for path in paths:
            compile_one(path)
        return 0
    wanted = collect(SOURCES)
    if task == "update":
        for path in paths:
            update(path, wanted)
        return 0
    faults = [fault for path in paths for fault in find_faults(path, wanted)]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


def collect(folder: Path) -> Catalog:
    """Every message below `folder`, in Python and in templates."""
    catalog = Catalog(project="Hemicycle", fuzzy=False)
    for path in sorted(folder.rglob("*.*")):
        method = _method(path)
        if method is None:
            continue
        with path.open("rb") as file:
            for _line, message, comments, context in extract(
                method, file, KEYWORDS, ("Translators:",), strip_comment_tags=True
            ):
                where = [(str(path.relative_to(folder)), 0)]
                catalog.add(message, locations=where, auto_comments=comments, context=context)
    return catalog


def begin(language: str) -> None:
    """Make an empty catalogue for a language, unless it has one."""
    path = LOCALES / language / "LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("wb") as file:
            write_po(file, Catalog(locale=language, project="Hemicycle", fuzzy=False))


def update(path: Path, wanted: Catalog) -> None:
    """Update a catalogue from the sources; translations stay, removed messages go."""
    catalog = read(path)
    before = _shape(catalog)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if _shape(catalog) != before:
        with path.open("wb") as file:
            write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)


def compile_one(path: Path) -> None:
    """Write the compiled catalogue that Django reads, beside its source."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(path))


def find_faults(path: Path, wanted: Catalog) -> Iterator[str]:
    """Yield the faults of a catalogue, a sentence each."""
    catalog = read(path)
    name = path.relative_to(ROOT)
    for message in wanted:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        if known is None:
            yield f"{name}: {_shown(message)} is missing; run `make messages`"
        elif known.fuzzy or not is_translated(known):
            yield f"{name}: {_shown(message)} is not translated"
    for message in catalog:
        yield from (f"{name}: {_shown(message)}: {error}" for error in _errors(catalog, message))
        for marks in sorted(other_marks(message, language_of(path))):
            yield f"{name}: {_shown(message)} has other quotation marks: {marks}"
    for conflict in glossary.read().conflicts(catalog, language_of(path)):
        yield f"{name}: {conflict}"


def _errors(catalog: Catalog, message: Message) -> Iterator[Exception]:
    """Yield wrong placeholders and plural forms.

    Babel compares the first form with the English for one. Where it stands for other numbers too
    (in Chinese for all, in Russian for 21), it needs the number that the English for many has.
    """
    if not message.id or isinstance(message.id, str):
        yield from message.check(catalog)
        return
    for form in message.string or ():
        yield from Message(message.id[-1], form, flags=message.flags).check(catalog)
    try:
        num_plurals(catalog, message)
    except TranslationError as error:
        yield error


def other_marks(message: Message, language: str) -> set[str]:
    """Return the quotation marks in a translation that its language does not use."""
    own = QUOTATION_MARKS.get(language)
    if own is None or not message.id:
        return set()
    forms = [message.string] if isinstance(message.string, str) else message.string or ()
    text = _TAG.sub("", "".join(forms))  # values of attributes have marks of their own
    return {mark for mark in _ANY_MARKS if mark in text and mark not in own}


def language_of(path: Path) -> str:
    """The language of a catalogue: "zh" of `locale/zh_Hans/LC_MESSAGES/django.po`."""
    return path.parts[-3].partition("_")[0]


def extract_template(
    source: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Babel's extraction method for Django templates."""
    from django.utils.translation.template import templatize  # compiling needs no Django

    # Inside brackets, line breaks and indentation mean nothing to Python.
    text = f"({templatize(source.read().decode())}\n)"
    yield from extract_python(io.BytesIO(text.encode()), keywords, comment_tags, options)


def _method(path: Path) -> Any:
    if "templates" in path.parts and path.suffix in {".html", ".txt"}:
        return extract_template
    return extract_python if path.suffix == ".py" else None


def read(path: Path) -> Catalog:
    """Read a catalogue; raise `PoFileError` for one that is damaged."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def _shape(catalog: Catalog) -> list[Any]:
    """Return the part of the catalogue for whose changes it is written again."""
    return [
        (m.id, m.context, m.string, m.auto_comments, sorted({file for file, _ in m.locations}))
        for m in catalog
        if m.id
    ]


def is_translated(message: Message) -> bool:
    """Whether a message of a catalogue has a translation, in each plural form."""
    texts = [message.string] if isinstance(message.string, str) else message.string or [""]
    return all(texts)


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
