"""Moving files between the folder and a real store: verified, stopped, killed and continued."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile

from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from hemicycle.site.files import commands, config, moving
from hemicycle.site.files.moving import MoveFault
from tests.support import stored_files

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.files.storage import Storage

    from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NAMES = [f"jobs/{number}" for number in range(4)]
FOLDER, BUCKET = config.FOLDER, stored_files.ADDRESS


@pytest.fixture
def places(bucket: str, settings: Any, tmp_path: Path) -> tuple[Storage, Storage]:
    """The folder with four files of jobs, which the site uses, and the empty store."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "uploads"
    stored_files.use(settings, FOLDER)
    both = moving.storage_at(FOLDER), moving.storage_at(BUCKET)
    for number, name in enumerate(NAMES):
        both[0].save(name, ContentFile(b"%d." % number * 1000))
        Job.objects.create(kind="reading", file=name, asked_at=clock.now())
    return both


def content(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        data: bytes = file.read()
    return data


def test_all_files_are_copied_there_and_back(
    places: tuple[Storage, Storage], settings: Any
) -> None:
    folder, bucket = places
    moved = moving.move(FOLDER, BUCKET)
    assert (moved.copied, moved.there, moved.left, moved.lost) == (4, 0, 0, [])
    assert [content(bucket, name) for name in NAMES] == [content(folder, name) for name in NAMES]
    again = moving.move(FOLDER, BUCKET)
    assert (again.copied, again.there, again.left) == (0, 4, 0)
    stored_files.use(settings, BUCKET)
    folder.save("jobs/without-a-row", ContentFile(b"Erased long ago."))
    assert moving.move(FOLDER, BUCKET, delete=True).deleted == 5
    assert folder.listdir("jobs") == ([], [])
    assert moving.move(BUCKET, FOLDER).copied == 4
    assert [content(folder, name) for name in NAMES] == [content(bucket, name) for name in NAMES]


def test_files_of_the_old_place_stay_while_the_site_uses_it(
    places: tuple[Storage, Storage],
) -> None:
    with pytest.raises(MoveFault, match="The site still uses folder"):
        moving.move(FOLDER, BUCKET, delete=True)
    with pytest.raises(MoveFault, match="are at folder already"):
        moving.move(FOLDER, FOLDER)


def test_what_was_erased_meanwhile_is_at_neither_place(places: tuple[Storage, Storage]) -> None:
    folder, bucket = places
    moving.move(FOLDER, BUCKET)
    folder.delete(NAMES[0])
    Job.objects.filter(file=NAMES[0]).delete()
    moving.move(FOLDER, BUCKET)
    assert bucket.listdir("jobs")[1] == ["1", "2", "3"]


def test_a_copy_that_was_begun_and_erased_before_the_next_run_goes(
    places: tuple[Storage, Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, bucket = places
    copy = moving._copy

    def interrupted(opened: Any, target: Storage, name: str) -> None:
        copy(opened, target, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_copy", interrupted)
        with pytest.raises(KeyboardInterrupt):
            moving.move(FOLDER, BUCKET)
    assert bucket.listdir("jobs")[1] == ["0"]
    folder.delete(NAMES[0])
    Job.objects.filter(file=NAMES[0]).delete()
    moving.move(FOLDER, BUCKET)
    assert bucket.listdir("jobs")[1] == ["1", "2", "3"]


def test_a_place_has_one_name() -> None:
    assert config.place("s3://files/parliament/") == "s3://files/parliament"
    assert config.place("s3://files//parliament") == "s3://files/parliament"
    assert config.place("s3://files/") == "s3://files"
    for other in ("s3://files/a//b", "s3://files/a/../parliament", "s3://files/./a"):
        with pytest.raises(ValueError, match="has an empty part, or one of dots"):
            config.place(other)


def test_a_file_that_is_at_neither_place_is_named(
    places: tuple[Storage, Storage], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _bucket = places
    folder.delete(NAMES[2])
    assert commands.main(["move", "--to", BUCKET]) == 0
    shown = capsys.readouterr().out
    assert "Copied 3 files" in shown
    assert "1 files are at neither place: jobs/2." in shown
    assert f"hemicycle files move --from folder --to {BUCKET} --delete" in shown


def test_a_part_of_a_file_is_replaced(places: tuple[Storage, Storage]) -> None:
    folder, bucket = places
    bucket.save(NAMES[1], ContentFile(content(folder, NAMES[1])[:100]))
    bucket.save(NAMES[2], ContentFile(content(folder, NAMES[2])))
    moved = moving.move(FOLDER, BUCKET)
    assert (moved.copied, moved.there) == (3, 1)
    assert content(bucket, NAMES[1]) == content(folder, NAMES[1])


def test_a_copy_that_differs_is_not_taken(
    places: tuple[Storage, Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    _folder, bucket = places
    monkeypatch.setattr(moving, "_digest", lambda _storage, _name: "another")
    moved = moving.move(FOLDER, BUCKET)
    assert moved.fault == "The copy of jobs/0 differs from the file, and was deleted. Run it again."
    assert (moved.left, bucket.listdir("jobs")[1]) == (4, [])


def test_one_that_is_stopped_says_what_is_left_and_goes_on(
    places: tuple[Storage, Storage],
) -> None:
    asked: list[bool] = []

    def is_stopped() -> bool:
        asked.append(True)
        return len(asked) > 3

    moved = moving.move(FOLDER, BUCKET, is_stopped=is_stopped)
    assert (moved.copied, moved.left) == (2, 2)
    moved = moving.move(FOLDER, BUCKET)
    assert (moved.copied, moved.there, moved.left) == (2, 2, 0)


def test_a_store_that_goes_away_leaves_the_rest(
    places: tuple[Storage, Storage],
    s3_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(moving, "AWAY_S", 0.5)
    copy = moving._copy

    def going(opened: Any, target: Storage, name: str) -> None:
        if name == NAMES[2]:
            s3_server.go_away()
        copy(opened, target, name)

    monkeypatch.setattr(moving, "_copy", going)
    try:
        assert commands.main(["move", "--to", BUCKET, "--json"]) == 1
    finally:
        s3_server.come_back()
    told = json.loads(capsys.readouterr().out)
    assert (told["copied"], told["left"]) == (2, 2)
    assert told["fault"].startswith(f"The store at {BUCKET} does not answer.")
    monkeypatch.setattr(moving, "_copy", copy)
    assert commands.main(["move", "--to", BUCKET, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["copied"] == 2


KILLED = f"""
import os, signal, django
django.setup()
from pathlib import Path
from hemicycle.site.files import moving
listed = Path(os.environ["HEMICYCLE_DATA_DIR"]) / moving.LIST
done = moving.DoneList(listed, {FOLDER!r}, {BUCKET!r})
source, target = moving.storage_at({FOLDER!r}), moving.storage_at({BUCKET!r})
for name in {NAMES[:2]!r}:
    moving._bring(source, target, name, done, moving.Moved())
with listed.open("a") as file:
    file.write('{{"name": "jobs')
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that is killed after the second file, in the middle of writing its list."""


def test_one_that_was_killed_goes_on(places: tuple[Storage, Storage], tmp_path: Path) -> None:
    given = {**os.environ, "HEMICYCLE_DATA_DIR": str(tmp_path)}
    tmp_path.chmod(0o700)
    done = subprocess.run([sys.executable, "-c", KILLED], env=given, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    moved = moving.move(FOLDER, BUCKET)
    assert (moved.copied, moved.there, moved.left) == (2, 2, 0)
