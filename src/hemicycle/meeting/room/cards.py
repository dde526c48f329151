"""What the room adds to the pages of other apps."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.queries import inscriptions_of
from hemicycle.before.registration.signals import Card, NextStep
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import NOBODY, Hearing, Meeting, PanelMember
from hemicycle.hearing.setup.signals import MOST_LINES, DayGroup, PageLink
from hemicycle.meeting.room import practice
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui.languages import apart, labelled


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card of the practice room, which says whether the person has passed the check."""
    if not registration.takes_part or registration.hearing.status == Hearing.Status.ENDED:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    check = practice.check_of(registration.hearing_id, registration.person_id)
    context = {"check": check, "secret": secret, "hearing": registration.hearing}
    title, step = _("Your microphone and camera"), None if check else _step(registration, secret)
    return Card(title, "room/_practice_card.html", context, order=35, step=step)


def _step(registration: Registration, secret: str) -> NextStep | None:
    """Return the step that asks a speaker for the check before their next panel, or None."""
    places = [row.segment.starts_at for row in inscriptions_of(registration) if row.is_on_list]
    coming = [moment for moment in places if moment > clock.now()]
    if not coming or registration.hearing.is_postponed:
        return None
    return NextStep(
        _("Test your microphone, camera and network. It takes a minute."),
        PageLink(_("Go to the practice room"), reverse("room:practice", args=(secret,))),
        by=min(coming),
    )


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence about the stored check of a person, which an erasure deletes."""
    if practice.check_of(hearing.id, person.id):
        yield _("The result of their microphone check: deleted.")


def of_the_day(hearing: Hearing, meetings: Sequence[Meeting]) -> Iterable[DayGroup]:
    """Yield the people with a seat that day who have not spoken yet and are not connected."""
    known: set[UUID] = set()
    for meeting in meetings:
        floor = floor_of(meeting.pk)
        over = {key for past in floor.past for key in past.slots}
        over |= {key for key, slot in floor.slots.items() if slot.state != "waiting"}
        known |= {UUID(key) for key in over | floor.connected()}
    seats = _panellists(meetings).exclude(pk__in=known)
    places = _places(meetings).exclude(pk__in=known)
    lines = [
        labelled(apart(seat.segment.title), apart(seat.public.name)) for seat in seats[:MOST_LINES]
    ]
    for place in places[: MOST_LINES - len(lines)]:
        public = place.registration.public_identity(place.speaker)
        lines.append(labelled(apart(place.segment.title), apart(public.in_full)))
    yield DayGroup(
        title=_("Not connected"),
        fine=_("Everyone who is still to speak is connected."),
        url=reverse("room:floor", args=(hearing.slug,)),
        link=_("Open the page “Floor”"),
        lines=lines,
        total=seats.count() + places.count(),
    )


def _panellists(meetings: Sequence[Meeting]) -> QuerySet[PanelMember]:
    roles = (Role.PANELLIST, PanelMember.CHAIR)
    rows = PanelMember.objects.filter(segment__meeting__in=meetings, role__in=roles)
    named = rows.exclude(name=NOBODY).select_related("segment")
    return named.order_by("segment__ordinal", "ordinal")


def _places(meetings: Sequence[Meeting]) -> QuerySet[Inscription]:
    places = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        segment__meeting__in=meetings,
        state=Inscription.State.INSCRIBED,
    )
    related = ("segment", "speaker", "registration__organization")
    return places.select_related(*related).order_by("segment__ordinal", "arrival")
