"""Erasure: a person is removed from the rows, and the record still verifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.record import entry_registry, erasure
from hemicycle.record.entry_registry import (
    EntryType,
    ErasureUndeclared,
    Kept,
    declare,
    declared_entry_types,
    entry_type,
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


@pytest.mark.parametrize("name", sorted(declared_entry_types()))
def test_every_entry_type_says_what_erasure_does_to_it(name: str) -> None:
    body = dict.fromkeys(entry_type(name).fields, "a" * 32)
    assert isinstance(entry_type(name).erasure(name, body), Kept)


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, EntryType]:
    """A copy of the declared types, in which a test may change some."""
    copy = dict(declared_entry_types())
    monkeypatch.setattr(entry_registry, "_entry_types", copy)
    return copy


def test_an_entry_type_that_says_nothing_raises(own_registry: dict[str, EntryType]) -> None:
    silent = declare("test.unthought", "person")
    with pytest.raises(ErasureUndeclared, match=r"test\.unthought"):
        silent.erasure(silent.name, {"person": "a"})


def test_an_entry_type_is_declared_once(own_registry: dict[str, EntryType]) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        declare("record.begun", erasure=nothing_personal)


def test_what_remains_is_named() -> None:
    body = {"person": "a" * 32, "note": "", "place": 3}
    assert ids_only("person", "note")("any", body) == Kept(orphaned=("person",))
    assert nothing_personal("any", body) == Kept(orphaned=())


def test_an_erased_person_is_nowhere_and_the_record_holds(world: World) -> None:
    ngo = world.ngo("River Watch", 0, question="Who pays?", speaker="Ms Unrepeatable Name")
    world.mission("Ruritania", 0)
    entries = Entry.objects.filter(hearing=world.hearing.id).order_by("seq")
    before = list(entries.values_list("hash", flat=True))
    erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=OFFICE)
    ngo.person.refresh_from_db()
    assert ngo.person.name != "Ms Unrepeatable Name"
    assert ngo.person.erased_at is not None
    assert ngo.person.email == ""
    assert list(ngo.questions.values_list("text", flat=True)) == [""]
    after = list(entries.values_list("hash", flat=True))
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert holds(world)


def test_nothing_is_erased_where_an_entry_type_does_not_say_how(
    world: World, own_registry: dict[str, EntryType]
) -> None:
    ngo = world.ngo("River Watch", 0, speaker="Ms Example")
    received = own_registry["registration.received"]
    own_registry[received.name] = EntryType(received.name, received.fields, received.version)
    with pytest.raises(ErasureUndeclared):
        erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=OFFICE)
    ngo.person.refresh_from_db()
    assert ngo.person.name == "Ms Example"
