"""What people read when the file store refuses, is overloaded, breaks off or is too slow.

`test_away` has a store that does not answer at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.registration import links
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.mail.incoming.receiving import store
from hemicycle.site.files import bucket as buckets
from hemicycle.site.files import moving, probes
from hemicycle.site.operating import ready_checks
from hemicycle.site.operating.checks import files
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.before.statements.test_actions import hand_in
from tests.support.stored_files import ADDRESS

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World
    from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PATIENCE_S = 0.5
TROUBLES: dict[str, tuple[Callable[[S3Server], None], str]] = {
    "refuses": (lambda store: store.refuse(403), "refuses us"),
    "overloaded": (lambda store: store.refuse(503), "answers with an error (503)"),
    "breaks off": (lambda store: store.break_off(), "does not answer"),
    "too slow": (lambda store: store.be_late(2 * PATIENCE_S), "does not answer"),
}
"""How the store behaves, and what the operator reads about it."""


def diagnosis() -> Diagnosis:
    (found,) = files.files_can_be_stored()
    return found


@pytest.mark.parametrize("trouble", TROUBLES)
def test_downloads_get_a_page_and_uploads_a_sentence_with_what_was_typed(
    trouble: str, away: S3Server, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble == "too slow":
        monkeypatch.setattr(buckets, "TIMEOUT_S", PATIENCE_S)
        monkeypatch.setattr(probes, "TIMEOUT_S", PATIENCE_S)
    row = world.ngo("River Watch", 0)
    version = hand_in(world, row, b"As it was sent.").version
    own = f"/my/{links.secret_of(row)}/"
    begin, said = TROUBLES[trouble]
    begin(away)
    answer = client.get(f"{own}statement/file/{version.pk}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "the place where files are stored is not responding" in answer.content.decode()
    typed = client.post(f"{own}statement/", {"text": "Clean water first."})
    page = typed.content.decode()
    assert (typed.status_code, "could not be saved" in page) == (422, True)
    assert "Clean water first." in page
    assert Job.objects.count() == 0
    found = diagnosis()
    assert (found.health, said in found.found) == (Health.FAULT, True)
    assert ready_checks.found_limits() == [ready_checks.FILES_AWAY]
    away.come_back()
    assert b"".join(client.get(f"{own}statement/file/{version.pk}/")) == b"As it was sent."
    assert client.post(f"{own}statement/", {"text": "Clean water first."}).status_code == 302
    assert Statement.objects.get().versions.count() == 1, "the worker reads the second one"


@pytest.mark.parametrize("number", range(4))
def test_every_upload_says_so(number: int, away: S3Server, world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    own, office = f"/my/{links.secret_of(row)}/", world.client()
    text = SimpleUploadedFile("mine.txt", b"Clean water first.")
    sender, address, fields, keeps = (
        (client, f"{own}evidence/", {"file": text}, ""),
        (
            client,
            f"{own}video/{world.inscription(row).id}/",
            {"file": SimpleUploadedFile("mine.mp4", bytes(99))},
            "",
        ),
        (
            office,
            f"/office/{world.hearing.slug}/documents/",
            {
                "file": SimpleUploadedFile("note.pdf", b"%PDF-1.7\n"),
                "kind": "note",
                "ordinal": "7",
                "title_en": "A side paper",
            },
            "A side paper",
        ),
        (office, "/office/convene/", {"file": SimpleUploadedFile("note.txt", b"A note.")}, ""),
    )[number]
    away.refuse(503)
    answer = sender.post(address, fields)
    page = answer.content.decode()
    assert answer.status_code in {422, 503}, page
    assert "could not be" in page
    assert keeps in page


def test_a_file_whose_answer_was_lost_is_deleted_later(
    away: S3Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store has the whole file, with somebody's words, but no row of the database names it."""
    place = buckets.BucketStorage(ADDRESS)
    before = set(moving.all_in(place))
    # The request before the file is sent was still answered.
    monkeypatch.setattr(buckets.BucketStorage, "exists", lambda _self, _name: False)
    away.break_off()
    with pytest.raises(actions.StatementRefused, match="could not be saved"):
        hand_in(world, world.ngo("River Watch", 0), b"Clean water first.")
    with pytest.raises(StoreAway):
        store.write(b"Subject: Mine")
    away.come_back()
    assert {name.partition("/")[0] for name in set(moving.all_in(place)) - before} == {
        "mail",
        "statements",
    }
    assert stored_files.delete_left() == 0, "the process may be about to take it"
    world.clock.advance(2 * int(stored_files.LEFT_AFTER.total_seconds() * 1000))
    assert stored_files.delete_left() == 2
    assert set(moving.all_in(place)) == before


def test_a_slow_store_that_works_is_a_warning(
    away: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "SLOW_S", 0.1)
    away.be_late(0.12)
    found = diagnosis()
    assert (found.health, "Move the store nearer" in found.advice) == (Health.WARNING, True)
    assert ready_checks.found_limits() == [ready_checks.FILES_SLOW]


def test_a_store_that_breaks_off_in_a_download_ends_the_answer(
    away: S3Server, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers must not take half a file for the whole one."""
    monkeypatch.setattr(buckets, "TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(buckets, "READ_BYTES", 2**16)
    data = b"Clean water first. " * 40_000
    row = world.ngo("River Watch", 0)
    version = hand_in(world, row, data).version
    answer = client.get(f"/my/{links.secret_of(row)}/statement/file/{version.pk}/")
    pieces = iter(answer)
    taken = next(pieces)
    assert int(answer["Content-Length"]) == len(data)
    away.break_off()
    with pytest.raises(OSError, match="does not answer"):
        taken += b"".join(pieces)


def test_a_page_without_files_does_not_wait_for_the_store(
    away: S3Server, world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0)
    away.be_late(5)
    begun = time.monotonic()
    assert client.get(f"/my/{links.secret_of(row)}/").status_code == 200
    assert time.monotonic() - begun < 2
