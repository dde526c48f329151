"""Notes in the security log about identities: confirmed, disputed, expired."""

from uuid import UUID

from hemicycle import security_log
from hemicycle.before.registration.models import Registration
from hemicycle.record.writer import Writer
from hemicycle.security_log import SecurityEvent

Vouch = Registration.Vouch


def confirmed(record: Writer, registration: Registration) -> None:
    """Note that a mailbox has answered; one with a mission's invitation is the mission's too."""
    _note(SecurityEvent.IDENTITY_CONFIRMED, registration, what="mailbox")
    if registration.vouched_by == Vouch.INVITATION:
        proved(registration, Vouch.INVITATION)


def proved(registration: Registration, by: Registration.Vouch) -> None:
    """Note that something proves that the mission itself has inscribed."""
    _note(SecurityEvent.IDENTITY_CONFIRMED, registration, what="mission", reason=by.value)


def disputed(registration: Registration) -> None:
    """Note that an unproved sender has inscribed for a mission."""
    _note(SecurityEvent.IDENTITY_DISPUTED, registration, what="mission")


def lapsed(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """Note withdrawn places if the reason is that no mailbox has answered."""
    if registration.status == Registration.Status.LAPSED:
        _note(SecurityEvent.IDENTITY_LAPSED, registration, what="mailbox")


def _note(event: SecurityEvent, registration: Registration, *, what: str, reason: str = "") -> None:
    security_log.note(
        event,
        hearing=registration.hearing_id,
        person=registration.person_id,
        what=what,
        reason=reason,
    )
