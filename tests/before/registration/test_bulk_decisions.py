"""Decisions that the worker makes about all registrations which a search finds."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.before.registration import bulk_decisions, changes, letters, review
from hemicycle.before.registration.models import Decision, Registration
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.jobs import queue, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.mail.outgoing.models import Message
from tests.support.jobs import work_off
from tests.support.lists import World

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

ACCEPTED, REFUSED = Registration.Status.ACCEPTED, Registration.Status.REFUSED


@pytest.fixture
def waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A hearing with seven registrations to decide on; the worker decides three in each step."""
    monkeypatch.setattr(bulk_decisions, "STEP", 3)
    for number in range(7):
        world.ngo(f"Body {number}", 0, accepted=False)
    return world


def rows() -> list[Registration]:
    return list(Registration.objects.order_by("arrival"))


def begin(world: World, outcome: RegistrationStatus = ACCEPTED) -> Job:
    return bulk_decisions.begin(
        hearing=world.hearing,
        chosen=[row.pk for row in rows()],
        outcome=outcome,
        reason="Not about this subject." if outcome == REFUSED else "",
        by=world.secretary,
        actor=world.office,
    )


def result(job: Job) -> tuple[int, list[str]]:
    """Return how many registrations were decided, and the reason for each that was not."""
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job.result["decided"], [sentence for _row, sentence in bulk_decisions.refused(job, 9)]


def test_all_are_decided_once_however_often_it_is_pressed(waiting: World) -> None:
    job = begin(waiting)
    assert begin(waiting) == job
    work_off()
    assert result(job) == (7, [])
    assert {row.status for row in rows()} == {ACCEPTED}
    assert Decision.objects.count() == 7
    letters = Message.objects.count()
    again = begin(waiting)
    work_off()
    assert result(again) == (0, [])
    assert (Decision.objects.count(), Message.objects.count()) == (7, letters)


@pytest.mark.parametrize(("where", "decided"), [("within a step", 3), ("after a step", 6)])
def test_another_worker_goes_on_where_one_was_killed(
    waiting: World, monkeypatch: pytest.MonkeyPatch, where: str, decided: int
) -> None:
    job = begin(waiting)

    def dying_at(act: Callable[..., Any], number: int) -> Callable[..., Any]:
        calls = itertools.count(1)

        def wrapped(*given: object, **named: object) -> Any:
            if next(calls) == number:
                raise SystemExit
            return act(*given, **named)

        return wrapped

    with monkeypatch.context() as patched:
        if where == "within a step":  # the letters of two of the second step are written
            patched.setattr(letters, "decided", dying_at(letters.decided, 6))
        else:  # a step is committed, but its job has not noted it
            patched.setattr(queue, "advance", dying_at(queue.advance, 2))
        with pytest.raises(SystemExit):
            workers.run_next()
    job.refresh_from_db()
    assert (Decision.objects.count(), job.done, job.total) == (decided, 3, 7)
    assert workers.run_next() is False  # the claim of the killed worker is still valid
    assert begin(waiting) == job
    waiting.clock.advance(61_000)
    work_off()
    assert result(job) == (7, [])
    assert Decision.objects.count() == 7
    written = Message.objects.filter(purpose="decision").values_list("address", flat=True)
    assert sorted(written) == sorted(row.person.email for row in rows())


def test_what_others_changed_meanwhile_stays_and_is_named(waiting: World) -> None:
    job = begin(waiting)
    first, second = rows()[:2]
    review.decide(
        hearing=waiting.hearing,
        chosen=[first.pk],
        outcome=REFUSED,
        reason="Asked to.",
        decided_by=waiting.secretary,
        actor=waiting.office,
    )
    changes.withdraw(registration=second, reason="", actor=waiting.office)
    work_off()
    assert result(job) == (5, ["This registration was changed in the meantime."] * 2)
    assert [row.status for row in rows()[:3]] == [REFUSED, Registration.Status.WITHDRAWN, ACCEPTED]


