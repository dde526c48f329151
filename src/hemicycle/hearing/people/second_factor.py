"""The second factor of staff, which they show after a sign-in link and before dangerous actions.

On a public site a mailbox alone is not enough for office pages. A person who uses a link is not
signed in until they have shown a passkey, a code of their authenticator app or a recovery code; the
first time, they set one of these up. A passkey proves both factors at once, and so does the sign-in
of an institution.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from hemicycle.hearing.people import limits, notices, sessions
from hemicycle.hearing.people.access import STAFF
from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.people.private_allauth import TOTP, Authenticator, RecoveryCodes
from hemicycle.hearing.people.sessions import Proof
from hemicycle.record import clock

STRONG = frozenset({Proof.PASSKEY, Proof.TOTP, Proof.RECOVERY_CODE, Proof.INSTITUTION})
"""Proofs that are enough for staff on a public site."""

PENDING, PROVED, SECRET = "hemicycle_pending", "hemicycle_proved", "hemicycle_totp"
WAITS_FOR = timedelta(minutes=15)
TRIES, TRIES_S = 10, 900
"""The most codes that may be tried for one person, and the period in seconds."""

Kind = Authenticator.Type


def concerns(person: Person) -> bool:
    """Whether a person needs a second factor here: staff on a public site."""
    if not settings.STAFF_SECOND_FACTOR:
        return False
    if person.is_administrator:
        return True
    return Appointment.objects.filter(person=person, role__in=STAFF).exists()


def sign_in(request: HttpRequest, person: Person, proof: Proof, after: str) -> None:
    """Sign the person in, or ask for the second step first; `after` is the page that follows."""
    if proof in STRONG or not concerns(person):
        request.session.pop(PENDING, None)
        sessions.begin(request, person, proof)
        if proof in STRONG:
            prove(request)
        notices.signed_in(request, person)
        return
    until = clock.wall() + int(WAITS_FOR.total_seconds() * 1000)
    request.session[PENDING] = {
        "person": person.pk.hex,
        "until": until,
        "after": after,
        "sets_up": not has_any(person),
    }


def waiting(request: HttpRequest) -> tuple[Person, str] | None:
    """Return the person who waits for the second step in this session, and the page that follows.

    The result is None if no one waits.
    """
    kept = request.session.get(PENDING)
    if not isinstance(kept, dict) or kept["until"] <= clock.wall():
        return None
    person = Person.objects.filter(pk=UUID(hex=kept["person"]), is_active=True).first()
    if person is None or not concerns(person) or not (kept["sets_up"] or has_any(person)):
        # The factor has been reset since: only a newer link may set up another one.
        return None
    return person, kept["after"]


def is_strong(request: HttpRequest) -> bool:
    """Whether the session began with a proof that is enough for staff."""
    return request.session.get(sessions.PROOF) in STRONG


def prove(request: HttpRequest) -> None:
    """Note that the person has proved their identity now."""
    request.session[PROVED] = clock.wall()


def proved_lately(request: HttpRequest) -> bool:
    """Whether the person has proved their identity within the time that the settings allow."""
    at = request.session.get(PROVED)
    lasts_ms = settings.CONFIRM_AFTER_MINUTES * 60_000
    return isinstance(at, int) and 0 <= clock.wall() - at < lasts_ms


def kinds_of(person: Person) -> set[str]:
    """Return the kinds of factor that a person has set up, without recovery codes."""
    return set(Authenticator.objects.filter(user=person).values_list("type", flat=True))


def has_any(person: Person) -> bool:
    """Whether a person has a passkey or an authenticator app."""
    return bool(kinds_of(person) & {Kind.WEBAUTHN, Kind.TOTP})


def may_try(person: Person) -> bool:
    """Whether another code may be tried for a person; counts the attempt."""
    until_ms = clock.now_ms() + TRIES_S * 1000
    return limits.count("second-factor", person.pk.hex, most=TRIES, until_ms=until_ms).used <= TRIES


def proof_by_code(person: Person, typed: str) -> Proof | None:
    """Return what a typed code proves; None for an invalid one. It is used up.

    The code is one of an authenticator app or a recovery code.
    """
    code = "".join(typed.split())[:20]
    if not code.isascii() or not code.isdigit():
        return None
    held = {row.type: row for row in Authenticator.objects.filter(user=person)}
    if (row := held.get(Kind.TOTP)) and TOTP(row).validate_code(code) and _is_fresh(person, code):
        row.record_usage()
        return Proof.TOTP
    if (row := held.get(Kind.RECOVERY_CODES)) and RecoveryCodes(row).validate_code(code):
        row.record_usage()
        return Proof.RECOVERY_CODE
    return None


def _is_fresh(person: Person, code: str) -> bool:
    """Whether the code is used for the first time, over all processes."""
    until_ms = clock.now_ms() + 120_000
    return limits.count("totp", f"{person.pk.hex} {code}", most=1, until_ms=until_ms).used == 1
