"""Letters to participants of a training session, in their language, at each change."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.frame import when
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)

FIELDS = (
    Field("name", gettext_lazy("name of the participant")),
    Field("session", gettext_lazy("when it is, how long, in which language"), required=True),
    Field("how", gettext_lazy("what happens, and how to prepare")),
    Field("link", gettext_lazy("the participant’s page of the session"), required=True),
    Field("calendar", gettext_lazy("address of the calendar file")),
)
REASON = Field("reason", gettext_lazy("the reason, where one was given"))


def _text(subject: str, said: str, *more: str) -> Text:
    reach = _("Join here (private link, do not share it): %(link)s") % BRACES
    calendar = _("Add it to your calendar: %(link)s") % {"link": "{calendar}"}
    return built_in(subject, said, "{session}", *more, "{how}", reach, calendar)


def _place() -> Text:
    return _text(_("your training session"), _("You have a place in this training session:"))


def _waiting() -> Text:
    said = _(
        "All places in this training session are taken. You are on the waiting list and move "
        "up automatically when someone cancels:"
    )
    return _text(_("waiting list of a training session"), said)


def _free() -> Text:
    said = _("A place has become free and it is yours. The training session:")
    return _text(_("you have a place in the training session"), said)


def _changed() -> Text:
    said = _("A training session that you signed up for has changed. The new details:")
    return _text(_("your training session has changed"), said)


def _cancelled() -> Text:
    said = _("This training session has been cancelled:")
    return _text(
        _("your training session has been cancelled"), said, _("Reason: %(reason)s") % BRACES
    )


def _near() -> Text:
    return _text(
        _("reminder of your training session"),
        _("Reminder: you have a place in this training session:"),
    )


def _yours() -> Text:
    said = _("Your organization has a place in this training session. It is now yours:")
    return _text(_("your training session"), said)


def _example(hearing: Hearing) -> Values | None:
    rows = SignUp.objects.filter(session__hearing=hearing, registration__person__erased_at=None)
    last = rows.select_related("session__hearing", "registration__person").order_by("-seq").first()
    return {**_values(last), "reason": ""} if last else None


def _letter(key: str, label: Promise, text: Callable[[], Text], *more: Field) -> Letter:
    purpose = Message.Purpose.TRAINING
    return declare(
        Letter(f"training-{key}", purpose, label, text, (*FIELDS, *more), example=_example)
    )


PLACE = _letter("place", gettext_lazy("Training: a place"), _place)
WAITING = _letter("waiting", gettext_lazy("Training: waiting list"), _waiting)
FREE = _letter("free", gettext_lazy("Training: a place has become free"), _free)
CHANGED = _letter("changed", gettext_lazy("Training: session changed"), _changed)
CANCELLED = _letter("cancelled", gettext_lazy("Training: session cancelled"), _cancelled, REASON)
NEAR = _letter("near", gettext_lazy("Training: reminder"), _near)
YOURS = _letter("yours", gettext_lazy("Training: a place taken over"), _yours)


def signed_up(own: SignUp) -> None:
    """Confirm a place, or a place on the waiting list."""
    _tell(own, PLACE if own.state == SignUp.State.SIGNED_UP else WAITING)


def promoted(own: SignUp) -> None:
    """Notify a participant on the waiting list that they now have a place."""
    _tell(own, FREE)


def changed(own: SignUp) -> None:
    """Notify a participant that the time, length, language or description has changed."""
    _tell(own, CHANGED)


def cancelled(own: SignUp, reason: str) -> None:
    """Notify a participant that the session is cancelled."""
    _tell(own, CANCELLED, reason=reason.strip())


def reminder(own: SignUp) -> None:
    """Remind a participant of the session."""
    _tell(own, NEAR)


def taken_over(own: SignUp) -> None:
    """Notify a new speaker for the organization that the place is now theirs."""
    _tell(own, YOURS)


def facts(session: Session) -> str:
    """Return when the session is (in the hearing's zone and in UTC), its length and language."""
    moment = when(session.starts_at, session.hearing)
    more = _("%(minutes)s minutes, in %(language)s") % {
        "minutes": session.minutes,
        "language": session.spoken,
    }
    return f"{moment}\n{more}"


def _values(own: SignUp) -> dict[str, str]:
    session, registration = own.session, own.registration
    secret = links.secret_of(registration)
    page, file = (
        links.absolute(whole(f"training:{name}", secret, session.pk))
        for name in ("session", "calendar")
    )
    return {
        "name": registration.person.name,
        "session": facts(session),
        "how": "" if session.cancelled_at else session.how,
        "link": page,
        "calendar": file,
    }


def _tell(own: SignUp, letter: Letter, **more: str) -> None:
    person = own.registration.person
    with speaking_to(person):
        send(letter, hearing=own.session.hearing, values={**_values(own), **more}, person=person)
