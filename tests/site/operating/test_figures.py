"""The figures of a site: what waits, which processes are silent, and who may read the figures."""

from __future__ import annotations

import http.client
import itertools
import re
import time
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from hemicycle import metrics
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.room import presses
from hemicycle.record import clock
from hemicycle.site.backup import status
from hemicycle.site.http.figures import part_of
from hemicycle.site.operating import queues, signs_of_life
from hemicycle.site.operating.figures import SiteFigures
from hemicycle.site.operating.models import SignOfLife
from tests.support import database
from tests.support.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_django import Settings

    from tests.support.lists import World

type Figures = dict[tuple[str, ...], float]

LABEL_VALUE = re.compile(r"[a-zA-Z0-9_+.]{1,24}")
"""Matches no address, id or name of a person; a random id is longer."""


def figures(text: bytes) -> Figures:
    """Return each sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def read() -> Figures:
    return figures(metrics.exposition(SiteFigures(ready=True)))


def letter(waited: timedelta, **more: object) -> Message:
    since = clock.now() - waited
    values = {"address": "a@example.org", "purpose": "receipt", "subject": "S", "body": "B"}
    return Message.objects.create(**values, queued_at=since, **more)


def incoming(waited: timedelta, state: str) -> None:
    Mail.objects.create(
        state=state,
        source="smtp",
        received_at=clock.now() - waited,
        file="mail/x",
        size=1,
        sha256="0" * 64,
    )


MINUTE = timedelta(minutes=1)


def about(queue: queues.QueueState) -> tuple[int, int]:
    """Return the queue's length, and for how many whole minutes its oldest item has waited."""
    return queue.number, queue.oldest // MINUTE


@pytest.mark.django_db
def test_letters_wait_from_when_they_are_due() -> None:
    assert queues.letters() == queues.QueueState(0, timedelta())
    letter(30 * MINUTE, state="sent")
    letter(20 * MINUTE, due_at=clock.now() + MINUTE)  # it is due later, so it does not wait yet
    assert about(queues.letters()) == (0, 0)
    letter(20 * MINUTE, due_at=clock.now() - 5 * MINUTE)
    assert about(queues.letters()) == (1, 5)
    letter(12 * MINUTE, due_at=clock.now() + MINUTE, answer="connection refused")
    assert about(queues.letters()) == (2, 12)


@pytest.mark.django_db
def test_mail_and_jobs_wait_until_they_are_taken() -> None:
    incoming(7 * MINUTE, "stored")
    incoming(9 * MINUTE, "waiting")
    incoming(90 * MINUTE, "done")
    assert about(queues.incoming()) == (1, 7)
    assert about(queues.undecided()) == (1, 9)
    for state, waited in (("waiting", 3), ("running", 50), ("done", 70)):
        Job.objects.create(kind=state, key="k", state=state, asked_at=clock.now() - waited * MINUTE)
    assert about(queues.jobs()) == (1, 3)


@pytest.mark.django_db
def test_tasks_wait_from_their_time_on() -> None:
    from django_tasks_db.models import DBTaskResult, get_date_max

    now = clock.now()
    assert about(queues.tasks()) == (0, 0)
    for run_after, asked in (
        (get_date_max(), now - 4 * MINUTE),
        (now - 6 * MINUTE, now - 99 * MINUTE),
        (now + 9 * MINUTE, now - 99 * MINUTE),
    ):
        made = DBTaskResult.objects.create(
            args_kwargs={}, task_path="x.y", backend_name="default", run_after=run_after
        )
        DBTaskResult.objects.filter(pk=made.pk).update(enqueued_at=asked)
    assert about(queues.tasks()) == (2, 6)


@pytest.mark.django_db
def test_letters_of_a_rehearsal_wait_for_nobody(world: World) -> None:
    letter(MINUTE, due_at=clock.now() - MINUTE, hearing_id=world.hearing.id)
    assert about(queues.letters()) == (1, 1)
    Hearing.objects.filter(pk=world.hearing.pk).update(is_rehearsed=True)
    assert queues.letters() == queues.QueueState(0, timedelta())


@pytest.mark.django_db
def test_who_has_been_silent() -> None:
    silent = "hemicycle_process_silent_seconds"
    assert read()[silent, "worker"] == inf
    assert (silent, "mail") not in read()
    for name in SignOfLife.Name:
        signs_of_life.give(name)
    SignOfLife.objects.filter(name="mail").update(at=clock.now() - 2 * MINUTE)
    told = read()
    assert told[silent, "worker"] < 10
    assert 120 <= told[silent, "mail"] < 130


