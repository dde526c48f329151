"""Pages of the questions: the secretariat's triage, and a participant's own."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.questions import actions, csv_columns, queries
from hemicycle.before.questions.forms import (
    ANY,
    KEPT,
    BulkForm,
    PutForm,
    SortForm,
    SortingOptions,
    chosen_ids,
)
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import public_words
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mentions import PublicPiece

PER_PAGE = 50
State = Question.State
staff = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})


@staff
@require_GET
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show all questions by state, panel and guiding question, with a search."""
    choices = SortingOptions.of(hearing)
    return _index(request, hearing, choices, BulkForm(choices))


def _index(
    request: HttpRequest, hearing: Hearing, choices: SortingOptions, bulk: BulkForm
) -> HttpResponseBase:
    rows = csv_columns.chosen(hearing, request.GET, choices)
    found = csv_columns.found(rows, request.GET, by_real_names=sees_names(request))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    words = queries.reasons(shown)
    counts = queries.counts(hearing)
    context = {
        "hearing": hearing,
        "page": page,
        "questions": [
            queries.OwnQuestion(question, words.get(question.reason, "")) for question in shown
        ],
        "tabs": _tabs(request, counts),
        "unsorted": counts[State.SUBMITTED],
        "choices": choices,
        "panel": request.GET.get("panel", ""),
        "guiding": request.GET.get("guiding", ""),
        "bulk": bulk,
        "query": request.GET.urlencode(),
    }
    return render(request, "questions/office.html", context)


def _tabs(request: HttpRequest, counts: dict[str, int]) -> list[tuple[str, str, bool, int]]:
    asked = request.GET.get("state", "")
    everything = ("?", str(_("All")), not asked, sum(counts.values()))
    return [everything, *(_tab(state, asked, counts) for state in State)]


def _tab(state: Question.State, asked: str, counts: dict[str, int]) -> tuple[str, str, bool, int]:
    word = state.value
    return f"?state={word}", str(state.label), asked == word, counts[word]


@staff
@require_POST
def bulk(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Sort the selected questions, or set them aside, all or none."""
    choices = SortingOptions.of(hearing)
    form = BulkForm(choices, request.POST)
    chosen = Question.objects.filter(
        hearing_id=hearing.id, pk__in=chosen_ids(request.POST.getlist("chosen"))
    )
    rows = list(chosen.select_related("segment"))
    if not rows:
        form.add_error(None, _("Select at least one question first."))
    if form.is_valid() and rows and _do(request, form, rows):
        return redirect("questions:office", slug=hearing.slug)
    return _index(request, hearing, choices, form)


def _do(request: HttpRequest, form: BulkForm, rows: list[Question]) -> bool:
    by, data = actor(request, Role.SECRETARIAT), form.cleaned_data
    try:
        if request.POST.get("do") == "set-aside":
            actions.set_aside_all(questions=rows, reason=data["reason"], actor=by)
            done = ngettext("%(n)s question set aside.", "%(n)s questions set aside.", len(rows))
        else:
            actions.sort_all(
                questions=rows,
                guiding_question=form.choices.guiding_question(data["guiding_question"]),
                segment=form.choices.panel(data["segment"]),
                keep_panel=data["segment"] == KEPT,
                actor=by,
            )
            done = ngettext(
                "%(n)s question is ready for the moderator.",
                "%(n)s questions are ready for the moderator.",
                len(rows),
            )
    except RegistrationRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, done % {"n": len(rows)})
    return True


@staff
@require_http_methods(["GET", "POST"])
def triage(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one question, sort it or set it aside, and continue with the next one."""
    question = get_object_or_404(queries.questions_of(hearing), pk=pk)
    choices = SortingOptions.of(hearing)
    if request.method == "POST":
        form = SortForm(choices, request.POST)
        if form.is_valid() and _triaged(request, form, question):
            return _next(request, hearing, question)
    else:
        form = SortForm(choices, initial=_initial(question))
    if not sees_names(request):
        queries.cover([question])
    context = {
        "hearing": hearing,
        "question": question,
        "form": form,
        "left": queries.counts(hearing)[State.SUBMITTED],
        "reason": queries.reasons([question]).get(question.reason, ""),
        "is_open": question.state in actions.TRIAGED,
    }
    return render(request, "questions/triage.html", context)


def _initial(question: Question) -> dict[str, Any]:
    return {
        "guiding_question": str(question.guiding_question_id or ANY),
        "segment": str(question.segment_id or ANY),
        "to": str(question.to_id or ANY),
    }


def _triaged(request: HttpRequest, form: SortForm, question: Question) -> bool:
    by = actor(request, Role.SECRETARIAT)
    try:
        if request.POST.get("do") == "set-aside":
            reason = form.cleaned_data["reason"]
            actions.set_aside(question=question, reason=reason, actor=by)
        else:
            actions.sort(question=question, **form.chosen(), actor=by)
    except RegistrationRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


def _next(request: HttpRequest, hearing: Hearing, after: Question) -> HttpResponse:
    waiting = queries.live(queries.questions_of(hearing)).filter(state=State.SUBMITTED)
    following = waiting.filter(submitted_at__gte=after.submitted_at).first() or waiting.first()
    if following is None:
        messages.success(request, _("All questions have been reviewed."))
        return redirect("questions:office", slug=hearing.slug)
    return redirect("questions:triage", slug=hearing.slug, pk=following.pk)


@staff
@require_GET
def first(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Begin the triage with the oldest question that nobody has looked at."""
    waiting = queries.live(queries.questions_of(hearing)).filter(state=State.SUBMITTED).first()
    if waiting is None:
        messages.info(request, _("All questions have been reviewed."))
        return redirect("questions:office", slug=hearing.slug)
    return redirect("questions:triage", slug=hearing.slug, pk=waiting.pk)


@for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS, Duty.PROTECTED})
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Return all questions that match the page's filters, on all its pages, as a file."""
    return answer(request, hearing, csv_columns.TABLE, kind)


@personal
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Show a participant's questions, and a form for another one."""
    panels = queries.open_panels(registration)
    form = PutForm(panels, request.POST or None)
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    unread: list[PublicPiece] = []
    if request.method == "POST" and form.is_valid():
        unread = _unread(request, registration, form.cleaned_data["text"])
    if request.method == "POST" and form.is_valid() and not unread and _put(form, registration):
        messages.success(request, _("Your question has been received."))
        return redirect("registration:personal", secret=secret)
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "questions": queries.own(registration),
        "form": form,
        "can_ask": queries.can_ask(registration, panels),
        "most": actions.MOST,
        "unread": unread,
        "digest": _digest(unread),
        "secret": secret,
    }
    return render(request, "questions/own.html", context)


def _unread(request: HttpRequest, registration: Registration, text: str) -> list[PublicPiece]:
    """Return the question as the public reads it; [] without an alias, or once it was read so."""
    if not public_words.bearers_of(registration):
        return []
    shown = public_words.public_pieces(registration, text)
    return [] if request.POST.get("read") == _digest(shown) else shown


def _digest(shown: list[PublicPiece]) -> str:
    return sha256("".join(piece.text for piece in shown).encode()).hexdigest()


def _put(form: PutForm, registration: Registration) -> bool:
    try:
        actions.put(
            registration=registration,
            text=form.cleaned_data["text"],
            segment=form.panel(),
            actor=actor_of(registration),
        )
    except RegistrationRefused as refused:
        form.add_error("text", refused.sentence)
        return False
    return True
