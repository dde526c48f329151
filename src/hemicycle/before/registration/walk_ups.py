"""Speakers whom the moderator adds to the open list because they are in the room without a place.

The hearing decides who may be added (`walk_ups`): the people who were eligible before the panel.
They are put after everybody who is already on the list.
"""

from django.utils.translation import gettext as _

from hemicycle.before.registration import editing, inscriptions
from hemicycle.before.registration.list_phase import ListPhase, floor_in, phase_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import ListRefused
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure.refusals import Refused
from hemicycle.procedure.state import Floor
from hemicycle.record import writer
from hemicycle.ui.refusals import sentence_of

LONGEST_REASON = 500
"""The largest number of characters of a reason; the rest is cut off."""

ON_LIST = (Inscription.State.INSCRIBED, Inscription.State.UNPROVED)


def candidates(segment: Segment, floor: Floor) -> list[Registration]:
    """Return the participants whom the moderator may add to this panel's list, by organization.

    They take part in the hearing, are not on the list, and were not removed from the meeting.
    Nobody may be added if the hearing or the floor does not allow it.
    """
    hearing = segment.meeting.hearing
    if not hearing.walk_ups or not floor.list_open or phase_of(segment, floor) != ListPhase.OPEN:
        return []
    on_list = Inscription.objects.filter(segment=segment, state__in=ON_LIST)
    found = (
        Registration.objects.filter(Registration.taking_part(), hearing=hearing)
        .exclude(pk__in=on_list.values("registration"))
        .select_related("person", "organization")
        .order_by("organization__name", "person__name", "pk")
    )
    return [one for one in found if one.person_id.hex not in floor.removed]


def add(
    *, registration: Registration, segment: Segment, reason: str, actor: writer.Actor
) -> Inscription:
    """Put somebody at the end of the open list; the reason is kept in the record.

    Raises `ListRefused`, with nothing changed, without a reason, if the hearing's rule, the list or
    the panel's places do not allow it, and for people who do not take part, are on the list
    already, or were removed from the meeting.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise ListRefused(_("Give the reason for adding the speaker. It is saved in the record."))
    if not segment.meeting.hearing.walk_ups:
        raise ListRefused(
            _("The rules of this hearing do not allow anyone to be added in the room.")
        )
    with writer.writing(registration.hearing_id, actor=actor) as record:
        registration.refresh_from_db()
        floor = floor_in(record, segment.meeting_id)
        if phase_of(segment, floor) is not ListPhase.OPEN:
            raise ListRefused(
                _("Speakers can be added in the room only while their panel is open.")
            )
        if not registration.takes_part:
            raise ListRefused(_("Only people whose registration was accepted can be added."))
        if registration.person_id.hex in floor.removed:
            raise ListRefused(sentence_of(Refused("removed")))
        if registration.inscriptions.filter(segment=segment, state__in=ON_LIST).exists():
            raise ListRefused(sentence_of(Refused("waiting")))
        editing.check_delegation(registration, segment)
        row = inscriptions.inscribe(registration=registration, segment=segment, actor=actor)
        editing.admit_late(record, row, reason)
    return row
