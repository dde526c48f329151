"""Archives are built once, by the worker, and given out as files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration import housekeeping
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.jobs import queue, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.outcome.archive import building, export, queries
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions
from hemicycle.record import erasure, verify, writer
from hemicycle.record.entry_registry import declared_entry_types
from hemicycle.record.signals import person_erased
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from django.http import HttpResponse
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from hemicycle.record.writer import Writer
    from tests.support.finished import Finished


@pytest.fixture
def published(finished: Finished) -> Iterator[Finished]:
    """A hearing whose summary is published, so that its archive is wanted."""
    world = finished.world
    actions.draft(hearing=world.hearing, actor=world.office)
    statements.set_consent(
        statement=finished.statement("Open Doors"), publish=True, actor=world.office
    )
    actions.publish(hearing=world.hearing, actor=world.office)
    yield finished
    for archive in Archive.objects.exclude(file=""):
        stored_files.drop(archive.file.name or "")


@pytest.fixture
def statement_files(published: Finished) -> dict[str, bytes]:
    """The files of its statements, which other tests share, by name."""
    versions = StatementVersion.objects.filter(statement__hearing_id=published.world.hearing.id)
    found: dict[str, bytes] = {}
    for name in versions.exclude(file="").values_list("file", flat=True):
        with default_storage.open(name) as file:
            found[name] = file.read()
    return found


@pytest.fixture
def in_either_storage(statement_files: dict[str, bytes], either_storage: str) -> None:
    """The same hearing with its files in a folder, and in a store."""
    for name, data in statement_files.items():
        default_storage.save(name, ContentFile(data))


def fetched(finished: Finished) -> HttpResponse:
    """What a visitor gets who asks for the public's archive."""
    return Client().get(f"/h/{finished.world.hearing.slug}/archive.zip")  # type: ignore[return-value]


def content(response: Any) -> bytes:
    return b"".join(response)


def stored() -> set[str]:
    """Return the names of the built files."""
    try:
        return {f"archives/{name}" for name in default_storage.listdir("archives")[1]}
    except FileNotFoundError:  # no archive was ever built here
        return set()


def archive(finished: Finished, *, public: bool = True) -> Archive:
    return Archive.objects.get(hearing=finished.world.hearing, is_public=public)


