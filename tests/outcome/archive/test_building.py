"""Archives are built once, by the worker, and served as files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration import housekeeping
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.jobs import queue, stored_files, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.outcome.archive import building, export, queries
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions
from hemicycle.record import erasure, verify, writer
from hemicycle.record.entry_registry import declared_entry_types
from hemicycle.record.signals import person_erased
from tests.support.jobs import work_off
from tests.support.killed import Steps, is_killed_at

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from django.http import HttpResponse
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from hemicycle.record.writer import Writer
    from tests.support.finished import Finished


@pytest.fixture
def published(finished: Finished) -> Iterator[Finished]:
    """A hearing whose summary is published, which orders an archive."""
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
    """The files of the hearing's statements by name, in the storage that all tests share."""
    versions = StatementVersion.objects.filter(statement__hearing_id=published.world.hearing.id)
    found: dict[str, bytes] = {}
    for name in versions.exclude(file="").values_list("file", flat=True):
        with default_storage.open(name) as file:
            found[name] = file.read()
    return found


@pytest.fixture
def in_either_storage(statement_files: dict[str, bytes], either_storage: str) -> None:
    """The same hearing with its files in a folder, and in an object store."""
    for name, data in statement_files.items():
        default_storage.save(name, ContentFile(data))


def fetched(finished: Finished) -> HttpResponse:
    """Return the answer to a visitor who asks for the public's archive."""
    return Client().get(f"/h/{finished.world.hearing.slug}/archive.zip")  # type: ignore[return-value]


def content(response: Any) -> bytes:
    return b"".join(response)


