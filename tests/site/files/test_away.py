"""What the site says and does while the store of its files is away, slow, or refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.before.registration import links
from hemicycle.before.statements import actions, uploads
from hemicycle.hearing.jobs import workers
from hemicycle.hearing.jobs.models import FileToDelete, Job
from hemicycle.record import clock
from hemicycle.site.files import bucket as buckets
from hemicycle.site.files import probes
from hemicycle.site.operating import ready_checks
from hemicycle.site.operating.checks import files
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.before.statements.test_actions import hand_in
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from tests.support.lists import World
    from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def away(bucket: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The site's files are in a store that goes away in the test."""
    monkeypatch.setattr(buckets, "AWAY_S", 0.2)
    yield s3_server
    s3_server.come_back()


def diagnosis() -> Diagnosis:
    (found,) = files.files_can_be_stored()
    return found


def test_doctor_and_readiness_say_how_the_store_is(
    away: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (diagnosis().health, ready_checks.found_limits()) == (Health.OK, [])
    with monkeypatch.context() as patch:
        patch.setattr(probes, "SLOW_S", -1.0)
        assert diagnosis().health is Health.WARNING
        assert ready_checks.found_limits() == [ready_checks.FILES_SLOW]
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


def test_what_waits_to_be_read_waits_until_the_store_is_back(away: S3Server, world: World) -> None:
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
    away.go_away()
    for _attempt in range(workers.MOST_ATTEMPTS + 2):
        workers.run_next()
    assert Job.objects.get().state == Job.State.WAITING
    away.come_back()
    assert work_off() == 1
    assert Job.objects.get().state == Job.State.DONE


def test_files_that_stay_too_long_are_told(bucket: str) -> None:
    assert list(files.files_are_deleted()) == []
    FileToDelete.objects.create(name="jobs/one", since=clock.now())
    assert list(files.files_are_deleted()) == []
    FileToDelete.objects.update(since=clock.from_ms(0))
    (found,) = files.files_are_deleted()
    assert found.found == "1 files that had to be deleted are still there"


def test_nothing_is_asked_for_files_in_a_folder() -> None:
    assert list(files.files_can_be_stored()) == []
    assert ready_checks.found_limits() == []
