"""The translators' pages: the languages, a language sentence by sentence, one sentence."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import actions, queries, translating, translations
from hemicycle.outcome.summary.access import drafted_summary
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.document import draft_of
from hemicycle.outcome.summary.forms import TranslationForm
from hemicycle.outcome.summary.headings import group_title, heading
from hemicycle.outcome.summary.models import Sentence, SentenceTranslation, Summary
from hemicycle.outcome.summary.translating import TranslationConflict
from hemicycle.outcome.summary.translations import SectionPairs, SentencePair
from hemicycle.outcome.summary.versions import difference
from hemicycle.outcome.summary.views.downloads import file_response
from hemicycle.ui import searches
from hemicycle.ui.languages import language_name, own_name, speaking

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
LEFT = "left"
"""The value of `?show` that leaves out finished translations."""


@never_cache
@secretariat
@require_GET
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the languages with their progress and public versions."""
    summary = drafted_summary(hearing)
    context = {"hearing": hearing, "summary": summary, "rows": translations.overview(summary)}
    return render(request, "summary/translations.html", context)


@never_cache
@secretariat
@require_GET
def language(request: HttpRequest, hearing: Hearing, language: str) -> HttpResponse:
    """Show all sentences beside their translations."""
    summary = _summary(hearing, language)
    whole = translations.side_by_side(summary, language)
    words, left = searches.words(request.GET), request.GET.get("show") == LEFT
    shown = translations.only(whole, words=words, left=left)
    first = next((pair for part in whole for pair in part.pairs if not pair.is_done), None)
    context = {
        **_in(summary, language),
        "progress": translations.counted(whole),
        "groups": _by_panel(shown),
        "first": first,
        "tabs": _tabs(hearing, language, left=left),
    }
    return render(request, "summary/translation.html", context)


def _summary(hearing: Hearing, language: str) -> Summary:
    """Return the summary. Raises `Http404` for a language into which it is not translated."""
    summary = drafted_summary(hearing)
    begun = summary.translations.filter(language=language)
    if language not in translations.languages_of(summary) and not begun.exists():
        raise Http404(_("The summary of this hearing is not translated into this language."))
    return summary


def _in(summary: Summary, language: str) -> dict[str, Any]:
    return {
        "hearing": summary.hearing,
        "summary": summary,
        "language": language,
        "language_name": language_name(language),
        "own_name": own_name(language),
        "original_name": language_name(summary.language),
    }


