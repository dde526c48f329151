"""Erasure: a person goes from the rows, and the record still verifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.record import erasure
from hemicycle.record.entry_registry import (
    KINDS,
    ErasureUndeclared,
    Kept,
    declare,
    ids_only,
    nothing_personal,
)
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import verify
from hemicycle.record.writer import Actor

if TYPE_CHECKING:
    from tests.support.lists import World

OFFICE = Actor("c" * 32, "secretariat")


def holds(world: World) -> bool:
    rows = Entry.objects.filter(hearing=world.hearing.id).order_by("seq").values()
    heads = Head.objects.filter(hearing=world.hearing.id).values()
    notes = Note.objects.filter(erased_at=None).values()
    return verify(rows, heads, notes).holds


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_erasure_does_to_it(kind: str) -> None:
    body = dict.fromkeys(KINDS[kind].fields, "a" * 32)
    assert isinstance(KINDS[kind].erasure(kind, body), Kept)


def test_a_kind_that_says_nothing_raises() -> None:
    kind = declare("test.unthought", "person")
    try:
        with pytest.raises(ErasureUndeclared, match=r"test\.unthought"):
            kind.erasure(kind.name, {"person": "a"})
    finally:
        del KINDS["test.unthought"]


def test_what_remains_is_named() -> None:
    body = {"person": "a" * 32, "note": "", "place": 3}
    assert ids_only("person", "note")("any", body) == Kept(orphaned=("person",))
    assert nothing_personal("any", body) == Kept(orphaned=())


def test_an_erased_person_is_nowhere_and_the_record_holds(world: World) -> None:
    ngo = world.ngo("River Watch", 0, question="Who pays?", speaker="Ms Unrepeatable Name")
    world.mission("Ruritania", 0)
    before = list(Entry.objects.filter(hearing=world.hearing.id).values_list("hash", flat=True))
    erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=OFFICE)
    ngo.person.refresh_from_db()
    assert ngo.person.name != "Ms Unrepeatable Name"
    assert ngo.person.erased_at is not None
    assert ngo.person.email == ""
    assert list(ngo.questions.values_list("text", flat=True)) == [""]
    after = list(Entry.objects.filter(hearing=world.hearing.id).values_list("hash", flat=True))
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert holds(world)


def test_nothing_is_erased_where_a_kind_has_not_been_thought_of(world: World) -> None:
    ngo = world.ngo("River Watch", 0, speaker="Ms Example")
    silent = KINDS["registration.received"]
    KINDS["registration.received"] = type(silent)(silent.name, silent.fields, silent.version)
    try:
        with pytest.raises(ErasureUndeclared):
            erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=OFFICE)
    finally:
        KINDS["registration.received"] = silent
    ngo.person.refresh_from_db()
    assert ngo.person.name == "Ms Example"
