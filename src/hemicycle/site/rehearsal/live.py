"""A rehearsal to watch: its meetings are held now, on the database of a running server.

The weeks before the hearing pass at once, in virtual time. From the first panel on (or from some
minutes into it), the clock shows real time. The server that shows the rehearsal may be restarted in
the meantime.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.hearing.setup.actions import free_slug
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import Document
from hemicycle.record import clock
from hemicycle.site.rehearsal import scenes
from hemicycle.site.rehearsal.play import Rehearsal, begins
from hemicycle.site.rehearsal.virtual_clock import VirtualClock

DOWN_THE_LIST = 9
"""The position on the list of the speaker whose seat is shown."""
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
    """Return a hearing whose first panel began `under_way` ago, ready to be held at `speed`."""
    quick = scenes.quickened(document, speed)
    at = clock.from_ms(clock.wall()) - under_way
    here = scenes.with_panel_at(quick, at)
    here["short_title"] = f"{here['short_title'] or here['title']}, rehearsed"[:120]
    virtual_clock = VirtualClock(begins(here), live=True, speed=speed)
    with clock.using(virtual_clock):
        rehearsal = Rehearsal.convened(
            here,
            slug=free_slug("rehearsal"),
            virtual_clock=virtual_clock,
            seed=seed,
            registrations=registrations,
            tell=tell,
        )
        rehearsal.prepare()
    return rehearsal


def hold(rehearsal: Rehearsal) -> None:
    """Hold the meetings to their end; Ctrl-C leaves them in their present state."""
    with clock.using(rehearsal.virtual_clock):
        rehearsal.hold()
        rehearsal.conclude()


def addresses(hearing: Hearing) -> Iterator[tuple[str, str]]:
    """Yield the addresses to look at, as pairs of a label and a path."""
    slug = {"slug": hearing.slug}
    yield "Hearing", reverse("hearing:page", kwargs=slug)
    yield "Live page", reverse("webcast:live", kwargs=slug)
    yield "Hall screen", reverse("room:hall", kwargs=slug)
    yield "Console", reverse("room:console", kwargs=slug)
    if secret := _seat(hearing):
        yield "A speaker's seat", reverse("room:seat", kwargs={**slug, "secret": secret})


def _seat(hearing: Hearing) -> str:
    """Return the secret of a personal link of an accepted participant far down a list, or ""."""
    for panel in panel_rules.panels(hearing)[:1]:
        lines = [line.inscription.registration for line in list_of_speakers(panel)]
        accepted = [
            registration
            for registration in lines
            if registration.status == Registration.Status.ACCEPTED
        ]
        if accepted:
            return links.secret_of(accepted[min(DOWN_THE_LIST, len(accepted) - 1)])
    return ""
