"""How registrations meet mail and the hearing, and what they add to the pages of its office."""

from hemicycle.before.registration import lists, overview, waiting
from hemicycle.before.registration.by_mail import cards, finding
from hemicycle.before.registration.by_mail.handler import Inscriptions
from hemicycle.before.registration.signals import daily_chores, personal_cards
from hemicycle.hearing.setup.signals import (
    hearing_changed,
    overview_figures,
    overview_tasks,
    participation,
    personal_holdings,
    role_links,
)
from hemicycle.mail.incoming import handlers
from hemicycle.mail.incoming.housekeeping import prune
from hemicycle.mail.incoming.models import Purpose
from hemicycle.mail.incoming.signals import (
    registration_search,
    registration_summaries,
    sender_candidates,
)
from hemicycle.mail.outgoing.signals import distribution_lists, expected_attendance

overview_figures.connect(overview.figures)
overview_tasks.connect(overview.tasks)
personal_holdings.connect(overview.holdings)
participation.connect(overview.takes_part)
role_links.connect(overview.role_links)
hearing_changed.connect(waiting.on_hearing_changed)
distribution_lists.connect(lists.sources)
expected_attendance.connect(lists.attending)
handlers.register(Purpose.INSCRIPTIONS, Inscriptions())
sender_candidates.connect(finding.find)
registration_summaries.connect(finding.tell)
registration_search.connect(finding.search)
daily_chores.connect(prune)
personal_cards.connect(cards.personal)
