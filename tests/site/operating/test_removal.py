"""Removing hearings, invented or real, removes every trace of them, and nothing of other ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from hemicycle import security_log
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Mail
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions as summaries
from hemicycle.record import clock, erased_list
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from hemicycle.site.operating import removal
from hemicycle.site.rehearsal import play, scenes
from tests.support.finished import finished_hearing
from tests.support.jobs import work_off
from tests.support.lists import reference_world
from tests.support.stored_files import kept_files

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ACTOR = Actor.system("test")
SMALL = Path(__file__).parents[1] / "rehearsal" / "other.toml"


def rows() -> dict[str, set[Any]]:
    """Return the keys of all rows, by their table."""
    return {
        table._meta.label: set(table._base_manager.values_list("pk", flat=True))
        for table in apps.get_models()
        if table is not ContentType
    }


def files() -> set[Path]:
    """Return all files that were uploaded, built or recorded."""
    folders = (kept_files(), Path(settings.MEDIA_ENGINE.segments))
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def rehearsed(file: Path | None = SMALL) -> Hearing:
    """Play a hearing: a small one, or the invented one, in which everything happens."""
    play.through(scenes.read(file), seed=1, registrations=4 if file else 12)
    return Hearing.objects.get(is_rehearsed=True)


def with_the_rest(hearing: Hearing) -> None:
    """Add what a rehearsal itself does not make: archive, recording, job, mail, session."""
    summaries.publish(hearing=hearing, actor=ACTOR)
    assert work_off() >= 1
    assert Archive.objects.filter(hearing=hearing).exclude(file="").exists()
    recording = Path(settings.MEDIA_ENGINE.segments) / hearing.id.hex / "meeting" / "0.m4s"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"sound")
    somebody = Registration.objects.filter(hearing=hearing)[0]
    queue.ask(
        "statement",
        key=f"registration:{somebody.id.hex}",
        asker=f"registration:{somebody.id.hex}",
        file=ContentFile(b"text", "statement.txt"),
        file_name="statement.txt",
    )
    Mail.objects.create(
        hearing_id=hearing.id,
        source=Mail.Source.SMTP,
        received_at=clock.now(),
        file=default_storage.save("mail/one.eml", ContentFile(b"A letter")),
        size=8,
        sha256="0" * 64,
        person=somebody.person,
    )
    Client().force_login(somebody.person, backend="django.contrib.auth.backends.ModelBackend")


def test_every_row_and_file_goes_and_a_real_hearing_stays_as_it_was() -> None:
    with reference_world() as world:
        world.ngo("River Watch", 0)
        real = world.hearing
    before, files_before = rows(), files()
    hearing = rehearsed()
    with_the_rest(hearing)
    assert len(files()) >= len(files_before) + 5
    assert Job.objects.exclude(asker="").exists()
    queue.forget(Job.objects.filter(asker=""))  # jobs to build archives
    assert removal.remove_rehearsals() == [str(hearing)]
    left = {table: keys ^ before[table] for table, keys in rows().items() if keys != before[table]}
    assert left == {}
    assert files() == files_before
    assert Hearing.objects.get() == real


def test_who_works_for_a_real_hearing_too_stays() -> None:
    with reference_world() as world:
        real = world.hearing
    hearing = rehearsed()
    both = Person.objects.create(name="Works for both", email="both@hearing.example")
    for of in (hearing, real):
        people.appoint(person=both, hearing_id=of.id, role=Role.TECHNICIAN, actor=ACTOR)
    removal.remove_rehearsals()
    assert {row.hearing_id for row in Appointment.every.filter(person=both)} == {real.id}


def test_without_a_rehearsal_nothing_happens() -> None:
    with reference_world() as world:
        world.ngo("River Watch", 0)
        before = rows()
        assert removal.remove_rehearsals() == []
        assert rows() == before


def test_one_hearing_of_two_goes_with_rows_and_files_and_stays_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with finished_hearing() as finished:
        other = finished.world.hearing
        summaries.draft(hearing=other, actor=ACTOR)
    before, files_before, erased = rows(), files(), set(erased_list.read())
    hearing = rehearsed(None)
    Hearing.objects.filter(pk=hearing.pk).update(is_rehearsed=False)
    with_the_rest(hearing)
    queue.forget(Job.objects.filter(asker=""))
    expected = removal.contents(hearing)
    everybody = set(Person.objects.values_list("pk", flat=True))
    caplog.clear()
    with caplog.at_level("INFO", logger=security_log.LOGGER.name):
        assert removal.remove(hearing, actor="system:admin") == expected
    assert {"Hearing", "Registration", "Mail", "Archive", "Entry"} <= expected.keys()
    after = rows()
    assert len(after.pop("record.RemovedPerson")) == expected["Person"]
    left = {table: keys ^ before[table] for table, keys in after.items() if keys != before[table]}
    assert left == {}
    assert files() == files_before
    assert Hearing.objects.get() == other
    gone = everybody - set(Person.objects.values_list("pk", flat=True))
    assert len(gone) == expected["Person"]
    assert set(erased_list.read()) - erased == {(hearing.id, person) for person in gone}
    assert [record.security for record in caplog.records if hasattr(record, "security")] == [
        {
            "event": "person.erased",
            "hearing": hearing.id.hex,
            "actor": "system:admin",
            "what": "hearing",
        }
    ]


def test_a_hearing_with_an_open_meeting_stays_whole() -> None:
    with reference_world() as world:
        world.open_panel(0)
        before = rows()
        with pytest.raises(removal.MeetingOpen):
            removal.remove(world.hearing, actor="system:admin")
        assert rows() == before


@pytest.fixture
def invented() -> Hearing:
    return rehearsed()


def secretary(hearing: Hearing) -> Person:
    return Appointment.objects.filter(hearing_id=hearing.id, role=Role.SECRETARIAT)[0].person


def test_the_office_of_a_real_hearing_has_no_such_page(invented: Hearing) -> None:
    Hearing.objects.update(is_rehearsed=False)
    client = Client()
    client.force_login(secretary(invented))
    page = client.get(f"/office/{invented.slug}/").content.decode()
    assert "Remove the demonstration data" not in page
    assert client.post(f"/office/{invented.slug}/remove/").status_code == 404
    assert Entry.objects.exists()


@pytest.mark.browser
def test_one_press_after_one_question_removes_it(
    invented: Hearing, site: Site, pages: Pages
) -> None:
    page: Page = pages.open(base_url=site.url)
    client = Client()
    client.force_login(secretary(invented))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}]
    )
    page.goto(f"/office/{invented.slug}/")
    page.get_by_role("link", name="Remove the demonstration data").click()
    page.get_by_role("listitem").filter(has_text=str(invented)).last.wait_for()
    assert Hearing.objects.exists()
    page.get_by_role("button", name="Remove them all").click()
    page.get_by_text("The demonstration data has been removed.").wait_for()
    page.get_by_text("This site has no hearing yet").wait_for()
    assert not Hearing.objects.exists()
    assert not Person.objects.exists()
