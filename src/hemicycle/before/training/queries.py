"""Queries of training sessions, for the secretariat and for participants."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from hemicycle.before.registration.models import Registration
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.models import Note

State = SignUp.State
KEPT = timedelta(days=1)
"""How long an ended session stays on the pages of participants who had signed up."""


@dataclass(frozen=True, slots=True)
class OfferedSession:
    """A session as a participant sees it, with their own sign-up if they have one."""

    session: Session
    own: SignUp | None
    taken: int
    before: int
    takes_part: bool = True

    @property
    def free(self) -> int:
        """The number of free places."""
        return max(0, self.session.capacity - self.taken)

    @property
    def is_held(self) -> bool:
        """Whether the participant has a place, or waits for one."""
        return self.own is not None and self.own.state != State.SIGNED_OFF

    @property
    def may_join(self) -> bool:
        """Whether the participant can sign up now."""
        return not (self.is_held or self.session.cancelled_at or self.session.is_over)

    @property
    def may_leave(self) -> bool:
        """Whether the participant can cancel their place now."""
        return self.is_held and not (self.session.cancelled_at or self.session.has_begun)

    @property
    def may_enter(self) -> bool:
        """Whether the participant can enter now."""
        waits = self.own is not None and self.own.state == State.WAITING_LIST
        has_place = self.is_held and not waits
        is_room = has_place or (self.free > 0 and not waits)
        return self.takes_part and self.session.admits and is_room

    @property
    def place_in_line(self) -> int:
        """The participant's position on the waiting list, from 1; 0 if they do not wait."""
        waits = self.own is not None and self.own.state == State.WAITING_LIST
        return self.before + 1 if waits else 0


def sessions_of(hearing: Hearing) -> QuerySet[Session]:
    """Query the hearing's sessions, counting places taken, waiting and attended: one query."""
    state = "sign_ups__state"
    rows = hearing.trainings.annotate(
        taken=Count("sign_ups", filter=Q(**{state: State.SIGNED_UP})),
        waiting=Count("sign_ups", filter=Q(**{state: State.WAITING_LIST})),
        came=Count("sign_ups", filter=Q(sign_ups__attended_at__isnull=False)),
    )
    return rows.select_related("hearing").order_by("starts_at", "id")


def offers(registration: Registration) -> list[OfferedSession]:
    """Return future sessions, and the participant's own that were cancelled or ended recently.

    It always takes two queries.
    """
    sessions = list(sessions_of(registration.hearing))
    lines = _lines(sessions)
    found = [_offer(session, lines.get(session.pk, []), registration) for session in sessions]
    return [offer for offer in found if _is_shown(offer)]


def offer(session: Session, registration: Registration) -> OfferedSession:
    """Return one session as a participant sees it: one query."""
    return _offer(session, _lines([session]).get(session.pk, []), registration)


def _lines(sessions: list[Session]) -> dict[object, list[SignUp]]:
    lines: dict[object, list[SignUp]] = {}
    for sign_up in SignUp.objects.filter(session__in=sessions).order_by("seq"):
        lines.setdefault(sign_up.session_id, []).append(sign_up)
    return lines


def _offer(session: Session, line: list[SignUp], registration: Registration) -> OfferedSession:
    own = next((sign_up for sign_up in line if sign_up.registration_id == registration.pk), None)
    taken = sum(sign_up.state == State.SIGNED_UP for sign_up in line)
    waiting = [sign_up for sign_up in line if sign_up.state == State.WAITING_LIST]
    before = sum(sign_up.seq < own.seq for sign_up in waiting) if own else 0
    return OfferedSession(session, own, taken, before, registration.takes_part)


def _is_shown(offer: OfferedSession) -> bool:
    session = offer.session
    if session.cancelled_at or session.is_over:
        return offer.is_held and session.ends_at > clock.now() - KEPT
    return True


def people(session: Session) -> list[SignUp]:
    """Return all sign-ups in order: with a place, waiting, cancelled; one query."""
    related = ("session", "registration__person", "registration__organization")
    order = list(State)
    rows = session.sign_ups.select_related(*related)
    return sorted(rows, key=lambda sign_up: (order.index(State(sign_up.state)), sign_up.seq))


def reason_of(session: Session) -> str:
    """Return why a session was cancelled."""
    note = Note.objects.filter(key=session.reason).first() if session.reason else None
    return note.text if note else ""