def _by_panel(parts: list[SectionPairs]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for part in parts:
        title = group_title(part.section)
        if not groups or groups[-1]["title"] != title:
            groups.append({"title": title, "parts": []})
        groups[-1]["parts"].append(part)
    return groups


def _tabs(hearing: Hearing, language: str, *, left: bool) -> list[tuple[str, str, bool]]:
    where = reverse("summary:translation", args=(hearing.slug, language))
    return [
        (where, _("All sentences"), not left),
        (f"{where}?show={LEFT}", _("Still to translate"), left),
    ]


# ── One sentence ──────────────────────────────────────────────────────────────────────────────


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def sentence(request: HttpRequest, hearing: Hearing, language: str, pk: UUID) -> HttpResponse:
    """Translate a sentence; the button "next" leads to the next one to be translated."""
    summary = _summary(hearing, language)
    row = _rows(hearing).filter(pk=pk).first()
    if request.method != "POST":
        if row is None or not row.is_shown:
            raise Http404(_("This sentence has been drafted again since you opened it."))
        return _page(request, summary, language, row, None)
    form = TranslationForm(row, language, request.POST)
    if not form.is_valid():
        if row is None:
            return _conflict(request, summary, language, TranslationConflict(None, "", ""))
        return _page(request, summary, language, row, form)
    try:
        saved = translating.translate(
            hearing=hearing,
            sentence=pk,
            language=language,
            text=form.cleaned_data["text"],
            addressee=form.cleaned_data.get("addressee", ""),
            state=form.cleaned_data["state"],
            revision=form.cleaned_data["revision"] or 0,
            actor=actor(request, Role.SECRETARIAT),
        )
    except TranslationConflict as conflict:
        return _conflict(request, summary, language, conflict)
    except SummaryRefused as refused:
        form.add_error(None, refused.sentence)
        assert row is not None
        return _page(request, summary, language, row, form)
    if saved.text.split() != form.cleaned_data["text"].split():
        said = _("The name of someone who has an alias was replaced. Check the sentence.")
        messages.warning(request, said)
    return redirect(_after(request, summary, saved))


def _rows(hearing: Hearing) -> Any:
    rows = Sentence.objects.filter(section__summary__hearing=hearing)
    return rows.select_related("section__summary", "section__segment", "section__guiding_question")


def _after(request: HttpRequest, summary: Summary, saved: SentenceTranslation) -> str:
    """Return the address to show after saving: the next sentence to translate, or the list."""
    slug, language = summary.hearing.slug, saved.language
    if request.POST.get("do") == "next":
        whole = translations.side_by_side(summary, language)
        pair = translations.following(whole, saved.sentence)
        if pair is not None:
            return reverse("summary:translate", args=(slug, language, pair.row.pk))
        messages.success(request, _("All sentences are translated."))
    where = reverse("summary:translation", args=(slug, language))
    return f"{where}#s-{saved.sentence_id.hex}"


def _page(
    request: HttpRequest,
    summary: Summary,
    language: str,
    row: Sentence,
    form: TranslationForm | None,
) -> HttpResponse:
    pair = _pair(row, language)
    own, offer = pair.translation, pair.offer
    shown = own or offer
    initial = {
        "text": shown.text if shown else "",
        "addressee": shown.addressee if shown else "",
        "state": translating.state_of(row),
        "revision": own.revision if own else 0,
    }
    context = {
        **_in(summary, language),
        **_about(row, language, pair),
        "form": form or TranslationForm(row, language, initial=initial),
        "is_offered": own is None and offer is not None and form is None,
    }
    part = request.headers.get("HX-Request") == "true"
    template = "summary/_translate.html" if part else "summary/translate.html"
    return render(request, template, context, status=422 if form is not None else 200)


def _pair(row: Sentence, language: str) -> SentencePair:
    own = row.translations.filter(language=language).select_related("written_by").first()
    same = SentenceTranslation.objects.filter(
        sentence__section__summary=row.section.summary,
        language=language,
        of_text=row.text,
        of_addressee=row.addressee,
    )
    return SentencePair(row, own, None if own else same.first())


def _about(row: Sentence, language: str, pair: SentencePair) -> dict[str, Any]:
    """Return what the form shows of the original: its words, its sources, and its changes."""
    own = pair.translation
    changed = own is not None and pair.state == translations.OUTDATED and own.of_text
    with speaking(language):
        title = heading(row.section, language)
    return {
        "row": row,
        "pair": pair,
        "heading": title,
        "cited": queries.cited(row.sources, queries.statements_by_id(row.section.summary.hearing)),
        "pieces": difference(own.of_text, row.text) if own and changed else (),
    }


def _conflict(
    request: HttpRequest, summary: Summary, language: str, conflict: TranslationConflict
) -> HttpResponse:
    """Show the current text beside the user's own, which can be saved over it."""
    row = conflict.sentence
    yours = conflict.yours or request.POST.get("text", "")
    context: dict[str, Any] = {**_in(summary, language), "row": row, "yours": yours}
    if row is not None:
        pair = _pair(row, language)
        own = pair.translation
        initial = {
            "text": yours,
            "addressee": conflict.addressee,
            "state": translating.state_of(row),
            "revision": own.revision if own else 0,
        }
        context |= {
            **_about(row, language, pair),
            "form": TranslationForm(row, language, initial=initial),
            "is_theirs": own is not None and str(own.revision) != request.POST.get("revision"),
            "has_changed": translating.state_of(row) != request.POST.get("state"),
        }
    return render(request, "summary/translation_conflict.html", context, status=409)


@never_cache
@secretariat
@require_GET
def edit_status(request: HttpRequest, hearing: Hearing, language: str, pk: UUID) -> HttpResponse:
    """Return whether a translation has changed since it was opened, and who else has it open."""
    row = get_object_or_404(_rows(hearing), pk=pk)
    own = row.translations.filter(language=language).select_related("written_by").first()
    changed = str(own.revision if own else 0) != request.GET.get("revision", "")
    person = request.user
    context = {
        "row": own,
        "language": language,
        "others": actions.mark_present(row, person, language) if isinstance(person, Person) else [],
        "changed": changed and own is not None,
        "by": own.written_by.name if changed and own and own.written_by else "",
    }
    return render(request, "summary/_edit_status.html", context)


# ── Publication, files ────────────────────────────────────────────────────────────────────────


@secretariat
@require_POST
def publish(request: HttpRequest, hearing: Hearing, language: str) -> HttpResponse:
    """Publish a translation, or withdraw it."""
    _summary(hearing, language)
    by = actor(request, Role.SECRETARIAT)
    name = {"language": language_name(language)}
    try:
        if request.POST.get("do") == "take-back":
            translating.take_back(hearing=hearing, language=language, actor=by)
            said = _("The translation is no longer public: %(language)s.")
        else:
            incomplete = request.POST.get("incomplete") == "on"
            translating.publish(hearing=hearing, language=language, incomplete=incomplete, actor=by)
            said = _("The translation is now public: %(language)s.")
        messages.success(request, said % name)
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("summary:translations", slug=hearing.slug)


@never_cache
@secretariat
@require_GET
def paper(request: HttpRequest, hearing: Hearing, language: str, kind: str) -> HttpResponse:
    """Send the current text of a translation as a file."""
    summary = _summary(hearing, language)
    return file_response(draft_of(summary, language, kind), summary, language, kind)
