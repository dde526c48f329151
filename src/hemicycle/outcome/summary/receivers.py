"""What the summary adds to the pages of a hearing."""

from hemicycle.hearing.setup.signals import (
    outcome_links,
    overview_tasks,
    personal_holdings,
    retention_over,
)
from hemicycle.outcome.summary import cards, erasing
from hemicycle.record.signals import person_erased

person_erased.connect(erasing.erase_sentences)
retention_over.connect(erasing.clear_recipients)
outcome_links.connect(cards.outcome)
overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
