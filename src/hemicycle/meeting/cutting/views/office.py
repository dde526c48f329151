"""The secretariat's page of the recordings: what is cut out of them, and where copies are."""

from itertools import chain

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere
from hemicycle.meeting.cutting import actions, queries
from hemicycle.meeting.cutting.forms import SlotForm, TimeForm
from hemicycle.meeting.cutting.models import CutReason


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT)
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the cuts and the two forms that order one; an error keeps what was typed."""
    sent = request.POST if request.method == "POST" else None
    by_time = sent is not None and "time" in sent
    meetings = list(hearing.meetings.select_related("hearing").order_by("ordinal"))
    slot_form = SlotForm(queries.speakers(hearing), None if by_time else sent, prefix="slot")
    time_form = TimeForm(meetings, sent if by_time else None, prefix="time")
    ordered = (
        _cut_time(request, hearing, time_form)
        if by_time
        else _cut_slot(request, hearing, slot_form)
    )
    if ordered:
        return redirect("cutting:office", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "slot_form": slot_form,
        "time_form": time_form,
        "rows": queries.rows(hearing),
        "copies": list(chain.from_iterable(copies_elsewhere.send(hearing))),
    }
    return render(request, "cutting/office.html", context, status=422 if sent is not None else 200)


def _cut_slot(request: HttpRequest, hearing: Hearing, form: SlotForm) -> bool:
    if not form.is_valid():
        return False
    data = form.cleaned_data
    actions.order_slots(
        hearing=hearing,
        slots={data["slot"]},
        reason=CutReason(data["reason"]),
        trail_ms=data["trail"] * 1000,
        actor=actor(request, Role.SECRETARIAT),
    )
    messages.success(request, _said())
    return True


def _cut_time(request: HttpRequest, hearing: Hearing, form: TimeForm) -> bool:
    if not form.is_valid():
        return False
    data = form.cleaned_data
    try:
        actions.order_time(
            hearing=hearing,
            meeting=data["meeting"],
            from_ms=data["from_ms"],
            to_ms=data["to_ms"],
            reason=CutReason(data["reason"]),
            trail_ms=data["trail"] * 1000,
            actor=actor(request, Role.SECRETARIAT),
        )
    except actions.CutRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _said())
    return True


def _said() -> str:
    return _(
        "Ordered. The recording stops showing it within seconds; this page says when it is gone "
        "from every file."
    )
