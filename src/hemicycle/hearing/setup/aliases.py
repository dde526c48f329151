"""Aliases: which are allowed, and those of panellists and moderators.

An alias replaces all names of a person in public (`people.public_identity`). It may equal no real
name of the hearing and nobody else's alias: either would take one person for another. Names are
compared by their words, without case, accents, width and order.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.people.public_identity import name_words
from hemicycle.hearing.setup import public_name_letters
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.schema import InvalidDocument, Problem
from hemicycle.hearing.setup.signals import (
    NameInUse,
    behind_aliases,
    names_in_use,
    public_name_changed,
)
from hemicycle.record import writer

LONGEST = 200


class AliasRefused(Exception):
    """Raised for an alias that cannot be set; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Hidden:
    """Who has an alias: the ids of people, and their addresses case-folded."""

    people: frozenset[UUID]
    addresses: frozenset[str]

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.people or self.addresses)

    def has(self, person: UUID | None, address: str) -> bool:
        """Whether somebody with this id or this address is one of them."""
        return person in self.people or address.casefold() in self.addresses


def hidden_in(hearing: UUID) -> Hidden:
    """Who of a hearing has an alias: in registrations, and on its panels."""
    seats = PanelMember.objects.filter(segment__meeting__hearing=hearing).exclude(alias="")
    rows = seats.order_by().values_list("person_id", "person__email")
    found: list[tuple[UUID | None, str]] = list(rows)
    found += [one for answer in behind_aliases.send(hearing) for one in answer]
    return Hidden(
        frozenset(person for person, _address in found if person),
        frozenset(address.casefold() for _person, address in found if address),
    )


def check(
    alias: str,
    *,
    hearing: UUID,
    own: Iterable[str],
    owners: Collection[UUID] = (),
    public_only: bool = False,
) -> None:
    """Refuse an alias that reveals its bearer or is somebody else's name.

    `owners` are the rows that get the alias, `own` real names of its bearer. With `public_only` it
    is compared with public names only, so that a form that is open to all does not reveal to a
    stranger who takes part. Raises `AliasRefused`.
    """
    check_own(alias, own)
    words = name_words(alias)
    if any(
        name_words(used.name) == words
        for used in all_names(hearing)
        if not (used.is_alias and used.owner in owners) and (used.is_public or not public_only)
    ):
        # It does not say whose: an alias must not be a way to ask who takes part.
        raise AliasRefused(
            _("Someone at this hearing already has this name. Choose another alias.")
        )


def check_own(alias: str, own: Iterable[str]) -> None:
    """Refuse an alias without a letter, and one that contains the bearer's own name.

    Raises `AliasRefused`.
    """
    words = name_words(alias)
    if not words or len(alias) > LONGEST:
        raise AliasRefused(
            _("An alias must have letters or digits, and at most %(n)d characters.")
            % {"n": LONGEST}
        )
    real = [name_words(name) for name in own]
    if any(name and name <= words for name in real):
        raise AliasRefused(_("This alias contains the real name. Choose another alias."))


def all_names(hearing: UUID) -> list[NameInUse]:
    """Every real name and alias of a hearing."""
    staff = Appointment.every.filter(hearing_id=hearing).select_related("person")
    found = [NameInUse(row.person.name, row.person_id) for row in staff]
    for member in PanelMember.objects.filter(segment__meeting__hearing=hearing):
        found.append(NameInUse(member.name, member.pk, is_public=not member.alias))
        found.append(NameInUse(member.alias, member.pk, is_alias=True, is_public=True))
    found += [used for answer in names_in_use.send(hearing) for used in answer]
    return [used for used in found if used.name]


def seats_of(member: PanelMember, hearing: UUID) -> list[PanelMember]:
    """Return all seats in the hearing of this member: of the same person, or the same name.

    One person has one public name: a seat with the real name would reveal the others.
    """
    same = Q(name=member.name)
    if member.person_id:
        same |= Q(person=member.person_id)
    rows = PanelMember.objects.filter(same, segment__meeting__hearing=hearing)
    return list(rows.select_related("person"))


def seat_of(person: Person, hearing: UUID) -> PanelMember | None:
    """The first seat on a panel that is a person's; None for somebody without one."""
    rows = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    return rows.select_related("segment").order_by("segment__ordinal", "ordinal").first()


def set_alias(*, hearing: Hearing, member: PanelMember, alias: str, actor: writer.Actor) -> None:
    """Set or change the alias of a panellist or moderator, in all their seats; "" for none.

    Raises `AliasRefused` with nothing changed.
    """
    alias = " ".join(alias.split())
    with writer.writing(hearing.id, actor=actor) as record:
        seats = seats_of(member, hearing.id)
        if all(seat.alias == alias for seat in seats):
            return
        if alias:
            _check(alias, hearing, seats)
        before = [name for seat in seats for name in (seat.alias, seat.name) if name]
        for seat in seats:
            seat.alias = alias
            seat.save(update_fields=["alias"])
            record.append("panel.public_name", {"slot": seat.id.hex, "alias": bool(alias)})
        public_name_changed.send(record, hearing, before, alias or member.name)
        public_name_letters.tell(hearing, seats, alias)


def _check(alias: str, hearing: Hearing, seats: list[PanelMember]) -> None:
    own = {seat.name for seat in seats} | {seat.person.name for seat in seats if seat.person}
    check(alias, hearing=hearing.id, owners={seat.pk for seat in seats}, own=own)


def settle(hearing: Hearing) -> None:
    """Check the aliases that a document has just set, and give each to all seats of its bearer.

    Raises `InvalidDocument` with a sentence at each that cannot be one; the caller undoes all.
    """
    problems = []
    for number, meeting in enumerate(hearing.meetings.order_by("ordinal")):
        for position, segment in enumerate(meeting.segments.order_by("ordinal")):
            for place, member in enumerate(segment.members.order_by("ordinal")):
                if not member.alias:
                    continue
                at = ("meetings", number, "segments", position, "members", place, "alias")
                try:
                    _settle(hearing, member)
                except AliasRefused as refused:
                    problems.append(Problem(at, refused.sentence))
    if problems:
        raise InvalidDocument(problems)


def _settle(hearing: Hearing, member: PanelMember) -> None:
    seats = seats_of(member, hearing.id)
    _check(member.alias, hearing, seats)
    if any(seat.alias not in ("", member.alias) for seat in seats):
        raise AliasRefused(_("A person has one alias. Use the same alias for each of their seats."))
    for seat in seats:
        if not seat.alias:
            seat.alias = member.alias
            seat.save(update_fields=["alias"])
