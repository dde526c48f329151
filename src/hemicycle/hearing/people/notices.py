"""Letters to a person about their own sign-in: a new key, a sign-in from a new place."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.people import sessions, signals
from hemicycle.hearing.people.access import STAFF
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.reader import speaking_to

_BROWSERS = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome")),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def device_name(agent: str) -> str:
    """Return a short name from a browser's description, such as "Firefox, Windows"."""
    found = [
        next((name for sign, name in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("unknown device")


def signed_in(request: HttpRequest, person: Person) -> None:
    """Notify staff of a sign-in from a network that they have not used before."""
    row = sessions.row_of(request)
    if row is None or not row.network:
        return
    earlier = person.sessions.exclude(pk=row.pk)
    if not earlier.exists():
        return
    is_known = earlier.filter(network=row.network).exists()
    is_staff = person.is_administrator or person.appointments.filter(role__in=STAFF).exists()
    if is_known or not is_staff:
        return
    with speaking_to(person):
        body = _(
            "You signed in from a new place.\n\n"
            "Device: %(device)s\nNetwork: %(network)s\n\n%(advice)s"
        ) % {
            "device": device_name(row.device),
            "network": row.network,
            "advice": _advice(),
        }
        signals.message_to_person.send(person, None, _("A sign-in from a new place"), body)


def key_changed(person: Person, sentence: str) -> None:
    """Notify a person of a change to their sign-in keys."""
    with speaking_to(person):
        body = f"{_(sentence)}\n\n{_advice()}"
        signals.message_to_person.send(person, None, _("Your sign-in has changed"), body)


def _advice() -> str:
    said = _(
        "If this was not you, end the other sessions on this page and tell the secretariat:\n\n"
        "%(link)s"
    )
    return said % {"link": settings.BASE_URL + reverse("people:passkeys")}
