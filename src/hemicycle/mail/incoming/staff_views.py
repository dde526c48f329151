"""The mailroom's pages: waiting mail, one message shown safely, and a person's decisions."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import check_sees_names, for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming import actions, handlers, queries, signals
from hemicycle.mail.incoming.forms import AsideForm
from hemicycle.mail.incoming.handlers import Case, MailRefused
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reasons import WHY
from hemicycle.ui import searches
from hemicycle.ui.downloads import to_save

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
State = Mail.State


@secretariat
@require_GET
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List the mail of a hearing in one state (by default: waiting)."""
    state = request.GET.get("state", State.WAITING.value)
    purpose, words = request.GET.get("purpose", ""), searches.words(request.GET)
    found = queries.found(hearing, state, purpose, words)
    rows = _seen(request, hearing, found)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "hearing": hearing,
        "page": page,
        "rows": queries.mail_rows(list(page)),
        # Not in a search: the number would reveal that somebody with an alias has that name.
        "left_out": 0 if rows is found or words else found.count() - rows.count(),
        "tabs": _tabs(state, queries.counts(hearing)),
        "state": state,
        "purpose": purpose,
        "purposes": Purpose.choices,
    }
    return render(request, "incoming/office.html", context)


def _tabs(asked: str, counts: dict[str, int]) -> list[tuple[str, str, bool, int]]:
    shown = (State.WAITING, State.DONE, State.ASIDE, State.STORED)
    return [
        (f"?state={state.value}", str(state.label), asked == state.value, counts[state.value])
        for state in shown
    ]


@secretariat
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one message as text, its possible senders, and the possible actions."""
    return _show(request, hearing, _mail(request, hearing, pk))


def _seen(request: HttpRequest, hearing: Hearing, rows: QuerySet[Mail]) -> QuerySet[Mail]:
    """Return the mail that the officer may read."""
    return rows if sees_names(request) else queries.without(hidden_in(hearing.id), rows)


def _mail(request: HttpRequest, hearing: Hearing, pk: UUID) -> Mail:
    """Return a message that the officer may read; raise `Http404` if it does not exist.

    Raises `PermissionDenied` for one that they may not read.
    """
    rows = Mail.objects.select_related("answer", "decided_by", "person")
    rows = rows.filter(hearing_id=hearing.id)
    mail = get_object_or_404(rows, pk=pk)
    if not _seen(request, hearing, rows.filter(pk=pk)).exists():
        check_sees_names(request, hearing)
    return mail


def _show(
    request: HttpRequest, hearing: Hearing, mail: Mail, status: int = 200, **more: Any
) -> HttpResponse:
    words = searches.words(request.GET)
    is_named = sees_names(request)
    proposed = queries.proposed_senders(mail)
    if not is_named:
        proposed = [one for one in proposed if not one.registration.has_alias]
    own = signals.summaries([mail.registration_id]) if mail.registration_id else {}
    context = {
        "hearing": hearing,
        "mail": mail,
        "why": WHY.get(mail.why, ""),
        "problems": queries.problems(mail),
        "note": queries.note_of(mail),
        "proposed": proposed,
        "own": own.get(mail.registration_id) if mail.registration_id else None,
        "searched": words,
        "results": _search(hearing, words, by_real_names=is_named),
        "desks": _desks(mail),
        "aside": AsideForm(),
        "waits": mail.state == State.WAITING,
        **more,
    }
    return render(request, "incoming/office_mail.html", context, status=status)


def _search(
    hearing: Hearing, words: str, *, by_real_names: bool
) -> list[tuple[UUID, signals.RegistrationSummary]]:
    """Return registrations that contain the words, for a person to choose from."""
    found = [candidate.registration for candidate in signals.search(hearing, words)][:20]
    known = signals.summaries(found)
    shown = {pk: one for pk, one in known.items() if by_real_names or not one.has_alias}
    return [(pk, shown[pk]) for pk in found if pk in shown]


def _desks(mail: Mail) -> list[tuple[Purpose, bool]]:
    """Return the purposes for which the message can be accepted, its own first, and whether now."""
    known = [purpose for purpose in Purpose if purpose in handlers.handlers()]
    ready = mail.registration_id is not None
    rows = [
        (purpose, ready or not handlers.handlers()[purpose].needs_registration) for purpose in known
    ]
    return sorted(rows, key=lambda row: row[0] != mail.purpose)


@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, hearing: Hearing, pk: UUID, purpose: str) -> HttpResponseBase:
    """Accept a message as an inscription, a statement, a request to publish or a question."""
    mail = _mail(request, hearing, pk)
    wanted = Purpose(purpose) if purpose in Purpose.values else None
    handler = handlers.handler_for(wanted) if wanted else None
    if wanted is None or handler is None:
        raise Http404
    if mail.state != State.WAITING or (handler.needs_registration and not mail.registration_id):
        return redirect("incoming:detail", slug=hearing.slug, pk=pk)
    case = Case(hearing, mail, actions.parsed_mail(mail), mail.registration_id)
    form = handler.form(case, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _show(request, hearing, mail, form=form, taking=wanted)
    if form.is_valid() and _taken(request, hearing, mail, wanted, form):
        return redirect("incoming:office", slug=hearing.slug)
    return _show(request, hearing, mail, status=422, form=form, taking=wanted)


def _taken(request: HttpRequest, hearing: Hearing, mail: Mail, purpose: Purpose, form: Any) -> bool:
    try:
        actions.take(hearing=hearing, mail=mail, purpose=purpose, form=form, **_by(request))
    except MailRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, _("Accepted."))
    return True


def _by(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, Person)
    return {"by": request.user, "actor": actor(request, Role.SECRETARIAT)}


@secretariat
@require_POST
def assign(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Assign a message to a registration."""
    mail = _mail(request, hearing, pk)
    try:
        candidate = _candidate(request, hearing, request.POST.get("registration", ""))
        actions.assign(hearing=hearing, mail=mail, candidate=candidate, **_by(request))
    except MailRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("incoming:detail", slug=hearing.slug, pk=pk)


