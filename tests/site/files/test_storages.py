"""Both storages behave alike: a folder, and a running store with the S3 protocol."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.jobs.models import FileToDelete, Job
from hemicycle.hearing.jobs.stored_files import StoreAway, StoredCopy, stored_first
from hemicycle.record import clock
from hemicycle.site.files import bucket as buckets
from hemicycle.site.files.bucket import BucketStorage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.s3_server import S3Server

LARGE = 2 * buckets.PART_BYTES + 12_345


@pytest.fixture
def stored(either_storage: str) -> str:
    """The name of a small stored file."""
    return default_storage.save("evidence/one.txt", ContentFile(b"What we say."))


def content(name: str) -> bytes:
    with default_storage.open(name) as file:
        data: bytes = file.read()
    return data


def test_a_file_is_stored_read_listed_and_deleted(stored: str) -> None:
    assert (content(stored), default_storage.size(stored)) == (b"What we say.", 12)
    assert default_storage.exists(stored)
    assert default_storage.listdir("evidence") == ([], ["one.txt"])
    assert "evidence" in default_storage.listdir("")[0]
    default_storage.delete(stored)
    default_storage.delete(stored)  # a second time is no error
    assert not default_storage.exists(stored)
    with pytest.raises(FileNotFoundError):
        default_storage.open(stored)
    with pytest.raises(FileNotFoundError):
        default_storage.size(stored)


def test_no_file_is_written_over(stored: str) -> None:
    again = default_storage.save("evidence/one.txt", ContentFile(b"Another."))
    assert again != stored
    assert (content(stored), content(again)) == (b"What we say.", b"Another.")


def test_an_empty_file_is_a_file(either_storage: str) -> None:
    name = default_storage.save("evidence/empty", ContentFile(b""))
    assert (content(name), default_storage.size(name)) == (b"", 0)


def test_a_large_one_comes_back_whole_and_in_ranges(either_storage: str, tmp_path: Path) -> None:
    data = os.urandom(LARGE)
    (tmp_path / "large").write_bytes(data)
    with (tmp_path / "large").open("rb") as source:
        name = default_storage.save("evidence/large", File(source))
    with default_storage.open(name) as file:
        assert file.size == LARGE
        assert b"".join(file.chunks(2**20)) == data
        for begin, length in ((0, 10), (LARGE - 7, 100), (buckets.PART_BYTES - 3, 2**21)):
            file.seek(begin)
            assert file.read(length) == data[begin : begin + length]
        file.seek(-5, os.SEEK_END)
        assert (file.read(), file.tell()) == (data[-5:], LARGE)


def test_a_stored_file_gets_a_second_name_without_its_bytes_coming_here(stored: str) -> None:
    with default_storage.open(stored) as file:
        copy = default_storage.save("jobs/two", StoredCopy(file, "two", stored_name=stored))
    default_storage.delete(stored)
    assert content(copy) == b"What we say."


def test_a_copy_of_a_file_that_is_gone_is_refused(stored: str) -> None:
    with default_storage.open(stored) as file:
        default_storage.delete(stored)
        with pytest.raises(FileNotFoundError):
            default_storage.save("jobs/two", StoredCopy(file, "two", stored_name=stored))
    assert not default_storage.exists("jobs/two")


def job(name: str) -> Job:
    return Job.objects.create(kind="reading", file=name, asked_at=clock.now())


FAILING = ("rolled_back", "committed")


def fails(name: str, *, after_commit: bool) -> stored_files.StoredFirst:
    """Store a file for a row, and fail before or after the row is committed."""
    with (
        suppress(ZeroDivisionError),
        stored_first(Job, name, ContentFile(b"3")) as stored,
    ):
        with transaction.atomic():
            job(stored.take())
            if not after_commit:
                raise ZeroDivisionError
        raise ZeroDivisionError
    return stored


@pytest.mark.django_db
def test_a_file_stays_only_with_its_row(either_storage: str) -> None:
    with stored_first(Job, "kept", ContentFile(b"1")) as kept:
        row = job(kept.take())
    assert content(row.file.name or "") == b"1"
    with stored_first(Job, "refused", ContentFile(b"2")) as refused:
        pass
    undone, committed = (fails(name, after_commit=name == "committed") for name in FAILING)
    # A failure after the commit takes no file from its row.
    there = [default_storage.exists(one.name) for one in (kept, refused, undone, committed)]
    assert there == [True, False, False, True]


# ── A store that is away ──────────────────────────────────────────────────────────────────────
@pytest.mark.slow
def test_a_store_that_is_away_is_said_and_comes_back(away: S3Server, bucket: str) -> None:
    name = default_storage.save("evidence/one", ContentFile(b"One."))
    away.go_away()
    for act in (
        lambda: default_storage.open(name),
        lambda: default_storage.save("evidence/two", ContentFile(b"Two.")),
        lambda: default_storage.delete(name),
        lambda: default_storage.exists(name),
        lambda: default_storage.listdir("evidence"),
    ):
        with pytest.raises(StoreAway, match=f"^The store at {bucket} does not answer"):
            act()
    away.come_back()
    assert content(name) == b"One."
    assert default_storage.listdir("evidence") == ([], ["one"])


@pytest.mark.slow
def test_a_store_that_goes_away_in_mid_upload_has_no_part_of_the_file(away: S3Server) -> None:
    class Going(ContentFile):  # type: ignore[type-arg]  # Django's own class takes no parameter
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            for number, chunk in enumerate(super().chunks(chunk_size)):
                if number == LARGE // 2**20 // 2:
                    away.go_away()
                yield chunk

    with pytest.raises(StoreAway, match="does not answer"):
        default_storage.save("evidence/large", Going(bytes(LARGE)))
    away.come_back()
    assert not default_storage.exists("evidence/large")
    assert default_storage.save("evidence/large", ContentFile(b"again")) == "evidence/large"


@pytest.mark.slow
@pytest.mark.django_db
def test_what_could_not_be_deleted_is_deleted_later(
    away: S3Server, django_capture_on_commit_callbacks: Any
) -> None:
    names = [default_storage.save(f"jobs/{n}", ContentFile(b"To be erased.")) for n in range(2)]
    away.go_away()
    with django_capture_on_commit_callbacks(execute=True):
        stored_files.drop(*names, "")
    old = timezone.now() - 2 * stored_files.LEFT_AFTER
    FileToDelete.objects.update(since=old)
    assert stored_files.delete_left() == 0
    away.come_back()
    assert all(map(default_storage.exists, names))
    assert stored_files.delete_left() == 2
    assert not any(map(default_storage.exists, names))
    assert not FileToDelete.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SECRET", "wrong", r"refuses us\. Check HEMICYCLE_FILES_S3_KEY and HEMICYCLE_FILES_S3_S"),
        ("SECRET", "", r"^Set HEMICYCLE_FILES_S3_KEY and HEMICYCLE_FILES_S3_SECRET, or "),
        ("ENDPOINT", "s3.example.org", r"_ENDPOINT must begin with https:// or http://"),
    ],
)
def test_wrong_settings_are_one_sentence(
    bucket: str, setting: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(f"HEMICYCLE_FILES_S3_{setting}", value)
        with pytest.raises(StoreAway, match=sentence):
            BucketStorage(bucket).save("evidence/one", ContentFile(b"One."))
