"""Confirming a registration, and what becomes of one that nobody confirms.

Anybody can type anybody's name and address. So a form takes its place at once, in the order of
arrival and with a receipt, but nothing else comes of it until the mailbox that was typed has
answered: one plain letter goes there, with a link to a page with one button. Looking at the page
confirms nothing, since mail scanners open every link. Until then the registration is listed,
called, seated and written to nowhere (`Registration.taking_part`), and it opens no personal page.

What is not confirmed by the moment that the letter and the receipt name lapses: the place goes to
whoever waits for it. Both are entries, so that the published chain accounts for every place.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from hemicycle.before.registration import (
    co_signer_letters,
    entry_types,
    inscriptions,
    letters,
    places,
    proving,
    queries,
    signals,
    waiting,
)
from hemicycle.before.registration.access import ROLES, actor_of
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.hearing.people.models import Appointment, Track
from hemicycle.record import clock, writer
from hemicycle.record.compiled import CompiledQuery, CompiledUpdate
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
LAPSER = Actor.system("registration")


class _Asked:
    """What a confirmation reads, asked for together with the record's lock."""

    registration: Callable[[], list[Registration]]
    places: Callable[[], list[Inscription]]
    waits: Callable[[], list[Waiting]]
    co_signers: Callable[[], list[CoSigner]]

    def __init__(self, registration: UUID) -> None:
        self._id = registration

    def send(self) -> None:
        """Ask for all of it."""
        self.registration = queries.ask_by_id(self._id)
        self.places = inscriptions.ask_for_places(self._id)
        self.waits = waiting.ask_for_waits(self._id)
        self.co_signers = _named(self._id)


_co_signers = CompiledQuery(
    lambda registration, state: CoSigner.objects.filter(registration=registration, state=state),
    registration=UUID,
    state=str,
)
_set_confirmed = CompiledUpdate(
    lambda registration: Registration.objects.filter(pk=registration),
    {"confirmed_at": datetime},
    registration=UUID,
)


def confirm(*, registration: Registration) -> Registration:
    """Confirm a registration from its mailbox; twice is once.

    Returns it as it now is: lapsed where the time for it was over.
    """
    asked_at = clock.now_ms()  # what follows may wait its turn, which makes nobody late
    text = letters.receipt_text(registration)  # read here, so that nobody waits for it
    asked = _Asked(registration.id)
    actor = actor_of(registration)
    with writer.writing(registration.hearing_id, actor=actor, and_ask=asked.send) as record:
        (current,) = asked.registration()
        if current.is_confirmed or not current.is_live:
            return current
        if is_overdue(current, asked_at):
            _lapse(record, current)
            waiting.fill(record)
            return current
        confirm_in(record, current, asked)
        held, waits = asked.places, asked.waits
        if registration.track == Track.MISSIONS:  # its proof may have given or taken places
            held = inscriptions.ask_for_places(current.id)
            waits = waiting.ask_for_waits(current.id)
        words = [wait.words for wait in waiting.waits_of(current, waits)]
        record.with_commit(partial(letters.receipt, current, held(), words, text))
    return current


def confirm_in(record: Writer, registration: Registration, asked: _Asked | None = None) -> None:
    """Confirm a registration in the hearing's turn; what waited for that happens now."""
    registration.confirmed_at = clock.from_ms(record.now)
    _set_confirmed(registration=registration.id, confirmed_at=registration.confirmed_at)
    record.append(entry_types.CONFIRMED, {"registration": registration.id.hex})
    if registration.lacks_proof:
        proving.settle_confirmed(record, registration)
    waiting.accept_by_itself(record, registration)
    if registration.takes_part:
        inscriptions.join_floor(record, registration)
    named = asked.co_signers() if asked else _named(registration.id)()
    _ask_co_signers(record, registration, named)
    signals.registration_confirmed.send(record, registration)


def _named(registration: UUID) -> Callable[[], list[CoSigner]]:
    return _co_signers.ask(registration=registration, state=CoSigner.State.NAMED)


def _ask_co_signers(record: Writer, registration: Registration, named: list[CoSigner]) -> None:
    if not named:
        return
    panels = ", ".join(
        registration.inscriptions.filter(state=Inscription.State.INSCRIBED)
        .order_by("segment__ordinal")
        .values_list("segment__title", flat=True)
    )
    for co_signer in named:
        co_signer.registration = registration
        co_signer.state = CoSigner.State.ASKED
        co_signer.save(update_fields=("state",))
        body = {"registration": registration.id.hex, "co_signer": co_signer.id.hex}
        record.append(entry_types.CO_SIGNER_ASKED, body)
        co_signer_letters.ask(co_signer, panels)


# ── What nobody confirms ──────────────────────────────────────────────────────────────────────
def is_overdue(registration: Registration, now: int) -> bool:
    """Whether the time in which it can be confirmed was over at `now`, in ms."""
    until = registration.confirm_by
    return not registration.is_confirmed and until is not None and clock.to_ms(until) < now


def lapse_due() -> int:
    """Let everything lapse that was not confirmed in time; returns how many lapsed."""
    overdue = Registration.objects.filter(
        confirmed_at=None, confirm_by__lt=clock.now(), status__in=Registration.LIVE
    )
    lapsed = 0
    for hearing in set(overdue.order_by().values_list("hearing_id", flat=True)):
        with writer.writing(hearing, actor=LAPSER) as record:
            related = ("hearing", "person", "organization", "category")
            rows = overdue.filter(hearing=hearing).select_related(*related).order_by("arrival")
            for registration in rows:
                _lapse(record, registration)
                lapsed += 1
            waiting.fill(record)
    return lapsed


def _lapse(record: Writer, registration: Registration) -> None:
    registration.status = Status.LAPSED
    registration.save(update_fields=("status",))
    record.append(entry_types.LAPSED, {"registration": registration.id.hex}, actor=LAPSER)
    places.give_up(record, registration, ())
    waiting.leave(registration, ())
    Appointment.objects.filter(
        person=registration.person,
        hearing_id=registration.hearing_id,
        role=ROLES[registration.track],
    ).delete()  # which it has where the secretariat accepted it before it was confirmed