@pytest.mark.usefixtures("in_either_storage")
def test_it_is_built_once_at_publication_and_downloads_write_nothing(
    published: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[object] = []
    write = export.write_zip

    def counted(*given: Any, **named: Any) -> int:
        built.append(given)
        return write(*given, **named)

    monkeypatch.setattr(export, "write_zip", counted)
    assert building.build_wanted() == 1
    with CaptureQueriesContext(connection) as asked:
        answers = [fetched(published) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    whole = content(answers[0])
    assert (len(whole), len(built)) == (int(answers[0]["Content-Length"]), 1)
    written = [query["sql"] for query in asked if not query["sql"].startswith("SELECT")]
    assert [sql for sql in written if "people_tally" not in sql] == []  # the brake counts
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        packed.extractall(tmp_path)
    assert verify.verify_export(tmp_path / f"{published.world.hearing.slug}-public").holds


def test_whoever_comes_before_it_is_built_is_told_when_to_come_again(published: Finished) -> None:
    answer = fetched(published)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The archive is being built" in answer.text
    fetched(published)
    assert Archive.objects.count() == 1
    building.build_wanted()
    assert fetched(published).status_code == 200


@pytest.mark.usefixtures("in_either_storage")
def test_what_is_taken_back_is_gone_at_once_and_then_from_the_new_archive(
    published: Finished, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    world = published.world
    building.build_wanted()
    with zipfile.ZipFile(io.BytesIO(content(fetched(published)))) as packed:
        assert any("open-doors" in name for name in packed.namelist())
    first = archive(published).file.name or ""
    statements.set_consent(
        statement=published.statement("Open Doors"), publish=False, actor=world.office
    )
    assert fetched(published).status_code == 503
    with django_capture_on_commit_callbacks(execute=True):
        building.build_wanted()
    with zipfile.ZipFile(io.BytesIO(content(fetched(published)))) as packed:
        assert not any("open-doors" in name for name in packed.namelist())
    assert not default_storage.exists(first)


def test_what_strangers_can_cause_does_not_keep_the_archive_away(published: Finished) -> None:
    world = published.world
    building.build_wanted()
    with writer.writing(world.hearing.id, actor=world.office) as record:
        record.append("training.absent", {"training": "a" * 32, "registration": "b" * 32})
    assert fetched(published).status_code == 200


def test_erasing_a_person_deletes_the_files_that_hold_their_words(published: Finished) -> None:
    world = published.world
    building.want(world.hearing, public=False)
    building.build_wanted()
    files = [archive(published, public=public).file.name or "" for public in (False, True)]
    assert all(default_storage.exists(file) for file in files)
    erasure.erase(hearing=world.hearing.id, person=published.person.id, actor=world.office)
    assert fetched(published).status_code == 503
    assert not archive(published, public=False).file


def test_a_round_of_erasures_discards_once_and_builds_after_the_last(
    published: Finished,
) -> None:
    world = published.world
    building.build_wanted()
    world.clock.advance(1000 * 86_400_000)
    due = len(housekeeping.due()[world.hearing.id])
    wanted: list[bool] = []

    @person_erased.connect
    def look(person: UUID, record: Writer) -> list[str]:
        wanted.append(archive(published).wanted_at is not None)
        return []

    try:
        assert housekeeping.erase_due() == due > 2
    finally:
        person_erased.disconnect(look)
    assert wanted == [False] * due
    assert archive(published).wanted_at is not None
    assert archive(published).file == ""
    assert building.build_wanted() == 1


def test_one_that_was_discarded_while_it_was_built_is_built_once_more(
    published: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = export.write_zip

    def slowly(*given: object, **named: object) -> int:
        monkeypatch.setattr(export, "write_zip", write)
        count = write(*given, **named)  # type: ignore[arg-type]
        building.discard(published.world.hearing.id)
        return count

    monkeypatch.setattr(export, "write_zip", slowly)
    before = stored()
    assert building.build_wanted() == 2
    assert stored() - before == {archive(published).file.name}


def test_one_that_fails_is_not_tried_at_each_visit(
    published: Finished, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[object] = []

    def fail(*given: object, **named: object) -> int:
        tried.append(given)
        raise OSError("the disk is full")

    monkeypatch.setattr(export, "write_zip", fail)
    building.build_wanted()
    assert "could not be built" in caplog.text
    assert fetched(published).status_code == 503
    building.build_wanted()
    assert len(tried) == 1
    page = published.world.client().get(f"/office/{published.world.hearing.slug}/archive/")
    assert "could not be built" in page.text


def test_the_office_asks_for_one_sees_how_far_it_is_and_downloads_it(finished: Finished) -> None:
    client, slug = finished.world.client(), finished.world.hearing.slug
    where = f"/office/{slug}/archive/"
    assert "Build it" in client.get(where).text
    assert client.get(f"/office/{slug}/summary/archive.zip").status_code == 302
    page = client.post(f"{where}build/", {"public": "0"}, follow=True).text
    assert "waiting to be built" in page
    building.build_wanted()
    ready = client.get(where).text
    assert "Download" in ready
    assert "waiting to be built" not in ready
    answer = client.get(f"/office/{slug}/summary/archive.zip")
    assert (answer.status_code, len(content(answer))) == (200, archive(finished, public=False).size)
    assert queries.built(finished.world.hearing, public=True) is None


def test_a_row_that_lost_its_job_is_built_when_a_worker_starts(published: Finished) -> None:
    Job.objects.all().delete()
    for _ in range(2):
        building.schedule()
    assert [job.kind for job in Job.objects.all()] == [building.KIND]
    assert work_off() == 1
    assert fetched(published).status_code == 200


def test_one_that_was_lost_with_its_worker_is_built_by_the_next(published: Finished) -> None:
    assert queue.claim() is not None
    assert building._claimed() is not None  # and the worker is killed
    published.world.clock.advance(61_000)
    assert work_off() == 1
    assert fetched(published).status_code == 200


def test_the_entries_that_do_not_concern_it_are_declared() -> None:
    assert declared_entry_types().keys() >= queries.UNCONCERNED
