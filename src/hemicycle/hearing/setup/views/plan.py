"""The office publishes a hearing, makes it a draft again, moves it, or closes registration."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Role
from hemicycle.hearing.setup import actions, document_mapping, plan_changes, publishing
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.beginning_forms import first_day
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import Document, InvalidDocument
from hemicycle.hearing.setup.tracks import tracks_of
from hemicycle.record import clock
from hemicycle.ui import times

secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show what is missing or past, then publish the hearing."""
    if request.method == "POST":
        try:
            actions.publish_hearing(hearing=hearing, actor=actor(request, Role.SECRETARIAT))
            messages.success(request, _("The hearing has been published."))
        except InvalidDocument as invalid:
            messages.error(request, str(invalid))
        return redirect("hearing:office", slug=hearing.slug)
    found = publishing.concerns(hearing)
    context = {
        "hearing": hearing,
        "lacking": actions.lacking(hearing),
        "concerns": [(concern.says, concern.url(hearing)) for concern in found],
    }
    return render(request, "hearing/publish.html", context)


@secretariat
@require_POST
def unpublish(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Make a published hearing a draft again."""
    try:
        actions.unpublish(hearing=hearing, actor=actor(request, Role.SECRETARIAT))
        messages.success(request, _("The hearing is a draft again. The public does not see it."))
    except InvalidDocument as invalid:
        messages.error(request, str(invalid))
    return redirect("hearing:office", slug=hearing.slug)


@secretariat
@require_POST
def close_registration(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Close the registration of a track now."""
    by = actor(request, Role.SECRETARIAT)
    track = request.POST.get("track", "")
    if actions.close_registration(hearing=hearing, track=track, actor=by):
        messages.success(request, _("Registration is closed. You can set a later deadline."))
    else:
        messages.error(request, _("This registration was closed already."))
    return redirect("hearing:office", slug=hearing.slug)


class NewDatesForm(forms.Form):
    """A form for the new first day."""

    first_day = first_day()

    def clean_first_day(self) -> date:
        """Refuse a day in the past."""
        chosen: date = self.cleaned_data["first_day"]
        if chosen < clock.now().date():
            raise forms.ValidationError(_("Choose a day in the future."))
        return chosen


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the new date of each item, then move all of them."""
    given = request.POST if request.method == "POST" else request.GET
    form = NewDatesForm(given if "first_day" in given else None, use_required_attribute=False)
    context: dict[str, Any] = {"hearing": hearing, "form": form}
    if form.is_bound and form.is_valid():
        first_day = form.cleaned_data["first_day"]
        if request.method == "POST":
            try:
                by = actor(request, Role.SECRETARIAT)
                actions.move(hearing=hearing, first_day=first_day, actor=by)
            except InvalidDocument as invalid:
                form.add_error("first_day", [str(problem) for problem in invalid.problems])
            else:
                return _moved(request, hearing)
        context["moves"] = _moves(hearing, first_day)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "hearing/move.html", context, status=status)


def _moved(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    messages.success(request, _("All dates have moved."))
    fresh = Hearing.objects.get(pk=hearing.pk)
    page = "outgoing:plan" if plan_changes.pending(fresh) else "hearing:office"
    return redirect(page, slug=hearing.slug)


def _moves(hearing: Hearing, first_day: date) -> list[tuple[str, str, str]]:
    """Return what moves, with the times before and after, in the hearing's zone."""
    before = document_mapping.to_document(actions.whole(hearing.pk))
    rows = zip(_dated(before), _dated(documents.shifted(before, first_day)), strict=True)
    return [(what, times.words(was), times.words(now)) for (what, was), (_what, now) in rows]


def _dated(data: Document) -> list[tuple[str, Any]]:
    names = {track.key: track.label for track in tracks_of(data["tracks"])}
    rows = [(row["title"] or _("Meeting"), row["starts"]) for row in data["meetings"]]
    rows += [(names.get(row["track"], row["track"]), row["closes"]) for row in data["deadlines"]]
    closes = data["statements"]["closes"]
    return rows + ([(_("written statements"), closes)] if closes else [])
