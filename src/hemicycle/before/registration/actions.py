"""Actions on registrations. Each action changes rows and appends its entry in one transaction.

Pages, rehearsals and imports all make a registration in this way:

    facts = facts_of(hearing)                         # registration.registration_rules
    form = StakeholderForm(facts, data)               # or MissionForm: registration.forms
    if form.is_valid():
        done = submit(facts=facts, cleaned=form.cleaned(), received_at=clock.now())

`submit` returns `Submitted` or raises `RegistrationRefused` with a reason from a closed
vocabulary and a sentence for people. The place is taken at once. It stays taken if the registration
is confirmed in time (`registration.confirming`); one that the secretariat entered is confirmed at
once.

**Order** is the order of commits: the record's lock serializes them, and the entry's number is the
proof. **The deadline** is compared with the moment at which the server had received the whole form,
not with the moment the page was opened, nor with the moment the lock was obtained: the sender is
not responsible for that wait. The second of the deadline itself still counts. Limits on places and
representatives are checked under the lock, so that two senders can never take the last place; if
the hearing has a waiting list, later ones wait (`registration.waiting`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model, Q

from hemicycle.before.registration import (
    changes,
    confirming,
    entry_types,
    inscriptions,
    joining,
    letters,
    links,
    names,
    panel_room,
    places,
    refusals,
    signals,
    waiting,
)
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import (
    CoSigner,
    Draft,
    Inscription,
    Registration,
    Waiting,
)
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import Organization, Person, TrackKind
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import clock, writer
from hemicycle.record.compiled import CompiledQuery, insert, together
from hemicycle.record.writer import Actor, Writer
from hemicycle.ui.languages import speaking

Status = Registration.Status


@dataclass(frozen=True, slots=True)
class Submitted:
    """A registration as received. `repeated` is true if the same form was received before."""

    registration: Registration
    inscriptions: tuple[Inscription, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class OfficeEntry:
    """How the secretariat enters a registration for somebody: by whom, and in what way it came.

    With a `late_reason` it is admitted after the deadline, which does not change. With
    `writes=False` no letter about it is sent until the secretariat releases it (`importing`).
    """

    actor: Actor
    way: Registration.Way
    late_reason: str = ""
    writes: bool = True


def enter(*, facts: Facts, cleaned: Cleaned, entry: OfficeEntry) -> Submitted:
    """Enter a registration for somebody, also after the deadline, if `entry` has a reason.

    It arrives now, behind all others, and needs no confirmation from a mailbox. Raises
    `RegistrationRefused`, with nothing changed, as `submit` does.
    """
    received_at = clock.now()
    facts.check_admits(cleaned.track)
    is_late = facts.is_past(cleaned.track, received_at)
    if is_late and not entry.late_reason.strip():
        raise refusals.reason_for_late()
    entry = replace(entry, late_reason=entry.late_reason if is_late else "")
    return _received(facts, cleaned, received_at, Registration.Vouch.SECRETARIAT, entry)


def submit(
    *,
    facts: Facts,
    cleaned: Cleaned,
    received_at: datetime,
    vouch: Registration.Vouch = Registration.Vouch.NONE,
) -> Submitted:
    """Accept a validated form; the actor is the person it registers.

    `received_at` is when the server had the whole form. The same `form_key` gives the same
    registration again. `vouch` says who vouches for a mission's form before it is confirmed; if it
    is the secretariat, which entered the form, nobody has to confirm the address. Raises
    `RegistrationRefused` with nothing changed.
    """
    try:
        facts.check_open(cleaned.track, received_at)
    except refusals.RegistrationRefused:
        key = hash_secret(cleaned.form_key)
        if Registration.objects.filter(form_key=key).exists():
            return _again(key)  # it was in time; only this copy of it is late
        raise
    return _received(facts, cleaned, received_at, vouch)


def _received(
    facts: Facts,
    cleaned: Cleaned,
    received_at: datetime,
    vouch: Registration.Vouch,
    entered: OfficeEntry | None = None,
) -> Submitted:
    try:
        done = _take(facts, cleaned, received_at, vouch, entered)
    except IntegrityError:  # the random reference was taken: try again with another one
        done = _take(facts, cleaned, received_at, vouch, entered)
    if cleaned.draft_key:
        Draft.objects.filter(key=hash_secret(cleaned.draft_key)).delete()
    return done


def _take(
    facts: Facts,
    cleaned: Cleaned,
    received_at: datetime,
    vouch: Registration.Vouch,
    entered: OfficeEntry | None,
) -> Submitted:
    person = Person(
        name=cleaned.name,
        email=cleaned.email,
        title=cleaned.title,
        language=cleaned.interface_language,
        time_zone=cleaned.time_zone,
    )
    registration = _draw_up(facts, cleaned, received_at, person)
    registration.vouched_by = vouch
    if entered:
        registration.way, registration.is_late = entered.way, bool(entered.late_reason)
        registration.is_unwritten = not entered.writes
    vouched = vouch == Registration.Vouch.SECRETARIAT
    read = letters.receipt_text if vouched else letters.confirmation_text
    text = read(registration)  # read before the lock is taken
    panels = [facts.panel(segment) for segment in cleaned.segments]
    asked = _Asked(registration, panels)
    actor = actor_of(registration)
    try:
        with writer.writing(facts.hearing.id, actor=actor, and_ask=asked.send) as record:
            related = asked.related()
            if any(row.form_key == registration.form_key for row in related):
                return _again(registration.form_key)
            if registration.category.waiting_list or any(panel.waiting_list for panel in panels):
                # Registrations on the waiting list go first, even if there is room now.
                waiting.fill(record)
                asked.send_for_ends()
            waits = _check_limits(facts, cleaned, registration, panels, related)
            registration.organization = _organization(cleaned, registration)
            new_rows = (registration.organization, person, registration)
            ends = [asked.ends[panel.id] for panel in panels if panel.id not in waits.segments]
            done = _accept(
                record,
                facts,
                cleaned,
                registration,
                waits,
                new_rows=new_rows,
                ends=ends,
                letter=None if vouched else text,
                entered=entered,
            )
            if vouched:
                _confirm_at_once(record, registration, done, text)
            return done
    except refusals.RegistrationRefused as refused:
        is_known = refused.reason is refusals.Reason.REGISTERED_ALREADY
        if is_known and not registration.is_unwritten:
            _send_link_again(registration)
        raise


def _draw_up(facts: Facts, cleaned: Cleaned, received_at: datetime, person: Person) -> Registration:
    """Return the registration, not saved, before it has a place."""
    arrived_at = min(received_at, clock.now())
    track = facts.hearing.track(cleaned.track)
    if track is None:
        raise refusals.not_open()
    registration = Registration(
        hearing=facts.hearing,
        track=track.key,
        kind=track.kind,
        category=next(category for category in facts.categories if category.id == cleaned.category),
        organization_key=names.name_key(cleaned.organization),
        loose_key=names.loose_key(cleaned.organization),
        person=person,
        reference=links.new_reference(),
        form_key=hash_secret(cleaned.form_key),
        link_number=0,
        arrived_at=arrived_at,
        confirm_by=facts.kept_until(cleaned.segments, arrived_at),
        eligibility=cleaned.eligibility,
        access_needs=cleaned.access_needs,
        wishes_to_intervene=bool(cleaned.segments),
        language=cleaned.language,
        rank=cleaned.rank,
        gender=cleaned.gender,
        alias=cleaned.alias,
        contact_email=cleaned.contact_email,
        consents_to_list=cleaned.consents_to_list,
        keep_until=facts.keep_until,
    )
    registration.search_key = changes.search_key(registration, *cleaned.organization_names)
    links.renew(registration)
    return registration


class Related(NamedTuple):
    """What the decision about a form needs to know of another registration."""

    id: UUID
    form_key: str
    status: str
    email: str

    @property
    def is_live(self) -> bool:
        """Whether it is still active."""
        return self.status in Registration.LIVE


_sent_before = CompiledQuery(
    lambda form_key, hearing, organization_key, kind: (
        Registration.objects.filter(
            Q(form_key=form_key) | Q(hearing=hearing, organization_key=organization_key, kind=kind)
        )
        .order_by()
        .values_list("id", "form_key", "status", "person__email")
    ),
    form_key=str,
    hearing=UUID,
    organization_key=str,
    kind=str,
)


def _ask_related(registration: Registration) -> Callable[[], list[Related]]:
    """Send the query for the forms of the organization and for this form, if it was sent before."""
    rows = _sent_before.ask(
        form_key=registration.form_key,
        hearing=registration.hearing_id,
        organization_key=registration.organization_key,
        kind=registration.kind,
    )
    return lambda: [Related(*row) for row in rows()]


class _Asked:
    """The queries for the decision about a form, sent together with the record's lock."""

    related: Callable[[], list[Related]]
    ends: dict[UUID, inscriptions.ListEnd]

    def __init__(self, registration: Registration, panels: list[Segment]) -> None:
        self._registration = registration
        self._panels = panels

    def send(self) -> None:
        """Send all queries."""
        self.related = _ask_related(self._registration)
        self.send_for_ends()

    def send_for_ends(self) -> None:
        """Send the queries for the ends of the panels' lists, again after others were added."""
        track = self._registration.track
        self.ends = {panel.id: inscriptions.ListEnd(panel, track) for panel in self._panels}


