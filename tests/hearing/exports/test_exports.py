"""Exports: short tables at once, long ones by the worker; access and deletion of the files."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from hemicycle.before.accreditation import editions
from hemicycle.hearing.exports import making, tables
from hemicycle.hearing.jobs import queue, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock, erasure
from hemicycle.site.operating import removal
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def long(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world with seven registrations: a long table here, made in steps of two rows."""
    monkeypatch.setattr(making, "AT_ONCE", 5)
    monkeypatch.setattr(making, "STEP", 2)
    for number in range(7):
        world.ngo(f"Body {number}", 0)
    return world


@pytest.fixture
def office(long: World) -> Client:
    return long.client()


def address(world: World, kind: str = "csv") -> str:
    return reverse(f"registration:{kind}", args=(world.hearing.slug,))


def pressed(office: Client, path: str) -> str:
    """Press the button of an export and return the address to which it leads."""
    answer = office.post(path)
    assert (answer.status_code, "?job=" in answer.headers["Location"]) == (302, True)
    return str(answer.headers["Location"])


def downloaded(office: Client, page: str) -> Any:
    """Return the file that the page of an ended job offers."""
    text = office.get(page).content.decode()
    link = f"{page}&file=1"
    assert link.replace("&", "&amp;") in text
    answer: Any = office.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return answer


def is_kept(file: str | None) -> bool:
    assert file
    return default_storage.exists(file)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_short_table_comes_with_the_press(world: World) -> None:
    world.ngo("Body 1", 0)
    answer = world.client().post(address(world))
    assert answer.headers["Content-Disposition"].endswith('-registrations.csv"')
    assert b"Body 1" in answer.content
    assert not Job.objects.exists()


