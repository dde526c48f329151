"""The secretariat's page of the floor: the layout of the picture, and the broadcasters."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup import actions, document_mapping
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import broadcasters
from hemicycle.meeting.room.forms import BroadcasterForm, PictureForm
from hemicycle.record import writer

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.MEDIA})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the forms for picture and broadcasters; an invalid form keeps the typed values."""
    sent = request.POST if request.method == "POST" else None
    adds = sent is not None and "add" in sent
    initial = {"plate": hearing.plate, "clock": hearing.clock}
    picture = PictureForm(None if adds else sent, initial=initial)
    target = BroadcasterForm(hearing, sent if adds else None)
    saved = _add(request, hearing, target) if adds else _arrange(request, hearing, picture)
    if saved:
        return redirect("room:floor", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "picture": picture,
        "target": target,
        "broadcasters": broadcasters.rows(hearing),
    }
    return render(request, "room/floor.html", context, status=422 if sent is not None else 200)


def _arrange(request: HttpRequest, hearing: Hearing, form: PictureForm) -> bool:
    if not form.is_valid():
        return False
    by = actor(request, Role.SECRETARIAT)
    with writer.writing(hearing.id, actor=by):
        fresh = actions.whole(hearing.id)
        data = document_mapping.to_document(fresh)
        data["floor"] |= form.cleaned_data
        changed = actions.change(hearing=fresh, data=data, actor=by)
    said = _("Saved. The picture changes within half a minute.")
    messages.success(request, said if changed else _("Nothing was changed."))
    return True


def _add(request: HttpRequest, hearing: Hearing, form: BroadcasterForm) -> bool:
    if not form.is_valid():
        return False
    try:
        by = actor(request, Role.SECRETARIAT)
        broadcasters.add(hearing=hearing, actor=by, **form.cleaned_data)
    except broadcasters.BroadcasterRefused as refused:
        form.add_error(None, str(refused))
        return False
    said = _("Saved. The program is sent to this address while the meeting is on air.")
    messages.success(request, said)
    return True


@require_POST
@secretariat
def remove(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Remove a broadcaster."""
    by = actor(request, Role.SECRETARIAT)
    row = get_object_or_404(broadcasters.of(hearing), pk=pk)
    broadcasters.remove(hearing=hearing, broadcaster=row.pk, actor=by)
    messages.success(
        request,
        _("The program is no longer sent to this address, and the address has been deleted."),
    )
    return redirect("room:floor", slug=hearing.slug)