def _again(form_key: str) -> Submitted:
    registration = Registration.objects.select_related("hearing").get(form_key=form_key)
    return Submitted(registration, tuple(inscriptions.on_lists(registration)), repeated=True)


class Waits(NamedTuple):
    """What a form waits for: a place in the hearing (`whole`), places on the lists of panels."""

    whole: bool = False
    segments: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return self.whole or bool(self.segments)


def _check_limits(
    facts: Facts,
    cleaned: Cleaned,
    registration: Registration,
    panels: list[Segment],
    related: list[Related],
) -> Waits:
    """Return what the form has to wait for.

    Raises `RegistrationRefused` if a place is taken and there is no waiting list for it.
    """
    if registration.lacks_proof:
        for panel in panels:
            _check_delegation(cleaned.organization, registration.organization_key, panel)
        return Waits()  # it takes nobody's place, so it waits for none
    whole = _has_to_wait(facts, cleaned, registration, related)
    if registration.is_mission:
        for panel in panels:
            _check_delegation(cleaned.organization, registration.organization_key, panel)
    full = [panel for panel in panels if panel_room.is_full(panel, registration)]
    if closed := [panel for panel in full if not panel.waiting_list]:
        raise panel_room.refusal(closed[0], registration)
    return Waits(whole, frozenset(panel.id for panel in (panels if whole else full)))


