"""What those who come to a training session are told, in their language, as it happens."""

from datetime import UTC

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.registration import links
from hemicycle.registration.letters import when
from hemicycle.training.models import Session, SignUp


def signed_up(own: SignUp) -> None:
    """There is a place, or a wait for one."""
    with override(own.registration.person.language):
        if own.state == SignUp.State.SIGNED_UP:
            said = _("You have a place in this training session:")
            _tell(own, _("your training session"), said)
        else:
            said = _(
                "All places of this training session are taken. You are on its waiting list and "
                "move up by yourself when somebody signs off:"
            )
            _tell(own, _("waiting list of a training session"), said)


def promoted(own: SignUp) -> None:
    """A place has become free."""
    with override(own.registration.person.language):
        said = _("A place has become free, and it is yours. The training session:")
        _tell(own, _("you have a place in the training session"), said)


def changed(own: SignUp) -> None:
    """Time, length, language or what happens is another."""
    with override(own.registration.person.language):
        said = _("A training session that you signed up for has changed. It is now:")
        _tell(own, _("your training session has changed"), said)


def cancelled(own: SignUp, reason: str) -> None:
    """It is not held."""
    with override(own.registration.person.language):
        said = _("This training session is not held:")
        why = _("Reason: %(reason)s") % {"reason": reason} if reason.strip() else ""
        _tell(own, _("your training session was cancelled"), said, why)


def reminder(own: SignUp) -> None:
    """It is near."""
    with override(own.registration.person.language):
        said = _("You are expected at this training session:")
        _tell(own, _("your training session is near"), said)


def taken_over(own: SignUp) -> None:
    """Another person now speaks for the organization, and has its place."""
    with override(own.registration.person.language):
        said = _("Your organization has a place in this training session, which is now yours:")
        _tell(own, _("your training session"), said)


def facts(session: Session) -> str:
    """When it is, in the hearing's zone and in UTC, how long, and in which language."""
    moment = when(session.starts_at, session.hearing)
    in_utc = _("%(time)s UTC") % {"time": f"{session.starts_at.astimezone(UTC):%Y-%m-%d %H:%M}"}
    more = _("%(minutes)s minutes, in %(language)s") % {
        "minutes": session.minutes,
        "language": session.spoken,
    }
    return f"{moment}\n{in_utc}\n{more}"


def _tell(own: SignUp, subject: str, said: str, *more: str) -> None:
    session, registration = own.session, own.registration
    secret = links.secret_of(registration)
    page, file = (
        links.absolute(reverse(f"training:{name}", args=(secret, session.pk)))
        for name in ("session", "calendar")
    )
    reach = _("Its page, from which you come in, which nobody else should see: %(link)s")
    calendar = _("For your calendar: %(link)s")
    body = (
        said,
        facts(session),
        *more,
        "" if session.cancelled_at else session.how,
        reach % {"link": page},
        calendar % {"link": file},
    )
    queue(
        hearing_id=session.hearing_id,
        purpose=Message.Purpose.TRAINING,
        subject=f"{session.hearing}: {subject}",
        body="\n\n".join(filter(None, body)),
        person=registration.person,
    )
