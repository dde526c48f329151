"""How readers follow registrations, and how their data is erased."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.before.readers import actions, entry_types, places
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.signals import registration_withdrawn, speaker_replaced
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.secrets import new_secret
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.signals import erasure_asked, people_kept, personal_holdings
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Actor, Writer


@speaker_replaced.connect
def end_with_speaker(
    record: Writer, registration: Registration, before: Person, after: Person
) -> None:
    """End the reader of the previous speaker: the new speaker names their own."""
    for place in places.of_registration(registration):
        _end(place.reader, record)


@registration_withdrawn.connect
def end_with_place(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """End the reader of a slot that was withdrawn."""
    rows = registration.inscriptions.filter(segment__in=segments)
    for reader in ProxyReader.objects.filter(slot__in=rows.values("pk")):
        _end(reader, record)


@people_kept.connect
def readers_of(hearing: Hearing) -> Iterable[UUID]:
    """Return everybody who was ever named as a reader."""
    named = Entry.objects.filter(hearing=hearing.pk, kind=entry_types.NAMED)
    yield from (UUID(entry.fields()["person"]) for entry in named)


@personal_holdings.connect
def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield what erasure deletes of a reader: the seat and the link."""
    if ProxyReader.objects.filter(hearing=hearing, person=person).exists():
        yield _("The seat from which they read for a speaker, and the link to it.")


@erasure_asked.connect
def wait_for_turn(hearing: Hearing, person: Person, actor: Actor) -> str:
    """Return why a reader cannot be erased while they have the floor; "" if they can."""
    rows = ProxyReader.objects.filter(hearing=hearing, person=person, confirmed_at__isnull=False)
    for reader in rows.select_related("hearing"):
        place = places.of_reader(reader)
        if place is not None and place.has_floor:
            return _("This person has the floor now. Erase them when their turn is over.")
    return ""


@person_erased.connect
def erase_readers(person: UUID, record: Writer) -> list[str]:
    """End the reader of an erased speaker, or delete the link and name of an erased reader.

    The fact that another person read stays as long as the speaker's data does.
    """
    places_of = Inscription.objects.filter(
        Q(speaker=person) | Q(registration__person=person), hearing_id=record.hearing
    )
    seats = PanelMember.objects.filter(person=person, segment__meeting__hearing=record.hearing)
    of_speaker = Q(slot__in=places_of.values("pk")) | Q(slot__in=seats.values("pk"))
    for reader in ProxyReader.objects.filter(of_speaker, hearing=record.hearing):
        actions.end(reader, record)
    for reader in ProxyReader.objects.filter(person=person, hearing=record.hearing):
        _erase(reader, record)
    return []


def _erase(reader: ProxyReader, record: Writer) -> None:
    place = places.of_reader(reader)
    if place is None or not place.has_begun or reader.confirmed_at is None:
        actions.end(reader, record)
        return
    reader.may_be_named, reader.link_hash = False, new_secret()[1]
    reader.save(update_fields=("may_be_named", "link_hash"))


def _end(reader: ProxyReader | None, record: Writer) -> None:
    if reader is None:
        return
    place = places.of_reader(reader)
    if place is None or not place.has_begun:
        actions.end(reader, record)
