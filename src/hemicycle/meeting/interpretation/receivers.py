"""Adds booths to the room and the secretariat's pages; deletes an erased person's place in one."""

from uuid import UUID

from django.db.models import Q

from hemicycle.before.training.signals import room_made
from hemicycle.hearing.setup.signals import (
    day_groups,
    overview_tasks,
    personal_holdings,
    role_links,
)
from hemicycle.meeting.interpretation import actions, cards, queries
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.meeting.room.signals import booth_of_interpreter
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

personal_holdings.connect(cards.holdings)
overview_tasks.connect(cards.tasks)
day_groups.connect(cards.of_the_day)
role_links.connect(cards.ways_in)
booth_of_interpreter.connect(queries.language_of)
room_made.connect(actions.open_booths)


@person_erased.connect
def erase_interpreter(person: UUID, record: Writer) -> list[str]:
    """Delete an erased person's place in a booth; the entries that somebody interpreted stay."""
    here = Q(hearing=record.hearing) | Q(hearing__room_of=record.hearing)
    Interpreter.objects.filter(here, person=person).delete()
    return []
