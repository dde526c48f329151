"""`hemicycle convene FILE`: reads a concept note and drafts the hearing that it convenes.

Exit status: 0 if the note was read; 1 if it was read but not stored; 2 if the file cannot be read.
Every text is read: standard error says if it may convene no hearing, if the hearing is cancelled or
moved, and where the secretariat must choose between candidates. If the file is a hearing's own file
(TOML), the draft is made from it unchanged.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from hemicycle.convening import FIELDS, NoteReading
from hemicycle.documents.reading import UnreadableDocument
from hemicycle.hearing.setup.note_reading import read_note, sentence_of

READ, NOT_STORED, UNREADABLE = 0, 1, 2


class NotStored(Exception):
    """Raised if the draft cannot be stored; the message says what is wrong and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    try:
        options = _parser().parse_args(argv)
        options.json |= options.format == "json"
        status = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `| head`, has closed the pipe. Flushing the buffer at exit must not
        # raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READ
    return status


def _run(options: argparse.Namespace) -> int:
    if options.file.suffix.lower() == ".toml" and options.file.is_file():
        return _own_file(options)
    failure = None
    try:
        with options.file.open("rb") as note:
            if options.model:
                reading, failure = _with_model(note, options.file.name)
            else:
                reading = read_note(note, name=options.file.name)
    except OSError as error:
        print(f"hemicycle convene: {_not_opened(options.file, error)}", file=sys.stderr)
        return UNREADABLE
    except UnreadableDocument as error:
        template, values = sentence_of(error)
        print(f"hemicycle convene: {template % values}", file=sys.stderr)
        return UNREADABLE
    if failure:
        print(f"hemicycle convene: {failure}", file=sys.stderr)
    for line in notices(reading, options.file):
        print(f"hemicycle convene: {line}", file=sys.stderr)
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


def _own_file(options: argparse.Namespace) -> int:
    """Draft a hearing from its own file (TOML), or with `--dry-run` only show its content."""
    _django()
    from hemicycle.hearing.setup import own_files
    from hemicycle.hearing.setup.schema import InvalidDocument

    print(f"hemicycle convene: {options.file.name} is a hearing's own file.", file=sys.stderr)
    try:
        data = own_files.load(options.file)
        if not options.dry_run:
            print(f"Draft stored: {own_files.store(data)}", file=sys.stderr)
    except InvalidDocument as invalid:
        for problem in invalid.problems:
            print(f"hemicycle convene: {problem}", file=sys.stderr)
        return UNREADABLE
    reading = own_files.as_reading(data)
    if options.json:
        _print_json(reading)
    else:
        print(as_text(reading))
    return READ


def _with_model(note: IO[bytes], name: str) -> tuple[NoteReading, str | None]:
    """Return the reading with the opinion of a language model, and why it has none (else None)."""
    _django()
    from hemicycle.hearing import language_model
    from hemicycle.hearing.setup import second_opinion

    if not language_model.is_set_up():
        return read_note(note, name=name), "HEMICYCLE_MODEL_URL names no language model."
    print(f"hemicycle convene: the text goes to {language_model.host()}.", file=sys.stderr)
    reading, failure = second_opinion.read_note(note, name=name, with_model=True)
    return reading, failure.sentence if failure else None


def _django() -> None:
    """Set up Django, which a dry run with a note does not need."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    django.setup()


def _not_opened(file: Path, error: OSError) -> str:
    """Return the reason why the given path cannot be read."""
    if isinstance(error, FileNotFoundError):
        return f"There is no file {file}. Check the name and the folder."
    if isinstance(error, IsADirectoryError):
        return f"{file} is a folder. Give the note itself."
    return f"{file} cannot be opened: {error.strerror}."


def save_draft(reading: NoteReading, file: Path) -> str:
    """Store the draft for the secretariat to confirm; return the address of its page.

    Django is set up only here, so that a dry run needs neither settings nor a database.
    """
    _django()
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
    """Return the reading as text: fields with their values and passages, then missing fields."""
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


STATUSES = {
    "cancelled": "The note says that the hearing is cancelled: the draft has no meeting.",
    "postponed": "The note says that the hearing is postponed: the draft has no meeting.",
    "rescheduled": "The note says that the hearing is rescheduled. Check its new day.",
}


def notices(reading: NoteReading, file: Path) -> list[str]:
    """Return the lines that the secretariat should see before it relies on a reading."""
    lines = []
    if not reading.convenes:
        lines.append(f"It is not certain that {file.name} convenes a hearing. Check each field.")
    if reading.status:
        lines.append(STATUSES[reading.status])
    for candidate in reading.candidates:
        value, field = _value(candidate["value"]), candidate["field"].replace("_", " ")
        lines.append(f"Candidate for {field}: {value}\n    < {candidate['passage']}")
    return lines


def _print_json(reading: NoteReading) -> None:
    print(json.dumps(reading.as_json(), ensure_ascii=False, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle convene",
        description="Read a concept note (docx, odt, pdf, html, markdown, text); draft a hearing.",
    )
    parser.add_argument("file", type=Path, help="the concept note, letter or announcement")
    # All texts are drafted now. Scripts may still pass the option that was once needed for that.
    parser.add_argument("--force", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what was read and store nothing"
    )
    parser.add_argument(
        "--model",
        action="store_true",
        help="also send the text to the language model of HEMICYCLE_MODEL_URL",
    )
    parser.add_argument("--json", action="store_true", help="print what was read as JSON")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: the same as --json"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
