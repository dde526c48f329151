"""How registrations meet mail, the hearing's office and the erasing of a person."""

from uuid import UUID

from hemicycle.before.registration import (
    confirming,
    draft_letters,  # noqa: F401 - declares its letter
    lists,
    overview,
    roles,
    security_notes,
    waiting,
)
from hemicycle.before.registration.by_mail import cards, finding
from hemicycle.before.registration.by_mail.handler import Inscriptions
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import (
    daily_chores,
    personal_cards,
    registration_confirmed,
    registration_withdrawn,
)
from hemicycle.hearing.people.secrets import new_secret
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
from hemicycle.mail.outgoing.signals import (
    distribution_lists,
    expected_attendance,
    sender_chores,
)
from hemicycle.record import erasure
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

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
sender_chores.connect(confirming.lapse_due)
personal_cards.connect(cards.personal)
registration_confirmed.connect(roles.on_confirmed)
registration_confirmed.connect(security_notes.confirmed)
registration_withdrawn.connect(security_notes.lapsed)


@person_erased.connect
def erase_registrations(person: UUID, record: Writer) -> list[str]:
    """Blank what the person typed, the co-signers they named, and the reasons of decisions."""
    registrations = Registration.objects.filter(person=person, hearing=record.hearing)
    return [row for one in registrations for row in _blank(one, record)]


def _blank(registration: Registration, record: Writer) -> list[str]:
    ids = [registration.id.hex]
    for decision in registration.decisions.exclude(reason=""):
        erasure.erase_note(record, decision.reason)
    for co_signer in registration.co_signers.all():
        ids.append(co_signer.id.hex)
        co_signer.organization_name = co_signer.organization_key = co_signer.id.hex
        co_signer.email, co_signer.link_hash = "", new_secret()[1]
        co_signer.save()
    registration.eligibility = registration.access_needs = ""
    registration.gender = registration.search_key = ""
    registration.alias = "–" if registration.alias else ""  # still no name where there was none
    registration.consents_to_list = False
    registration.link_hash = new_secret()[1]
    registration.save()
    return ids
