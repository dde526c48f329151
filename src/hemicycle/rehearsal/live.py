"""A rehearsal that can be watched: its meetings are held now, on the database that a server shows.

The weeks before are played at once, in the past. From the first panel on (or from some minutes into
it) time is the wall's; the server that shows it all may come and go meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from django.urls import reverse

from hemicycle.hearings.actions import free_slug
from hemicycle.hearings.models import Hearing
from hemicycle.hearings.schema import Document
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.registration import links
from hemicycle.registration.models import Registration
from hemicycle.rehearsal import scenes
from hemicycle.rehearsal.play import Rehearsal, begins
from hemicycle.rehearsal.stage import Stage

SOON = timedelta(seconds=5)


def prepared(
    document: Document,
    *,
    seed: int,
    registrations: int,
    speed: float = 1.0,
    under_way: timedelta = -SOON,
    tell: Callable[[str], None],
) -> Rehearsal:
    """A hearing whose first panel began `under_way` ago, ready to be held at `speed`."""
    quick = scenes.quickened(document, speed)
    at = clock.from_ms(clock.wall()) - under_way
    here = scenes.with_panel_at(quick, at)
    here["short_title"] = f"{here['short_title'] or here['title']}, rehearsed"[:120]
    stage = Stage(begins(here), live=True, speed=speed)
    with clock.using(stage):
        rehearsal = Rehearsal.convened(
            here,
            slug=free_slug("rehearsal"),
            stage=stage,
            seed=seed,
            registrations=registrations,
            tell=tell,
        )
        rehearsal.prepare()
    return rehearsal


def hold(rehearsal: Rehearsal) -> None:
    """Hold the meetings to their end; a key press of Ctrl-C leaves them as they are."""
    with clock.using(rehearsal.stage):
        rehearsal.hold()
        rehearsal.conclude()


def addresses(hearing: Hearing) -> Iterator[tuple[str, str]]:
    """Where there is something to see, as pairs of what it is and its path."""
    slug = {"slug": hearing.slug}
    yield "Hearing", reverse("hearings:page", kwargs=slug)
    yield "Live page", reverse("webcast:live", kwargs=slug)
    yield "Hall screen", reverse("room:hall", kwargs=slug)
    yield "Console", reverse("room:console", kwargs=slug)
    if secret := _seat(hearing):
        yield "A speaker's seat", reverse("room:seat", kwargs={**slug, "secret": secret})


def _seat(hearing: Hearing) -> str:
    """The secret of somebody who waits on the first panel's list for a while yet."""
    meeting = hearing.meetings.order_by("ordinal").first()
    waiting = floor_of(meeting.id).waiting() if meeting else ()
    people = [UUID(hex=slot.person) for slot in waiting if slot.role == "speaker"]
    accepted = Registration.objects.filter(
        hearing=hearing, floor_requests__given_up_at=None, floor_requests__isnull=False
    ).order_by("arrival")
    chosen = accepted.filter(person__in=people[len(people) // 4 :][:1]) if people else accepted
    found = chosen.first()
    return links.secret_of(found) if found else ""
