"""An erased person appears in no table, file, archive or search, and on no page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import erasure
from tests.support import stored_files
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from tests.support.everything import Everything

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.any_database]


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Iterator[Everything]:
    """A person with all kinds of data."""
    from tests.support.everything import everything  # Django is set up by now

    stored_files.use_apart(settings, tmp_path)
    settings.SECURITY_LOG_DIR = tmp_path / "security"
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, segments=tmp_path / "segments")
    settings.ERASED_LIST = tmp_path / "erased.jsonl"
    with everything() as kept:
        yield kept


def test_nothing_of_somebody_who_was_erased_is_left(kept: Everything) -> None:
    from tests.support.everything import (
        FILMED,
        MAILED,
        NAME,
        SPOKEN,
        WAITING,
        WORDS,
        in_files,
        in_tables,
    )
    from tests.support.recorded import make_cuts

    row, hearing, marks = kept.registration, kept.world.hearing, kept.marks
    filed = {FILMED, WAITING, SPOKEN}
    assert {mark for _table, mark in in_tables(marks)} >= set(marks) - filed
    assert {mark for _file, mark in in_files(marks)} >= {NAME, WORDS, MAILED, *filed}
    theirs, other = kept.recordings
    turn = (kept.given_ms, kept.given_ms + 3900)
    assert theirs.loudness("fr.aac", *turn) > 0.01
    search = f"/h/{hearing.slug}/statements/?q=recruitment"
    statement = str(kept.finished.statement("Open Doors").pk)
    assert statement in Client().get(search).text
    pages = (f"/h/{hearing.slug}/", f"/h/{hearing.slug}/speakers/", search)

    erasure.erase(hearing=hearing.id, person=row.person_id, actor=kept.world.office)
    work_off()
    assert make_cuts() == 1

    assert in_tables(marks) == set()
    assert in_files(marks) == set()
    assert statement not in Client().get(search).text
    assert Client().get(f"/my/{links.secret_of(row)}/").status_code == 410
    for track in ("floor.aac", "floor.opus", "fr.aac", "fr.opus"):
        assert theirs.loudness(track, *turn) < 0.01
    assert theirs.loudness("fr.aac", kept.given_ms - 24_000, kept.given_ms - 21_000) > 0.01
    assert other.loudness("fr.aac", other.wall_ms + 100, other.wall_ms + 4000) > 0.01
    for page in pages:
        shown = Client().get(page).text.casefold()
        assert [mark for mark in marks if mark.casefold() in shown] == [], page
    work_off()  # the cut, too, makes the public archive out of date
    public = Archive.objects.get(hearing=hearing, is_public=True)
    assert public.file.storage.exists(public.file.name or ""), "a new edition was built"
    assert not erasure.unfinished(hearing.id).exists()


def test_every_table_is_looked_into() -> None:
    tables = set(connection.introspection.table_names())
    assert {model._meta.db_table for model in apps.get_models()} <= tables
