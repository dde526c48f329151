"""One person of whom everything is kept, and where their words are found."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration.models import Draft, Registration
from hemicycle.before.statements import actions as statements
from hemicycle.hearing.people.models import Track
from hemicycle.outcome.archive import building
from hemicycle.outcome.summary import actions as summaries
from hemicycle.record import clock
from tests.mail.incoming.arriving import arrived
from tests.mail.incoming.letters import docx, letter, with_file
from tests.support.finished import OWN, Finished, finished_hearing
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from tests.support.lists import World

NAME = "Speaker of Open Doors"
QUESTION = "Who pays for the shelters?"
WORDS = OWN["Open Doors"][-50:]
MAILED = "the letter that Open Doors once wrote"
PROOF = "the register on which Open Doors stands"


@dataclass
class Everything:
    """A hearing that is over, and one person in it; `marks` lead to nobody else."""

    finished: Finished
    registration: Registration
    marks: list[str]

    @property
    def world(self) -> World:
        """The hearing."""
        return self.finished.world


@contextmanager
def everything() -> Iterator[Everything]:
    """Registration, statement, question, summary, mail, evidence, draft, letters and archives.

    Files are written to the folder of the uploads, so a transaction that is rolled back is no use.
    """
    with finished_hearing() as finished:
        world, row = finished.world, finished.registrations["Open Doors"]
        email = row.person.email
        mail = with_file(letter(sender=email, text=MAILED), "annex.docx", docx(MAILED))
        kept = arrived(mail, sender=email)
        kept.hearing_id, kept.person_id = world.hearing.id, row.person_id
        kept.save()
        Evidence.objects.create(
            registration=row,
            form=Evidence.Form.WORDS,
            text=PROOF,
            sha256="0" * 64,
            added_at=clock.now(),
        )
        Draft.objects.create(
            key="theirs",
            hearing=world.hearing,
            track=Track.STAKEHOLDERS,
            data={"name": [NAME]},
            sent_to=email,
            saved_at=clock.now(),
        )
        listed_missions(world, email)
        statements.set_consent(
            statement=finished.statement("Open Doors"), publish=True, actor=world.office
        )
        summaries.draft(hearing=world.hearing, actor=world.office)
        summaries.publish(hearing=world.hearing, actor=world.office)
        building.want(world.hearing, public=False)
        building.build_wanted()
        yield Everything(finished, row, [NAME, email, QUESTION, WORDS, MAILED, PROOF])


def in_tables(marks: list[str]) -> set[tuple[str, str]]:
    """Which marks are in which table, the search index and tables of no model among them."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                text = " ".join(_text(value) for value in row)
                found |= {(table, mark) for mark in marks if mark.casefold() in text}
    return found


def in_files(marks: list[str]) -> set[tuple[str, str]]:
    """Which marks are in which stored file, archives opened, and which log of security."""
    found = set()
    for root in (Path(settings.MEDIA_ROOT), Path(settings.SECURITY_LOG_DIR)):
        for path in root.rglob("*"):
            for name, content in _contents(path) if path.is_file() else ():
                text = _text(content)
                found |= {(name, mark) for mark in marks if mark.casefold() in text}
    return found


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}/{name}", archive.read(name)
    else:
        yield path.parent.name, path.read_bytes()


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace").casefold()
    return str(value).casefold()
