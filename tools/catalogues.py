"""Message catalogues: `update` them from the sources, `compile` them, `check` that they are whole.

`update fr` begins a catalogue for French. All of it is done with Babel and Django's own reading of
templates, so that no gettext programs are needed.
"""

import io
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
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
# Sources that only the hearing's staff see, by path; a language may leave out messages that are in
# these only. All others reach participants or the public: each language has them.
OFFICE = (
    "*/staff_views.py",
    "*/csv_columns.py",
    "*/exports.py",
    "*/templates/*/office*",
    "before/accreditation/editions.py",
    "before/accreditation/focal_points.py",
    "before/accreditation/objections.py",
    "before/accreditation/staff_forms.py",
    "before/accreditation/labels.py",
    "before/accreditation/views/editions.py",
    "before/accreditation/views/focal_points.py",
    "before/accreditation/views/review.py",
    "mail/outgoing/actions.py",
    "mail/outgoing/forms.py",
    "mail/outgoing/importing.py",
    "mail/outgoing/views/letters.py",
    "mail/outgoing/views/lists.py",
    "mail/outgoing/lists.py",
    "mail/outgoing/views/mailings.py",
    "mail/outgoing/mailings.py",
    "mail/outgoing/outbox.py",
    "mail/outgoing/labels.py",
    "mail/outgoing/texts.py",
    "mail/outgoing/views/outbox.py",
    "mail/outgoing/templates/outgoing/[!mu]*.html",
    "mail/outgoing/templates/outgoing/mailing*.html",
    "mail/outgoing/templates/outgoing/message.html",
    "site/api/*.py",
    "site/api/templates/api/office*.html",
    "meeting/interpretation/actions.py",
    "meeting/interpretation/forms.py",
    "mail/incoming/actions.py",
    "mail/incoming/forms.py",
    "mail/incoming/models.py",
    "mail/incoming/cards.py",
    "mail/incoming/reasons.py",
    "mail/incoming/labels.py",
    "ssrf_guard.py",
    "before/questions/templates/questions/triage.html",
    "meeting/room/broadcaster_urls.py",
    "meeting/room/broadcasters.py",
    "meeting/room/views/floor.py",
    "meeting/room/forms.py",
    "meeting/room/views/technician.py",
    "meeting/room/templates/room/_engine_line.html",
    "meeting/room/templates/room/_engine.html",
    "meeting/room/templates/room/_holder.html",
    "meeting/room/templates/room/_keys.html",
    "meeting/room/templates/room/_list.html",
    "meeting/room/templates/room/_move.html",
    "meeting/room/templates/room/_next.html",
    "meeting/room/templates/room/_console_updates.html",
    "meeting/room/templates/room/_attendees.html",
    "meeting/room/templates/room/_preview.html",
    "meeting/room/templates/room/_programme.html",
    "meeting/room/templates/room/_remove.html",
    "meeting/room/templates/room/_screens.html",
    "meeting/room/templates/room/_sound.html",
    "meeting/room/templates/room/console.html",
    "meeting/room/templates/room/diagnostics.html",
    "meeting/room/templates/room/floor.html",
    "meeting/room/templates/room/technician.html",
    "before/speakers/forms.py",
    "before/registration/lists.py",
    "before/registration/mission_list.py",
    "before/registration/views/missions.py",
    "before/speakers/rules.py",
    "before/speakers/views.py",
    "before/speakers/templates/speakers/_demand.html",
    "before/speakers/templates/speakers/list.html",
    "before/speakers/templates/speakers/print.html",
    "before/speakers/templates/speakers/rule.html",
    "before/statements/templates/statements/detail.html",
    "before/statements/templates/statements/missing.html",
    "before/statements/templates/statements/video/detail.html",
    "outcome/summary/actions.py",
    "outcome/summary/assistant.py",
    "outcome/summary/forms.py",
    "outcome/summary/models.py",
    "outcome/summary/cards.py",
    "outcome/summary/versions.py",
    "outcome/summary/views/circulation.py",
    "outcome/summary/views/editor.py",
    "outcome/summary/views/office.py",
    "outcome/summary/views/versions.py",
    "outcome/summary/labels.py",
    "outcome/summary/templates/summary/_[!f]*.html",
    "outcome/summary/templates/summary/[!_p]*.html",
    "before/training/forms.py",
    "before/training/templates/training/_form.html",
    "before/training/templates/training/cancel.html",
    "before/training/templates/training/detail.html",
    "meeting/wall/gathering.py",
    "meeting/wall/templates/wall/post.html",
)


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
    catalog = _read(path)
    before = _shape(catalog)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if _shape(catalog) != before:
        with path.open("wb") as file:
            write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)


def compile_one(path: Path) -> None:
    """Write the compiled catalogue that Django reads, beside its source."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, _read(path))


def find_faults(path: Path, wanted: Catalog) -> Iterator[str]:
    """Yield the faults of a catalogue, a sentence each."""
    catalog = _read(path)
    name = path.relative_to(ROOT)
    for message in wanted:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        if known is None:
            yield f"{name}: {_shown(message)} is missing; run `make messages`"
        elif known.fuzzy or (_is_public(message) and not _is_translated(known)):
            yield f"{name}: {_shown(message)} is not translated"
    for message, errors in catalog.check():
        yield from (f"{name}: {_shown(message)}: {error}" for error in errors)


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


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def _shape(catalog: Catalog) -> list[Any]:
    """Return the part of the catalogue for whose changes it is written again."""
    return [
        (m.id, m.context, m.string, m.auto_comments, sorted({file for file, _ in m.locations}))
        for m in catalog
        if m.id
    ]


def _is_public(message: Message) -> bool:
    return not all(_is_office(file) for file, _line in message.locations)


def _is_office(file: str) -> bool:
    path = file.removeprefix("hemicycle/")
    return any(fnmatchcase(path, pattern) for pattern in OFFICE)


def _is_translated(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else message.string or [""]
    return all(texts)


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
