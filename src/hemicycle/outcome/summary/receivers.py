"""Connect the summary to the signals of other apps."""

from hemicycle.before.statements.library.signals import library_searched
from hemicycle.hearing.setup.signals import (
    outcome_links,
    overview_tasks,
    personal_holdings,
    public_name_changed,
    retention_over,
)
from hemicycle.outcome.summary import cards, erasing, renaming, search
from hemicycle.record.signals import person_erased

person_erased.connect(erasing.erase_sentences)
retention_over.connect(erasing.clear_recipients)
public_name_changed.connect(renaming.follow)
outcome_links.connect(cards.outcome)
library_searched.connect(search.found)
overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
