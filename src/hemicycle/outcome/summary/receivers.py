"""What the summary adds to the pages of a hearing."""

from hemicycle.hearing.setup.signals import (
    outcome_links,
    overview_tasks,
    personal_holdings,
    public_name_changed,
    retention_over,
)
from hemicycle.outcome.summary import cards, erasing, renaming
from hemicycle.record.signals import person_erased

person_erased.connect(erasing.erase_sentences)
retention_over.connect(erasing.clear_recipients)
public_name_changed.connect(renaming.follow)
outcome_links.connect(cards.outcome)
overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