def stored() -> set[str]:
    """Return the names of the built files."""
    try:
        return {f"archives/{name}" for name in default_storage.listdir("archives")[1]}
    except FileNotFoundError:  # no archive has been built
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
    assert work_off() == 1
    with CaptureQueriesContext(connection) as asked:
        answers = [fetched(published) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    whole = content(answers[0])
    assert (len(whole), len(built)) == (int(answers[0]["Content-Length"]), 1)
    written = [query["sql"] for query in asked if not query["sql"].startswith("SELECT")]
    # The brake on public pages counts requests.
    assert [sql for sql in written if "people_tally" not in sql] == []
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        packed.extractall(tmp_path)
    assert verify.verify_export(tmp_path / f"{published.world.hearing.slug}-public").holds


def test_whoever_comes_before_it_is_built_is_told_when_to_come_again(published: Finished) -> None:
    answer = fetched(published)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The archive is being built" in answer.text
    fetched(published)
    assert work_off() == 1
    assert fetched(published).status_code == 200


@pytest.mark.usefixtures("in_either_storage")
def test_what_is_taken_back_is_gone_at_once_and_then_from_the_new_archive(
    published: Finished, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    world = published.world
    work_off()
    with zipfile.ZipFile(io.BytesIO(content(fetched(published)))) as packed:
        assert any("open-doors" in name for name in packed.namelist())
    first = archive(published).file.name or ""
    statements.set_consent(
        statement=published.statement("Open Doors"), publish=False, actor=world.office
    )
    assert fetched(published).status_code == 503
    with django_capture_on_commit_callbacks(execute=True):
        work_off()
    with zipfile.ZipFile(io.BytesIO(content(fetched(published)))) as packed:
        assert not any("open-doors" in name for name in packed.namelist())
    assert not default_storage.exists(first)


def test_what_strangers_can_cause_does_not_keep_the_archive_away(published: Finished) -> None:
    world = published.world
    work_off()
    with writer.writing(world.hearing.id, actor=world.office) as record:
        record.append("training.absent", {"training": "a" * 32, "registration": "b" * 32})
    assert fetched(published).status_code == 200


def test_erasing_a_person_deletes_the_files_that_hold_their_words(published: Finished) -> None:
    world = published.world
    building.want(world.hearing, public=False)
    work_off()
    files = [archive(published, public=public).file.name or "" for public in (False, True)]
    assert all(default_storage.exists(file) for file in files)
    erasure.erase(hearing=world.hearing.id, person=published.person.id, actor=world.office)
    assert fetched(published).status_code == 503
    assert not archive(published, public=False).file


def test_a_round_of_erasures_discards_once_and_builds_after_the_last(
    published: Finished,
) -> None:
    world = published.world
    work_off()
    world.clock.advance(1000 * 86_400_000)
    due = len(housekeeping.due()[world.hearing.id])
    built_meanwhile: list[bool] = []

    @person_erased.connect
    def look(person: UUID, record: Writer) -> list[str]:
        with transaction.atomic():
            built_meanwhile.append(queue.claim() is not None)
        return []

    try:
        assert housekeeping.erase_due() == due > 2
    finally:
        person_erased.disconnect(look)
    assert built_meanwhile == [False] * due
    assert archive(published).file == ""
    assert work_off() == 1
    assert archive(published).file


def test_a_round_of_erasures_that_is_killed_loses_no_archive(published: Finished) -> None:
    hearing = published.world.hearing
    work_off()
    # The process is killed before the block lets the builds begin.
    with mock.patch.object(queue, "let_go"), building.held(hearing.id):
        building.discard(hearing.id)
    assert work_off() == 0
    published.world.clock.advance(int(queue.PAUSE.total_seconds() * 1000) + 1)
    assert work_off() == 1
    assert archive(published).file


def test_one_that_was_discarded_while_it_was_built_is_built_once_more(
    published: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, built = export.write_zip, list[int]()

    def slowly(*given: Any, **named: Any) -> int:
        count = write(*given, **named)
        built.append(count)
        if len(built) <= 2 * workers.MOST_ATTEMPTS:  # the job is not at fault, however often
            building.discard(published.world.hearing.id)
        return count

    monkeypatch.setattr(export, "write_zip", slowly)
    before = stored()
    work_off()
    assert len(built) == 2 * workers.MOST_ATTEMPTS + 1
    assert stored() - before == {archive(published).file.name}


def test_one_that_fails_is_not_tried_at_each_visit(
    published: Finished, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[object] = []

    def fail(*given: object, **named: object) -> int:
        tried.append(given)
        raise OSError("the disk is full")

    monkeypatch.setattr(export, "write_zip", fail)
    work_off()
    assert "(archives) failed" in caplog.text
    assert len(tried) == workers.MOST_ATTEMPTS
    assert fetched(published).status_code == 503
    assert work_off() == 0
    page = published.world.client().get(office(published))
    assert "could not be built" in page.text
    published.world.clock.advance(int(building.REST.total_seconds() * 1000))
    fetched(published)
    assert work_off() == workers.MOST_ATTEMPTS


def newest(finished: Finished) -> Job:
    job = building.newest(finished.world.hearing, public=True)
    assert job is not None
    return job


def office(finished: Finished) -> str:
    """Return the address of the office's page of archives."""
    return f"/office/{finished.world.hearing.slug}/archive/"


def test_the_office_asks_for_one_sees_how_far_it_is_and_downloads_it(finished: Finished) -> None:
    client, slug = finished.world.client(), finished.world.hearing.slug
    where = office(finished)
    assert "Build it" in client.get(where).text
    assert client.get(f"/office/{slug}/summary/archive.zip").status_code == 302
    for _press in range(2):
        page = client.post(f"{where}build/", {"public": "0"}, follow=True).text
    assert ("waiting to begin" in page, 'value="cancel"' in page, Job.objects.count()) == (
        True,
        True,
        1,
    )
    part = client.get(where, {"public": "0"}, headers={"HX-Request": "true"})
    assert "Place in the queue: 1." in part.text
    assert work_off() == 1
    part = client.get(where, {"public": "0"}, headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    ready = client.get(where).text
    assert "Download" in ready
    assert "waiting to begin" not in ready
    answer = client.get(f"/office/{slug}/summary/archive.zip")
    assert (answer.status_code, len(content(answer))) == (200, archive(finished, public=False).size)
    assert queries.built(finished.world.hearing, public=True) is None


@pytest.fixture
def each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the job check after each file whether it was cancelled."""
    monkeypatch.setattr(building, "STEP", 1)


def after(step: int, monkeypatch: pytest.MonkeyPatch, act: Callable[[Job], None]) -> None:
    """Call `act` once a job has saved that `step` steps are done."""
    advance = queue.advance

    def acting(job: Job, *, done: int, **more: Any) -> None:
        if done == step:
            advance(job, done=done, **more)
            act(job)
        advance(job, done=done, **more)

    monkeypatch.setattr(queue, "advance", acting)


@pytest.mark.usefixtures("each_file")
def test_its_page_shows_how_far_it_is_and_the_time_left(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, where = finished.world.client(), office(finished)
    client.post(f"{where}build/", {"public": "0"})
    parts: list[str] = []

    def look(job: Job) -> None:
        finished.world.clock.advance(6000)
        part = client.get(where, {"public": "0"}, headers={"HX-Request": "true"})
        parts.append(" ".join(part.text.split()))

    after(6, monkeypatch, look)
    work_off()
    whole = archive(finished, public=False)
    assert export.expected(finished.world.hearing, public=False) == whole.files
    assert f"6 of {whole.files + 1}" in parts[0]
    assert f"Time left: about {whole.files - 5} seconds." in parts[0]


@pytest.mark.usefixtures("each_file")
def test_what_is_cancelled_keeps_the_archive_that_was_there(
    published: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, where = published.world.client(), office(published)
    work_off()
    before, files = archive(published), stored()
    client.post(f"{where}build/", {"public": "1"})

    def cancel(_job: Job) -> None:
        client.post(f"{where}build/", {"public": "1", "act": "cancel"})

    after(5, monkeypatch, cancel)
    work_off()
    assert newest(published).state == Job.State.STOPPED
    assert (archive(published).file, stored()) == (before.file, files)
    page = client.get(where).text
    assert ("Building was cancelled." in page, "Build it again" in page) == (True, True)
    assert fetched(published).status_code == 200
    building.discard(published.world.hearing.id)
    queue.cancel(newest(published))
    assert fetched(published).status_code == 503
    assert work_off() == 0, "visitors do not begin at once what the office has cancelled"


@pytest.mark.usefixtures("each_file")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [0, 1, 9, 20])
def test_another_worker_builds_it_when_one_was_killed_or_restarts(
    published: Finished, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before = stored()
    for number, act in enumerate((kill, restart)):
        with monkeypatch.context() as patched:
            after(step, patched, act)
            with suppress(SystemExit):
                workers.run_next()
            assert Job.objects.get().attempts == number + 1
        published.world.clock.advance(61_000)
    assert (Job.objects.get().state, stored()) == (Job.State.WAITING, before)
    assert work_off() == 1
    assert stored() - before == {archive(published).file.name}
    assert fetched(published).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_statement_leaves_one_archive_in_the_end(
    published: Finished,
) -> None:
    work_off()
    hearing = published.world.hearing
    others = stored() - {archive(published).file.name}

    def work(_steps: Steps) -> None:
        work_off()

    for step in count(1):
        building.want(hearing, public=True, insists=True)
        is_killed = is_killed_at(step, work)
        published.world.clock.advance(int(queue.HELD_FOR.total_seconds() * 1000) + 1)
        work_off()
        assert newest(published).state == Job.State.DONE
        assert fetched(published).status_code == 200
        published.world.clock.advance(int(stored_files.STORED_WITHIN.total_seconds() * 1000))
        published.world.clock.advance(int(stored_files.LEFT_AFTER.total_seconds() * 1000) + 1)
        stored_files.delete_left()
        assert stored() - others == {archive(published).file.name}
        if not is_killed:
            break
    assert step > 10


def kill(_job: Job) -> None:
    raise SystemExit


def restart(job: Job) -> None:
    job.is_ending = lambda: True


def test_the_entries_that_do_not_concern_it_are_declared() -> None:
    assert declared_entry_types().keys() >= queries.UNCONCERNED
