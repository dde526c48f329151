"""The worker for Django's tasks leaves tasks that only another version knows, and does the rest."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from hemicycle.before.registration import housekeeping
from hemicycle.record import clock
from hemicycle.site.processes.task_worker import TaskWorker

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = (
    "hemicycle.before.registration.later.tidy_up",
    "hemicycle.before.registration.housekeeping.later",
    "hemicycle.before.registration.housekeeping.due",
)
"""An unknown module, an unknown name, and a function that is a task only in a newer version."""


def ordered(path: str) -> DBTaskResult[Any, Any]:
    return DBTaskResult.objects.create(
        task_path=path,
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        run_after=get_date_max(),
    )


def test_tasks_of_a_newer_version_wait_for_its_worker_and_hold_nobody_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "CHORES", ())
    unknown = [ordered(path) for path in (*UNKNOWN, UNKNOWN[0])]
    known = ordered(housekeeping.keep_house.module_path)
    worker = TaskWorker(batch=True)
    with caplog.at_level(logging.WARNING):
        worker.run()
        worker.run()
    known.refresh_from_db()
    assert known.status == TaskResultStatus.SUCCESSFUL
    for row in unknown:
        row.refresh_from_db()
        assert (row.status, row.worker_ids, row.started_at) == (TaskResultStatus.READY, [], None)
    said = [record.getMessage() for record in caplog.records if "waits for a worker" in record.msg]
    assert len(said) == len(UNKNOWN), "once for each, however many there are"
    next_round = DBTaskResult.objects.get(
        task_path=housekeeping.keep_house.module_path, status=TaskResultStatus.READY
    )
    assert next_round.run_after > clock.now() + timedelta(hours=1)
