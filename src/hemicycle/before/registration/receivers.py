"""Receivers of registrations for signals of mail, the hearing's office and erasure."""

from collections.abc import Iterable
from uuid import UUID

from hemicycle.before.registration import (
    aliases,
    bulk_decisions,
    changes,
    confirming,
    decision_letters,
    draft_letters,  # noqa: F401 - declares its letter
    entry_types,
    exports,
    joint_card,
    lists,
    merge_letters,  # noqa: F401 - declares its letter
    overview,
    pending,
    roles,
    security_notes,
    track_guard,
    waiting,
)
from hemicycle.before.registration.by_mail import cards, finding
from hemicycle.before.registration.by_mail.handler import Inscriptions
from hemicycle.before.registration.importing import entering, outcomes, release
from hemicycle.before.registration.models import (
    CoSigner,
    Draft,
    Inscription,
    MissionAddress,
    Registration,
    RegistrationImport,
)
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.signals import (
    daily_chores,
    personal_cards,
    registration_confirmed,
    registration_withdrawn,
)
from hemicycle.hearing.exports import tables
from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.secrets import new_secret
from hemicycle.hearing.setup import retention
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import (
    behind_aliases,
    change_notices,
    erasure_asked,
    hearing_changed,
    names_in_use,
    office_search,
    overview_figures,
    overview_tasks,
    participation,
    people_kept,
    personal_holdings,
    retention_changed,
    retention_over,
    role_links,
    unpublishing,
)
from hemicycle.mail.incoming import handlers
from hemicycle.mail.incoming.models import Purpose
from hemicycle.mail.incoming.signals import (
    registration_search,
    registration_summaries,
    sender_candidates,
)
from hemicycle.mail.outgoing.signals import (
    answered,
    audiences,
    distribution_lists,
    expected_attendance,
    plan_listeners,
    sender_chores,
    sending_again,
)
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Actor, Writer

overview_figures.connect(overview.figures)
overview_tasks.connect(overview.tasks)
office_search.connect(overview.found)
personal_holdings.connect(overview.holdings)
participation.connect(overview.takes_part)
role_links.connect(overview.role_links)
hearing_changed.connect(track_guard.on_hearing_changed)
change_notices.connect(track_guard.notices)
hearing_changed.connect(waiting.on_hearing_changed)
distribution_lists.connect(lists.sources)
audiences.connect(lists.audiences)
expected_attendance.connect(lists.attending)
plan_listeners.connect(lists.plan_listeners)
answered.connect(lists.answered)
unpublishing.connect(lists.keeps_public)
handlers.register(Purpose.INSCRIPTIONS, Inscriptions())
sender_candidates.connect(finding.find)
registration_summaries.connect(finding.tell)
registration_search.connect(finding.search)
sender_chores.connect(confirming.lapse_due)
daily_chores.connect(pending.lapse)
personal_cards.connect(cards.personal)
personal_cards.connect(joint_card.personal)
registration_confirmed.connect(roles.on_confirmed)
registration_confirmed.connect(security_notes.confirmed)
registration_withdrawn.connect(security_notes.lapsed)
sending_again.connect(decision_letters.why_not_again)
kinds.register(entering.ENTERING)
kinds.register(release.RELEASING)
kinds.register(bulk_decisions.DECIDING)
tables.register(exports.TABLE)


@retention_changed.connect
def move_keep_until(record: Writer, hearing: Hearing) -> None:
    """Update on each registration the day until which its data is stored."""
    Registration.objects.filter(hearing=hearing).update(keep_until=retention.keep_until_of(hearing))


@people_kept.connect
def people_of(hearing: Hearing) -> Iterable[UUID]:
    """Yield all who registered, speak or spoke, also those who were replaced since."""
    yield from Registration.objects.filter(hearing=hearing).values_list("person_id", flat=True)
    places = Inscription.objects.filter(hearing_id=hearing.pk)
    yield from places.values_list("speaker_id", flat=True)
    replaced = Entry.objects.filter(hearing=hearing.pk, kind=entry_types.REPLACED)
    yield from (UUID(entry.fields()["before"]) for entry in replaced)


@retention_over.connect
def clear_registrations(hearing: Hearing) -> int:
    """Delete drafts, imported tables, and the addresses of missions."""
    drafts = Draft.objects.filter(hearing=hearing).delete()[0]
    drafts += RegistrationImport.objects.filter(hearing=hearing).delete()[0]
    return drafts + MissionAddress.objects.filter(hearing=hearing).delete()[0]


names_in_use.connect(aliases.names_of)
behind_aliases.connect(aliases.bearers)


@person_erased.connect
def erase_registrations(person: UUID, record: Writer) -> list[str]:
    """Blank what the person typed, the co-signers they named, and the reasons of decisions."""
    email = Person.objects.filter(pk=person).values_list("email", flat=True).first()
    if email:
        Draft.objects.filter(hearing=record.hearing, sent_to__iexact=email).delete()
        asked = CoSigner.objects.exclude(state=CoSigner.State.NAMED)
        asked.filter(registration__hearing=record.hearing, email__iexact=email).update(email="")
    registrations = Registration.objects.filter(person=person, hearing=record.hearing)
    outcomes.erase(list(registrations), email or "", record.hearing)
    return [row for one in registrations for row in _blank(one, record)]


_WITH_WORDS = (
    *(entry_types.WITHDRAWN, entry_types.LINK_REVOKED, entry_types.NOTED),
    *(entry_types.ADMITTED_LATE, entry_types.SPEAKER_ADMITTED_LATE, entry_types.MERGED),
)
"""Entries with notes that no row refers to."""


def _blank(registration: Registration, record: Writer) -> list[str]:
    ids = [registration.id.hex]
    for decision in registration.decisions.exclude(reason=""):
        erasure.erase_note(record, decision.reason)
    said = Entry.objects.filter(
        hearing=record.hearing,
        kind__in=_WITH_WORDS,
        body__contains=registration.id.hex,
    )
    for entry in said:
        fields = entry.fields()
        erasure.erase_note(record, fields["note" if entry.kind == entry_types.NOTED else "reason"])
    for co_signer in registration.co_signers.all():
        ids.append(co_signer.id.hex)
        co_signer.organization_name = co_signer.organization_key = co_signer.id.hex
        co_signer.email, co_signer.link_hash = "", new_secret()[1]
        co_signer.alias = "–" if co_signer.alias else ""
        co_signer.save()
    registration.pending_changes.all().delete()
    registration.eligibility = registration.access_needs = registration.contact_email = ""
    registration.gender = registration.search_key = ""
    if registration.alias:
        _blank_organization(registration)
    registration.alias = "–" if registration.alias else ""  # still none if there was none
    registration.consents_to_list = False
    registration.link_hash = new_secret()[1]
    registration.save()
    return ids


def _blank_organization(registration: Registration) -> None:
    """Blank the organization behind an alias, since it and its country identify the person."""
    registration.organization_key = registration.loose_key = registration.id.hex
    body = registration.organization
    if not body.registrations.exclude(pk=registration.pk).exists():
        body.name, body.name_key, body.country, body.website = "–", body.id.hex, "", ""
        body.original_language, body.translations = "", {}
        body.save()


@erasure_asked.connect
def leave(hearing: Hearing, person: Person, actor: Actor) -> str:
    """Withdraw all active registrations of a person whom the office erases.

    Return the sentence of a refusal, or "".
    """
    try:
        for registration in Registration.objects.filter(hearing=hearing, person=person):
            changes.leave(registration=registration, actor=actor)
    except RegistrationRefused as refused:
        return refused.sentence
    return ""
