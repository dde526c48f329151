"""When recordings are cut by themselves: with an erasure, and when they are kept no longer."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.signals import copies_elsewhere, personal_holdings, retention_over
from hemicycle.meeting.cutting import actions, stretches
from hemicycle.meeting.cutting.models import Reason
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Actor, Writer

KEEPER = Actor.system("housekeeping")


def slots_of(hearing: UUID, person: UUID) -> set[str]:
    """The slots in which somebody spoke, or was to speak."""
    theirs = Q(speaker=person) | Q(registration__person=person)
    own = Inscription.objects.filter(theirs, hearing_id=hearing).values_list("id", flat=True)
    seats = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    return {slot.hex for slot in (*own, *seats.values_list("id", flat=True))}


@person_erased.connect
def erase_recordings(person: UUID, record: Writer) -> list[str]:
    """Order that the person be cut out of every recording, once the erasure is certain."""
    slots = slots_of(record.hearing, person)
    if slots:
        record.at_end(partial(_cut_erased, slots))
    return []


def _cut_erased(slots: set[str], record: Writer) -> None:
    hearing = Hearing.objects.get(pk=record.hearing)
    actions.order_slots(hearing=hearing, slots=slots, reason=Reason.SPEAKER, actor=record.actor)


@retention_over.connect
def clear_recordings(hearing: Hearing) -> int:
    """Order that nothing be left of the recordings of a hearing that are kept no longer."""
    return len(actions.order_all(hearing=hearing, actor=KEEPER))


@personal_holdings.connect
def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """What the person said in meetings, which is cut."""
    spoken = list(stretches.of_slots(hearing, slots_of(hearing.id, person.id)))
    if spoken:
        yield _(
            "What you said in meetings: cut out of the recordings, in every language, with its "
            "captions."
        )


@copies_elsewhere.connect
def downloads(hearing: Hearing) -> Iterable[str]:
    """That recordings could be taken along, which nobody counts."""
    if any(True for meeting in hearing.meetings.all() for _one in stretches.of_meeting(meeting)):
        yield _(
            "Recordings of its meetings can be downloaded by anybody; downloads are not counted."
        )
