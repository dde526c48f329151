"""How the lists of speakers follow the meeting, and what they add to pages and letters."""

from hemicycle.before.registration.signals import personal_cards
from hemicycle.before.speakers import cards, day_before, projections
from hemicycle.hearing.setup.signals import overview_loads, personal_holdings
from hemicycle.mail.outgoing.signals import distribution_lists, sender_chores
from hemicycle.record.signals import floor_changed

distribution_lists.connect(day_before.sources)
sender_chores.connect(day_before.tell)
floor_changed.connect(projections.follow)
personal_cards.connect(cards.personal)
overview_loads.connect(cards.loads)
personal_holdings.connect(cards.holdings)