def test_those_that_are_refused_keep_nobody_else_from_it(world: World) -> None:
    category = world.hearing.categories.filter(key="civil-society")
    category.update(max_registrations=2, waiting_list=True)
    for number in range(3):
        world.ngo(f"Body {number}", accepted=False)
    third = rows()[2]
    assert third.status == Registration.Status.WAITING
    chosen = [row.pk for row in rows()]
    shown = review.preview(
        hearing=world.hearing, chosen=chosen, outcome=ACCEPTED, reason="", all_or_none=False
    )
    assert shown.letters == sum(row.status == Registration.Status.SUBMITTED for row in rows())
    job = begin(world)
    work_off()
    decided, (why,) = result(job)
    assert (decided, [row.status for row in rows()].count(ACCEPTED)) == (2, 2)
    assert "waiting list" in why
    assert [row.pk for row, _why in bulk_decisions.refused(job, 9)] == [third.pk]


def test_a_cancelled_one_stops_and_what_is_decided_stays(waiting: World) -> None:
    job = begin(waiting)
    queue.cancel(job)
    work_off()
    job.refresh_from_db()
    assert job.state == Job.State.STOPPED
    assert Decision.objects.count() == 0


def test_the_office_decides_on_all_that_a_search_finds(waiting: World) -> None:
    client, slug = waiting.client(), waiting.hearing.slug
    office = reverse("registration:office", args=(slug,))
    decide = reverse("registration:decide", args=(slug,))
    data = {"every": "?q=Body", "outcome": "accepted", "next": office}
    assert "Accept 7 registrations" in client.post(decide, data).text
    # Another registration arrived after the question, so the office has to confirm again.
    waiting.ngo("Body late", 0, accepted=False)
    assert "Accept 8 registrations" in client.post(decide, {**data, "count": "7"}).text
    pressed = [client.post(decide, {**data, "count": "8"}).headers["Location"] for _ in range(2)]
    assert (len(set(pressed)), Job.objects.count()) == (1, 1)
    assert "Place in the queue" in client.get(pressed[0]).text
    assert pressed[0] in client.get(office).text
    work_off()
    assert "8 registrations decided." in client.get(pressed[0]).text
    assert pressed[0] not in client.get(office).text
    nothing = client.post(decide, {**data, "count": "8"}, follow=True)
    assert "the same decision had already been made" in nothing.text


def test_a_running_one_shows_how_far_it_is_and_can_be_cancelled(
    waiting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, job = waiting.client(), begin(waiting)
    page = reverse("registration:decided", args=(waiting.hearing.slug, job.token))
    seen: list[str] = []
    advance = queue.advance

    def looked_at(*given: Any, **named: Any) -> None:
        waiting.clock.advance(3_000)
        with contextlib.suppress(queue.JobStopped):
            advance(*given, **named)
        seen.append(client.get(page).text)
        client.post(page, {"act": "cancel"})
        advance(*given, **named)

    monkeypatch.setattr(queue, "advance", looked_at)
    work_off()
    assert len(seen) == 1
    assert 'http-equiv="refresh"' in seen[0]  # a browser without scripts reloads the page
    assert "Time left: about 4 s" in seen[0]
    job.refresh_from_db()
    assert (job.state, Decision.objects.count()) == (Job.State.STOPPED, 3)
    assert "What was decided stays" in client.get(page).text
    assert page in client.get(reverse("registration:office", args=(waiting.hearing.slug,))).text


def test_another_hearings_office_does_not_see_it(waiting: World) -> None:
    job = begin(waiting)
    slug = waiting.hearing.slug
    assert (
        waiting.client().get(f"/office/{slug}/registrations/decided/{job.token}/").status_code
        == 200
    )
    Job.objects.filter(pk=job.pk).update(key="decide:other:x")
    assert (
        waiting.client().get(f"/office/{slug}/registrations/decided/{job.token}/").status_code
        == 404
    )
