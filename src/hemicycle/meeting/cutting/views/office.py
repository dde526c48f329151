"""The secretariat's page of the recordings: their cuts, and where copies exist."""

from itertools import chain

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere
from hemicycle.meeting.cutting import actions, queries
from hemicycle.meeting.cutting.forms import CutForm, SlotForm, TimeForm
from hemicycle.meeting.cutting.models import CutReason
from hemicycle.record.writer import Actor


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.MEDIA})
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the cuts and two forms. A valid form shows a preview; confirmed, it orders the cuts."""
    sent = request.POST if request.method == "POST" else None
    by_time = sent is not None and "time" in sent
    meetings = list(hearing.meetings.select_related("hearing").order_by("ordinal"))
    slot_form = SlotForm(queries.speakers(hearing), None if by_time else sent, prefix="slot")
    time_form = TimeForm(meetings, sent if by_time else None, prefix="time")
    form = time_form if by_time else slot_form
    copies = list(chain.from_iterable(copies_elsewhere.send(hearing)))
    if sent is not None and form.is_valid():
        if "sure" not in sent:
            would_go = {"kind": "time" if by_time else "slot", "rows": _would_go(hearing, form)}
            context = {"hearing": hearing, "form": form, "copies": copies, **would_go}
            return render(request, "cutting/preview.html", context)
        if _cut(hearing, form, actor(request, Role.SECRETARIAT)):
            messages.success(request, _said())
            return redirect("cutting:office", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "slot_form": slot_form,
        "time_form": time_form,
        "rows": queries.rows(hearing),
        "copies": copies,
    }
    return render(request, "cutting/office.html", context, status=422 if sent is not None else 200)


def _would_go(hearing: Hearing, form: CutForm) -> list[queries.CutRow]:
    data = form.cleaned_data
    if isinstance(form, TimeForm):
        return queries.would_go_of_time(data["meeting"], data["from_ms"], data["to_ms"])
    return queries.would_go_of_slots(hearing, {data["slot"]})


def _cut(hearing: Hearing, form: CutForm, who: Actor) -> bool:
    """Order the cuts of the form; on refusal, add an error to the form and return False."""
    data = form.cleaned_data
    reason, trail_ms = CutReason(data["reason"]), data["trail"] * 1000
    if not isinstance(form, TimeForm):
        slots = {data["slot"]}
        actions.order_slots(
            hearing=hearing, slots=slots, reason=reason, trail_ms=trail_ms, actor=who
        )
        return True
    try:
        actions.order_time(
            hearing=hearing,
            meeting=data["meeting"],
            from_ms=data["from_ms"],
            to_ms=data["to_ms"],
            reason=reason,
            trail_ms=trail_ms,
            actor=who,
        )
    except actions.CutRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _said() -> str:
    return _(
        "The removal has been ordered. The recording stops showing this part within seconds. "
        "This page shows when it has been removed from every file."
    )
