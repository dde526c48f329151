"""Pages of the lists: the secretariat's, and what the public may see."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.registration import covering
from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.registration.list_phase import ListPhase
from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers import (
    actions,
    balance_notes,
    csv_columns,
    panel_rules,
    pictures,
    queries,
    rules,
)
from hemicycle.before.speakers.forms import END, MOVABLE, MoveForm, RankForm, RuleForm
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.before.speakers.signals import list_columns
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup import balance
from hemicycle.hearing.setup.access import for_roles, public_hearing, sees_names
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record import clock
from hemicycle.ui import searches
from hemicycle.ui.revalidation import revalidated

staff = for_roles(Role.SECRETARIAT, needs={Duty.LISTS})
PER_PAGE = 50
MOST_WAITING = 100
"""The most names of the waiting list that the page shows; the registrations' page has all."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of the office's page, with its neighbours for the buttons.

    `up` and `down` are the values of the form's `before` for one step; empty if there is no step.
    """

    line: ListedSpeaker
    up: str
    down: str
    others: list[str]


@staff
@require_GET
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the panels, each with its requests and its time."""
    segments = list(panel_rules.panels(hearing))
    waiting = Counter(row.segment_id for row in queries.waiting_for(*segments))
    demands = over_subscriptions(segments)
    context = {
        "hearing": hearing,
        "panels": [(demand, waiting[demand.segment.pk]) for demand in demands],
        "picture": pictures.floor_time(demands),
        "rule": rules.in_words(hearing),
    }
    return render(request, "speakers/office.html", context)


def listing_of(hearing: Hearing, segment: UUID, *, is_bare: bool = False) -> SpeakerList:
    """Return the list of one of the hearing's panels; raise `Http404` for another panel."""
    found = queries.panel(hearing, segment)
    if found is None:
        raise Http404
    return queries.listing(found, is_bare=is_bare)


@staff
@require_http_methods(["GET", "POST"])
def office_list(request: HttpRequest, hearing: Hearing, segment: UUID) -> HttpResponse:
    """Show one panel's list; a POST moves a speaker."""
    track, words = request.GET.get("track", ""), searches.words(request.GET)
    is_bare = request.method == "GET"
    listing = listing_of(hearing, segment, is_bare=is_bare)
    is_named = sees_names(request)
    chosen = _chosen(listing, words, track, by_real_names=is_named)
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    if is_bare:
        listing = _filled(request, listing, page)
    if not is_named:
        queries.cover(listing.lines)
    shown = list(page)
    if request.method == "POST":
        form = MoveForm(listing, shown, request.POST)
        if form.is_valid() and _moved(request, form):
            return redirect(_page_address(request, hearing, segment))
    else:
        named = {
            name: request.GET[name] for name in ("inscription", "before") if name in request.GET
        }
        form = MoveForm(listing, shown, initial=named)
    context = _list_context(hearing, listing, page)
    if not is_named:
        covering.cover((row.registration for row in context["waiting"]), as_organization=True)
    context |= {"form": form, "tracks": _track_tabs(listing, track)}
    return render(request, "speakers/list.html", context)


def _chosen(
    listing: SpeakerList, words: str, track: str, *, by_real_names: bool
) -> list[ListedSpeaker]:
    """Return the lines that contain all of `words`, on one track or on all."""
    lines = [line for line in listing.lines if not track or line.inscription.track == track]
    if not words.strip():
        return lines
    found = queries.having(listing.segment, words, by_real_names=by_real_names)
    return [line for line in lines if line.inscription.pk in found]


def _filled(request: HttpRequest, listing: SpeakerList, page: Page[ListedSpeaker]) -> SpeakerList:
    """Fill in the lines of a page, and those that its address preselects in the form."""
    wanted = {line.inscription.pk for line in page}
    for name in ("inscription", "before"):
        with suppress(ValueError):
            wanted.add(UUID(request.GET.get(name, "")))
    listing = queries.filled(listing, wanted)
    lines = {line.inscription.pk: line for line in listing.lines}
    page.object_list = [lines[line.inscription.pk] for line in page]
    return listing


def _page_address(request: HttpRequest, hearing: Hearing, segment: UUID) -> str:
    """Return the address of the list with its page, search and track, without the choices."""
    address = reverse("speakers:list", args=(hearing.slug, segment))
    kept = {name: request.GET[name] for name in ("q", "track", "page") if name in request.GET}
    return f"{address}?{urlencode(kept)}" if kept else address


