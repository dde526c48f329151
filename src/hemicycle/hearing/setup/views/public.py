"""Public pages: the hearings, each hearing's page, its calendar file."""

from collections import Counter
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import Role, TrackKind
from hemicycle.hearing.setup import addresses, balance, calendar, outcome, queries, structured
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.record import clock
from hemicycle.ui.languages import language_name
from hemicycle.ui.revalidation import revalidated

WAYS = {
    TrackKind.MISSIONS: "registration:inscribe",
    TrackKind.STAKEHOLDERS: "registration:register",
}
"""The page on which people register, by the kind of the track."""


@require_safe
@revalidated
def index(request: HttpRequest) -> HttpResponse:
    """Show all hearings that the public may see."""
    groups = queries.grouped(queries.published())
    is_new = not any(groups.values()) and not Hearing.objects.exists()
    return render(request, "hearing/index.html", {**groups, "is_new": is_new})


@require_safe
@public_hearing
@revalidated
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show a hearing like a printed programme, with the ways to take part."""
    return render(request, "hearing/page.html", _shown(hearing))


@never_cache
@require_safe
@for_roles(Role.SECRETARIAT)
def preview(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show a draft to its secretariat as the public will see it once it is published."""
    if hearing.status != Hearing.Status.DRAFT:
        return redirect("hearing:page", slug=hearing.slug)
    return render(request, "hearing/page.html", _shown(hearing) | {"is_preview": True})


def _shown(hearing: Hearing) -> dict[str, Any]:
    sittings = queries.programme(hearing)
    return {
        "hearing": hearing,
        "sittings": sittings,
        "phase": queries.phase(hearing, sittings),
        "tracks": _tracks(hearing),
        "questions": hearing.guiding_questions.all(),
        "categories": hearing.categories.all(),
        "starts": sittings[0].meeting.starts_at if sittings and not hearing.is_postponed else None,
        "languages": [language_name(tag) for tag in hearing.languages],
        "limit_ms": hearing.floor_time_limit_s * 1000,
        "balance": balance.in_words(hearing, balance.rule_of(hearing)),
        "balance_changes": balance.changes(hearing),
        "rooms": _rooms(hearing),
        "subscribe": _subscribe(hearing),
        "structured": structured.block(hearing, sittings),
        "documents": outcome.documents(hearing),
        "said": outcome.said(hearing),
        "outcome": outcome.results(hearing),
        "mailboxes": [(mailbox_label(name), to) for name, to in hearing.mailboxes.items()],
    }


def _tracks(hearing: Hearing) -> list[dict[str, Any]]:
    now, tracks = clock.now(), hearing.all_tracks
    has_ended = hearing.status == Hearing.Status.ENDED
    by_key = {track.key: track for track in tracks}
    alike = Counter(track.kind for track in tracks)
    return [
        {
            "label": track.label,
            "is_for_missions": track.is_for_missions,
            "at": deadline.at,
            "open": deadline.at > now and not has_ended,
            "url": _way(hearing, track, is_one_of_several=alike[track.kind] > 1),
        }
        for deadline in hearing.deadlines.all()
        if (track := by_key.get(deadline.track))
    ]


def _way(hearing: Hearing, track: Track, *, is_one_of_several: bool) -> str:
    path = addresses.path_of(WAYS[track.kind], hearing.slug)
    return f"{path}?track={track.key}" if path and is_one_of_several else path


def mailbox_label(purpose: str) -> str:
    """Return the label of a mailbox's purpose; an unknown purpose is shown unchanged."""
    labels = {
        "information": _("Information"),
        "speakers": _("Lists of speakers"),
        "statements": _("Statements"),
        "publication": _("Publication"),
    }
    return labels.get(purpose, purpose.replace("_", " ").capitalize())


def _rooms(hearing: Hearing) -> dict[str, str]:
    names = {
        "live": "webcast:live",
        "hall": "room:hall",
        "chain": "registration:chain",
        "speakers": "speakers:public",
        "statements": "statements:library",
        "calendar": "hearing:calendar",
    }
    rooms = {key: addresses.path_of(name, hearing.slug) for key, name in names.items()}
    return {
        **rooms,
        "receipts": addresses.site_path("registration:check-receipt"),
        "programs": addresses.site_path("api:page"),
    }


def _subscribe(hearing: Hearing) -> str:
    """Return the address of the calendar with the scheme `webcal`, to which calendars subscribe."""
    url = settings.BASE_URL + reverse("hearing:calendar", kwargs={"slug": hearing.slug})
    return f"webcal://{urlsplit(url).netloc}{urlsplit(url).path}"


@require_safe
@public_hearing
def calendar_file(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Return the meetings and deadlines as a file for the reader's own calendar."""
    url = settings.BASE_URL + reverse("hearing:page", kwargs={"slug": hearing.slug})
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    text = calendar.render(hearing, url=url, host=host)
    etag = quote_etag(sha256(text.encode()).hexdigest()[:32])
    response = HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{hearing.slug}.ics"',
            "Cache-Control": "public, no-cache",
            "ETag": etag,
        },
    )
    unchanged = get_conditional_response(request, etag=etag, response=response)
    assert isinstance(unchanged, HttpResponse)
    return unchanged
