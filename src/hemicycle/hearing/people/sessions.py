"""Sessions: started, limited, listed and ended.

Django stores the content of a session. A row of ours holds its person, its start and its network,
so that a person sees their sessions and all open connections end with them. Limits are measured by
the machine's clock: a rehearsal's clock must not end or prolong any session.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from hemicycle.hearing.people.models import Person, SignInSession
from hemicycle.record import clock

BACKEND = "django.contrib.auth.backends.ModelBackend"
PROOF, ROW, BEGAN = "hemicycle_proof", "hemicycle_session", "hemicycle_began"
SEEN = "hemicycle_seen"
"""Keys of our data in a Django session: its proof, the id of its row, its start, its last use."""

SEEN_EVERY_MS = 300_000
"""How precisely the last use of a session is known; a shorter time would cost a write per page."""

KEPT_FOR = timedelta(days=90)
"""How long an ended session is remembered, so that a network is not taken for new each week."""

Proof = SignInSession.Proof


def now() -> datetime:
    """Return the machine's time."""
    return clock.from_ms(clock.wall())


def begin(request: HttpRequest, person: Person, proof: SignInSession.Proof) -> None:
    """Sign the person in, with the proof that they have shown."""
    before = row_of(request)
    if before is not None:
        # Django reuses the session key if the same person signs in again.
        SignInSession.objects.filter(pk=before.pk).update(session_key=None, ended_at=now())
        request.session.cycle_key()
    login(request, person, backend=BACKEND)
    request.session[PROOF] = proof.value
    SignInSession.objects.filter(pk=request.session[ROW]).update(proof=proof)


def row_of(request: HttpRequest) -> SignInSession | None:
    """Return the row of the request's session; None if no one has signed in."""
    known = request.session.get(ROW)
    return SignInSession.objects.filter(pk=known).first() if known else None


def holder(request: HttpRequest) -> str:
    """Return the id of the request's session, for connections that outlast its requests; or ""."""
    return str(request.session.get(ROW, "")).replace("-", "")


def began(request: HttpRequest) -> datetime | None:
    """Return when the request's session began; None if no one has signed in."""
    known = request.session.get(BEGAN)
    return clock.from_ms(known) if isinstance(known, int) else None


def is_over(request: HttpRequest) -> bool:
    """Whether the request's session has lasted, or was idle, longer than the settings allow."""
    at, seen_at = request.session.get(BEGAN), request.session.get(SEEN)
    if not isinstance(at, int) or not isinstance(seen_at, int):
        return True
    idle_ms = clock.wall() - seen_at
    age_ms = clock.wall() - at
    return (
        idle_ms > settings.SESSION_IDLE_MINUTES * 60_000
        or age_ms > settings.SESSION_HOURS * 3_600_000
    )


def end_own(request: HttpRequest) -> None:
    """End the request's own session."""
    row = row_of(request)
    if row is not None:
        end(SignInSession.objects.filter(pk=row.pk))
    request.session.flush()


def seen(request: HttpRequest) -> None:
    """Note that the session is in use, at most every `SEEN_EVERY_MS`."""
    if clock.wall() - request.session[SEEN] >= SEEN_EVERY_MS:
        request.session[SEEN] = clock.wall()
        SignInSession.objects.filter(pk=request.session[ROW]).update(seen_at=now())


def alive(ids: Iterable[UUID]) -> QuerySet[SignInSession]:
    """Return those of the sessions that have not ended, of people who may sign in.

    The idle limit does not apply here: a session with an open connection of its page is in use.
    """
    return SignInSession.objects.filter(
        pk__in=list(ids),
        ended_at=None,
        session_key__isnull=False,
        person__is_active=True,
        began_at__gt=now() - timedelta(hours=settings.SESSION_HOURS),
    )


def of(person: Person) -> QuerySet[SignInSession]:
    """Return the sessions of a person that have not ended, the last used first."""
    since = now() - timedelta(hours=settings.SESSION_HOURS)
    return person.sessions.filter(ended_at=None, began_at__gt=since).order_by("-seen_at")


def end(rows: QuerySet[SignInSession]) -> int:
    """End sessions at once; return how many there were."""
    keys = [key for key in rows.values_list("session_key", flat=True) if key]
    Session.objects.filter(session_key__in=keys).delete()
    open_rows = SignInSession.objects.filter(session_key__in=keys)
    return open_rows.update(session_key=None, ended_at=now())


def forget_ended() -> int:
    """Delete the sessions that ended, or were last used, `KEPT_FOR` ago; return their number.

    Django's data of expired sessions is deleted too.
    """
    at = now()
    Session.objects.filter(expire_date__lt=at).delete()
    old = Q(ended_at__lt=at - KEPT_FOR) | Q(seen_at__lt=at - KEPT_FOR)
    return SignInSession.objects.filter(old).delete()[0]


def place_of(address: str) -> str:
    """Return the network of an IP address, as pages and letters name it: IPv4 /24, IPv6 /48."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


def _begun(sender: object, request: HttpRequest, user: object, **_more: object) -> None:
    """Make sure that every sign-in has a row, also one by other code."""
    if not isinstance(user, Person):
        return
    at = now()
    SignInSession.objects.filter(ended_at__lt=at - KEPT_FOR).delete()
    if not request.session.session_key:
        request.session.save()
    row, _new = SignInSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "person": user,
            "device": request.META.get("HTTP_USER_AGENT", "")[:300],
            "network": place_of(request.META.get("REMOTE_ADDR", "")),
            "began_at": at,
            "seen_at": at,
        },
    )
    request.session[ROW] = row.pk.hex
    request.session[BEGAN] = request.session[SEEN] = clock.to_ms(at)
    request.session.set_expiry(timedelta(hours=settings.SESSION_HOURS))


def _ended(sender: object, request: HttpRequest, **_more: object) -> None:
    row = row_of(request)
    if row is not None:
        end(SignInSession.objects.filter(pk=row.pk))


user_logged_in.connect(_begun, dispatch_uid="hemicycle.sessions.begun")
user_logged_out.connect(_ended, dispatch_uid="hemicycle.sessions.ended")