def _moved(request: HttpRequest, form: MoveForm) -> bool:
    inscription, before = form.chosen()
    try:
        actions.move(
            inscription=inscription,
            before=before,
            reason=form.cleaned_data["reason"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except RegistrationRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    name = inscription.registration.organization.name
    messages.success(request, _("%(name)s has been moved.") % {"name": name})
    return True


def _list_context(
    hearing: Hearing, listing: SpeakerList, page: Page[ListedSpeaker]
) -> dict[str, Any]:
    waiting = queries.waiting_for(listing.segment)
    return {
        "hearing": hearing,
        "listing": listing,
        "segment": listing.segment,
        "shown": _shown(listing, list(page)),
        "page_obj": page,
        "picture": pictures.forecasts(listing, list(page)),
        "waiting": waiting[:MOST_WAITING],
        "waiting_number": len(waiting),
        "columns": list_columns.send(),
        "protocol": hearing.merge.get("kind") == rules.PROTOCOL,
        "rule": rules.in_words(hearing),
        "ranks": RankForm.base_fields["rank"].choices,  # type: ignore[attr-defined]
        "is_open": listing.where is ListPhase.OPEN,
        "is_over": listing.where is ListPhase.OVER,
    }


def _shown(listing: SpeakerList, chosen: Sequence[ListedSpeaker]) -> list[ListRow]:
    movable = [line for line in listing.on_list if line.state in MOVABLE]
    ids = [line.inscription.pk.hex for line in movable]
    places = {pk: at for at, pk in enumerate(ids)}
    more = csv_columns.said_above(chosen)
    shown = []
    for line in chosen:
        pk = line.inscription.pk
        is_over = listing.where is ListPhase.OVER
        up, down = ("", "") if is_over else _steps(ids, places.get(pk.hex))
        shown.append(ListRow(line, up, down, [states.get(pk, "") for states in more]))
    return shown


def _steps(ids: list[str], at: int | None) -> tuple[str, str]:
    if at is None:
        return "", ""
    up = ids[at - 1] if at else ""
    down = "" if at == len(ids) - 1 else (*ids, END)[at + 2]
    return up, down


def _track_tabs(listing: SpeakerList, track: str) -> list[tuple[str, str, bool, int]]:
    lines = listing.on_list
    tabs = [("?", str(_("All")), not track, len(lines))]
    for one_track in listing.segment.meeting.hearing.all_tracks:
        key = one_track.key
        number = sum(line.inscription.track == key for line in lines)
        tabs.append((f"?track={key}", one_track.label, track == key, number))
    return tabs


@staff
@require_POST
def rank(request: HttpRequest, hearing: Hearing, segment: UUID) -> HttpResponse:
    """Set the protocol rank of one speaker."""
    form = RankForm(request.POST)
    rows = Inscription.objects.filter(hearing_id=hearing.id, segment_id=segment)
    row = rows.filter(pk=form.cleaned_data["inscription"]).first() if form.is_valid() else None
    if row is None:
        messages.error(request, _("Choose a speaker of this list and a rank from 1 to 9."))
    else:
        by = actor(request, Role.SECRETARIAT)
        actions.set_rank(inscription=row, rank=form.cleaned_data["rank"], actor=by)
        messages.success(request, _("The rank has been set."))
    return redirect("speakers:list", slug=hearing.slug, segment=segment)


@staff
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Choose how the tracks are merged, preview the resulting order, then save it."""
    form = RuleForm(hearing, request.POST or None)
    previews: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        merge = form.merge()
        if request.POST.get("do") == "save":
            by = actor(request, Role.SECRETARIAT)
            actions.set_rule(hearing=hearing, merge=merge, actor=by)
            messages.success(
                request, _("The rule has been saved. All lists of speakers now follow it.")
            )
            return redirect("speakers:office", slug=hearing.slug)
        previews = [_preview(panel, merge) for panel in panel_rules.panels(hearing)]
        if not sees_names(request):
            queries.cover(line for preview in previews for line, _before in preview["lines"])
    context = {
        "hearing": hearing,
        "form": form,
        "previews": previews,
        "rule": rules.in_words(hearing),
    }
    return render(request, "speakers/rule.html", context)


def _preview(panel: Segment, merge: dict[str, Any]) -> dict[str, Any]:
    before = {
        line.inscription.pk: line.position
        for line in queries.order_under(panel, panel.meeting.hearing.merge)
    }
    lines = queries.order_under(panel, merge)
    return {
        "panel": panel,
        "lines": [(line, before[line.inscription.pk]) for line in lines],
        "changed": [line.inscription.pk for line in lines] != list(before),
    }


@staff
@require_GET
def printed(request: HttpRequest, hearing: Hearing, segment: UUID) -> HttpResponse:
    """Show the list for printing: the order, names, languages and times."""
    listing = listing_of(hearing, segment)
    context = {"hearing": hearing, "listing": listing, "segment": listing.segment}
    return render(request, "speakers/print.html", {**context, "now": clock.now()})


@for_roles(Role.SECRETARIAT, needs={Duty.LISTS, Duty.PROTECTED})
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, hearing: Hearing, segment: UUID, kind: str) -> HttpResponseBase:
    """Download the list as a file."""
    if queries.panel(hearing, segment) is None:
        raise Http404
    return answer(request, hearing, csv_columns.TABLE, kind, segment=segment.hex)


@public_hearing
@require_GET
@revalidated
def public(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show how many ask for the floor and for how many there is time.

    Names are shown if the hearing publishes them.
    """
    segments = list(panel_rules.panels(hearing))
    demands = over_subscriptions(segments)
    lists = [
        balance_notes.noted(hearing, queries.public_list(segment)) if hearing.public_list else []
        for segment in segments
    ]
    facts = facts_of(hearing)
    open_tracks = [track for track in facts.tracks if facts.is_open(track.key, clock.now())]
    context = {
        "hearing": hearing,
        "panels": list(zip(demands, lists, strict=True)),
        "balance": balance.in_words(hearing, balance.rule_of(hearing)),
        "balance_changes": balance.changes(hearing),
        "open_tracks": open_tracks,
        "take_part": reverse("registration:choose", kwargs={"slug": hearing.slug}),
    }
    return render(request, "speakers/public.html", context)
