"""The database keeps the rows of the log: none is changed, removed or replaced."""

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from hemicycle.record import writer
from hemicycle.record.models import Checkpoint, Cosignature, Head, LogTile

pytestmark = [pytest.mark.postgresql("constraints"), pytest.mark.django_db]

TABLES = ("record_logtile", "record_checkpoint", "record_cosignature")


@pytest.fixture
def hearing() -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    LogTile.objects.create(hearing=hearing, level=0, number=0, root=b"\1" * 32, hashes=b"\2" * 8192)
    checkpoint = Checkpoint.objects.create(
        hearing=hearing, size=256, root="0" * 64, at=1, origin="o", key="k", signature="s"
    )
    Cosignature.objects.create(
        checkpoint=checkpoint, name="w", key_hash="0" * 8, timestamp=1, line="l"
    )
    return hearing


def _refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="cannot be"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_neither_changed_nor_removed(hearing: UUID, table: str) -> None:
    _refused(f"UPDATE {table} SET id = id + 1")
    _refused(f"DELETE FROM {table}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_not_replaced_on_sqlite(hearing: UUID, table: str) -> None:
    if connection.vendor == "sqlite":
        _refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_a_whole_record_goes_with_its_log_once_its_head_is_gone(hearing: UUID) -> None:
    Head.objects.filter(hearing=hearing).delete()
    Checkpoint.objects.filter(hearing=hearing).delete()
    LogTile.objects.filter(hearing=hearing).delete()
    assert not Cosignature.objects.exists()
