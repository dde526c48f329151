"""What the wall adds to the pages of a hearing, and what it does daily."""

from hemicycle.before.registration.signals import daily_chores
from hemicycle.hearing.setup.signals import outcome_links, overview_tasks
from hemicycle.meeting.wall import cards, retention, visitors

overview_tasks.connect(cards.tasks)
outcome_links.connect(cards.public_links)
daily_chores.connect(retention.lapse)
daily_chores.connect(visitors.forget_networks)
