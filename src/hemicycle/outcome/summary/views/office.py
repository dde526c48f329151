"""The secretariat's pages of the summary: overview, sources, coverage, drafting, publishing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from hemicycle.hearing import language_model
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import actions, pictures, queries, sources, translations
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.forms import DraftForm, uuid_of
from hemicycle.outcome.summary.headings import group_title
from hemicycle.outcome.summary.models import Summary
from hemicycle.outcome.summary.participation import (
    chair_turns,
    columns,
    figures,
    panel_outcomes,
)
from hemicycle.ui import searches
from hemicycle.ui.languages import language_name

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})


@never_cache
@secretariat
@require_GET
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show each section with its sentences and their sources."""
    summary, texts = queries.summary_of(hearing), queries.statements_by_id(hearing)
    if summary is None:
        ready = sum(source.is_citable for source in texts.values())
        empty = {"hearing": hearing, "citable": ready, "form": DraftForm(hearing)}
        return render(request, "summary/empty.html", empty)
    whole = queries.parts(summary, texts)
    words = searches.words(request.GET)
    searched = bool(words)
    shown = queries.matching(whole, words, queries.translated_texts(summary)) if searched else whole
    context = {
        "hearing": hearing,
        "summary": summary,
        "panels": by_panel(shown),
        "searched": searched,
        "coverage": queries.coverage(whole, texts.values()),
        "is_fixed": summary.published_at is not None,
        "language_name": language_name(summary.language),
        "form": _draft_form(summary),
        "sentences": sum(len(part.sentences) for part in whole),
        "beside": _beside(request, hearing),
        "has_model": language_model.is_set_up(),
        "behind": [language_name(tag) for tag in translations.behind(summary)],
    }
    return render(request, "summary/office.html", context)


def _draft_form(summary: Summary) -> DraftForm | None:
    """Return the form that chooses the draft's language; None if there is no choice."""
    form = DraftForm(summary.hearing, initial={"language": summary.language})
    is_open = form.has_choice and summary.published_at is None
    return form if is_open and not actions.keeps_language(summary) else None


def by_panel(parts: list[queries.SectionView]) -> list[dict[str, Any]]:
    """Group the sections under the title of their panel."""
    groups: list[dict[str, Any]] = []
    for part in parts:
        title = group_title(part.section)
        if not groups or groups[-1]["title"] != title:
            asked = part.section.is_recommendations
            groups.append({"title": title, "parts": [], "is_recommendations": asked})
        groups[-1]["parts"].append(part)
    return groups


def _beside(request: HttpRequest, hearing: Hearing) -> dict[str, Any] | None:
    """Return the source that the query string names, to show beside the sentences."""
    seq, statement = request.GET.get("seq", ""), uuid_of(request.GET.get("statement", ""))
    if seq.isdecimal() and len(seq) < 16:
        return sources.entry(hearing, int(seq))
    if statement is None:
        return None
    number = request.GET.get("sentence", "")
    index = int(number) if number.isdecimal() and len(number) < 9 else None
    return sources.passage(hearing, statement, index)


@never_cache
@secretariat
@require_GET
def source(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show one source: a passage of a statement, or an entry of the record."""
    found = _beside(request, hearing)
    if found is None:
        raise Http404(_("There is no such source in this hearing."))
    part = request.headers.get("HX-Request") == "true"
    template = "summary/_source.html" if part else "summary/source.html"
    return render(request, template, {"hearing": hearing, "beside": found})


@never_cache
@secretariat
@require_GET
def coverage(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show participation figures, and which statements the summary does not reflect yet."""
    summary = queries.summary_of(hearing)
    if summary is None:
        return redirect("summary:office", slug=hearing.slug)
    texts = queries.statements_by_id(hearing)
    found = queries.coverage(queries.parts(summary, texts), texts.values())
    outcomes = panel_outcomes(hearing)
    context = {
        "hearing": hearing,
        "coverage": found,
        "groups": _groups(found),
        "interventions": queries.interventions_covered(
            outcomes, texts.values(), chair_turns(hearing)
        ),
        "figures": figures(hearing, outcomes),
        "pictures": pictures.speaking_times(outcomes),
        "columns": columns(),
    }
    return render(request, "summary/coverage.html", context)


def _groups(found: queries.Coverage) -> list[tuple[str, str, Any, bool]]:
    return [
        (
            _("Not yet reflected"),
            _("No sentence of the summary cites these statements."),
            found.not_yet,
            True,
        ),
        (
            _("Without a text that could be cited"),
            _(
                "The file could not be read, or contains only courtesies. Ask the participant "
                "for the text."
            ),
            found.without_text,
            False,
        ),
        (
            _("Still confidential"),
            _("These speakers did not speak, for a reason other than lack of time."),
            found.confidential,
            False,
        ),
        (_("Reflected"), _("At least one sentence cites them."), found.reflected, True),
    ]


@secretariat
@require_POST
def draft(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Draft the summary, or draft unedited parts again."""
    try:
        actions.draft(
            hearing=hearing,
            language=request.POST.get("language", ""),
            actor=actor(request, Role.SECRETARIAT),
        )
        messages.success(
            request, _("The summary has been drafted from the statements and the record.")
        )
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("summary:office", slug=hearing.slug)


@secretariat
@require_POST
def publish(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Publish the summary, or unpublish it."""
    by = actor(request, Role.SECRETARIAT)
    try:
        if request.POST.get("do") == "take-back":
            actions.take_back(hearing=hearing, actor=by)
            messages.success(request, _("The summary is no longer public. You can change it."))
        else:
            actions.publish(hearing=hearing, actor=by)
            messages.success(
                request,
                _(
                    "The summary is now public. It cannot be changed until it is "
                    "withdrawn from publication."
                ),
            )
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("summary:office", slug=hearing.slug)
