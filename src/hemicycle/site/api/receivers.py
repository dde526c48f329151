"""What the API adds to the pages of a hearing's office, and what it does daily."""

from hemicycle.before.registration.signals import daily_chores
from hemicycle.hearing.setup.signals import overview_tasks, personal_holdings
from hemicycle.site.api import cards
from hemicycle.site.api.webhooks import record_follower

personal_holdings.connect(cards.holdings)
overview_tasks.connect(cards.tasks)
daily_chores.connect(record_follower.prune)
