"""The pages of recorded videos, and the delivery of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve

from hemicycle.before.registration import links, quota
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video.probe import LARGEST
from hemicycle.engine.control import passes as wire
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Role
from tests.before.statements.video.test_actions import hand_in
from tests.support.jobs import outcome

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_storage")]


def page(world: World, registration: Registration, rest: str = "") -> str:
    place = world.inscription(registration).pk
    return f"/my/{links.secret_of(registration)}/video/{place}/{rest}"


def body(answer: Any) -> bytes:
    """Return the body of an answer, in one piece or streamed."""
    return b"".join(answer) if answer.streaming else answer.content


def test_a_speaker_hands_one_in_and_sees_it(
    world: World,
    client: Client,
    mp4: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = world.ngo("Open Doors", 0)
    assert page(world, row) in client.get(f"/my/{links.secret_of(row)}/").content.decode()
    sent = {"file": SimpleUploadedFile("mine.mp4", mp4, "video/mp4")}
    posted = client.post(page(world, row), sent)
    assert "Place in the queue: 1." in client.get(posted.headers["Location"]).content.decode()
    assert "waiting to be read" in client.get(f"/my/{links.secret_of(row)}/").content.decode()
    assert (Video.objects.count(), quota.used(row)) == (0, len(mp4))
    staged = Job.objects.get().file.name or ""
    with django_capture_on_commit_callbacks(execute=True):
        said = outcome(client, posted).content.decode()
    assert quota.used(row) == len(mp4)
    assert not default_storage.exists(staged)
    assert "Your video has been received." in said
    assert "mine.mp4" in said
    video = Video.objects.get()
    own = f"/my/{links.secret_of(row)}/video/file/{video.pk}/"
    assert own in said
    assert body(client.get(own)) == mp4
    client.post(page(world, row, "play/"), {"play": "always"})
    video.refresh_from_db()
    assert video.play == "always"
    answer = client.post(page(world, row, "withdraw/"), follow=True)
    assert "Your video has been deleted" in answer.content.decode()


def test_nothing_sent_gets_a_sentence(world: World, client: Client) -> None:
    answer = client.post(page(world, world.ngo("Open Doors", 0)), {})
    assert (answer.status_code, "Choose a file first." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "This file is empty."), (b"PK\x03\x04" * 99, "neither a video")],
)
def test_what_is_no_video_gets_a_sentence_once_it_was_looked_into(
    world: World, client: Client, data: bytes, says: str
) -> None:
    row = world.ngo("Open Doors", 0)
    posted = client.post(page(world, row), {"file": SimpleUploadedFile("mine.mp4", data)})
    said = outcome(client, posted).content.decode()
    assert says in said
    assert "“mine.mp4” was not accepted." in said
    assert (Video.objects.count(), quota.used(row)) == (0, 0)


def test_more_videos_than_may_wait_are_refused(world: World, client: Client, mp4: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    sent = [
        client.post(page(world, row), {"file": SimpleUploadedFile("mine.mp4", mp4)})
        for _ in range(queue.MOST_OF_ONE + 1)
    ]
    assert [answer.status_code for answer in sent] == [302] * queue.MOST_OF_ONE + [429]
    assert "are still being read" in sent[-1].content.decode()


def test_a_video_opens_for_its_owner_only(world: World, client: Client, mp4: bytes) -> None:
    video = hand_in(world, world.ngo("Open Doors", 0), mp4)
    other = links.secret_of(world.ngo("Shelter", 0))
    assert client.get(f"/my/{other}/video/file/{video.pk}/").status_code == 404
    theirs = f"/my/{other}/video/{video.inscription_id}/"
    assert [client.get(theirs).status_code, client.post(theirs).status_code] == [404, 404]


def test_a_player_gets_the_piece_that_it_asks_for(world: World, client: Client, mp4: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    own = f"/my/{links.secret_of(row)}/video/file/{hand_in(world, row, mp4).pk}/"
    size = len(mp4)
    pieces = {
        "bytes=0-": (206, f"bytes 0-{size - 1}/{size}", mp4),
        "bytes=10-19": (206, f"bytes 10-19/{size}", mp4[10:20]),
        f"bytes={size - 5}-{size + 99}": (206, f"bytes {size - 5}-{size - 1}/{size}", mp4[-5:]),
        f"bytes={size}-": (416, f"bytes */{size}", b""),
        "bytes=9-3": (416, f"bytes */{size}", b""),
        "bytes=1-2,5-6": (200, None, mp4),  # the whole file is a valid answer to several ranges
        "lines=1-2": (200, None, mp4),
    }
    for asked, (status, told, data) in pieces.items():
        answer = client.get(own, headers={"Range": asked})
        found = (answer.status_code, answer.get("Content-Range"), body(answer))
        assert found == (status, told, data), asked


def test_the_office_plays_chooses_and_deletes(world: World, mp4: bytes) -> None:
    video = hand_in(world, world.ngo("Open Doors", 0, speaker="Ana Lima"), mp4)
    office = world.client()
    listed = office.get(f"/office/{world.hearing.slug}/videos/").content.decode()
    assert "Ana Lima" in listed
    detail = f"/office/{world.hearing.slug}/videos/{video.pk}/"
    assert f"{detail}file/" in office.get(detail).content.decode()
    assert body(office.get(f"{detail}file/")) == mp4
    office.post(detail, {"play": "never"})
    video.refresh_from_db()
    assert video.play == "never"
    assert office.post(detail, {"play": "nonsense"}).status_code == 422
    moderator = world.client(world.moderator)
    assert moderator.post(detail, {"withdraw": "1"}).status_code == 200  # moderators may only look
    assert office.post(detail, {"withdraw": "1"}).status_code == 302
    assert office.get(detail).status_code == 404


def test_the_engine_gets_the_file_with_a_service_pass(
    world: World, client: Client, mp4: bytes
) -> None:
    video = hand_in(world, world.ngo("Open Doors", 0), mp4)
    hearing = world.hearing.id.hex
    address = f"/media-api/{hearing}/videos/{video.pk}"
    passes = {
        "service": wire.Pass(hearing, "service", "technician", "engine"),
        "another hearing's": wire.Pass("0" * 32, "service", "technician", "engine"),
        "a seat's": wire.Pass(hearing, "publish", "speaker", "seat"),
    }
    answers = {}
    for name, given in passes.items():
        token = wire.sign(given, settings.MEDIA_ENGINE.secret)
        answers[name] = client.get(address, headers={"Authorization": f"Bearer {token}"})
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {"service": 200, "another hearing's": 403, "a seat's": 403}
    assert body(answers["service"]) == mp4
    assert client.get(address).status_code == 401


def test_the_server_reads_as_much_as_a_video_may_have() -> None:
    taken: Any = resolve(f"/my/secret/video/{uuid4()}/").func
    assert taken.most_bytes > LARGEST
    other = resolve(f"/my/secret/video/{uuid4()}/play/").func
    assert not hasattr(other, "most_bytes")


def test_roles_of_the_office_are_those_that_read_statements() -> None:
    from hemicycle.before.statements.video import staff_views as office

    assert office.file.roles == {  # type: ignore[attr-defined]
        Role.SECRETARIAT,
        Role.MODERATOR,
        Role.INTERPRETER,
        Role.TECHNICIAN,
    }
