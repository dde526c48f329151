"""Aliases: what may be one, and those of panellists and moderators.

An alias stands for somebody's every name to the outside (`people.public_identity`). It may equal no
real name of the hearing and nobody's alias: either would put one person in another's place. What
counts is words, with case, accents, width and order aside.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Appointment
from hemicycle.hearing.people.public_identity import name_words
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.signals import NameInUse, names_in_use, public_name_changed
from hemicycle.record import writer

LONGEST = 200


class AliasRefused(Exception):
    """Raised for an alias that cannot be one; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check(alias: str, *, hearing: UUID, owners: Collection[UUID], own: Iterable[str]) -> None:
    """Refuse an alias that gives its bearer away or is somebody else's name.

    `owners` are the rows whose alias it becomes, `own` the bearer's real names. Raises
    `AliasRefused`.
    """
    check_own(alias, own)
    words = name_words(alias)
    taken = (
        name_words(used.name)
        for used in all_names(hearing)
        if not (used.is_alias and used.owner in owners)
    )
    if words in taken:
        # It does not say whose: an alias must not be a way to ask who takes part.
        raise AliasRefused(
            _("Somebody at this hearing is known by this name. Choose another alias.")
        )


def check_own(alias: str, own: Iterable[str]) -> None:
    """Refuse an alias without a letter, and one that holds the bearer's own name.

    Raises `AliasRefused`.
    """
    words = name_words(alias)
    if not words or len(alias) > LONGEST:
        raise AliasRefused(
            _("An alias needs letters or digits, and %(n)d characters at most.") % {"n": LONGEST}
        )
    if any(name_words(name) <= words for name in own if name_words(name)):
        raise AliasRefused(
            _("This alias holds the real name that it is to stand for. Choose another alias.")
        )


def all_names(hearing: UUID) -> list[NameInUse]:
    """Every real name and alias of a hearing."""
    members = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    staff = Appointment.every.filter(hearing_id=hearing).select_related("person")
    found = [NameInUse(row.person.name, row.person_id) for row in staff]
    for member in members:
        found.append(NameInUse(member.name, member.pk))
        found.append(NameInUse(member.alias, member.pk, is_alias=True))
    found += [used for answer in names_in_use.send(hearing) for used in answer]
    return [used for used in found if used.name]


def seats_of(member: PanelMember) -> list[PanelMember]:
    """All seats in the hearing of whoever has this one: of the same person, or the same name.

    One person has one public name: a seat that is named would give the other away.
    """
    same = Q(person=member.person_id) if member.person_id else Q()
    rows = PanelMember.objects.filter(
        same | Q(name=member.name), segment__meeting__hearing=_hearing_of(member)
    )
    return list(rows)


def _hearing_of(member: PanelMember) -> Hearing:
    return member.segment.meeting.hearing


def set_alias(*, hearing: Hearing, member: PanelMember, alias: str, actor: writer.Actor) -> None:
    """Set or change the alias of a panellist or moderator, in all their seats; "" for none.

    Raises `AliasRefused` with nothing changed.
    """
    alias = " ".join(alias.split())
    with writer.writing(hearing.id, actor=actor) as record:
        seats = seats_of(member)
        if all(seat.alias == alias for seat in seats):
            return
        if alias:
            own = {seat.name for seat in seats} | {seat.title for seat in seats}
            own |= {seat.person.name for seat in seats if seat.person}
            check(alias, hearing=hearing.id, owners={seat.pk for seat in seats}, own=own)
        for seat in seats:
            seat.alias = alias
            seat.save(update_fields=["alias"])
            record.append("panel.public_name", {"slot": seat.id.hex, "alias": bool(alias)})
        public_name_changed.send(record, hearing)
