"""SQL statements that are composed once give the same rows as Django's own, for all values."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from hemicycle.record.compiled import MOST_AT_ONCE, CompiledQuery, CompiledUpdate, insert
from hemicycle.record.models import Entry, Head, Note

pytestmark = pytest.mark.django_db

heads = CompiledQuery(lambda hearing: Head.objects.filter(hearing=hearing), hearing=UUID)
places = CompiledQuery(
    lambda hearing, seq: (
        Entry.objects.filter(hearing=hearing, seq__gt=seq)
        .order_by("seq")
        .values_list("seq", "kind")
    ),
    hearing=UUID,
    seq=int,
)
move = CompiledUpdate(
    lambda hearing: Head.objects.filter(hearing=hearing), {"seq": int, "hash": str}, hearing=UUID
)


def _entry(hearing: UUID, seq: int) -> Entry:
    return Entry(hearing=hearing, seq=seq, at=seq, kind=f"kind.{seq}", body="{}")


def test_rows_are_models_or_tuples_as_the_query_set_says() -> None:
    one, other = (Head.objects.create(hearing=uuid4(), hash=word) for word in ("a", "b"))
    assert [heads(hearing=head.hearing) for head in (one, other)] == [[one], [other]]
    assert heads.first(hearing=uuid4()) is None
    found = heads.first(hearing=one.hearing)
    assert found is not None
    assert (found.hearing, found.hash, found.seq) == (one.hearing, "a", 0)
    insert(*(_entry(one.hearing, seq) for seq in (1, 2, 3)))
    assert places(hearing=one.hearing, seq=1) == [(2, "kind.2"), (3, "kind.3")]
    assert places(hearing=other.hearing, seq=0) == []


def test_it_is_composed_once_and_asked_once() -> None:
    heads(hearing=uuid4())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        heads(hearing=uuid4())
    assert len(asked) == 1


def test_an_update_changes_its_rows_alone() -> None:
    one, other = (Head.objects.create(hearing=uuid4(), hash=word) for word in ("a", "b"))
    assert move(hearing=one.hearing, seq=7, hash="c") == 1
    assert move(hearing=uuid4(), seq=7, hash="c") == 0
    assert [
        (row.seq, row.hash)
        for row in Head.objects.filter(pk__in=(one.pk, other.pk)).order_by("hash")
    ] == [(0, "b"), (7, "c")]


def test_inserting_many_takes_as_few_statements_as_can_be() -> None:
    hearing = uuid4()
    with CaptureQueriesContext(connection) as asked:
        insert(*(_entry(hearing, seq) for seq in range(1, MOST_AT_ONCE + 3)))
    assert len(asked) == 2
    assert Entry.objects.filter(hearing=hearing).count() == MOST_AT_ONCE + 2


def test_values_come_back_as_they_were() -> None:
    note = Note(key="k", hearing=uuid4(), salt=b"\x00\xff", text="“ما”")
    insert(note)
    found = Note.objects.get(pk="k")
    assert (found.hearing, bytes(found.salt), found.text, found.erased_at) == (
        note.hearing,
        note.salt,
        note.text,
        None,
    )
    assert not note._state.adding


def test_what_the_database_refuses_is_refused() -> None:
    hearing = uuid4()
    insert(_entry(hearing, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(_entry(hearing, 1))


def test_a_value_that_the_statement_has_no_place_for_is_an_error() -> None:
    nowhere = CompiledQuery(lambda hearing: Head.objects.all(), hearing=UUID)
    with pytest.raises(AssertionError, match="hearing"):
        nowhere(hearing=uuid4())


def test_an_update_writes_a_moment_as_django_does() -> None:
    note = Note.objects.create(key="k", hearing=uuid4(), salt=b"s", text="words")
    erase = CompiledUpdate(
        lambda hearing: Note.objects.filter(hearing=hearing), {"erased_at": datetime}, hearing=UUID
    )
    for moment in (datetime(2021, 7, 13, 14, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 6, UTC)):
        assert erase(hearing=note.hearing, erased_at=moment) == 1
        note.refresh_from_db()
        assert note.erased_at == moment
