"""The style guide: every component in every state, to look at while building pages."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from hemicycle.record import clock
from hemicycle.ui import navigation, samples, states

ERRORS = ("400", "403", "404", "410", "429", "500", "503", "403_csrf")


def guide(request: HttpRequest) -> HttpResponse:
    """Show the components of public pages; `?lang=ar` shows them in Arabic."""
    form = samples.SampleForm()
    corrected = samples.SampleForm({"m-name": "Amara", "m-email": "amara at example"}, prefix="m")
    return _show(request, "design/guide.html", form=form, corrected=corrected)


def office(request: HttpRequest) -> HttpResponse:
    """Show the back office: navigation, search, table, bulk bar."""
    rows = [person for _n in range(12) for person in samples.PEOPLE]
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    links = [
        navigation.NavLink("#", place.label, place.name == "registration:office", place.group)
        for place in navigation.destinations("office")
    ]
    return _show(request, "design/office.html", page=page, links=links)


def room(request: HttpRequest) -> HttpResponse:
    """Show a console, filled as in the middle of a panel."""
    return _show(request, "design/room.html")


def hall(request: HttpRequest) -> HttpResponse:
    """Show a hall screen; `?clock=N` chooses the phase of the clock."""
    phase = int(request.GET.get("clock", "1")) % 6
    return _show(request, "design/hall.html", phase=samples.clocks(clock.now_ms())[phase][1])


def error(request: HttpRequest, name: str) -> HttpResponse:
    """Show one of the error pages."""
    if name not in ERRORS:
        raise Http404
    return _show(request, f"{name}.html")


def _show(request: HttpRequest, template: str, **more: Any) -> HttpResponse:
    return render(
        request,
        template,
        {
            "hearing": samples.SampleHearing(),
            "moments": samples.moments(),
            "programme": samples.programme(clock.now()),
            "clocks": samples.clocks(clock.now_ms()),
            "states": list(states.STATES),
            "people": samples.PEOPLE,
            "tones": ("ok", "warn", "bad", "info", "quiet"),
            "steps": [_("You"), _("Intervention"), _("Consents"), _("Receipt")],
            **more,
        },
    )
