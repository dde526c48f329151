"""A person with all kinds of data, and functions that find their words in tables and files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.http import QueryDict

from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration import exports
from hemicycle.before.registration.models import Draft, Registration
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import uploads
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.hearing.exports import making
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import TrackKind
from hemicycle.outcome.archive import building
from hemicycle.outcome.summary import actions as summaries
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.mail.incoming.arriving import arrived
from tests.mail.incoming.letters import docx, letter, with_file
from tests.support.finished import OWN, Finished, finished_hearing
from tests.support.jobs import work_off
from tests.support.lists import listed_missions
from tests.support.recorded import Recorded, record
from tests.support.stored_files import kept_files

if TYPE_CHECKING:
    from tests.support.lists import World

NAME = "Speaker of Open Doors"
QUESTION = "Who pays for the shelters?"
WORDS = OWN["Open Doors"][-50:]
MAILED = "the letter that Open Doors once wrote"
PROOF = "the register on which Open Doors stands"
FILMED = "a film of the speaker of Open Doors"
TITLES = ("doors that stay open at night", "des portes ouvertes la nuit")
WAITING = "a second version that Open Doors has just sent"
SPOKEN = "captions of what Open Doors said aloud"


@dataclass
class Everything:
    """A hearing that is over, and one person in it; `marks` are texts of this person only."""

    finished: Finished
    registration: Registration
    marks: list[str]
    recordings: list[Recorded]
    given_ms: int
    """When the person got the floor, in ms since the Unix epoch. The first recording covers it."""

    @property
    def world(self) -> World:
        """The hearing."""
        return self.finished.world


@contextmanager
def everything() -> Iterator[Everything]:
    """Yield a hearing that is over, with a person who has all kinds of data.

    The data are a registration, statement, question, summary, mail, evidence, draft, letters,
    archives, a recorded video, an upload that waits to be read, an export, and the recordings of
    both meetings.

    The files are written to the folder of uploads, where a rollback does not remove them.
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
            track=TrackKind.STAKEHOLDERS,
            data={"name": [NAME]},
            sent_to=email,
            saved_at=clock.now(),
        )
        listed_missions(world, email)
        statements.set_consent(
            statement=finished.statement("Open Doors"), publish=True, actor=world.office
        )
        title = GivenTitle(TITLES[0], "en", TITLES[1], "fr")
        statements.set_title(
            statement=finished.statement("Open Doors"), title=title, actor=world.office
        )
        summaries.draft(hearing=world.hearing, actor=world.office)
        summaries.publish(hearing=world.hearing, actor=world.office)
        building.want(world.hearing, public=False)
        work_off()
        _film(row)
        _export(world)
        _send_again(row, world)
        given, recordings = _recorded(world, row)
        marks = [NAME, email, QUESTION, WORDS, MAILED, PROOF, FILMED, WAITING, SPOKEN, *TITLES]
        yield Everything(finished, row, marks, recordings, given)


def _export(world: World) -> None:
    """Export the table of registrations, as the worker does."""
    asked = QueryDict("")
    making.begin(world.hearing, exports.TABLE, "csv", asked=asked, count=1, by=world.secretary)
    work_off()
    assert NAME.encode() in Job.objects.get(kind=making.KIND).file.read()


def _film(row: Registration) -> None:
    video = Video(
        hearing_id=row.hearing_id,
        inscription=row.inscriptions.get(),
        number=1,
        file_name=f"{FILMED}.mp4",
        media_type="video/mp4",
        size=len(FILMED),
        sha256="0" * 64,
        duration_ms=1000,
        width=16,
        height=9,
        has_sound=True,
        handed_in_at=clock.now(),
        handed_in_by=row.person,
    )
    video.file.save("film.mp4", ContentFile(FILMED.encode()), save=False)
    video.save(force_insert=True)


def _send_again(row: Registration, world: World) -> None:
    uploads.ask(
        registration=row,
        inscription=row.inscriptions.get(),
        file_name="again.txt",
        data=WAITING.encode(),
        text="",
        by=row.person,
        asker=f"registration:{row.pk.hex}",
        network="",
        actor=world.office,
    )


def _recorded(world: World, row: Registration) -> tuple[int, list[Recorded]]:
    """Record both meetings; return when the person got the floor, and the recordings.

    The first recording begins 25 s before the person's turn.
    """
    first, second = (panel.meeting for panel in world.panels[:2])
    slot = row.inscriptions.get().id.hex
    given = next(held.given_at for held in floor_of(first.id).history if held.slot == slot)
    captions = {given + 1000: SPOKEN}
    other = floor_of(second.id).history[0].given_at
    return given, [record(first, given - 25_000, 30, captions), record(second, other, 5)]


def in_tables(marks: list[str]) -> set[tuple[str, str]]:
    """Return each pair of a table and a mark that it contains.

    The search index and tables without a model are included.
    """
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                text = " ".join(_text(value) for value in row)
                found |= {(table, mark) for mark in marks if mark.casefold() in text}
    return found


def in_files(marks: list[str], but: frozenset[Path] = frozenset()) -> set[tuple[str, str]]:
    """Return each pair of a stored file or security log and a mark that it contains.

    A file is named by its folder; files in archives are searched, too. The files in `but` are left
    out.
    """
    found = set()
    for path in stored_files() - but:
        for name, content in _contents(path):
            text = _text(content)
            found |= {(name, mark) for mark in marks if mark.casefold() in text}
    return found


def stored_files() -> frozenset[Path]:
    """Return the files of all hearings: uploads and results, recordings, security logs."""
    roots = (kept_files(), settings.SECURITY_LOG_DIR, settings.MEDIA_ENGINE.segments)
    found = (path for root in roots for path in Path(root).rglob("*"))
    return frozenset(path for path in found if path.is_file())


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
