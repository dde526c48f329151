"""The person behind a name on a panel: they sign in and take that seat.

The programme names panellists and moderators as the letter does. A seat belongs to a person only
when the secretariat has entered their address.
"""

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import writer


def members(hearing: Hearing) -> list[PanelMember]:
    """Return everybody on the panels of the programme, in its order."""
    found = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    return list(found.select_related("segment", "person").order_by("segment__ordinal", "ordinal"))


def seat(
    *, hearing: Hearing, member: PanelMember, email: str, actor: writer.Actor
) -> Person | None:
    """Assign the seat to the person who works here under an address, or to nobody for "".

    They are appointed to their role in the programme, so that links can be sent to them.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        person = actions.staff_member(name=member.name, email=email) if email else None
        if person is not None:
            role = member.seat_role
            actions.appoint(person=person, hearing_id=hearing.id, role=role, actor=actor)
        if member.person != person:
            member.person = person
            member.save(update_fields=("person",))
            body = {"slot": member.id.hex, "person": person.id.hex if person else ""}
            record.append("panel.seated", body)
        shared = next((own.alias for own in aliases.seats_of(member, hearing.id) if own.alias), "")
        if shared and member.alias != shared:  # one person has one public name
            member.alias = shared
            member.save(update_fields=("alias",))
            record.append("panel.public_name", {"slot": member.id.hex, "alias": True})
    return person


def unseat(*, hearing: Hearing, person: Person, role: str, actor: writer.Actor) -> None:
    """Take from a person the seats that they had in a role."""
    for member in members(hearing):
        if member.person_id == person.id and member.seat_role == role:
            seat(hearing=hearing, member=member, email="", actor=actor)
