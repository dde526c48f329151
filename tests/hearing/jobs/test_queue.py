"""The queue: jobs are added or refused, claimed by one worker, claimed again and ended once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from hemicycle.hearing.jobs import kinds, queue, workers
from hemicycle.hearing.jobs.kinds import JobKind, JobRefused
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

pytestmark = pytest.mark.postgresql("locks")

State = Job.State
MANY = 12


@pytest.fixture
def make_kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that registers kinds of jobs for this test only."""
    monkeypatch.setattr(kinds, "_kinds", {})

    def make(
        name: str = "read", run: Callable[[Job], None] = lambda job: None, *, most: int = 100
    ) -> None:
        kinds.register(JobKind(name, run, most_waiting=most))

    return make


def ask(kind: str = "read", *, asker: str = "person:1", network: str = "", key: str = "k") -> Job:
    return queue.ask(
        kind,
        key=key,
        asker=asker,
        network=network,
        data={"text": "typed"},
        file=ContentFile(b"content"),
        file_name="a\0/statement.txt",
    )


def states() -> list[str]:
    return list(Job.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.django_db
@pytest.mark.usefixtures("either_storage")
def test_jobs_are_done_in_the_order_of_asking_and_their_files_go(
    make_kind: Callable[..., None],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    done: list[tuple[int, bytes]] = []

    def run(job: Job) -> None:
        done.append((job.pk, job.file.read()))

    make_kind(run=run)
    jobs = [ask() for _ in range(3)]
    assert [queue.place_of(job) for job in jobs] == [1, 2, 3]
    assert [job.file_name for job in jobs] == ["statement.txt"] * 3
    names = [job.file.name or "" for job in jobs]
    assert all(default_storage.exists(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        assert work_off() == 3
    assert done == [(job.pk, b"content") for job in jobs]
    assert not any(default_storage.exists(name) for name in names)
    rows = Job.objects.values_list("state", "file", "size", "data", "attempts")
    assert set(map(str, rows)) == {str((State.DONE.value, "", 0, {}, 1))}


@pytest.mark.django_db
def test_a_job_of_a_killed_worker_is_taken_up_again(
    make_kind: Callable[..., None], time: clock.Virtual
) -> None:
    make_kind()
    first, second = ask(), ask()
    lost = queue.claim()
    assert lost == first
    assert queue.claim() is None  # one of a kind at a time
    time.advance(59_000)
    assert queue.claim() is None
    time.advance(2_000)
    again = queue.claim()
    assert again == first
    assert again.attempts == 2
    with pytest.raises(queue.JobGone):
        queue.finish(lost)  # it was slow, not killed: its result does not count
    queue.finish(again)
    assert queue.claim() == second


@pytest.mark.django_db
def test_a_job_is_left_where_no_worker_begins_or_holds_any(
    make_kind: Callable[..., None], time: clock.Virtual
) -> None:
    make_kind()
    first, second = ask(), ask()
    time.advance(119_000)
    assert not queue.is_left(first)
    time.advance(2_000)
    assert queue.is_left(first)
    begun = queue.claim()
    assert begun is not None
    assert not queue.is_left(second)
    time.advance(121_000)  # its worker has died, so the hold has expired
    assert queue.is_left(second)


@pytest.mark.django_db
def test_a_worker_that_holds_on_keeps_its_job(
    make_kind: Callable[..., None], time: clock.Virtual
) -> None:
    make_kind()
    ask()
    job = queue.claim()
    assert job is not None
    for _minute in range(5):
        time.advance(50_000)
        queue.hold(job)
        assert queue.claim() is None
    queue.finish(job)


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_is_given_up(
    make_kind: Callable[..., None], time: clock.Virtual
) -> None:
    make_kind()
    ask()
    for _attempt in range(workers.MOST_ATTEMPTS):
        assert queue.claim() is not None
        time.advance(61_000)
    assert work_off() == 1
    row = Job.objects.get()
    assert (row.state, row.code, row.sentence) == (State.FAILED, "lost", "")


@pytest.mark.django_db
def test_an_unexpected_failure_is_tried_again_and_then_given_up(
    make_kind: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    def run(job: Job) -> None:
        raise ZeroDivisionError

    make_kind(run=run)
    ask()
    assert work_off() == workers.MOST_ATTEMPTS
    assert caplog.text.count("failed at attempt") == workers.MOST_ATTEMPTS
    assert Job.objects.get().code == "lost"


@pytest.mark.django_db
def test_a_refusal_is_kept_with_what_was_typed(make_kind: Callable[..., None]) -> None:
    def run(job: Job) -> None:
        raise JobRefused("empty", "This file is empty.", "file")

    make_kind(run=run)
    ask()
    work_off()
    row = Job.objects.get()
    assert (row.state, row.code, row.field) == (State.FAILED, "empty", "file")
    assert (row.sentence, row.data, row.file.name) == (
        "This file is empty.",
        {"text": "typed"},
        "",
    )
    assert ask().pk != row.pk
    assert states() == [State.WAITING]  # the new try has replaced the failed one


@pytest.mark.django_db
def test_what_a_job_changes_is_undone_with_it(make_kind: Callable[..., None]) -> None:
    def run(job: Job) -> None:
        with transaction.atomic():
            ask("other")
            Job.objects.filter(pk=job.pk).delete()  # erased in the meantime
            queue.finish(job)

    make_kind(run=run)
    make_kind("other")
    job = ask()
    work_off()
    assert list(Job.objects.values_list("pk", "kind", "state")) == [(job.pk, "read", State.RUNNING)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "ask_another", "says"),
    [
        ("own", lambda n: ask(asker="person:1"), "of your files are still being read"),
        (
            "network",
            lambda n: ask(asker=f"person:{n}", network="192.0.2.0"),
            "Many files are being read",
        ),
        ("all", lambda n: ask("few", asker=f"person:{n}"), "Many files are being read"),
    ],
)
def test_the_queue_takes_so_many_and_no_more(
    make_kind: Callable[..., None], code: str, ask_another: Callable[[int], Job], says: str
) -> None:
    make_kind()
    make_kind("few", most=7)
    most = {"own": queue.MOST_OF_ONE, "network": queue.MOST_OF_NETWORK, "all": 7}[code]
    for number in range(most):
        ask_another(number)
    with pytest.raises(queue.QueueFull) as full:
        ask_another(most)
    assert full.value.code == code
    assert says in full.value.sentence
    assert Job.objects.count() == most
    ask(asker="person:elsewhere", network="198.51.100.0")  # others are still accepted
    work_off()
    ask_another(most)


@pytest.mark.django_db
def test_the_database_has_one_of_a_kind_run(make_kind: Callable[..., None]) -> None:
    make_kind()
    ask()
    ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state=State.RUNNING)


@pytest.mark.django_db
def test_a_kind_that_nobody_knows_waits(make_kind: Callable[..., None]) -> None:
    make_kind()
    Job.objects.create(kind="of another version", asked_at=clock.now())
    assert work_off() == 0
    assert states() == [State.WAITING]


@pytest.mark.django_db
def test_old_jobs_are_forgotten(make_kind: Callable[..., None], time: clock.Virtual) -> None:
    make_kind()
    ask()
    work_off()
    waiting = ask()
    time.advance(round((queue.KEPT_FOR - timedelta(minutes=1)).total_seconds() * 1000))
    assert queue.tidy() == 0
    time.advance(120_000)
    assert queue.tidy() == 1
    assert list(Job.objects.all()) == [waiting]


def in_threads[T](number: int, work: Callable[[], T]) -> list[T]:
    """Return the results of a function in several threads, each with a separate connection."""
    ready = threading.Barrier(number)

    def run() -> T:
        ready.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return [done.result() for done in [threads.submit(run) for _ in range(number)]]


@pytest.mark.django_db(transaction=True)
def test_workers_never_take_the_same_job(make_kind: Callable[..., None]) -> None:
    for number in range(MANY):
        make_kind(f"kind {number}")
        ask(f"kind {number}", asker=f"person:{number}")

    def take() -> list[int]:
        # None may mean that another worker was faster, so each thread asks often enough for all.
        claimed = [queue.claim() for _time in range(MANY * 4)]
        return [job.pk for job in claimed if job is not None]

    taken = [pk for of_thread in in_threads(4, take) for pk in of_thread]
    assert sorted(taken) == sorted(Job.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_workers_do_one_of_a_kind_at_a_time(make_kind: Callable[..., None]) -> None:
    alone = threading.Lock()
    done: list[int] = []

    def run(job: Job) -> None:
        assert alone.acquire(blocking=False)
        done.append(job.pk)
        alone.release()

    make_kind(run=run)
    jobs = [ask(asker=f"person:{number}") for number in range(MANY)]

    def work() -> None:
        while Job.objects.filter(finished_at=None).exists():
            workers.run_next()

    in_threads(3, work)
    assert done == [job.pk for job in jobs]
    assert set(Job.objects.values_list("state", "attempts")) == {(State.DONE, 1)}
