"""What incoming mail adds to the pages of a hearing's office."""

from hemicycle.hearing.setup.signals import overview_tasks, personal_holdings
from hemicycle.mail.incoming import cards

overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
