"""The data of `hemicycle demo --prepared`: a hearing that has ended, and one in the future.

Both are played by `play`, so that every page of every role has realistic content. A database with a
hearing is left unchanged. `hemicycle up` never calls this.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.commands.links import role_links
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import Document
from hemicycle.record import clock
from hemicycle.site.rehearsal import scenes
from hemicycle.site.rehearsal.play import Rehearsal, begins
from hemicycle.site.rehearsal.virtual_clock import VirtualClock

PAST, COMING = 40, 25
"""The numbers of forms: for the ended hearing, and those already sent for the coming one."""
OWN_PAGES = {
    TrackKind.MISSIONS: "A mission that speaks",
    TrackKind.STAKEHOLDERS: "A speaker’s own page",
}
MOST_HAND_IN = 0.85
SOONEST = 10
"""The first deadline is 10 to 16 days away, so that it keeps its day of the week."""


def ensure() -> list[tuple[str, str]]:
    """Fill an empty database; return new sign-in links, as pairs of role and path.

    On a site with a real hearing, no one is appointed and no link is made: the links would remain
    in terminals and their logs, and could be seen by others.
    """
    if Hearing.objects.filter(is_rehearsed=False).exists():
        return []
    if not Hearing.objects.exists():
        document = scenes.read()
        report("This database is empty. Two hearings are rehearsed in it, with invented people:")
        with transaction.atomic():  # after an interruption, the database is empty again
            past(document)
            to_come(document)
    hearing = featured_hearing()
    return list(ways_in(hearing)) if hearing else []


def report(sentence: str) -> None:
    """Print progress for the operator of the server."""
    print(sentence, flush=True)


def past(document: Document) -> Hearing:
    """Play the hearing on its own dates, from its publication to its end.

    The retention period is extended, so that its people are kept as if the hearing were now.
    """
    since = (clock.now() - scenes.first_date(document)).days
    document = {**document, "retention_days": document["retention_days"] + since}
    virtual_clock = VirtualClock(begins(document))
    with clock.using(virtual_clock):
        report(f"- {document['short_title']}, on its own day and to its end …")
        rehearsal = Rehearsal.convened(
            document,
            slug=document["slug"],
            virtual_clock=virtual_clock,
            seed=1,
            registrations=PAST,
            hand_in=MOST_HAND_IN,
        )
        rehearsal.prepare()
        rehearsal.hold()
        rehearsal.conclude()
    return rehearsal.hearing


def to_come(document: Document) -> Hearing:
    """Play the same hearing some weeks from now, up to the present: registration is open."""
    coming = scenes.moved(document, _by(document))
    day = coming["meetings"][0]["date"]
    virtual_clock = VirtualClock(begins(coming), live=True)
    with clock.using(virtual_clock):
        report(f"- the same on {day:%d %B %Y}, with registration open …")
        now = clock.wall()
        rehearsal = Rehearsal.convened(
            coming,
            slug=slug_for(document["slug"], day),
            virtual_clock=virtual_clock,
            seed=2,
            registrations=COMING,
            until=now,
            hand_in=MOST_HAND_IN,
        )
        rehearsal.prepare(now)
    return rehearsal.hearing


def _by(document: Document) -> timedelta:
    """Return the number of whole weeks that moves the first deadline 10 to 16 days ahead."""
    behind = clock.now() + timedelta(days=SOONEST) - scenes.first_date(document)
    return timedelta(weeks=-(-behind // timedelta(weeks=1)))


def slug_for(slug: str, day: date) -> str:
    """Return the short address of a hearing on another day, with that day's year."""
    moved = re.sub(r"^\d{4}\b", str(day.year), slug)
    return moved if moved != slug else f"{slug}-{day:%Y-%m-%d}"


# ── Links ─────────────────────────────────────────────────────────────────────────────────────
def featured_hearing() -> Hearing | None:
    """Return the hearing to show: the next published one, or else the last of all."""
    rows = Hearing.objects.filter(status=Hearing.Status.PUBLISHED).order_by("meetings__starts_at")
    return rows.first() or Hearing.objects.order_by("meetings__starts_at").last()


def ways_in(hearing: Hearing) -> Iterator[tuple[str, str]]:
    """Yield new sign-in links for staff, and personal pages of invented speakers, one per kind."""
    yield from role_links(hearing)
    for kind, whose in OWN_PAGES.items():
        if registration := _speaker(hearing, kind):
            secret = links.secret_of(registration)
            yield whose, reverse("registration:personal", args=(secret,))


def _speaker(hearing: Hearing, kind: TrackKind) -> Registration | None:
    """Return an invented participant with a place on a list."""
    rows = Registration.objects.filter(
        Q(person__email__endswith=".example.org"),
        hearing=hearing,
        kind=kind,
        status=Registration.Status.ACCEPTED,
        inscriptions__state="inscribed",
    )
    return rows.order_by("arrival").first()
