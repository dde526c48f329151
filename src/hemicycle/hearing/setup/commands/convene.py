"""`hemicycle convene FILE`: reads a concept note and drafts the hearing that it convenes.

Exit status: 0 read; 1 read but not stored; 2 the file cannot be read; 3 the text does not convene
a hearing (--force reads it all the same). With --json a text that convenes nothing still
prints the object, with every field in `missing`: what it says of days and limits is not a
hearing's.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hemicycle.convening import FIELDS, NoteReading
from hemicycle.documents.reading import UnreadableDocument
from hemicycle.hearing.setup.note_reading import read_note, sentence_of

READ, NOT_STORED, UNREADABLE, NO_NOTE = 0, 1, 2, 3


class NotStored(Exception):
    """The draft could not be stored; the message says what is wrong and how to correct it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    try:
        status = _run(_parser().parse_args(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # `| head` has read enough. What is still in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READ
    return status


def _run(options: argparse.Namespace) -> int:
    try:
        with options.file.open("rb") as note:
            reading = read_note(note, name=options.file.name)
    except OSError as error:
        print(f"hemicycle convene: {_not_opened(options.file, error)}", file=sys.stderr)
        return UNREADABLE
    except UnreadableDocument as error:
        template, values = sentence_of(error)
        print(f"hemicycle convene: {template % values}", file=sys.stderr)
        return UNREADABLE
    if not (reading.convenes or options.force):
        print(_refusal(reading, options.file), file=sys.stderr)
        if options.json:
            _print_json(reading.emptied())
        return NO_NOTE
    if not options.dry_run:
        try:
            print(f"Draft stored: {save_draft(reading, options.file)}", file=sys.stderr)
        except NotStored as error:
            print(f"hemicycle convene: {error}", file=sys.stderr)
            return NOT_STORED
    if options.json:
        _print_json(reading)
    else:
        print(as_text(reading))
    return READ


def _not_opened(file: Path, error: OSError) -> str:
    """Why the path that was given cannot be read."""
    if isinstance(error, FileNotFoundError):
        return f"There is no file {file}. Check the name and the folder."
    if isinstance(error, IsADirectoryError):
        return f"{file} is a folder. Give the note itself."
    return f"{file} cannot be opened: {error.strerror}."


def save_draft(reading: NoteReading, file: Path) -> str:
    """Stores the draft for the secretariat to confirm; returns how it is called there.

    Django is set up only here, so that a dry run needs neither settings nor a database.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    django.setup()
    from django.db import DatabaseError

    from hemicycle.hearing.setup import drafts

    try:
        stored = drafts.store_reading(file_name=file.name, found=reading.as_json())
    except DatabaseError as error:
        raise NotStored(
            f"The draft could not be stored ({error}). Run `hemicycle migrate` once, or use "
            "--dry-run to only see what was read."
        ) from error
    slug = stored.hearing.slug if stored.hearing else ""
    command = f"hemicycle admin role ADDRESS --hearing {slug} --give secretariat"
    return f"/office/convene/{stored.id}/ (`{command}` lets the secretariat in)"


def as_text(reading: NoteReading) -> str:
    """Return the reading for a person: each field with its value and the passage, then what is
    missing.
    """
    parts = []
    for name in FIELDS:
        if name not in reading.missing:
            values = (
                reading.values[name]
                if isinstance(reading.values[name], list)
                else [reading.values[name]]
            )
            lines = [f"  {_value(value)}" for value in values]
            lines += [f"    < {line}" for line in reading.sources.get(name, "").split("\n")]
            parts.append("\n".join([name.replace("_", " "), *lines]))
    parts.append(
        "missing\n  " + (", ".join(name.replace("_", " ") for name in reading.missing) or "nothing")
    )
    return "\n\n".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part is not None)
    return str(value)


def _refusal(reading: NoteReading, file: Path) -> str:
    found = [name.replace("_", " ") for name in FIELDS if name not in reading.missing]
    little = f"All that was found: {', '.join(found)}." if found else "Nothing of one was found."
    return (
        f"hemicycle convene: {file.name} does not look like a note that convenes a hearing. "
        f"{little} Give the concept note or the announcement itself, or use --force to draft "
        "from it all the same."
    )


def _print_json(reading: NoteReading) -> None:
    print(json.dumps(reading.as_json(), ensure_ascii=False, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle convene",
        description="Read a concept note (docx, odt, pdf, html, markdown, text); draft a hearing.",
    )
    parser.add_argument("file", type=Path, help="the concept note, letter or announcement")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what was read and store nothing"
    )
    parser.add_argument("--json", action="store_true", help="print what was read as JSON")
    parser.add_argument(
        "--force",
        action="store_true",
        help="draft even if the text does not look like a concept note",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
