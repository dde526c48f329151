"""Adds the wall to a hearing's pages, and registers its daily tasks."""

from hemicycle.before.registration.signals import daily_chores
from hemicycle.hearing.setup.signals import outcome_links, overview_tasks, retention_over
from hemicycle.meeting.wall import cards, retention, visitors

overview_tasks.connect(cards.tasks)
outcome_links.connect(cards.public_links)
retention_over.connect(retention.clear_wall)
daily_chores.connect(visitors.forget_networks)
