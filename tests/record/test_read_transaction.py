"""Reading the database as it is at one moment, while others write."""

import threading
import time
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection

from hemicycle.record import writer
from hemicycle.record.models import Entry, Head
from hemicycle.record.read_transaction import read_transaction

pytestmark = pytest.mark.postgresql("transactions")

WHO = writer.Actor("a" * 32, "secretariat")
BODY = {"format": "hemicycle-record-1"}


@pytest.fixture
def hearing(transactional_db: None) -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    return hearing


def write(hearing: UUID) -> float:
    """Append an entry in another thread, and return how many seconds that took."""
    begun = time.monotonic()

    def append() -> None:
        try:
            with writer.writing(hearing, actor=WHO) as record:
                record.append("record.begun", BODY)
        finally:
            connection.close()

    thread = threading.Thread(target=append)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    return time.monotonic() - begun


def test_a_writer_does_not_wait_and_the_reader_sees_one_moment(hearing: UUID) -> None:
    with read_transaction():
        assert Entry.objects.filter(hearing=hearing).count() == 0
        assert write(hearing) < 5
        assert Entry.objects.filter(hearing=hearing).count() == 0
    assert Entry.objects.filter(hearing=hearing).count() == 1


def test_nothing_can_be_written_inside_and_everything_afterwards(hearing: UUID) -> None:
    with pytest.raises(DatabaseError), read_transaction():
        Head.objects.filter(hearing=hearing).update(at=1)
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
    assert Entry.objects.filter(hearing=hearing).count() == 1
