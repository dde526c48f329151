"""Somebody who was erased is in no table, no file, no archive, no search and on no page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.outcome.archive import building
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import erasure

if TYPE_CHECKING:
    from tests.support.everything import Everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Iterator[Everything]:
    """Somebody of whom everything is kept."""
    from tests.support.everything import everything  # Django is set up by now

    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.SECURITY_LOG_DIR = tmp_path / "security"
    settings.ERASED_LIST = tmp_path / "erased.jsonl"
    with everything() as kept:
        yield kept


def test_nothing_of_somebody_who_was_erased_is_left(kept: Everything) -> None:
    from tests.support.everything import MAILED, NAME, WORDS, in_files, in_tables

    row, hearing, marks = kept.registration, kept.world.hearing, kept.marks
    assert {mark for _table, mark in in_tables(marks)} == set(marks)
    assert {mark for _file, mark in in_files(marks)} >= {NAME, WORDS, MAILED}
    search = f"/h/{hearing.slug}/statements/?q=recruitment"
    statement = str(kept.finished.statement("Open Doors").pk)
    assert statement in Client().get(search).text
    pages = (f"/h/{hearing.slug}/", f"/h/{hearing.slug}/speakers/", search)

    erasure.erase(hearing=hearing.id, person=row.person_id, actor=kept.world.office)
    building.build_wanted()

    assert in_tables(marks) == set()
    assert in_files(marks) == set()
    assert statement not in Client().get(search).text
    assert Client().get(f"/my/{links.secret_of(row)}/").status_code == 410
    for page in pages:
        shown = Client().get(page).text.casefold()
        assert [mark for mark in marks if mark.casefold() in shown] == [], page
    public = Archive.objects.get(hearing=hearing, is_public=True)
    assert public.path.is_file(), "a new edition was built"
    assert not erasure.unfinished(hearing.id).exists()


def test_every_table_is_looked_into() -> None:
    tables = set(connection.introspection.table_names())
    assert {model._meta.db_table for model in apps.get_models()} <= tables
