"""On a real server, the record takes entries while the archive is built and downloaded."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from hemicycle.before.statements import actions as statements
from hemicycle.hearing.jobs import stored_files, workers
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions
from hemicycle.record import writer
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from tests.support.finished import Finished
    from tests.support.site import Site

LARGE = 20 * 2**20
VISITORS = 10
LONGEST_WAIT_S = 1.0
WHO = writer.Actor("a" * 32, "secretariat")


@pytest.fixture
def large(transactional_db: None) -> Iterator[Finished]:
    """A finished, published hearing with a statement of 20 MB that does not compress."""
    from tests.support.finished import finished_hearing

    with finished_hearing() as finished:
        world = finished.world
        statement = finished.statement("Open Doors")
        statements.set_consent(statement=statement, publish=True, actor=world.office)
        version = statement.versions.get()
        version.file.save("large.txt", ContentFile(os.urandom(LARGE)))
        actions.draft(hearing=world.hearing, actor=world.office)
        actions.publish(hearing=world.hearing, actor=world.office)
        yield finished
        for archive in Archive.objects.exclude(file=""):
            stored_files.drop(archive.file.name or "")
        version.file.delete(save=False)


def longest_write(finished: Finished, meanwhile: Sequence[Future[Any]]) -> float:
    """Write to the record until the work is done, and return the longest wait in seconds."""
    waits = [0.0]
    while not all(work.done() for work in meanwhile):
        begun = time.monotonic()
        with writer.writing(finished.world.hearing.id, actor=WHO) as record:
            record.append("training.absent", {"training": "a" * 32, "registration": "b" * 32})
        waits.append(time.monotonic() - begun)
        time.sleep(0.02)
    return max(waits)


@pytest.mark.alone
def test_ten_visitors_download_while_others_write(large: Finished, site: Site) -> None:
    work_off()
    url = f"{site.url}/h/{large.world.hearing.slug}/archive.zip"

    def download(_number: int) -> int:
        with urlopen(url, timeout=60) as answer:
            return sum(map(len, iter(lambda: answer.read(65536), b"")))

    with ThreadPoolExecutor(VISITORS) as visitors:
        sizes = [visitors.submit(download, number) for number in range(VISITORS)]
        waited = longest_write(large, sizes)
    assert {size.result() for size in sizes} == {archive_size(large)}
    assert archive_size(large) > LARGE
    assert waited < LONGEST_WAIT_S


def archive_size(finished: Finished) -> int:
    """Return the size of the public's archive in bytes, or 0 if there is none."""
    row = Archive.objects.filter(hearing=finished.world.hearing, is_public=True).first()
    return row.size if row else 0


@pytest.mark.slow
def test_the_workers_threads_build_what_is_wanted_and_end(large: Finished) -> None:
    end = workers.start()
    try:
        limit = time.monotonic() + 60
        while not archive_size(large) and time.monotonic() < limit:
            time.sleep(0.1)
    finally:
        end()
    assert archive_size(large) > LARGE
    assert workers.NAME not in {thread.name for thread in threading.enumerate()}


@pytest.mark.alone
def test_building_holds_up_nobody_who_writes(large: Finished) -> None:
    def build() -> None:
        try:
            work_off()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as builder:
        built = builder.submit(build)
        waited = longest_write(large, [built])
    built.result()
    assert archive_size(large) > LARGE
    assert waited < LONGEST_WAIT_S