def test_a_long_table_is_made_with_progress_and_offered(long: World, office: Client) -> None:
    asked = office.get(address(long)).content.decode()
    assert "This table has 7 rows." in asked
    page = pressed(office, address(long))
    text = office.get(page).content.decode()
    assert ("waiting to begin" in text, 'value="cancel"' in text) == (True, True)
    work_off()
    file = body(downloaded(office, page)).decode("utf-8-sig")
    assert [f"Body {number}" in file for number in range(7)] == [True] * 7
    part = office.get(page, headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"


def test_a_workbook_has_the_filters_and_the_language_of_the_page(
    long: World, office: Client
) -> None:
    long.hearing.registrations.filter(organization__name="Body 0").update(status="withdrawn")
    office.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    page = pressed(office, address(long, "xlsx") + "?status=accepted&sort=-arrival")
    work_off()
    content = io.BytesIO(body(downloaded(office, page)))
    rows = list(load_workbook(content).worksheets[0].iter_rows(values_only=True))
    assert (len(rows), rows[0][0]) == (7, "Référence")
    assert [str(row[6]) for row in rows[1:]] == [f"Body {number}" for number in range(6, 0, -1)]


@pytest.mark.django_db(transaction=True)  # files are deleted at a commit
def test_two_presses_are_one_job_until_it_has_ended(long: World, office: Client) -> None:
    first = pressed(office, address(long))
    assert pressed(office, address(long)) == first
    assert pressed(office, address(long, "xlsx")) != first
    work_off()
    old = Job.objects.get(key__contains="registrations.csv").file.name
    again = pressed(office, address(long))
    assert (again == first, is_kept(old)) == (False, False)
    assert office.get(first, follow=True).redirect_chain[0][0].endswith("/registrations/")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_cancelled_leaves_nothing(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    page = pressed(office, address(long, kind))
    last, advance = 2 * making.PASSES[kind], queue.advance

    def cancelling(job: Job, *, done: int, **more: Any) -> None:
        if done >= last:
            office.post(page, {"act": "cancel"})
        advance(job, done=done, **more)

    monkeypatch.setattr(queue, "advance", cancelling)
    work_off()
    job = Job.objects.get()
    assert (job.state, bool(job.file), job.done) == (Job.State.STOPPED, False, last)
    text = office.get(page).content.decode()
    assert ("The export was cancelled." in text, "&amp;file=1" in text) == (True, False)
    assert pressed(office, address(long, kind)) != page


def test_another_worker_makes_it_when_one_was_killed_or_restarts(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = pressed(office, address(long))
    with monkeypatch.context() as patched:
        advance = queue.advance

        def dying(job: Job, *, done: int, **more: Any) -> None:
            advance(job, done=done, **more)
            raise SystemExit

        patched.setattr(queue, "advance", dying)
        with pytest.raises(SystemExit):
            workers.run_next()
    assert workers.run_next() is False  # the killed worker still holds the job
    long.clock.advance(61_000)
    with monkeypatch.context() as patched:
        patched.setattr(Job, "is_ending", staticmethod(lambda: True))
        workers.run_next()
    job = Job.objects.get()
    assert (job.state, job.attempts) == (Job.State.WAITING, 2)
    work_off()
    assert body(downloaded(office, page)).count(b"\r\n") == 8


def test_a_table_that_kills_every_worker_is_given_up(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = pressed(office, address(long))

    def failing(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(queue, "finish_with", failing)
    work_off()
    assert Job.objects.get().attempts == workers.MOST_ATTEMPTS
    assert "The file could not be made because of a fault." in office.get(page).content.decode()


@pytest.mark.django_db(transaction=True)  # files are deleted at a commit
def test_erasing_somebody_deletes_the_files_and_restarts_what_is_being_made(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(default_storage.listdir("jobs")[1])
    ready = pressed(office, address(long))
    work_off()
    file = Job.objects.get().file.name
    running = pressed(office, address(long, "xlsx"))
    first = long.hearing.registrations.order_by("arrival")[0]
    name = first.person.name
    finish = queue.finish_with

    def late(job: Job, *given: Any, **named: Any) -> None:
        monkeypatch.setattr(queue, "finish_with", finish)
        erasure.erase(hearing=long.hearing.pk, person=first.person_id, actor=long.office)
        finish(job, *given, **named)

    monkeypatch.setattr(queue, "finish_with", late)
    work_off()
    assert not is_kept(file)
    assert office.get(ready, follow=True).redirect_chain[0][0].endswith("/registrations/")
    part = office.get(ready, headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    rows = load_workbook(io.BytesIO(body(downloaded(office, running)))).worksheets[0]
    said = [cell for row in rows.iter_rows(values_only=True) for cell in row]
    assert ("Body 6" in said, name in said) == (True, False)
    left = set(default_storage.listdir("jobs")[1]) - before
    assert {f"jobs/{name}" for name in left} == {Job.objects.get().file.name}


def test_only_those_who_may_see_the_table_get_its_file(long: World, office: Client) -> None:
    page = pressed(office, address(long))
    work_off()
    assert long.client(long.moderator).get(f"{page}&file=1").status_code == 403
    assert Client().get(f"{page}&file=1").headers["Location"].startswith("/sign-in/")
    other = reverse("outgoing:csv", args=(long.hearing.slug,)) + "?" + page.partition("?")[2]
    assert office.get(f"{other}&file=1").status_code == 302  # the other table has no such file


@pytest.mark.django_db(transaction=True)  # files are deleted at a commit
def test_files_go_after_their_time_and_with_their_hearing(long: World, office: Client) -> None:
    pressed(office, address(long))
    work_off()
    file = Job.objects.get().file.name
    long.clock.advance(int(queue.KEPT_FOR.total_seconds() * 1000) + 1000)
    assert (queue.tidy(), is_kept(file)) == (1, False)
    pressed(office, address(long))
    work_off()
    file = Job.objects.get().file.name
    removal.remove(long.hearing, actor="")
    assert (Job.objects.exists(), is_kept(file)) == (False, False)


def test_each_long_table_can_be_made(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "AT_ONCE", -1)
    slug, panel = long.hearing.slug, long.panels[0].pk
    places: dict[str, list[Any]] = {
        "registrations": ["registration:csv", slug],
        "statements": ["statements:export", slug, "csv"],
        "speakers": ["speakers:csv", slug, panel],
        "letters": ["outgoing:csv", slug],
        "questions": ["questions:csv", slug],
        "training": ["training:csv", slug],
    }
    assert {*places, "no-objection"} == tables.known().keys()
    for table, (name, *args) in places.items():
        page = pressed(office, reverse(name, args=args))
        work_off()
        answer = downloaded(office, page)
        assert f"{slug}-{table}" in answer.headers["Content-Disposition"]
        assert body(answer).count(b"\n") >= (8 if table in {"registrations", "speakers"} else 1)
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}


def test_a_long_no_objection_list_is_made_as_a_paper_too(
    long: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    long.hearing.categories.filter(key="civil-society").update(no_objection=True)
    long.hearing.registrations.update(status="submitted")
    edition = editions.freeze(
        hearing=long.hearing, deadline=clock.now() + timedelta(days=2), actor=long.office
    )
    assert edition.lines.count() == 7
    for kind, first in (("csv", b"\xef\xbb\xbf"), ("docx", b"PK"), ("pdf", b"%PDF")):
        path = reverse("accreditation:edition-file", args=(long.hearing.slug, edition.number, kind))
        page = pressed(office, path)
        work_off()
        assert body(downloaded(office, page)).startswith(first)
        monkeypatch.setattr(making, "AT_ONCE", 7)
        assert body(office.get(path)) if kind != "csv" else office.get(path).content
        monkeypatch.setattr(making, "AT_ONCE", 5)
