"""Message catalogues: `update` them from the sources, `compile` them, `check` that they are whole.

`update pt` begins a catalogue for Portuguese. The module uses Babel and Django's own parser of
templates, so no gettext programs are needed. A catalogue is whole if each message has a translation
with the same placeholders, the terms of the glossary (`tools/glossary.py`), and the quotation marks
of its language.
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

from tools import glossary  # noqa: E402 - needs the path above

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
"""The quotation marks of each language, as in `docs/glossary-*.md`; all others are faults."""
TANWIN = ("اً", "ًا")
"""The ending of an indefinite noun in the accusative, in both spellings."""
_ANY_MARKS = '"“”„‟«»‹›「」『』＂'
_TAG = re.compile(r"<[^>]*>")


def main(task: str, *new: str) -> int:
    """Carry out `update`, `compile` or `check`, and return the exit code.

    Begin a catalogue for each of the languages `new` first.
    """
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
    """Return a catalogue of all messages below `folder`, in Python and in templates."""
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
    """Update a catalogue from the sources: keep translations, delete messages that were removed."""
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
    """Yield one sentence for each fault of a catalogue."""
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
        if language_of(path) == "ar" and has_swapped_forms(message):
            yield f"{name}: {_shown(message)} has the forms for 11 and for 100 swapped"
    for conflict in glossary.read().conflicts(catalog, language_of(path)):
        yield f"{name}: {conflict}"


def _errors(catalog: Catalog, message: Message) -> Iterator[Exception]:
    """Yield an error for each wrong placeholder or plural form.

    Babel compares the first form with the English singular, which may have no placeholder for the
    number. The first form can also stand for other numbers (in Chinese for all, in Russian for 21)
    and then needs it. Each form is therefore compared with the English plural.
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
    text = _TAG.sub("", "".join(forms))  # attributes of HTML have straight quotation marks
    return {mark for mark in _ANY_MARKS if mark in text and mark not in own}


def has_swapped_forms(message: Message) -> bool:
    """Return whether an Arabic message has its last two plural forms in each other's place.

    By the rule at the head of the catalogue, the fifth form is for 100 to 102, and the sixth for 11
    to 99. Only after 11 to 99 has the counted noun the ending of the accusative ("11 يوماً").
    """
    forms = () if isinstance(message.string, str) else message.string or ()
    if len(forms) != 6:
        return False
    hundred, eleven = (set(re.findall(r"[\w\u064b-\u0652]+", form)) for form in forms[4:])
    return any(word.endswith(TANWIN) for word in hundred - eleven)


def language_of(path: Path) -> str:
    """Return the language of a catalogue: "zh" for `locale/zh_Hans/LC_MESSAGES/django.po`."""
    return path.parts[-3].partition("_")[0]


def extract_template(
    source: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Yield the messages of a Django template; an extraction method for Babel."""
    from django.utils.translation.template import templatize  # `compile` must run without Django

    # Inside parentheses, Python ignores line breaks and indentation.
    text = f"({templatize(source.read().decode())}\n)"
    yield from extract_python(io.BytesIO(text.encode()), keywords, comment_tags, options)


def _method(path: Path) -> Any:
    if "templates" in path.parts and path.suffix in {".html", ".txt"}:
        return extract_template
    return extract_python if path.suffix == ".py" else None


def read(path: Path) -> Catalog:
    """Read a catalogue. Raises `PoFileError` if the file is damaged."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def _shape(catalog: Catalog) -> list[Any]:
    """Return the part of a catalogue whose changes make `update` write the file again."""
    return [
        (m.id, m.context, m.string, m.auto_comments, sorted({file for file, _ in m.locations}))
        for m in catalog
        if m.id
    ]


def is_translated(message: Message) -> bool:
    """Return whether a message has a translation for each plural form."""
    texts = [message.string] if isinstance(message.string, str) else message.string or [""]
    return all(texts)


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
