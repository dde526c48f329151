"""Confirm a registration, and expire one that nobody confirms.

Anybody can type anybody's name and address. So a form takes its place at once, in the order of
arrival and with a receipt, but has no further effect until the owner of the typed mailbox has
answered: one plain letter goes there, with a link to a page with one button. Opening the page
confirms nothing, since mail scanners open every link. Until then the registration is not listed,
called, seated or written to (`Registration.taking_part`), and it opens no personal page.

A registration that is not confirmed by the time stated in the letter and the receipt expires: its
place goes to the next on the waiting list. Both are entries, so that the published chain accounts
for every place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hemicycle import security_log
from hemicycle.before.registration import (
    entry_types,
    inscriptions,
    joining,
    letters,
    places,
    proving,
    queries,
    signals,
    waiting,
)
from hemicycle.before.registration.access import ROLES, actor_of
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.hearing.people.models import Appointment
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import clock, writer
from hemicycle.record.compiled import CompiledQuery, CompiledUpdate, together
from hemicycle.record.shared_turns import SharedTurn
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
LAPSER = Actor.system("registration")


class _Reading:
    """The queries for a confirmation, sent together with the record's lock."""

    registration: Callable[[], list[Registration]]
    places: Callable[[], list[Inscription]]
    waits: Callable[[], list[Waiting]]
    co_signers: Callable[[], list[CoSigner]]

    def __init__(self, registration: UUID) -> None:
        self._id = registration

    def send(self) -> None:
        """Send all queries."""
        self.registration = queries.ask_by_id(self._id)
        self.places = inscriptions.ask_for_places(self._id)
        self.waits = waiting.ask_for_waits(self._id)
        self.co_signers = _co_signers.ask(registration=self._id, state=CoSigner.State.NAMED)


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


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer of a mailbox: since when it waits, in ms, its network, and the receipt's text."""

    registration: Registration
    asked_at: int
    network: str
    text: Text


def confirm(*, registration: Registration) -> Registration:
    """Confirm a registration from its mailbox; confirming again changes nothing.

    Return the registration as it is now: it has lapsed if it was not confirmed in time.
    """
    # This moment counts: the wait for the lock makes nobody late.
    asked_at = clock.now_ms()
    text = letters.receipt_text(registration)  # read before the lock is taken
    return _in_turn(
        registration.hearing_id, _Answer(registration, asked_at, security_log.network(), text)
    )


def _confirm_all(hearing: UUID, asks: Sequence[_Answer]) -> list[Registration]:
    """Confirm the registrations that wait for the hearing's lock; expire those that are late."""
    once = {ask.registration.id: ask for ask in asks}  # a button may have been pressed twice
    reads = {ident: _Reading(ident) for ident in once}

    def send() -> None:
        for asked in reads.values():
            asked.send()

    with writer.writing(hearing, actor=LAPSER, and_ask=send) as record:
        found = {ident: asked.registration()[0] for ident, asked in reads.items()}
        asking = [row for row in found.values() if row.is_live and not row.is_confirmed]
        late = [row for row in asking if is_overdue(row, once[row.id].asked_at)]
        timely = [row for row in asking if row not in late]
        with together():
            for row in timely:
                _keep_confirmed(record, row)
        for row in timely:
            record.actor = actor_of(row)
            with security_log.coming_from(once[row.id].network):
                _go_on(record, row, reads[row.id])
            _send_receipt(record, row, reads[row.id], once[row.id].text)
        for row in late:  # last, since it gives places to others
            record.actor = actor_of(row)
            _lapse(record, row)
            waiting.fill(record)
    return [found[ask.registration.id] for ask in asks]


_in_turn = SharedTurn(_confirm_all)


def confirm_in(record: Writer, registration: Registration) -> None:
    """Confirm a registration in the hearing's turn, with all the effects."""
    _keep_confirmed(record, registration)
    asked = _Reading(registration.id)
    asked.send()
    _go_on(record, registration, asked)


def _keep_confirmed(record: Writer, registration: Registration) -> None:
    registration.confirmed_at = clock.from_ms(record.now)
    _set_confirmed(registration=registration.id, confirmed_at=registration.confirmed_at)


def _go_on(record: Writer, registration: Registration, asked: _Reading) -> None:
    """Carry out the effects of a confirmation."""
    record.append(entry_types.CONFIRMED, {"registration": registration.id.hex})
    if registration.lacks_proof:
        proving.settle_confirmed(record, registration)
    waiting.accept_by_itself(record, registration)
    if registration.takes_part:
        inscriptions.join_floor(record, registration)
    joining.ask_all(record, registration, asked.co_signers())
    signals.registration_confirmed.send(record, registration)


def _send_receipt(record: Writer, registration: Registration, asked: _Reading, text: Text) -> None:
    if registration.is_mission:  # its proof may have given or taken places
        asked.send()
    held, waits = asked.places(), asked.waits()
    with speaking_to(registration.person):
        words = [wait.words for wait in waiting.waits_of(registration, waits)]

    def send() -> None:
        letters.receipt(registration, held, words, text)

    record.with_commit(send)


# ── What nobody confirms ──────────────────────────────────────────────────────────────────────
def is_overdue(registration: Registration, now: int) -> bool:
    """Whether the time to confirm it was over at `now`, in ms."""
    until = registration.confirm_by
    return not registration.is_confirmed and until is not None and clock.to_ms(until) < now


def lapse_due() -> int:
    """Expire every registration that was not confirmed in time; return their number."""
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
    places.withdraw_places(record, registration, ())
    waiting.leave(registration, ())
    Appointment.objects.filter(
        person=registration.person,
        hearing_id=registration.hearing_id,
        role=ROLES[registration.kind],
    ).delete()  # it exists if the secretariat accepted the registration before it was confirmed
