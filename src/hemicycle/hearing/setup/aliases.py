"""Aliases: which are allowed, and the aliases of panellists and moderators.

An alias replaces all names of a person in public (`people.public_identity`). It must not equal a
real name in the hearing or the alias of another person: both would lead to confusion of people.
Names are compared by their words, ignoring case, accents, width and order.
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
    """Raised for an alias that cannot be set; `sentence` gives the reason. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Hidden:
    """The people with an alias: their ids, and their addresses case-folded."""

    people: frozenset[UUID]
    addresses: frozenset[str]

    def __bool__(self) -> bool:
        """Whether anyone has an alias."""
        return bool(self.people or self.addresses)

    def has(self, person: UUID | None, address: str) -> bool:
        """Whether a person with this id or this address has an alias."""
        return person in self.people or address.casefold() in self.addresses


def hidden_in(hearing: UUID) -> Hidden:
    """Return the people in a hearing who have an alias, in registrations or on its panels."""
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
    """Refuse an alias that reveals its bearer or is the name of another person.

    `owners` are the ids of the rows that get the alias, `own` the real names of its bearer. With
    `public_only`, it is compared with public names only, so that a form that is open to all does
    not reveal who takes part. Raises `AliasRefused`.
    """
    check_own(alias, own)
    words = name_words(alias)
    if any(
        name_words(used.name) == words
        for used in all_names(hearing)
        if not (used.is_alias and used.owner in owners) and (used.is_public or not public_only)
    ):
        # The message does not say whose name it is: nobody must find out by an alias who takes
        # part.
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
    """Return every real name and alias in a hearing."""
    staff = Appointment.every.filter(hearing_id=hearing).select_related("person")
    found = [NameInUse(row.person.name, row.person_id) for row in staff]
    for member in PanelMember.objects.filter(segment__meeting__hearing=hearing):
        found.append(NameInUse(member.name, member.pk, is_public=not member.alias))
        found.append(NameInUse(member.alias, member.pk, is_alias=True, is_public=True))
    found += [used for answer in names_in_use.send(hearing) for used in answer]
    return [used for used in found if used.name]


def seats_of(member: PanelMember, hearing: UUID) -> list[PanelMember]:
    """Return all seats of this member in the hearing: of the same person, or with the same name.

    One person has one public name: a seat with the real name would reveal the alias on the others.
    """
    same = Q(name=member.name)
    if member.person_id:
        same |= Q(person=member.person_id)
    rows = PanelMember.objects.filter(same, segment__meeting__hearing=hearing)
    return list(rows.select_related("person"))


def seat_of(person: Person, hearing: UUID) -> PanelMember | None:
    """Return the first seat of a person on a panel; None if they have none."""
    rows = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    return rows.select_related("segment").order_by("segment__ordinal", "ordinal").first()


def set_alias(*, hearing: Hearing, member: PanelMember, alias: str, actor: writer.Actor) -> None:
    """Set or change the alias of a panellist or moderator in all their seats; "" removes it.

    Raises `AliasRefused`, with nothing changed.
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
    """Check the aliases that a document has set, and give each to all seats of its bearer.

    Raises `InvalidDocument` with a sentence at each invalid alias; the caller undoes all changes.
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
