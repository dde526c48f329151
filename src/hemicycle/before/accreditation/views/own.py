"""The applicant's own evidence."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.accreditation import evidence, files
from hemicycle.before.accreditation.forms import EvidenceForm
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.statements.actions import LIMITS

with_file = partial(sized, files=LIMITS.file_size)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


def _page(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("registration:personal", args=(_secret(request),)))


@require_http_methods(["GET", "HEAD", "POST"])
@with_file
@personal
def add(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Give one piece of evidence."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EvidenceForm(*sent, asked=registration.category.evidence)
    if form.is_valid():
        try:
            evidence.add(registration=registration, actor=actor_of(registration), **form.piece())
        except RegistrationRefused as refused:
            form.add_error(refused.field or None, refused.sentence)
        else:
            messages.success(request, _("Your evidence has been received."))
            return _page(request)
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "form": form,
        "secret": _secret(request),
        "given": list(registration.evidence.all()),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accreditation/evidence.html", context, status=status)


@require_GET
@personal
def file(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """One of the applicant's own files."""
    return files.piece(registration.evidence.filter(pk=pk).first())


@require_POST
@personal
def remove(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Take a piece of evidence back."""
    try:
        gone = evidence.remove(registration=registration, pk=pk, actor=actor_of(registration))
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        if gone:
            messages.success(request, _("Your evidence has been taken back."))
    return _page(request)
