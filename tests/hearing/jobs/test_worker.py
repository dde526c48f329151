"""The command `hemicycle worker` reads uploaded files, also after another worker was killed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from tests.support import database
from tests.support.lists import reference_world
from tests.support.worker import Worker

pytestmark = pytest.mark.postgresql("locks")

WITHIN_S = 60


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_up_what_a_killed_one_left(tmp_path: Path) -> None:
    # The hearing is in the future: the worker would erase everybody from a past one.
    with reference_world(datetime.now(UTC).date() + timedelta(days=30)) as world:
        page = f"/my/{links.secret_of(world.ngo('River Watch', 0))}/statement/"
        for text in ("Clean water first.", "Then the rest."):
            assert Client().post(page, {"text": text}).status_code == 302
    assert queue.claim() is not None  # by a worker that is killed at once
    Job.objects.filter(state=Job.State.RUNNING).update(held_until=clock.now())
    worker = Worker(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    worker.start()
    try:
        limit = time.monotonic() + WITHIN_S
        while queue.unfinished().exists() and time.monotonic() < limit:
            time.sleep(0.1)
    finally:
        worker.stop()
    assert list(Job.objects.order_by("id").values_list("state", "attempts")) == [
        (Job.State.DONE, 2),
        (Job.State.DONE, 1),
    ]
    texts = StatementVersion.objects.order_by("number").values_list("text", flat=True)
    assert list(texts) == ["Clean water first.", "Then the rest."]
    assert "Traceback" not in worker.log.read_text()
