"""The secretariat's pages of the booths and the glossary."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation import actions, queries
from hemicycle.meeting.interpretation.forms import AssignForm, GlossaryForm
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.ui.languages import language_name

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.MEDIA})


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show every booth with its interpreters, and a form that assigns an interpreter."""
    form = AssignForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid() and _assign(request, hearing, form):
        return redirect("interpretation:office", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "form": form,
        "booths": queries.booths(hearing),
        "unplaced": queries.unplaced(hearing),
        "choices": [(tag, language_name(tag)) for tag in hearing.languages],
    }
    status = 422 if form.is_bound else 200
    return render(request, "interpretation/office.html", context, status=status)


def _assign(request: HttpRequest, hearing: Hearing, form: AssignForm) -> bool:
    given, by = form.cleaned_data, actor(request, Role.SECRETARIAT)
    try:
        actions.assign_new(hearing=hearing, actor=by, **given)
    except actions.AssignmentRefused as refused:
        form.add_error(None, str(refused))
        return False
    said = _("%(name)s has been assigned. Send the sign-in link when the booth is complete.")
    messages.success(request, said % {"name": given["name"]})
    return True


@require_POST
@secretariat
def place(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Give a person who already has the interpreter's role a place in a booth."""
    appointment = get_object_or_404(queries.unplaced(hearing), pk=pk)
    try:
        actions.assign(
            hearing=hearing,
            language=request.POST.get("language", ""),
            person=appointment.person,
            actor=actor(request, Role.SECRETARIAT),
        )
        said = _("%(name)s has been assigned.") % {"name": appointment.person.name}
        messages.success(request, said)
    except actions.AssignmentRefused as refused:
        messages.error(request, str(refused))
    return redirect("interpretation:office", slug=hearing.slug)


@require_POST
@secretariat
def release(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Remove an interpreter from their booth."""
    rows = Interpreter.objects.filter(hearing=hearing).select_related("person")
    interpreter = get_object_or_404(rows, pk=pk)
    actions.release(interpreter=interpreter, actor=actor(request, Role.SECRETARIAT))
    said = _("%(name)s no longer works in this booth. Unused sign-in links have been revoked.")
    messages.success(request, said % {"name": interpreter.person.name})
    return redirect("interpretation:office", slug=hearing.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def glossary(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show and replace the terms that are marked in the booths' texts."""
    form = GlossaryForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid():
        terms = form.cleaned_data["terms"]
        by = actor(request, Role.SECRETARIAT)
        actions.keep_glossary(hearing=hearing, terms=terms, actor=by)
        said = ngettext("The glossary has %(n)d term.", "The glossary has %(n)d terms.", len(terms))
        messages.success(request, said % {"n": len(terms)})
        return redirect("interpretation:glossary", slug=hearing.slug)
    status = 422 if form.is_bound else 200
    context = {"hearing": hearing, "form": form}
    return render(request, "interpretation/glossary.html", context, status=status)
