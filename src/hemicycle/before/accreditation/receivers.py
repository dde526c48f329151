"""How accreditation follows registrations, and what it adds to pages."""

from hemicycle.before.accreditation import (
    approvals,
    cards,
    erasing,
    evidence,
    focal_points,
    steps,
    uploads,
)
from hemicycle.before.registration.signals import (
    personal_cards,
    pre_accept,
    registration_admitted,
    registration_confirmed,
    registration_decided,
    staff_cards,
    stored_bytes,
)
from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.setup.signals import (
    overview_tasks,
    participation,
    people_kept,
    personal_holdings,
    retention_over,
)
from hemicycle.record.signals import person_erased

person_erased.connect(erasing.erase_evidence)
person_erased.connect(erasing.erase_focal_point)
person_erased.connect(erasing.erase_copies)
registration_confirmed.connect(approvals.on_confirmed)
registration_admitted.connect(approvals.on_admitted)
registration_decided.connect(approvals.on_decided)
pre_accept.connect(steps.check_accepted)
personal_cards.connect(cards.personal)
staff_cards.connect(cards.office)
people_kept.connect(focal_points.people_of)
retention_over.connect(erasing.clear_copies)
stored_bytes.connect(evidence.stored_bytes)
kinds.register(uploads.READING)
overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
participation.connect(cards.takes_part)
