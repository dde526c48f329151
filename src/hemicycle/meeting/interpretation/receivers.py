"""What interpretation adds to the room and to the pages of a hearing's office."""

from hemicycle.hearing.setup.signals import overview_tasks, personal_holdings, role_links
from hemicycle.meeting.interpretation import cards, queries
from hemicycle.meeting.room.signals import booth_of_interpreter

personal_holdings.connect(cards.holdings)
overview_tasks.connect(cards.tasks)
role_links.connect(cards.ways_in)
booth_of_interpreter.connect(queries.language_of)
