"""How accreditation follows registrations, and what it adds to pages."""

from hemicycle.before.accreditation import (
    approvals,
    cards,
    circulation,
    editions,
    erasing,
    evidence,
    files,
    focal_points,
    steps,
    uploads,
)
from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import consent_changed
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import (
    alias_changed,
    personal_cards,
    pre_accept,
    registration_admitted,
    registration_confirmed,
    registration_decided,
    registration_released,
    staff_cards,
    stored_bytes,
)
from hemicycle.hearing.exports import tables
from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.setup.signals import (
    overview_tasks,
    participation,
    people_kept,
    personal_holdings,
    retention_over,
)
from hemicycle.mail.outgoing.signals import sending_again
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

tables.register(files.TABLE)
person_erased.connect(erasing.erase_evidence)
person_erased.connect(erasing.erase_focal_point)
person_erased.connect(erasing.erase_copies)
registration_confirmed.connect(approvals.on_confirmed)
registration_admitted.connect(approvals.on_admitted)
registration_decided.connect(approvals.on_decided)
registration_released.connect(approvals.on_released)
pre_accept.connect(steps.check_accepted)
personal_cards.connect(cards.personal)
staff_cards.connect(cards.office)
people_kept.connect(focal_points.people_of)
retention_over.connect(erasing.clear_copies)
stored_bytes.connect(evidence.stored_bytes)
kinds.register(uploads.READING)
overview_tasks.connect(cards.tasks)
sending_again.connect(circulation.why_not_again)
personal_holdings.connect(cards.holdings)
participation.connect(cards.takes_part)


@alias_changed.connect
def follow_alias(_record: Writer, registration: Registration) -> None:
    """Update the lists when an alias is set, changed or removed."""
    editions.follow(registration)


@consent_changed.connect
def follow_consent(_record: Writer, registration: Registration, use: Use, _is_given: bool) -> None:
    """Update the lists when somebody with an alias agrees, or no longer agrees, to be named."""
    if use == Use.STATES:
        editions.follow(registration)
