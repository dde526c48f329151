"""Naming a reader, their confirmation, and taking the seat back."""

import uuid

from django.utils.translation import gettext as _

from hemicycle.before.readers import entry_types, letters
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.readers.places import ReadingPlace
from hemicycle.before.registration import links
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer


class ReaderRefused(Exception):
    """Something that cannot be done with a reader now; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def actor_of(reader: ProxyReader) -> Actor:
    """Return the actor for a reader, who acts through their own link."""
    return Actor(id=reader.person_id.hex, role=Role.SPEAKER.value)


def name(
    *, place: ReadingPlace, name: str, email: str, language: str, voice: str, actor: Actor
) -> ProxyReader:
    """Name a person who reads from a slot, and ask them by letter.

    Raises `ReaderRefused` if somebody was named before, once the floor was given, and if the
    address is that of the person for whom they would read.
    """
    with writer.writing(place.hearing.id, actor=actor) as record:
        if ProxyReader.objects.filter(slot=place.slot).exists():
            raise ReaderRefused(_("A reader has already been named. Take the seat back first."))
        _check_open(place)
        if place.person and place.person.email.casefold() == email.casefold():
            raise ReaderRefused(_("This is the speaker’s own address. Name another person."))
        person = Person.objects.create(name=name, email=email, language=language)
        row = uuid.uuid4()
        reader = ProxyReader.objects.create(
            id=row,
            hearing=place.hearing,
            slot=place.slot,
            person=person,
            voice=voice,
            link_hash=hash_secret(links.derive(row, 1)),
            named_at=clock.from_ms(record.now),
        )
        record.append(entry_types.NAMED, _body(reader))
        letters.asked(reader, place)
    return reader


def confirm(*, reader: ProxyReader, place: ReadingPlace, may_be_named: bool) -> ProxyReader:
    """Record the reader's agreement: from now on the seat is theirs.

    `may_be_named` says whether the public reads their name; they may change it later. Raises
    `ReaderRefused` if the seat was taken back, or if it is too late for a first agreement.
    """
    with writer.writing(reader.hearing_id, actor=actor_of(reader)) as record:
        current = _current(reader)
        if current.confirmed_at is None:
            _check_open(place)
            current.confirmed_at = clock.from_ms(record.now)
            record.append(entry_types.CONFIRMED, _body(current))
            letters.confirmed(place)
        current.may_be_named = may_be_named
        current.save(update_fields=("confirmed_at", "may_be_named"))
    return current


def take_back(*, reader: ProxyReader, place: ReadingPlace, actor: Actor) -> None:
    """Revoke the reader's link at once, and return the seat to its speaker.

    Readers decline in this way, too. Raises `ReaderRefused` if the seat was taken back before, and
    if the reader has agreed and the floor was given.
    """
    with writer.writing(reader.hearing_id, actor=actor) as record:
        current = _current(reader)
        if current.confirmed_at is not None and place.has_begun:
            raise ReaderRefused(_("The reader already has the floor and keeps it."))
        end(current, record)
        if actor.id == current.person_id.hex:
            letters.declined(place)
        else:
            letters.ended(current, place)


def end(reader: ProxyReader, record: Writer) -> None:
    """Delete a reader's row and append the entry; no letter is sent."""
    record.append(entry_types.TAKEN_BACK, _body(reader))
    reader.delete()


def _current(reader: ProxyReader) -> ProxyReader:
    rows = ProxyReader.objects.filter(pk=reader.pk).select_related("hearing", "person")
    found = rows.first()
    if found is None:
        raise ReaderRefused(_("The seat has been taken back. You can no longer read from it."))
    return found


def _check_open(place: ReadingPlace) -> None:
    if place.has_begun or place.is_over:
        raise ReaderRefused(_("It is too late: the floor has been given or the meeting is over."))
    if not place.stands:
        raise ReaderRefused(_("This place is no longer valid, so no one can speak from it."))


def _body(reader: ProxyReader) -> dict[str, str]:
    return {"reader": reader.id.hex, "person": reader.person_id.hex, "slot": reader.slot.hex}
