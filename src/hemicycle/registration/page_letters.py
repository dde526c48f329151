"""Letters about one's own page and place: the link again, a new link, a withdrawal."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.correspondence.models import Message
from hemicycle.correspondence.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)
from hemicycle.hearings.models import Hearing
from hemicycle.record import clock
from hemicycle.registration import links
from hemicycle.registration.letters import LINK, NAME, last_registration
from hemicycle.registration.models import Registration

Purpose = Message.Purpose
PANELS = Field("panels", gettext_lazy("panels in which the floor was given up"), required=True)


def _text(subject: str, said: str) -> Text:
    page = _("Your personal page, which nobody else should see: %(link)s")
    return built_in(subject, said, page % BRACES)


def _again_text() -> Text:
    said = _("Somebody, probably you, asked for this link again.")
    return _text(_("your personal link"), said)


def _replaced_text() -> Text:
    said = _("The secretariat has replaced your personal link; the one before opens nothing.")
    return _text(_("your new link"), said)


def _withdrawn_text() -> Text:
    return _text(_("withdrawal"), _("Your registration has been withdrawn."))


def _given_up_text() -> Text:
    said = _("You have given up the floor in: %(panels)s")
    return _text(_("withdrawal"), said % BRACES)


def _values(registration: Registration, panels: Sequence[str] = ()) -> Values:
    return {
        "name": registration.person.name,
        "panels": ", ".join(panels),
        "link": links.personal_url(registration),
    }


def _example(hearing: Hearing) -> Values | None:
    latest = last_registration(hearing)
    if latest is None:
        return None
    requests = latest.floor_requests.select_related("segment")
    return _values(latest, [each.segment.title for each in requests])


def _letter(
    key: str,
    purpose: Message.Purpose,
    label: str | Promise,
    text: Callable[[], Text],
    *fields: Field,
) -> Letter:
    own = (NAME, *fields, LINK)
    return declare(Letter(key, purpose, label, text, own, example=_example))


AGAIN = _letter("link", Purpose.SIGN_IN, gettext_lazy("Personal link, again"), _again_text)
REPLACED = _letter(
    "link-replaced", Purpose.SIGN_IN, gettext_lazy("Personal link, replaced"), _replaced_text
)
WITHDRAWN = _letter(
    "withdrawal", Purpose.WITHDRAWAL, gettext_lazy("Registration withdrawn"), _withdrawn_text
)
GIVEN_UP = _letter(
    "floor-given-up", Purpose.WITHDRAWAL, gettext_lazy("Floor given up"), _given_up_text, PANELS
)


def _send(letter: Letter, registration: Registration, panels: Sequence[str] = ()) -> None:
    values = _values(registration, panels)
    send(letter, hearing=registration.hearing, values=values, person=registration.person)


def link_again(registration: Registration) -> None:
    """Send the personal link once more, to the address that was registered."""
    _send(AGAIN, registration)


def may_send_link(registration: Registration, pause_s: int) -> bool:
    """Whether none was sent to this person within the last `pause_s` seconds."""
    since = clock.now() - timedelta(seconds=pause_s)
    sent = Message.objects.filter(
        person=registration.person, purpose=Purpose.SIGN_IN, queued_at__gt=since
    )
    return not sent.exists()


def link_replaced(registration: Registration) -> None:
    """Send a new link after the old one was revoked."""
    _send(REPLACED, registration)


def withdrawn(registration: Registration, panels: Sequence[str]) -> None:
    """Confirm a withdrawal: of the whole registration, or from panels."""
    whole = registration.status == Registration.Status.WITHDRAWN
    _send(WITHDRAWN if whole else GIVEN_UP, registration, panels)
