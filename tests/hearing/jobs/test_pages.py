"""Uploaded files in the queue: the time until they are read, and “Cancel” on each page."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration import links, quota
from hemicycle.before.statements.models import StatementVersion, Video
from hemicycle.documents.reading import guarded
from hemicycle.hearing.jobs import kinds, queue, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.setup.models import Reading
from tests.before.statements.test_actions import hand_in
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
TEXT = b"We have been in consultative status since 1999."
PLACES = ("statement", "written", "evidence", "video", "note", "office")


@pytest.fixture
def row(world: World) -> Registration:
    return world.ngo("River Watch", 0)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, world: World, row: Registration) -> tuple[Client, str]:
    """Return a browser and the address of one of the pages that take a file."""
    own, office = Client(), world.client()
    my, slot = f"/my/{links.secret_of(row)}", world.inscription(row).pk
    world.hearing.categories.update(evidence="Number of consultative status")
    if request.param == "office":
        statement = hand_in(world, row, TEXT)
        return office, f"/office/{world.hearing.slug}/statements/{statement.version.statement_id}/"
    return {
        "statement": (own, f"{my}/statement/{slot}/"),
        "written": (own, f"{my}/statement/"),
        "evidence": (own, f"{my}/evidence/"),
        "video": (own, f"{my}/video/{slot}/"),
        "note": (office, "/office/convene/"),
    }[request.param]


def sent(place: tuple[Client, str]) -> str:
    """Send a file, and return the address of its job's page."""
    client, page = place
    name = "mine.mp4" if "/video/" in page else "letter.txt"
    answer = client.post(page, {"file": SimpleUploadedFile(name, TEXT)})
    assert (answer.status_code, "?job=" in answer.headers["Location"]) == (302, True)
    return str(answer.headers["Location"])


def taken() -> int:
    """Count the objects that were made from files."""
    made = (StatementVersion, Evidence, Video, Reading)
    return sum(model.objects.count() for model in made)


@pytest.mark.django_db(transaction=True)  # files are deleted at a commit
@pytest.mark.parametrize("is_running", [False, True])
def test_each_page_cancels_its_file(
    place: tuple[Client, str], row: Registration, is_running: bool
) -> None:
    client, before, used = place[0], taken(), quota.used(row)
    page = sent(place)
    assert 'value="cancel"' in client.get(page).text
    file = Job.objects.get().file.name or ""
    running = queue.claim() if is_running else None
    answer = client.post(page, {"act": "cancel"}, follow=True)
    assert answer.status_code == 200
    assert "You cancelled “" in answer.text
    assert "was not accepted" not in answer.text
    assert (default_storage.exists(file), quota.used(row)) == (False, used)
    assert (taken(), work_off()) == (before, 0)
    if running is not None:
        with pytest.raises(queue.JobGone):
            queue.finish(running)
    part = client.get(page, headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    again = sent(place)
    assert again != page
    work_off()
    client.post(again, {"act": "cancel"}, follow=True)  # too late: it has been read
    assert Job.objects.get(token=again.partition("=")[2]).state != Job.State.STOPPED


def test_a_cancelled_text_is_still_in_the_form(world: World, row: Registration) -> None:
    client, form = Client(), f"/my/{links.secret_of(row)}/statement/{world.inscription(row).pk}/"
    page = client.post(form, {"text": "Clean water first."}).headers["Location"]
    assert "Clean water first." in client.post(page, {"act": "cancel"}, follow=True).text
    personal = client.get(f"/my/{links.secret_of(row)}/").text
    assert ("not accepted" in personal, "waiting to be read" in personal) == (False, False)


def test_nobody_cancels_anothers_file(world: World, row: Registration) -> None:
    other, client = world.ngo("Lake Watch", 1), Client()
    page = sent((client, f"/my/{links.secret_of(row)}/statement/"))
    asked = f"/my/{links.secret_of(other)}/statement/?{page.partition('?')[2]}"
    client.post(asked, {"act": "cancel"})
    assert Job.objects.get().state == Job.State.WAITING


def test_the_time_left_is_what_is_usual(world: World, row: Registration) -> None:
    client, form = Client(), f"/my/{links.secret_of(row)}/statement/"
    for seconds in (2, 4, 60):
        sent((client, form))
        job = queue.claim()
        assert job is not None
        world.clock.advance(seconds * 1000)
        queue.finish(job)
    first, second = sent((client, form)), sent((client, form))
    assert "Time left: about 4 seconds." in client.get(first).text
    assert "Time left: about 8 seconds." in client.get(second).text
    queue.claim()
    world.clock.advance(1000)
    assert "Time left: about 3 seconds." in client.get(first).text
    assert "Time left: about 7 seconds." in client.get(second).text
    world.clock.advance(60_000)
    part = client.get(first, headers={"HX-Request": "true"}).text
    assert ("being read" in part, "Time left" in part) == (True, False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_stops_reading_what_is_cancelled(
    world: World, row: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def forever(_job: Job) -> None:
        begun.set()
        with guarded.spooled(TEXT) as file:
            guarded.run(
                "timeit", ["-n", "1", "import time; time.sleep(50)"], file, seconds=60, ceiling=9
            )

    sent((Client(), f"/my/{links.secret_of(row)}/statement/"))
    job = Job.objects.get()
    monkeypatch.setitem(kinds.known(), job.kind, kinds.JobKind(job.kind, forever, 9))
    finish = workers.start()
    try:
        assert begun.wait(20)
        queue.cancel(job)
        limit = time.monotonic() + 10
        while workers._doing and time.monotonic() < limit:
            time.sleep(0.1)
        assert not workers._doing
    finally:
        finish()
    assert Job.objects.get().state == Job.State.STOPPED
