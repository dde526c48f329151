"""A participant's own statements."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.registration import speaking_time
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.statements import actions, queries, title_page, uploads
from hemicycle.before.statements.files import download
from hemicycle.before.statements.forms import DOCUMENT, StatementForm, TitledStatementForm
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import base

with_file = partial(sized, files=DOCUMENT)


@require_http_methods(["GET", "HEAD", "POST"])
@with_file
@personal
def hand_in(
    request: HttpRequest, registration: Registration, pk: UUID | None = None
) -> HttpResponseBase:
    """Submit a statement: for the place `pk` on a list, or as a contribution in writing."""
    place = None
    if pk is not None:
        places = Inscription.objects.select_related("segment").filter(registration=registration)
        place = get_object_or_404(places, pk=pk)
    hearing = registration.hearing
    job = _job(request, registration, place)
    if job and (under_way := _progress(request, job, hearing)):
        return under_way
    limit_s = speaking_time.limit_s(hearing, place) if place else hearing.floor_time_limit_s
    pace = {"pace": hearing.words_per_minute, "limit_s": limit_s}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    handed = next(iter(_handed(registration, place)), None)
    typed = uploads.typed(job) if job else {"title_language": base(registration.language)}
    form_class = StatementForm if handed else TitledStatementForm
    form = form_class(*sent, initial=typed, **(pace if place else {}))
    status = 200
    if form.is_bound:
        asked, status = uploads.ask_by(form, request, **_about(registration, place))
        if asked:
            return HttpResponseRedirect(f"{request.path}?job={asked.token}")
    context = {
        "form": form,
        "job": job,
        "place": place,
        "registration": registration,
        "hearing": hearing,
        "handed": handed,
        "secret": _secret(request),
        "is_closed": not hearing.takes_statement(clock.now()),
        "limit_words": hearing.words_per_minute * limit_s // 60,
    }
    return render(request, "statements/hand_in.html", context, status=status)


def _handed(
    registration: Registration, place: Inscription | None
) -> Iterator[queries.StatementDetails]:
    wanted = place.id if place else None
    own = queries.own(registration)
    return (handed for handed in own if handed.statement.inscription_id == wanted)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


def _page(request: HttpRequest) -> str:
    return reverse("registration:personal", args=(_secret(request),))


def _job(request: HttpRequest, registration: Registration, place: Inscription | None) -> Job | None:
    """Return the job of the file that was sent before; None while another one is being sent."""
    key, asker = uploads.key_of(registration, place), uploads.asker_of(registration)
    return pages.job_asked_for(request, kind=uploads.KIND, key=key, asker=asker)


def _progress(request: HttpRequest, job: Job, hearing: Hearing) -> HttpResponseBase | None:
    """Show the progress of the reading, or redirect once it is done; None if it failed."""
    back = _page(request)
    under_way = pages.progress(request, job, layout="public.html", back=back, hearing=hearing)
    if under_way or job.state in pages.IN_VAIN:
        return under_way
    if job.sentence:
        messages.warning(
            request, _("Your file has been saved, but: %(why)s") % {"why": job.sentence}
        )
    else:
        messages.success(request, _("Your statement has been received."))
    return HttpResponseRedirect(back)


def _about(registration: Registration, place: Inscription | None) -> dict[str, Any]:
    return {
        "registration": registration,
        "inscription": place,
        "by": registration.person,
        "asker": uploads.asker_of(registration),
        "actor": actor_of(registration),
    }


@require_POST
@personal
def consent(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Permit the publication of a statement or withdraw that; publish its text under an alias."""
    statement = get_object_or_404(Statement, pk=pk, registration=registration)
    if "words" in request.POST:
        return _release_words(request, statement, actor_of(registration))
    publish = request.POST.get("publish") == "yes"
    actions.set_consent(statement=statement, publish=publish, actor=actor_of(registration))
    said = (
        _("Your statement can be published once it is delivered.")
        if publish
        else _("Your statement will not be published. If it was public, it has been removed.")
    )
    messages.success(request, said)
    return HttpResponseRedirect(_page(request))


def _release_words(request: HttpRequest, statement: Statement, by: Actor) -> HttpResponseBase:
    try:
        actions.release_words(statement=statement, actor=by, **uploads.words_read(request))
    except actions.StatementRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("The text has been released under the alias."))
    return HttpResponseRedirect(_page(request))


@require_http_methods(["GET", "HEAD", "POST"])
@sized
@personal
def title(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Correct the title of a statement."""
    statement = get_object_or_404(Statement, pk=pk, registration=registration)
    return title_page.show(
        request,
        statement,
        by=actor_of(registration),
        layout="public.html",
        back=_page(request),
    )


@require_GET
@personal
def own_file(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Download one of the participant's own files."""
    return download(
        StatementVersion.objects.filter(pk=pk, statement__registration=registration).first()
    )