@pytest.mark.django_db
def test_the_newest_copy_of_the_site_has_an_age(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    age = "hemicycle_backup_age_seconds"
    assert (age,) not in read()
    status.note(tmp_path, status.STREAM, "s3://copies/x", done_at=None, fault="The disk is full.")
    assert (age,) not in read()
    status.note(tmp_path, status.BACKUP, "/mnt/backups", done_at=clock.now() - 2 * MINUTE)
    assert 120 <= read()[age,] < 130
    status.note(tmp_path, status.STREAM, "s3://copies/x", done_at=clock.now())
    assert read()[age,] < 10


@pytest.mark.django_db
def test_a_press_is_timed_by_its_name_and_outcome(world: World) -> None:
    from hemicycle.procedure.commands import BadCommand
    from hemicycle.procedure.refusals import Refused
    from hemicycle.record import writer

    def press(what: str) -> None:
        presses.press(
            hearing=world.hearing,
            meeting=world.hearing.meetings.order_by("ordinal")[0],
            data={"press": what},
            actor=writer.Actor.system("test"),
        )

    def counted() -> Figures:
        told = ("hemicycle_press_seconds_count", "hemicycle_presses_total")
        return {key: value for key, value in read().items() if key[0] in told}

    before = counted()
    with pytest.raises(BadCommand):
        press("no-such-press:of@example.org")
    assert counted() == before  # an invented name becomes no label
    with pytest.raises(Refused):
        press("suspend")
    press("open_meeting")
    gained = {key[1]: counted()[key] - before[key] for key in before}
    assert {key: value for key, value in gained.items() if value} == {
        "suspend": 1,
        "open_meeting": 1,
        "refused": 1,
        "done": 1,
    }


def test_addresses_belong_to_few_parts() -> None:
    parts = {path: part_of(path) for path in ("/", "/h/x/", "/feed/1/hall", "/api/v1/x", "/time")}
    assert parts == {
        "/": "pages",
        "/h/x/": "pages",
        "/feed/1/hall": "feed",
        "/api/v1/x": "api",
        "/time": "probes",
    }
    assert part_of("/static/a.js") == "static"
    assert part_of("/media/session/a") == "media"


def ask(site: Site, headers: Mapping[str, str] = {}) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.request("GET", "/metrics", headers=dict(headers))
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


@pytest.mark.django_db(transaction=True)
def test_a_real_site_tells_them_to_its_own_programs_alone(site: Site, world: World) -> None:
    limit = time.monotonic() + 20
    told: Figures = {}
    # A process measures its loop for the first time a moment after it begins to serve.
    while not told.get(("hemicycle_loop_lag_seconds_count",)) and time.monotonic() < limit:
        status, text = ask(site)
        assert status == 200
        told = figures(text)
    assert told["hemicycle_ready",] == 1
    assert told["hemicycle_queue_length", "letters"] >= 0
    assert told["hemicycle_disk_free_bytes", "data"] > 0
    assert ask(site)[0] == 200
    assert figures(ask(site)[1])["hemicycle_request_seconds_count", "probes", "2xx"] >= 1
    assert told["hemicycle_loop_lag_seconds_count",] > 0
    values = {value for name, *labels in told for value in labels}
    assert {value for value in values if not LABEL_VALUE.fullmatch(value)} == set()
    assert ask(site, {"X-Forwarded-For": "192.0.2.7"}) == (404, b"")
    # The site has no token, so this header says nothing.
    assert ask(site, {"Authorization": "Bearer x"})[0] == 200


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_several_processes_tell_the_figures_of_all(tmp_path: Path) -> None:
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    site = Site(tmp_path, url, workers=2)
    site.start()
    name = ("hemicycle_request_seconds_count", "probes", "2xx")
    try:
        # A connection may reach either process, and each always reports the figures of both.
        counted = [figures(ask(site)[1]).get(name, 0) for _ in range(12)]
        lag = figures(ask(site)[1])["hemicycle_loop_lag_seconds_count",]
    finally:
        site.stop()
    gained = [after - before for before, after in itertools.pairwise(counted)]
    assert gained == [1] * 11
    assert lag > 0
    site.check_log()
