"""The pages of an applicant's own evidence."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.accreditation import evidence, files, uploads
from hemicycle.before.accreditation.forms import EvidenceForm
from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.statements import uploads as statement_uploads
from hemicycle.before.statements.forms import DOCUMENT
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.queue import QueueFull
from hemicycle.hearing.people.limits import network_of

with_file = partial(sized, files=DOCUMENT)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


def _page(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("registration:personal", args=(_secret(request),)))


@require_http_methods(["GET", "HEAD", "POST"])
@with_file
@personal
def add(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Submit one piece of evidence; a file counts once the worker has read it."""
    job = _job(request, registration)
    if job and (under_way := _progress(request, job, registration)):
        return under_way
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EvidenceForm(*sent, asked=registration.category.evidence)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return _take(request, registration, form)
        except RegistrationRefused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except QueueFull as full:
            form.add_error("file", full.sentence)
            status = 429
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "form": form,
        "job": job,
        "secret": _secret(request),
        "given": list(registration.evidence.all()),
    }
    return render(request, "accreditation/evidence.html", context, status=status)


def _job(request: HttpRequest, registration: Registration) -> Job | None:
    """Return the job of a file that was sent earlier; None if the form sends another file."""
    key = statement_uploads.key_of(registration, None)
    asker = statement_uploads.asker_of(registration)
    return pages.job_asked_for(request, kind=uploads.KIND, key=key, asker=asker)


def _progress(
    request: HttpRequest, job: Job, registration: Registration
) -> HttpResponseBase | None:
    """Return the progress page, or the way back once the file is added; None if the job failed."""
    back = reverse("registration:personal", args=(_secret(request),))
    hearing = registration.hearing
    under_way = pages.progress(request, job, layout="public.html", back=back, hearing=hearing)
    if under_way or job.state in pages.IN_VAIN:
        return under_way
    messages.success(request, _("Your evidence has been received."))
    return _page(request)


def _take(
    request: HttpRequest, registration: Registration, form: EvidenceForm
) -> HttpResponseRedirect:
    """Add words or a link; let the worker read a file."""
    piece, actor = form.piece(), actor_of(registration)
    if piece["form"] == Evidence.Form.FILE:
        job = uploads.ask(
            registration=registration,
            file_name=piece["file_name"],
            data=piece["data"],
            network=network_of(request),
            actor=actor,
        )
        return HttpResponseRedirect(f"{request.path}?job={job.token}")
    evidence.add(registration=registration, actor=actor, **piece)
    messages.success(request, _("Your evidence has been received."))
    return _page(request)


@require_GET
@personal
def file(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Return one of the applicant's own files."""
    return files.piece(registration.evidence.filter(pk=pk).first())


@require_POST
@personal
def remove(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Remove a piece of evidence."""
    try:
        gone = evidence.remove(registration=registration, pk=pk, actor=actor_of(registration))
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        if gone:
            messages.success(request, _("Your evidence has been removed."))
    return _page(request)
