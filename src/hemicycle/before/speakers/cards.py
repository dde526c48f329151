"""What the lists add to the personal page and to the office's pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.registration.list_phase import ListPhase
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.signals import Card
from hemicycle.before.speakers import balance_notes, panel_rules, queries
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import Load


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """A participant's own line on one panel's list."""

    listing: SpeakerList
    line: ListedSpeaker

    @property
    def balance_note(self) -> str:
        """A sentence about what a move for balance has changed; "" if there was none."""
        hearing = self.listing.segment.meeting.hearing
        return balance_notes.noted(hearing, [self.line])[0][1]

    @property
    def is_open(self) -> bool:
        """Whether the panel is under way."""
        return self.listing.where is ListPhase.OPEN


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return a card with the participant's places and when they can expect to be called."""
    places = places_of(registration)
    if not places:
        return None
    return Card(
        title=_("Your place on the list"),
        template="speakers/_pane.html",
        context={"places": places},
        order=10,
    )


def places_of(registration: Registration) -> list[PanelPlace]:
    """Return a registration's latest place in each panel, in the order of the programme."""
    rows = registration.inscriptions.order_by("arrival").values_list("segment_id", "id")
    latest = dict(rows)
    places = []
    for segment in panel_rules.panels(registration.hearing).filter(pk__in=latest):
        listing = queries.listing(segment)
        if line := listing.line_of(latest[segment.pk]):
            places.append(PanelPlace(listing, line))
    return places


def loads(hearing: Hearing) -> Iterable[Load]:
    """Yield how full the panels' lists are."""
    for demand in over_subscriptions(list(panel_rules.panels(hearing))):
        left = demand.left_over
        note = ngettext(
            "%(n)s speaker will not be reached", "%(n)s speakers will not be reached", left
        )
        yield Load(
            title=demand.segment.title,
            asked=demand.inscribed,
            holds=demand.fits,
            url=reverse("speakers:list", args=(hearing.slug, demand.segment.pk)),
            note=note % {"n": left} if left else "",
        )


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence for each place of a person, which stays without the name."""
    rows = Inscription.objects.filter(hearing_id=hearing.id, registration__person=person)
    for row in rows.select_related("segment"):
        yield _(
            "Place %(place)s on the list of speakers of “%(panel)s”: the place stays, "
            "without a name."
        ) % {
            "place": row.place,
            "panel": row.segment.title,
        }