def _has_to_wait(
    facts: Facts, cleaned: Cleaned, registration: Registration, related: list[Related]
) -> bool:
    """Whether the form has to wait for a place of its organization or category.

    Raises `RegistrationRefused` if there is no waiting list, or the person is registered already.
    """
    is_full, category = False, registration.category
    if not registration.is_mission:
        email = cleaned.email.casefold()
        if email and any(row.is_live and row.email.casefold() == email for row in related):
            raise refusals.registered_already()
        most = facts.hearing.max_per_organization
        if most is not None and sum(row.status in Registration.PLACED for row in related) >= most:
            if not category.waiting_list:
                raise refusals.organization_full(most)
            is_full = True
    if places.category_is_full(category):
        if not category.waiting_list:
            raise refusals.category_full(category)
        is_full = True
    return is_full


def _check_delegation(name: str, key: str, panel: Segment) -> None:
    live = Inscription.objects.filter(
        segment=panel, delegation=key, state=Inscription.State.INSCRIBED
    )
    waits = Waiting.objects.filter(
        segment=panel,
        registration__organization_key=key,
        registration__kind=TrackKind.MISSIONS,
        registration__status__in=Registration.LIVE,
    ).exclude(registration__vouched_by="")
    if live.exists() or (panel.waiting_list and waits.exists()):
        raise refusals.inscribed_already(name, panel)


