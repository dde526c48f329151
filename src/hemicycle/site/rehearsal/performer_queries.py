"""Queries for synthetic people: which of them join now, and their passes."""

from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation import queries as interpretation
from hemicycle.meeting.room import engine, passes, seats
from hemicycle.meeting.room.passes import PassRefused, PassRequest
from hemicycle.meeting.state.meeting_view import current_meeting
from hemicycle.site.rehearsal import microphones
from hemicycle.site.rehearsal.microphones import MicrophoneUser, MicrophoneUsers


def called(hearing_id: UUID) -> MicrophoneUsers:
    """Return who must be at a microphone of this hearing now."""
    hearing = Hearing.objects.get(pk=hearing_id)
    _meeting, floor = current_meeting(hearing_id)
    booths = interpretation.booths(hearing)
    interpreters = {one.language: one.members[0].person_id.hex for one in booths if one.members}
    moderator = next(iter(engine.moderators(hearing, floor)), "")
    return microphones.wanted_users(floor, moderator, interpreters)


def pass_of(hearing_id: UUID, user: MicrophoneUser) -> dict[str, str] | None:
    """Return a pass to publish sound and picture, with its addresses; None if there is none."""
    hearing = Hearing.objects.get(pk=hearing_id)
    person = Person.objects.filter(pk=UUID(hex=user.person)).first()
    if person is None:
        return None
    try:
        holder = passes.by_name(seats.of_person(hearing, person), person)
        return passes.as_data(passes.issue(holder, PassRequest("publish", user.connection)))
    except PassRefused:
        return None
