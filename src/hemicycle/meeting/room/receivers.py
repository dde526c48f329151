"""What the room adds to personal pages."""

from hemicycle.before.registration.signals import personal_cards
from hemicycle.hearing.setup.signals import personal_holdings
from hemicycle.meeting.room import cards

personal_cards.connect(cards.personal)
personal_holdings.connect(cards.holdings)
