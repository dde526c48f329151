"""Recorded videos from the upload to the engine's configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from hemicycle.before.registration import changes
from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video import actions, cards, queries
from hemicycle.before.statements.video.actions import VideoRefused
from hemicycle.hearing.people.models import Person
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from tests.support import stored_files

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


def hand_in(
    world: World, registration: Registration, data: bytes, name: str = "my video.mp4"
) -> Video:
    return actions.hand_in(
        inscription=world.inscription(registration),
        uploaded=SimpleUploadedFile(name, data, "video/mp4"),
        by=registration.person,
        actor=actor_of(registration),
    )


def told(world: World) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="video.")
    return [(row.kind.partition(".")[2], json.loads(row.body)) for row in rows.order_by("seq")]


def kinds(world: World) -> list[str]:
    return [kind for kind, _body in told(world)]


def files() -> list[str]:
    """Return the names of the files in the folder of videos."""
    try:
        return default_storage.listdir("videos")[1]
    except FileNotFoundError:
        return []


def test_a_video_is_kept_under_a_name_that_tells_nothing(world: World, mp4: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    before = set(files())
    video = hand_in(world, row, mp4)
    (name,) = set(files()) - before
    assert (len(name), name.endswith(".mp4"), "video" in name) == (36, True, False)
    assert default_storage.open(f"videos/{name}").read() == mp4
    assert told(world) == [
        (
            "handed_in",
            {
                "video": video.id.hex,
                "inscription": world.inscription(row).id.hex,
                "number": 1,
                "duration_ms": 1000,
                "size": len(mp4),
                "sha256": video.sha256,
            },
        )
    ]
    assert (video.file_name, video.play, video.has_sound) == ("my video.mp4", "absent", True)


def test_a_large_upload_is_taken_where_it_lies(world: World, webm: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    uploaded = TemporaryUploadedFile("large.webm", "video/webm", len(webm), None)
    uploaded.write(webm)
    uploaded.seek(0)
    video = actions.hand_in(
        inscription=world.inscription(row),
        uploaded=uploaded,
        by=row.person,
        actor=actor_of(row),
    )
    assert (video.media_type, video.file.open().read()) == ("video/webm", webm)


def test_a_new_video_takes_the_place_of_the_one_before(
    world: World,
    mp4: bytes,
    webm: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = world.ngo("Open Doors", 0)
    first = hand_in(world, row, mp4)
    actions.choose(video=first, play=Video.Play.ALWAYS, actor=world.office)
    name = first.file.name
    assert hand_in(world, row, mp4).pk == first.pk  # the same file twice is one version
    with django_capture_on_commit_callbacks(execute=True):
        second = hand_in(world, row, webm)
    assert (second.number, second.play) == (2, "always")
    assert queries.video_of(world.inscription(row)) == second
    assert not default_storage.exists(name or "")
    assert kinds(world) == ["handed_in", "play_chosen", "handed_in"]


def test_a_video_that_is_withdrawn_is_gone(
    world: World,
    mp4: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = world.ngo("Open Doors", 0)
    video = hand_in(world, row, mp4)
    name = video.file.name
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            actions.withdraw(video=video, actor=actor_of(row))
    assert queries.video_of(world.inscription(row)) is None
    assert not default_storage.exists(name or "")
    assert kinds(world) == ["handed_in", "withdrawn"]
    again = hand_in(world, row, mp4)
    assert (again.number, again.play) == (2, "absent")


def test_the_engine_is_told_of_what_it_is_to_play(world: World, mp4: bytes) -> None:
    rows = [world.ngo(name, 0) for name in "ABCD"]
    videos = [hand_in(world, row, mp4) for row in rows]
    choices = (Video.Play.ABSENT, Video.Play.ALWAYS, Video.Play.NEVER, Video.Play.ABSENT)
    for video, play in zip(videos, choices, strict=True):
        actions.choose(video=video, play=play, actor=world.office)
    changes.withdraw(registration=rows[3], segments=(), reason="", actor=actor_of(rows[3]))
    slots = [world.inscription(row).id.hex for row in rows]
    hearing = world.hearing.id.hex
    assert queries.brief(world.hearing) == {
        "videos": {
            slots[0]: f"/media-api/{hearing}/videos/{videos[0].pk}",
            slots[1]: f"/media-api/{hearing}/videos/{videos[1].pk}",
        },
        "videos_first": [slots[1]],
    }


def test_what_cannot_be_played_changes_nothing(world: World, mp4: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    before = files()
    with pytest.raises(VideoRefused, match="neither a video"):
        hand_in(world, row, b"GIF89a" * 100)
    world.hearing.floor_time_limit_s = 0
    world.hearing.save()
    assert hand_in(world, row, mp4).duration_ms == 1000  # one second over the limit is accepted
    assert (len(files()) - len(before), kinds(world)) == (1, ["handed_in"])


def test_when_the_turn_has_come_the_video_stands(world: World, mp4: bytes, webm: bytes) -> None:
    row, other = world.mission("Examplia", 0), world.ngo("Open Doors", 0)
    hand_in(world, row, mp4)
    world.panels[0].members.all().delete()  # so that the first speaker comes first
    world.open_panel()
    world.press(c.GiveFloor())
    with pytest.raises(VideoRefused, match="Your turn has come"):
        hand_in(world, row, webm)
    assert hand_in(world, other, webm).number == 1
    world.press(c.EndFloor())
    world.press(c.CloseSegment())
    with pytest.raises(VideoRefused, match="Your turn has come"):
        hand_in(world, other, mp4)


def test_a_place_given_up_takes_no_video(world: World, mp4: bytes) -> None:
    row = world.ngo("Open Doors", 0)
    changes.withdraw(registration=row, segments=(), reason="", actor=actor_of(row))
    with pytest.raises(VideoRefused, match="no longer valid"):
        hand_in(world, row, mp4)


def test_a_full_disk_is_told_and_leaves_nothing(
    world: World, mp4: bytes, settings: Any, tmp_path: Path
) -> None:
    stored_files.use(settings, stored_files.FOLDER)
    (tmp_path / "uploads").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "uploads"
    row = world.ngo("Open Doors", 0)
    with pytest.raises(VideoRefused, match="could not be saved"):
        hand_in(world, row, mp4)
    assert (Video.objects.count(), kinds(world)) == (0, [])


def test_erasure_deletes_the_file_and_the_record_stands(
    world: World,
    mp4: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = world.ngo("Open Doors", 0)
    video = hand_in(world, row, mp4)
    name, person = video.file.name, Person.objects.get(pk=row.person_id)
    assert list(cards.holdings(world.hearing, person)) == ["1 recorded video: its file is deleted."]
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    video.refresh_from_db()
    assert (video.file.name, video.file_name, default_storage.exists(name or "")) == ("", "", False)
    assert kinds(world) == ["handed_in"]
