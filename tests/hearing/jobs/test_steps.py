"""Long jobs in steps: begun once, shown, cancelled, passed on, and continued after a crash."""

from __future__ import annotations

import threading

import pytest

from hemicycle.hearing.jobs import kinds, queue, workers
from hemicycle.hearing.jobs.kinds import JobKind
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from tests.support.jobs import work_off

pytestmark = [pytest.mark.postgresql("locks"), pytest.mark.django_db]
State = Job.State
STEPS = 4


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, time: clock.Virtual) -> list[int]:
    """Return the list of completed steps, each of which takes a second."""
    monkeypatch.setattr(kinds, "_kinds", {})
    steps: list[int] = []

    def run(job: Job) -> None:
        while len(steps) < job.total:
            steps.append(len(steps) + 1)
            time.advance(1000)
            queue.advance(job, done=len(steps), total=job.total)

    kinds.register(JobKind("steps", run, most_waiting=10))
    return steps


def begin(key: str = "table:1", asker: str = "person:1") -> Job:
    return queue.begin("steps", key=key, asker=asker, total=STEPS)


def claimed() -> Job:
    job = queue.claim()
    assert job is not None
    return job


def test_two_presses_begin_once(made: list[int]) -> None:
    first = begin()
    assert begin(asker="person:2") == first
    assert begin("table:2") != first
    queue.claim()
    assert begin() == first
    assert Job.objects.count() == 2


def test_what_has_ended_can_begin_again(made: list[int]) -> None:
    first = begin()
    work_off()
    second = begin()
    assert second != first
    assert queue.newest("steps", "table:1") == second
    assert Job.objects.count() == 1  # the first job has been deleted


def test_a_job_says_how_far_it_is_and_how_long_it_takes(
    made: list[int], time: clock.Virtual
) -> None:
    begin()
    job = claimed()
    assert (job.done, job.total, job.left_ms) == (0, STEPS, None)
    time.advance(2000)
    queue.advance(job, done=1, total=STEPS)
    job.refresh_from_db()
    assert (job.done, job.left_ms) == (1, 6000.0)


def test_the_time_left_is_that_of_the_running_attempt(made: list[int], time: clock.Virtual) -> None:
    begin()
    queue.advance(claimed(), done=2, total=STEPS)
    time.advance(3_600_000)  # its worker was killed, and none ran for an hour
    job = claimed()
    assert (job.done_before, job.left_ms) == (2, None)
    time.advance(5000)
    queue.advance(job, done=3, total=STEPS)
    assert job.left_ms == 5000.0


def test_a_job_is_cancelled_before_it_begins(made: list[int]) -> None:
    job = begin()
    queue.cancel(job)
    assert work_off() == 0
    job.refresh_from_db()
    assert (job.state, job.is_finished, job.once, made) == (State.STOPPED, True, None, [])


def test_a_job_is_cancelled_after_a_step(made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    job = begin()
    advance = queue.advance

    def press_cancel(job: Job, *, done: int, total: int) -> None:
        if done == 2:
            queue.cancel(job)
        advance(job, done=done, total=total)

    monkeypatch.setattr(queue, "advance", press_cancel)
    work_off()
    job.refresh_from_db()
    assert (job.state, job.done, made) == (State.STOPPED, 2, [1, 2])


def test_a_job_that_is_cancelled_with_its_last_step_is_done(made: list[int]) -> None:
    job = begin()
    made += [1, 2, 3]
    Job.objects.update(stop_asked=True)
    work_off()
    job.refresh_from_db()
    assert (job.state, job.done) == (State.DONE, STEPS)


def test_a_worker_that_ends_puts_its_job_back_after_a_step(made: list[int]) -> None:
    stop = threading.Event()
    stop.set()
    job = begin()
    assert workers.run_next(stop)
    job.refresh_from_db()
    assert (job.state, job.done, made) == (State.WAITING, 1, [1])
    work_off()
    job.refresh_from_db()
    assert (job.state, job.done, made) == (State.DONE, STEPS, [1, 2, 3, 4])


def test_only_attempts_that_got_no_further_count(made: list[int], time: clock.Virtual) -> None:
    begin()
    for done in range(1, 3 * workers.MOST_ATTEMPTS):  # each worker is killed after a step
        queue.advance(claimed(), done=done, total=100)
        time.advance(61_000)
    for _attempt in range(workers.MOST_ATTEMPTS):  # each worker is killed within the same step
        claimed()
        time.advance(61_000)
    assert work_off() == 1
    job = Job.objects.get()
    assert (job.state, job.code, job.once) == (State.FAILED, "lost", None)


def test_a_lost_worker_saves_nothing_more(made: list[int], time: clock.Virtual) -> None:
    begin()
    lost = claimed()
    time.advance(61_000)
    again = claimed()
    with pytest.raises(queue.JobGone):
        queue.advance(lost, done=1, total=STEPS)
    queue.advance(again, done=1, total=STEPS)
    assert Job.objects.get().done == 1
