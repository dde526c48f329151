"""Confirming a registration, and what becomes of one that nobody confirms.

Anybody can type anybody's name and address. So a form takes its place at once, in the order of
arrival and with a receipt, but nothing else comes of it until the mailbox that was typed has
answered: one plain letter goes there, with a link to a page with one button. Looking at the page
confirms nothing, since mail scanners open every link. Until then the registration is listed,
called, seated and written to nowhere (`Registration.taking_part`), and it opens no personal page.

What is not confirmed by the moment that the letter and the receipt name lapses: the place goes to
whoever waits for it. Both are entries, so that the published chain accounts for every place.
"""

from hemicycle.before.registration import (
    co_signer_letters,
    entry_types,
    inscriptions,
    letters,
    places,
    proving,
    signals,
    waiting,
)
from hemicycle.before.registration.access import ROLES, actor_of
from hemicycle.before.registration.changes import current_of
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.hearing.people.models import Appointment
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
LAPSER = Actor.system("registration")


def confirm(*, registration: Registration) -> Registration:
    """Confirm a registration from its mailbox; twice is once.

    Returns it as it now is: lapsed where the time for it was over.
    """
    asked_at = clock.now_ms()  # what follows may wait its turn, which makes nobody late
    text = letters.receipt_text(registration)  # read here, so that nobody waits for it
    with writer.writing(registration.hearing_id, actor=actor_of(registration)) as record:
        current = current_of(registration)
        if current.is_confirmed or not current.is_live:
            return current
        if is_overdue(current, asked_at):
            _lapse(record, current)
            waiting.fill(record)
            return current
        confirm_in(record, current)
        waits = [wait.words for wait in waiting.waits_of(current)]
        letters.receipt(current, inscriptions.on_lists(current), waits, text)
    return current


def confirm_in(record: Writer, registration: Registration) -> None:
    """Confirm a registration in the hearing's turn; what waited for that happens now."""
    registration.confirmed_at = clock.from_ms(record.now)
    registration.save(update_fields=("confirmed_at",))
    record.append(entry_types.CONFIRMED, {"registration": registration.id.hex})
    if registration.lacks_proof:
        proving.settle_confirmed(record, registration)
    waiting.accept_by_itself(record, registration)
    if registration.takes_part:
        inscriptions.join_floor(record, registration)
    _ask_co_signers(record, registration)
    signals.registration_confirmed.send(record, registration)


def _ask_co_signers(record: Writer, registration: Registration) -> None:
    named = list(registration.co_signers.filter(state=CoSigner.State.NAMED))
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
