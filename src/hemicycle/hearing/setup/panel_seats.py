"""Assign seats on a panel to people, who sign in and take them.

The programme names panellists and moderators as the letter does. A seat belongs to a person only
when the secretariat has entered their address.
"""

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import writer


def members(hearing: Hearing) -> list[PanelMember]:
    """Return all members of the panels, in the order of the programme."""
    found = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    return list(found.select_related("segment", "person").order_by("segment__ordinal", "ordinal"))


def seat(
    *, hearing: Hearing, member: PanelMember, email: str, actor: writer.Actor
) -> Person | None:
    """Assign the seat to the person who works here under an address; "" leaves it without a person.

    They are appointed to their role in the programme, so that links can be sent to them. A new
    person is created for an unknown address.
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
    """Take the seats that a person has in a role from them."""
    for member in members(hearing):
        if member.person_id == person.id and member.seat_role == role:
            seat(hearing=hearing, member=member, email="", actor=actor)
