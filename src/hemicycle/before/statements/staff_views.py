"""The secretariat's pages about statements."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.before.registration import covering
from hemicycle.before.statements import actions, exports, letters, queries, title_page, uploads
from hemicycle.before.statements.files import download
from hemicycle.before.statements.forms import DOCUMENT, NamingForm, ReleaseForm, StatementForm
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.before.statements.queries import StatementDetails
from hemicycle.hearing.exports import making
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.ui import searches
from hemicycle.ui.uploads import takes_files

PER_PAGE = 50
WITH_NAMES = frozenset({Duty.DOCUMENTS, Duty.PROTECTED})
"""The duties of officers who may read the real names beside aliases."""
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
naming_officers = for_roles(Role.SECRETARIAT, needs=WITH_NAMES)
READERS = (Role.SECRETARIAT, Role.INTERPRETER, Role.MODERATOR)
"""The roles that may read statements before delivery, when they are confidential."""


def _asked(request: HttpRequest, hearing: Hearing) -> list[StatementDetails]:
    rows = exports.chosen(hearing, request.GET)
    words = searches.words(request.GET)
    found = queries.details_of(hearing, rows)
    return queries.matching(found, words, by_real_names=_sees_names(request, hearing))


def _is_ours(request: HttpRequest, hearing: Hearing) -> bool:
    """Return whether the user is an officer of the secretariat who looks after documents."""
    return Role.SECRETARIAT in roles_in(request.user, hearing.id, needs={Duty.DOCUMENTS})


def _sees_names(request: HttpRequest, hearing: Hearing) -> bool:
    """Return whether the user may read the real name beside an alias."""
    return Role.SECRETARIAT in roles_in(request.user, hearing.id, needs=WITH_NAMES)


@require_GET
@for_roles(*READERS, needs={Duty.DOCUMENTS})
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List the submitted statements: searched, filtered, in pages of fifty."""
    rows = _asked(request, hearing)
    context = {
        "hearing": hearing,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "found": len(rows),
        "sees_names": _sees_names(request, hearing),
        "missing": queries.missing(hearing).count(),
        "panels": hearing.meetings.filter(segments__kind="panel").values_list(
            "segments__ordinal", "segments__title"
        ),
        "releases": actions.Release.choices,
        "query": request.GET.urlencode(),
    }
    return render(request, "statements/office.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def missing(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List speakers without a statement, who can be reminded together."""
    rows = queries.missing(hearing)
    if request.method == "POST":
        chosen = set(request.POST.getlist("chosen"))
        reminded = letters.remind(
            inscriptions=[row for row in rows if str(row.pk) in chosen],
            actor=actor(request, Role.SECRETARIAT),
        )
        said = ngettext(
            "%(n)s reminder is in the outbox.", "%(n)s reminders are in the outbox.", reminded
        )
        messages.success(request, said % {"n": reminded})
        if asked := sum(str(row.pk) in chosen for row in rows) - reminded:
            said = ngettext(
                "%(n)s speaker was reminded in the last 24 hours, or has no address.",
                "%(n)s speakers were reminded in the last 24 hours, or have no address.",
                asked,
            )
            messages.warning(request, said % {"n": asked})
        return HttpResponseRedirect(reverse("statements:missing", args=(hearing.slug,)))
    reminded_at = letters.reminders(rows)
    shown = list(rows)
    if not sees_names(request):
        covering.cover_places(shown)
    context = {
        "hearing": hearing,
        "is_closed": not hearing.takes_statement(clock.now()),
        "rows": [(row, reminded_at.get(row.pk, [])) for row in shown],
        "is_reminded": any(reminded_at.values()),
    }
    return render(request, "statements/missing.html", context)


@takes_files(DOCUMENT.most)
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*READERS, needs={Duty.DOCUMENTS})
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one statement with its versions and text; the secretariat can add a version."""
    statement = get_object_or_404(queries.statements_of(hearing), pk=pk)
    (handed,) = queries.details_of(hearing, [statement])
    is_ours, sees_names = _is_ours(request, hearing), _sees_names(request, hearing)
    job = _job(request, statement) if is_ours else None
    if job and (under_way := _progress(request, handed, job)):
        return under_way
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    typed = uploads.typed(job) if job else {}
    form = StatementForm(*sent, initial=typed) if is_ours else None
    status = 200
    if form is not None and form.is_bound:
        asked, status = uploads.ask_by(form, request, **_about(request, statement))
        if asked:
            return HttpResponseRedirect(f"{request.path}?job={asked.token}")
    context = {
        "hearing": hearing,
        "handed": handed,
        "form": form,
        "is_ours": is_ours,
        "sees_names": sees_names,
        "job": job,
        "naming": NamingForm(initial=_naming(statement)) if sees_names else None,
        "release": _release_form(statement) if is_ours else None,
    }
    return render(request, "statements/detail.html", context, status=status)


def _release_form(statement: Statement, sent: QueryDict | None = None) -> ReleaseForm | None:
    """Return the form that releases by hand; None if the meeting has released the statement."""
    if statement.release != Statement.Release.EMBARGOED and not statement.is_released_by_hand:
        return None
    return ReleaseForm(sent, initial={"release": statement.release})


def _job(request: HttpRequest, statement: Statement) -> Job | None:
    """Return the job of the file that was sent before; None while another one is being sent."""
    if not isinstance(request.user, Person):
        return None
    key = uploads.key_of(statement.registration, statement.inscription)
    asker = uploads.staff_asker(request.user)
    return pages.job_asked_for(request, kind=uploads.KIND, key=key, asker=asker)


def _naming(statement: Statement) -> dict[str, str]:
    return {"naming": statement.naming}


@require_http_methods(["GET", "HEAD", "POST"])
@naming_officers
def naming(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Set whether the public sees a statement, or publish its text under an alias."""
    statement = get_object_or_404(queries.statements_of(hearing), pk=pk)
    if "words" in request.POST:
        try:
            actions.release_words(
                statement=statement,
                actor=actor(request, Role.SECRETARIAT),
                **uploads.words_read(request),
            )
        except actions.StatementRefused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, _("The text has been released under the alias."))
        return HttpResponseRedirect(reverse("statements:detail", args=(hearing.slug, pk)))
    sent = request.POST if request.method == "POST" else None
    form = NamingForm(sent, initial=_naming(statement))
    if form.is_bound and form.is_valid():
        by = actor(request, Role.SECRETARIAT)
        actions.set_naming(statement=statement, **form.cleaned_data, actor=by)
        messages.success(request, _("How the public sees the statement has been set."))
        return HttpResponseRedirect(reverse("statements:detail", args=(hearing.slug, pk)))
    (handed,) = queries.details_of(hearing, [statement])
    context = {
        "hearing": hearing,
        "handed": handed,
        "form": None,
        "naming": form,
        "is_ours": True,
        "sees_names": _sees_names(request, hearing),
    }
    status = 422 if form.is_bound else 200
    return render(request, "statements/detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def release(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Release a statement that the floor did not release, with a reason."""
    statement = get_object_or_404(queries.statements_of(hearing), pk=pk)
    form = _release_form(statement, request.POST if request.method == "POST" else None)
    back = HttpResponseRedirect(reverse("statements:detail", args=(hearing.slug, pk)))
    if form is None:
        sentence = _(
            "This statement has already been released automatically, during or after the meeting."
        )
        messages.error(request, sentence)
        return back
    if form.is_bound and form.is_valid():
        try:
            actions.release_by_hand(
                statement=statement,
                how=Statement.Release(form.cleaned_data["release"]),
                reason=form.cleaned_data["reason"],
                actor=actor(request, Role.SECRETARIAT),
            )
        except actions.StatementRefused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, _("The release of the statement has been set."))
        return back
    (handed,) = queries.details_of(hearing, [statement])
    context = {
        "hearing": hearing,
        "handed": handed,
        "release": form,
        "is_ours": True,
        "sees_names": _sees_names(request, hearing),
    }
    status = 422 if form.is_bound else 200
    return render(request, "statements/detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@naming_officers
def title(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Correct the title of a statement."""
    return title_page.show(
        request,
        get_object_or_404(queries.statements_of(hearing), pk=pk),
        by=actor(request, Role.SECRETARIAT),
        layout="office.html",
        back=reverse("statements:detail", args=(hearing.slug, pk)),
    )


def _progress(request: HttpRequest, handed: StatementDetails, job: Job) -> HttpResponseBase | None:
    """Show the progress of the reading, or redirect once it is done; None if it failed."""
    hearing, back = handed.hearing, request.path
    under_way = pages.progress(request, job, layout="office.html", back=back, hearing=hearing)
    if under_way or job.state in pages.IN_VAIN:
        return under_way
    if job.sentence:
        messages.warning(request, job.sentence)
    else:
        messages.success(request, _("The new version has been saved."))
    return HttpResponseRedirect(back)


def _about(request: HttpRequest, statement: Statement) -> dict[str, Any]:
    assert isinstance(request.user, Person)
    return {
        "registration": statement.registration,
        "inscription": statement.inscription,
        "by": request.user,
        "asker": uploads.staff_asker(request.user),
        "actor": actor(request, Role.SECRETARIAT),
    }


@require_GET
@for_roles(*READERS, needs={Duty.DOCUMENTS})
def file(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Download one file as it was submitted.

    Under an alias, only the secretariat may do so, since files contain names.
    """
    rows = StatementVersion.objects.filter(pk=pk, statement__hearing_id=hearing.id)
    version = rows.select_related("statement__registration").first()
    if version is not None and not _sees_names(request, hearing):
        (handed,) = queries.details_of(hearing, [version.statement])
        if handed.is_under_alias:
            raise Http404
    return download(version)


@require_http_methods(["GET", "HEAD", "POST"])
@naming_officers
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Download the statements of the page as a table with real names and without texts."""
    if kind not in making.PASSES:
        raise Http404
    return answer(request, hearing, exports.TABLE, kind)