def _candidate(request: HttpRequest, hearing: Hearing, asked: str) -> signals.Candidate:
    for candidate in signals.search(hearing, asked):
        pk = candidate.registration
        if str(pk) == asked:
            if signals.summaries([pk])[pk].has_alias:
                check_sees_names(request, hearing)
            return candidate
    raise MailRefused(_("Choose one of the registrations."))


@secretariat
@require_http_methods(["POST"])
def aside(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Set a message aside, with a reason."""
    mail, form = _mail(request, hearing, pk), AsideForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            actions.put_aside(hearing=hearing, mail=mail, reason=reason, **_by(request))
        except MailRefused as refused:
            form.add_error("reason", refused.sentence)
        else:
            messages.success(request, _("Set aside."))
            return redirect("incoming:office", slug=hearing.slug)
    return _show(request, hearing, mail, status=422, aside=form)


@secretariat
@require_POST
def reopen(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Reopen a message that was set aside."""
    try:
        actions.reopen(hearing=hearing, mail=_mail(request, hearing, pk), **_by(request))
    except MailRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("incoming:detail", slug=hearing.slug, pk=pk)


@secretariat
@require_GET
def file(request: HttpRequest, hearing: Hearing, pk: UUID, number: int) -> HttpResponseBase:
    """Download an attachment, or with number 0 the whole message; browsers do not display it."""
    mail = _mail(request, hearing, pk)
    if "virus" in mail.problems:
        raise Http404
    if number == 0:
        try:
            return to_save(BytesIO(mail.raw()), "message.eml")
        except StoreAway:
            raise
        except OSError:
            raise Http404 from None
    files = actions.parsed_mail(mail).attachments
    if number > len(files):
        raise Http404
    return to_save(BytesIO(files[number - 1].data), files[number - 1].name)
