"""The operations page: for administrators, in plain sentences, with what to do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import translation

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.actions import RESERVED
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.site.backup import status
from hemicycle.site.operating import checks, doctor, signs_of_life
from hemicycle.site.operating.checks import work
from hemicycle.site.operating.doctor import Health
from hemicycle.site.operating.models import SignOfLife
from hemicycle.site.operating.staff_views import TITLES
from hemicycle.ui import commands

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from tests.support.lists import World

PAGE = "/office/operations/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def administrator(db: None) -> Client:
    person = Person.objects.create(name="Ada Osei", email="ada@example.org", is_administrator=True)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, **headers: Any) -> str:
    answer = client.get(PAGE, headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_it_is_for_administrators(administrator: Client, world: World) -> None:
    assert administrator.get(PAGE).status_code == 200
    assert "Operations" in administrator.get("/office/").content.decode()
    assert Client().get(PAGE).status_code == 302
    assert world.client().get(PAGE).status_code == 403
    assert PAGE not in world.client().get("/office/").content.decode()
    assert administrator.post(PAGE).status_code == 405
    assert "operations" in RESERVED


def test_it_says_what_is_wrong_first_and_what_to_do(administrator: Client) -> None:
    signs_of_life.give(SignOfLife.Name.MAIL)
    signs_of_life.give(SignOfLife.Name.WORKER)
    SignOfLife.objects.filter(name="worker").update(at=clock.now() - 3 * MINUTE)
    Message.objects.create(
        address="a@example.org",
        purpose="receipt",
        subject="S",
        body="B",
        queued_at=clock.now() - 25 * MINUTE,
    )
    page = shown(administrator)
    assert "Something does not work." in page
    fault = page.index("Fault: Processes")
    assert "The worker has given no sign of life for 3 minutes." in page[fault:]
    assert commands.code("systemctl start hemicycle-worker") in page[fault:]
    letters = page.index("Needs attention: Letters to be sent")
    assert fault < letters < page.index("What is in order") < page.index("The mail process runs.")
    assert "1 letter waits to be sent, the oldest for 25 minutes." in page
    assert "a@example.org" not in page


def test_what_is_cured_moves_down(
    administrator: Client, tmp_path: Path, settings: Settings
) -> None:
    settings.DATA_DIR = tmp_path
    status.note(tmp_path, status.BACKUP, "/mnt/backups", done_at=clock.now())
    for name in SignOfLife.Name:
        signs_of_life.give(name)
    page = shown(administrator)
    well = page[page.index("What is in order") :]
    for sentence in (
        "The worker runs.",
        "The mail process runs.",
        "The last backup is from ",
        "No letter waits to be sent.",
        "No task waits for the worker.",
        "This process can do its work.",
    ):
        assert sentence in well


def test_a_process_that_is_not_ready_says_what_readyz_does(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hemicycle.site.operating import ready_checks

    def full(folder: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(ready_checks, "write_something", full)
    assert ready_checks.NO_FOLDER in shown(administrator)


@pytest.mark.django_db
def test_its_checks_are_of_the_doctor_and_have_titles() -> None:
    assert set(checks.AT_ONCE) <= set(checks.CHECKS)
    assert set(checks.AT_ONCE) | {"ready"} == set(TITLES)
    found = [
        finding
        for name, check in checks.AT_ONCE.items()
        for finding in doctor.carried_out(name, check)
    ]
    assert {finding.check for finding in found} <= set(TITLES)
    assert all(finding.advice for finding in found if finding.health is not Health.OK)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=61), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_a_process_that_is_silent_is_named_with_its_silence(age: timedelta, said: str) -> None:
    for name in SignOfLife.Name:
        signs_of_life.give(name)
    SignOfLife.objects.filter(name=SignOfLife.Name.WORKER).update(at=clock.now() - age)
    with translation.override("en"):
        worker, mail = work.processes_work()
    assert worker.found == f"the worker has given no sign of life for {said}"
    assert (worker.health, mail.health) == (Health.FAULT, Health.OK)