def _accept(
    record: Writer,
    facts: Facts,
    cleaned: Cleaned,
    registration: Registration,
    waits: Waits,
    *,
    new_rows: tuple[Model, ...],
    ends: list[inscriptions.ListEnd],
    letter: Text | None,
    entered: OfficeEntry | None,
) -> Submitted:
    if entered:
        _record_entered(record, registration, entered)
    entry = record.append(
        entry_types.RECEIVED,
        {
            "registration": registration.id.hex,
            "person": registration.person.id.hex,
            "organization": registration.organization.id.hex,
            "track": registration.track,
            "category": registration.category_id.hex,
            "received": clock.to_ms(registration.arrived_at),
            "closes": clock.to_ms(facts.closes_at(registration.track)),
        },
        actor=actor_of(registration),
    )
    registration.arrival = entry.seq
    if waits.whole:
        registration.status = Status.WAITING
    with together():
        insert(*new_rows)
        rows = [end.inscribe(record, registration) for end in ends]
        if letter:
            letters.confirm_address(registration, letter)
    if waits:
        _wait(record, facts, registration, waits)
    _name_co_signers(registration, cleaned)
    signals.registration_submitted.send(record, registration, cleaned)
    return Submitted(registration, tuple(rows))


def _record_entered(record: Writer, registration: Registration, entered: OfficeEntry) -> None:
    own = {"registration": registration.id.hex}
    if entered.late_reason:
        body = {**own, "reason": record.note(entered.late_reason)}
        record.append(entry_types.ADMITTED_LATE, body, actor=entered.actor)
    body = {**own, "way": entered.way.value}
    record.append(entry_types.ENTERED, body, actor=entered.actor)


def _confirm_at_once(
    record: Writer, registration: Registration, done: Submitted, text: Text
) -> None:
    confirming.confirm_in(record, registration)
    if not registration.is_unwritten:
        with speaking(registration.person.language):
            waits = [wait.words for wait in waiting.waits_of(registration)]
        letters.receipt(registration, list(done.inscriptions), waits, text)


def _organization(cleaned: Cleaned, registration: Registration) -> Organization:
    """Return an unsaved organization, which gets a row of its own.

    The record names the organization by its id. If a row were shared with a colleague who is named,
    an alias set later could be traced to the organization.
    """
    return Organization(
        name=cleaned.organization,
        name_key=registration.organization_key,
        country=cleaned.country,
        original_language=cleaned.organization_language,
        translations={tag: {"name": name} for tag, name in cleaned.other_names.items()},
    )


def _wait(record: Writer, facts: Facts, registration: Registration, waits: Waits) -> None:
    """Put a new registration on the waiting lists that it needs."""
    if waits.whole:
        waiting.hold(record, registration)
    waiting.join(
        record, registration, [panel for panel in facts.panels if panel.id in waits.segments]
    )


def _name_co_signers(registration: Registration, cleaned: Cleaned) -> None:
    if cleaned.co_signers:
        CoSigner.objects.bulk_create(
            joining.drawn_up(registration, named) for named in cleaned.co_signers
        )


def _send_link_again(registration: Registration) -> None:
    """Queue the link of the earlier registration again, to the address that both forms name."""
    email = registration.person.email.casefold()
    rows = Registration.objects.select_related("person", "hearing")
    for row in _ask_related(registration)():
        if row.is_live and row.email.casefold() == email:
            changes.resend_link(registration=rows.get(pk=row.id))
