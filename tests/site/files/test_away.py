"""What the site says and does while its file store is unavailable, slow, or refuses requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.registration import links
from hemicycle.before.statements import actions, uploads
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.jobs import kinds, queue, stored_files, workers
from hemicycle.hearing.jobs.models import FileToDelete, Job
from hemicycle.outcome.archive import building
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import clock
from hemicycle.site.files import bucket as buckets
from hemicycle.site.operating import ready_checks
from hemicycle.site.operating.checks import files
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.before.statements.test_actions import hand_in
from tests.support.jobs import work_off
from tests.support.stored_files import FOLDER, use

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from tests.support.lists import World
    from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def diagnosis() -> Diagnosis:
    (found,) = files.files_can_be_stored()
    return found


def test_doctor_and_readiness_say_how_the_store_is(
    away: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (diagnosis().health, ready_checks.found_limits()) == (Health.OK, [])
    with monkeypatch.context() as patch:
        patch.setenv("HEMICYCLE_FILES_S3_SECRET", "another")
        assert (diagnosis().health, "refuses us" in diagnosis().found) == (Health.FAULT, True)
        assert ready_checks.found_limits() == [ready_checks.FILES_AWAY]
    away.go_away()
    assert diagnosis().found.startswith(f"The store at {bucket} does not answer.")
    assert ready_checks.found_limits() == [ready_checks.FILES_AWAY]
    away.come_back()
    assert (diagnosis().health, ready_checks.found_limits()) == (Health.OK, [])


def test_a_store_that_returns_something_else_is_a_fault(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        buckets.BucketStorage, "read_range", lambda _self, _name, _first, length: bytes(length)
    )
    assert "returned other bytes" in diagnosis().found


def test_pages_with_files_say_so_and_others_go_on(
    away: S3Server, world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0)
    version = hand_in(world, row, b"As it was sent.").version
    own = f"/my/{links.secret_of(row)}/"
    file = f"{own}statement/file/{version.pk}/"
    assert b"".join(client.get(file)) == b"As it was sent."
    away.go_away()
    answer = client.get(file)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "the place where files are stored is not responding" in answer.content.decode()
    assert client.get(own).status_code == 200
    with pytest.raises(actions.StatementRefused, match="could not be saved"):
        hand_in(world, row, b"Another version.")
    away.come_back()
    assert b"".join(client.get(file)) == b"As it was sent."


def ask(world: World) -> None:
    """Submit a statement that the worker will read."""
    row = world.ngo("River Watch", 0)
    uploads.ask(
        registration=row,
        inscription=None,
        file_name="mine.txt",
        data=b"Clean water first.",
        text="",
        by=None,
        asker=uploads.asker_of(row),
        network="",
        actor=world.office,
    )


def let_them_wait(world: World) -> None:
    """Move the clock past the pause of a job that was postponed."""
    world.clock.advance(int(queue.PAUSE.total_seconds() * 1000) + 1)


def test_what_waits_to_be_read_waits_until_the_store_is_back(away: S3Server, world: World) -> None:
    ask(world)
    away.go_away()
    for _attempt in range(workers.MOST_ATTEMPTS + 2):
        assert workers.run_next()
        assert not workers.run_next(), "it is not tried again at once"
        let_them_wait(world)
    assert Job.objects.get().state == Job.State.WAITING
    away.come_back()
    assert work_off() == 1
    assert Job.objects.get().state == Job.State.DONE


def test_an_archive_waits_until_the_store_is_back(away: S3Server, world: World) -> None:
    building.want(world.hearing, public=False)
    away.go_away()
    for _attempt in range(workers.MOST_ATTEMPTS + 2):
        assert workers.run_next()
        let_them_wait(world)
    assert Job.objects.get().state == Job.State.WAITING
    away.come_back()
    assert work_off() == 1
    assert Archive.objects.exclude(file="").count() == 1


def test_work_without_files_goes_on(
    away: S3Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds.known(), "chore", kinds.JobKind("chore", lambda _job: None, 1))
    ask(world)
    queue.begin("chore", key="1", asker="", total=1)
    away.go_away()
    work_off()
    states = dict(Job.objects.values_list("kind", "state"))
    assert states == {uploads.KIND: Job.State.WAITING, "chore": Job.State.DONE}


def test_a_store_that_goes_away_while_a_file_is_read_refuses_nobody(
    away: S3Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world)
    read_file = actions.read_file

    def going(file_name: str, data: bytes) -> actions.Read:
        away.go_away()
        return read_file(file_name, data)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "read_file", going)
        work_off()
    assert Job.objects.get().state == Job.State.WAITING
    away.come_back()
    let_them_wait(world)
    work_off()
    assert (Job.objects.get().state, Statement.objects.count()) == (Job.State.DONE, 1)


def test_one_deletion_that_fails_is_enough_for_a_transaction(
    away: S3Server,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    delete = buckets.BucketStorage.delete

    def counted(self: buckets.BucketStorage, name: str) -> None:
        asked.append(name)
        delete(self, name)

    monkeypatch.setattr(buckets.BucketStorage, "delete", counted)
    away.go_away()
    with django_capture_on_commit_callbacks(execute=True):
        stored_files.drop("jobs/1", "jobs/2")
        stored_files.drop("jobs/3")
    assert (asked, FileToDelete.objects.count()) == (["jobs/1"], 3)
    away.come_back()
    with django_capture_on_commit_callbacks(execute=True):
        stored_files.drop("jobs/4")
    assert (asked, FileToDelete.objects.count()) == (["jobs/1", "jobs/4"], 3)


def test_files_that_stay_too_long_are_told(bucket: str) -> None:
    assert list(files.files_are_deleted()) == []
    FileToDelete.objects.create(name="jobs/one", since=clock.now())
    assert list(files.files_are_deleted()) == []
    FileToDelete.objects.update(since=clock.from_ms(0))
    (found,) = files.files_are_deleted()
    assert found.found == "1 files that had to be deleted are still there"


def test_nothing_is_asked_for_files_in_a_folder(settings: Any) -> None:
    use(settings, FOLDER)
    assert list(files.files_can_be_stored()) == []
    assert ready_checks.found_limits() == []
