"""Actions on training sessions: schedule, change, cancel, take or cancel a place, enter, attend.

The number of places is limited. When all are taken, sign-ups wait in the order of the record; they
move up as soon as a place is free, and a letter notifies the participant.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.models import Registration
from hemicycle.before.training import entry_types, letters
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer

State = SignUp.State
HELD = (State.SIGNED_UP, State.WAITING_LIST)
SHORTEST, LONGEST = 10, 480
"""The limits of a session's length in minutes."""
MOST_PLACES = 1000
LONGEST_HOW = 4000
REMIND_BEFORE = timedelta(days=2)
"""How long before a session its reminder is due.

Housekeeping runs once a day, so a reminder is sent one to two days before.
"""
KEEPER = writer.Actor.system("training")


class TrainingRefused(Exception):
    """Raised when an action is not allowed. `sentence` says why; nothing changed."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """The plan of a session: when and how it is held.

    It has 10 to 480 minutes and 1 to 1000 places. `language` and the booked languages in
    `interpretation` are BCP 47 tags.
    """

    starts_at: datetime
    minutes: int
    language: str
    capacity: int
    how: str = ""
    interpretation: tuple[str, ...] = ()

    @classmethod
    def of(cls, session: Session) -> "SessionPlan":
        """Return the present plan of a session."""
        return cls(
            session.starts_at,
            session.minutes,
            session.language,
            session.capacity,
            session.how,
            tuple(session.interpretation),
        )


def _check(plan: SessionPlan) -> None:
    if plan.starts_at <= clock.now():
        raise TrainingRefused(_("This time has passed. Choose a time in the future."), "day")
    if not SHORTEST <= plan.minutes <= LONGEST:
        sentence = _("A session lasts between %(least)d and %(most)d minutes.")
        raise TrainingRefused(sentence % {"least": SHORTEST, "most": LONGEST}, "minutes")
    if not 1 <= plan.capacity <= MOST_PLACES:
        sentence = _("A session has between 1 and %(most)d places.")
        raise TrainingRefused(sentence % {"most": MOST_PLACES}, "capacity")


def schedule(*, hearing: Hearing, plan: SessionPlan, actor: writer.Actor) -> Session:
    """Schedule a session.

    Raises `TrainingRefused` for a session in the past, with an invalid length, or without places.
    """
    _check(plan)
    with writer.writing(hearing.id, actor=actor) as record:
        session = Session(hearing=hearing)
        _write(session, plan)
        session.save(force_insert=True)
        record.append(entry_types.SCHEDULED, _told(session))
    return session


def _write(session: Session, plan: SessionPlan) -> None:
    session.starts_at, session.minutes = plan.starts_at, plan.minutes
    session.language, session.capacity = plan.language, plan.capacity
    session.how = plan.how
    session.interpretation = list(plan.interpretation)


def _told(session: Session) -> dict[str, object]:
    return {
        "training": session.id.hex,
        "starts_at": clock.to_ms(session.starts_at),
        "minutes": session.minutes,
        "language": session.language,
        "capacity": session.capacity,
        "interpretation": session.interpretation,
    }


def change(*, session: Session, plan: SessionPlan, actor: writer.Actor) -> bool:
    """Change a session and notify everybody signed up, unless only the number of places differs.

    Returns False if nothing differs. Raises `TrainingRefused` once it has begun or was cancelled,
    and for fewer places than are taken.
    """
    with writer.writing(session.hearing_id, actor=actor) as record:
        _take(session)
        before = SessionPlan.of(session)
        if before == plan:
            return False
        _check_open(session)
        _check(plan)
        _check_capacity(session, plan)
        _write(session, plan)
        concerns_all = before != replace(plan, capacity=before.capacity)
        session.sequence += concerns_all
        if before.starts_at != plan.starts_at:
            session.reminded_at = None
        session.save()
        record.append(entry_types.CHANGED, _told(session))
        if concerns_all:
            for sign_up in _of(session, *HELD):
                letters.changed(sign_up)
        _promote(record, session)
    return True


def _check_open(session: Session) -> None:
    if session.cancelled_at:
        raise TrainingRefused(_("This session was cancelled. Schedule another one."))
    if session.has_begun:
        raise TrainingRefused(_("This session has begun, so it can no longer be changed."))


def _check_capacity(session: Session, plan: SessionPlan) -> None:
    taken = len(_of(session, State.SIGNED_UP))
    if plan.capacity < taken:
        sentence = ngettext(
            "%(n)s person has a place. There cannot be fewer places than that.",
            "%(n)s people have a place. There cannot be fewer places than that.",
            taken,
        )
        raise TrainingRefused(sentence % {"n": taken}, "capacity")


def cancel(*, session: Session, reason: str, actor: writer.Actor) -> None:
    """Cancel a session and notify everybody signed up, with the reason if there is one.

    Cancelling again changes nothing. Raises `TrainingRefused` once it is over.
    """
    with writer.writing(session.hearing_id, actor=actor) as record:
        _take(session)
        if session.cancelled_at:
            return
        if session.is_over:
            raise TrainingRefused(_("This session is over, so there is nothing left to cancel."))
        session.cancelled_at = clock.from_ms(record.now)
        session.reason = record.note(reason)
        session.sequence += 1
        session.save(update_fields=["cancelled_at", "reason", "sequence"])
        record.append(entry_types.CANCELLED, {"training": session.id.hex, "note": session.reason})
        for sign_up in _of(session, *HELD):
            letters.cancelled(sign_up, reason)


def sign_up(*, session: Session, registration: Registration, actor: writer.Actor) -> SignUp:
    """Take a place, or join the waiting list; signing up again changes nothing.

    Raises `TrainingRefused` for a session that was cancelled or is over, and for a registration
    that is no longer active.
    """
    with writer.writing(session.hearing_id, actor=actor) as record:
        _take(session)
        registration.refresh_from_db(fields=["status"])
        own = session.sign_ups.filter(registration=registration).first()
        if own is not None and own.state in HELD:
            return own
        _check_joins(session, registration)
        is_free = len(_of(session, State.SIGNED_UP)) < session.capacity
        kind = entry_types.SIGNED_UP if is_free else entry_types.QUEUED
        entry = record.append(kind, _who(session, registration))
        own = own or SignUp(session=session, registration=registration)
        own.state = State.SIGNED_UP if is_free else State.WAITING_LIST
        own.seq, own.signed_up_at = entry.seq, clock.from_ms(record.now)
        own.save()
        letters.signed_up(own)
    return own


def _check_joins(session: Session, registration: Registration) -> None:
    if session.cancelled_at:
        raise TrainingRefused(_("This session was cancelled. Choose another one."))
    if session.is_over:
        raise TrainingRefused(_("This session is over. Choose another one."))
    if not registration.is_live:
        raise TrainingRefused(
            _("This registration is no longer valid, so you cannot sign up for a session.")
        )


def _who(session: Session, registration: Registration) -> dict[str, object]:
    return {"training": session.id.hex, "registration": registration.id.hex}


def sign_off(*, session: Session, registration: Registration, actor: writer.Actor) -> None:
    """Cancel a place in the session or on its waiting list; the next one on the list moves up.

    Raises `TrainingRefused` once the session has begun; cancelling again changes nothing.
    """
    with writer.writing(session.hearing_id, actor=actor) as record:
        _take(session)
        own = session.sign_ups.filter(registration=registration, state__in=HELD).first()
        if own is None:
            return
        if session.has_begun:
            raise TrainingRefused(
                _("This session has begun, so you can no longer cancel your place.")
            )
        own.state = State.SIGNED_OFF
        own.save(update_fields=["state"])
        record.append(entry_types.SIGNED_OFF, _who(session, registration))
        _promote(record, session)


def _promote(record: writer.Writer, session: Session) -> None:
    """Give free places to those who have waited longest, and notify them."""
    if session.cancelled_at or session.is_over:
        return
    free = session.capacity - len(_of(session, State.SIGNED_UP))
    for own in _of(session, State.WAITING_LIST)[: max(0, free)]:
        own.state = State.SIGNED_UP
        own.save(update_fields=["state"])
        record.append(entry_types.PROMOTED, _who(session, own.registration))
        letters.promoted(own)


def enter(*, session: Session, registration: Registration, actor: writer.Actor) -> SignUp:
    """Admit a participant who comes from their personal page; return their place.

    A participant who has not signed up is signed up now if there is room. Raises `TrainingRefused`
    before the session is open, for a registration that does not take part, and if all places are
    taken.
    """
    with writer.writing(session.hearing_id, actor=actor):
        _take(session)
        if not session.admits:
            raise TrainingRefused(_("This session is not open now."))
        registration.refresh_from_db(fields=["status", "confirmed_at", "vouched_by"])
        if not registration.takes_part:
            said = _("Your registration has not been accepted, so you cannot enter the session.")
            raise TrainingRefused(said)
        own = sign_up(session=session, registration=registration, actor=actor)
        if own.state != State.SIGNED_UP:
            said = _("All places in this session are taken, so you cannot enter it.")
            raise TrainingRefused(said)
    return own


def mark(*, own: SignUp, present: bool, actor: writer.Actor) -> None:
    """Record whether a participant attended; recording it again changes nothing.

    Raises `TrainingRefused` before the session can be entered, and if it was cancelled.
    """
    session = own.session
    with writer.writing(session.hearing_id, actor=actor) as record:
        own.refresh_from_db()
        if session.cancelled_at or not (session.admits or session.is_over):
            raise TrainingRefused(
                _("This session has not been held yet, so attendance cannot be recorded.")
            )
        if (own.attended_at is not None) == present:
            return
        own.attended_at = clock.from_ms(record.now) if present else None
        own.save(update_fields=["attended_at"])
        kind = entry_types.ATTENDED if present else entry_types.ABSENT
        record.append(kind, _who(session, own.registration))


def remind() -> int:
    """Remind everybody with a place in a session that is near; return how many letters are queued.

    There is one reminder for each session, and another if it was moved.
    """
    now = clock.now()
    near = Session.objects.filter(
        cancelled_at=None, reminded_at=None, starts_at__gt=now, starts_at__lte=now + REMIND_BEFORE
    )
    return sum(_remind(session) for session in near)


def _remind(session: Session) -> int:
    with writer.writing(session.hearing_id, actor=KEEPER):
        _take(session)
        if session.reminded_at is not None or session.cancelled_at:
            return 0
        session.reminded_at = clock.now()
        session.save(update_fields=["reminded_at"])
        own = _of(session, State.SIGNED_UP)
        for sign_up in own:
            letters.reminder(sign_up)
    return len(own)


def _take(session: Session) -> None:
    """Read the session again inside the transaction."""
    session.refresh_from_db()


def _of(session: Session, *states: SignUp.State) -> list[SignUp]:
    """Return the sign-ups in these states, the earliest first: one query."""
    related = ("session__hearing", "registration__person", "registration__hearing")
    return list(session.sign_ups.filter(state__in=states).select_related(*related))
