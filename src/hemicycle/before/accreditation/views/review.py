"""The reviewer's queue, and actions on one registration other than its decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from hemicycle.before.accreditation import approvals, files, queue
from hemicycle.before.accreditation.models import Approval, Evidence
from hemicycle.before.accreditation.steps import NEXT
from hemicycle.before.registration.access import for_officer
from hemicycle.before.registration.page_forms import DecisionForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import check_sees_names, for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import writer

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


@require_GET
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the undecided registrations by next step; decisions are made here in bulk."""
    asked = queue.read(request.GET, hearing)
    found = queue.find(hearing, asked, by_real_names=sees_names(request))
    context = {
        "hearing": hearing,
        "asked": asked,
        "tabs": _tabs(hearing, asked, found),
        "categories": [(str(category.id), category.label) for category in hearing.categories.all()],
        "page": Paginator(found.found, PER_PAGE).get_page(request.GET.get("page")),
        "form": DecisionForm(),
        "asks": bool(found.counts["approval-unasked"] + found.counts["approval-lapsed"]),
    }
    return render(request, "accreditation/office/queue.html", context)


def _tabs(hearing: Hearing, asked: queue.QueueFilter, found: queue.Queue) -> list[tuple[Any, ...]]:
    """Return the tabs: all cases, and each step at which cases wait."""
    here = reverse("accreditation:office", args=(hearing.slug,))
    kept = {"category": asked.category, "q": asked.words}
    kept = {name: value for name, value in kept.items() if value}

    def address(step: str) -> str:
        query = urlencode({**kept, "step": step} if step else kept)
        return f"{here}?{query}" if query else here

    steps = [step for step in NEXT if found.counts[step] or step == asked.step]
    return [
        (address(""), _("All"), not asked.step, found.total),
        *((address(step), NEXT[step], step == asked.step, found.counts[step]) for step in steps),
    ]


@require_POST
@secretariat
def ask_all(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Ask the focal points about all registrations that are due."""
    with writer.writing(hearing.id, actor=actor(request, Role.SECRETARIAT)) as record:
        count = approvals.ask_all(record, hearing)
    said = ngettext(
        "A focal point has been asked about %(n)s registration.",
        "Focal points have been asked about %(n)s registrations.",
        count,
    )
    messages.success(request, said % {"n": count})
    return redirect("accreditation:office", slug=hearing.slug)


@require_POST
@secretariat
def ask(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Ask the focal point about one registration, with a new link."""
    registration = for_officer(request, hearing, pk)
    by = actor(request, Role.SECRETARIAT)
    try:
        approvals.ask_again(registration=registration, actor=by)
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("The focal point has been asked. The letter is in the outbox."))
    return redirect("registration:detail", slug=hearing.slug, pk=pk)


@require_POST
@secretariat
def revoke(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Revoke a link that a focal point has not used yet."""
    get_object_or_404(Approval, registration__hearing=hearing, pk=pk)
    if approvals.revoke(hearing=hearing, pk=pk, actor=actor(request, Role.SECRETARIAT)):
        messages.success(request, _("The link no longer works."))
    else:
        messages.error(request, _("This link has already been used or revoked."))
    return redirect("accreditation:office", slug=hearing.slug)


@require_GET
@secretariat
def file(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Return a file that was given as evidence."""
    pieces = Evidence.objects.filter(registration__hearing=hearing, pk=pk)
    found = pieces.select_related("registration").first()
    if found and found.registration.alias:
        check_sees_names(request, hearing)
    return files.piece(found)
