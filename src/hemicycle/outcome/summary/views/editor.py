"""The pages that edit, move, add and cite sentences of the summary.

Each works as a separate page; a script may open the form of a sentence in its place.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.hearing import language_model
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import actions, assistant, queries
from hemicycle.outcome.summary.actions import EditConflict, SummaryRefused
from hemicycle.outcome.summary.forms import CiteForm, MoveSentenceForm, SentenceForm, uuid_of
from hemicycle.outcome.summary.models import Section, Sentence, Summary
from hemicycle.outcome.summary.sources import citable, passage
from hemicycle.outcome.summary.versions import difference

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
ACTS = {"remove": actions.remove, "restore": actions.restore}


def _rows(hearing: Hearing) -> Any:
    rows = Sentence.objects.filter(section__summary__hearing=hearing)
    return rows.select_related("section__summary", "section__segment", "section__guiding_question")


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def sentence(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Edit a sentence, remove it or restore it."""
    row = _rows(hearing).filter(pk=pk).first()
    if request.method != "POST":
        if row is None:
            raise Http404(_("This sentence has been drafted again since you opened it."))
        return _editor(request, hearing, row, None)
    if request.POST.get("do") in ACTS:
        return _remove(request, hearing, pk, row)
    texts = queries.statements_by_id(hearing)
    cited = queries.cited(row.sources, texts) if row else ()
    form = SentenceForm(hearing, cited, request.POST, language=_language(hearing), asks=_asks(row))
    if not form.is_valid():
        if row is None:
            return _gone(request, hearing, form)
        return _editor(request, hearing, row, form)
    return _save(request, hearing, pk, form)


def _save(request: HttpRequest, hearing: Hearing, pk: UUID, form: SentenceForm) -> HttpResponse:
    try:
        row = actions.edit(
            hearing=hearing,
            sentence=pk,
            text=form.cleaned_data["text"],
            sources=form.sources(),
            addressee=form.cleaned_data.get("addressee"),
            revision=form.cleaned_data["revision"] or 0,
            actor=actor(request, Role.SECRETARIAT),
        )
    except EditConflict as conflict:
        return _conflict(request, hearing, conflict, form)
    except SummaryRefused as refused:
        form.add_error(None, refused.sentence)
        row = _rows(hearing).filter(pk=pk).first()
        return _editor(request, hearing, row, form) if row else _gone(request, hearing, form)
    _tell_of_names(request, row, form.cleaned_data["text"])
    return redirect(_office_url(hearing, row))


def _tell_of_names(request: HttpRequest, row: Sentence, typed: str) -> None:
    """Tell the user, on the next page, that names in the typed sentence were replaced."""
    if row.text.split() != typed.split():
        messages.warning(
            request, _("The name of someone who has an alias was replaced. Check the sentence.")
        )


def _office_url(hearing: Hearing, row: Sentence) -> str:
    return f"{reverse('summary:office', args=(hearing.slug,))}#s-{row.pk.hex}"


def _language(hearing: Hearing) -> str:
    return get_object_or_404(Summary, hearing=hearing).language


def _asks(row: Sentence | None) -> bool:
    """Whether a sentence is a recommendation, whose form has a field for who should act."""
    return row is not None and row.section.is_recommendations


@never_cache
@secretariat
@require_GET
def edit_status(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Return whether a sentence has changed since it was opened, and who else has it open."""
    row = get_object_or_404(_rows(hearing), pk=pk)
    seen = request.GET.get("revision", "")
    changed = seen.isdecimal() and len(seen) < 16 and int(seen) != row.revision
    context = {
        "row": row,
        "summary": row.section.summary,
        "others": actions.mark_present(row, request.user)
        if isinstance(request.user, Person)
        else [],
        "changed": changed,
        "by": queries.last_editor(row) if changed else "",
    }
    return render(request, "summary/_edit_status.html", context)


def _editor(
    request: HttpRequest, hearing: Hearing, row: Sentence, form: SentenceForm | None
) -> HttpResponse:
    cited = queries.cited(row.sources, queries.statements_by_id(hearing))
    summary = row.section.summary
    initial = {
        "text": row.text,
        "addressee": row.addressee,
        "kept": [citation.value for citation in cited],
        "revision": row.revision,
        "section": row.section_id,
    }
    context = {
        "hearing": hearing,
        "row": row,
        "summary": summary,
        "form": form
        or SentenceForm(
            hearing, cited, initial=initial, language=summary.language, asks=_asks(row)
        ),
        "move": MoveSentenceForm(
            summary, initial={"section": row.section_id, "revision": row.revision}
        ),
        "cited": cited,
        "is_fixed": summary.published_at is not None,
    }
    part = request.headers.get("HX-Request") == "true"
    template = "summary/_editor.html" if part else "summary/sentence.html"
    status = 422 if form is not None else 200
    return render(request, template, context, status=status)


def _conflict(
    request: HttpRequest, hearing: Hearing, conflict: EditConflict, form: SentenceForm
) -> HttpResponse:
    """Show both texts, with the user's own ready to be saved over the other."""
    if conflict.row is None:
        return _gone(request, hearing, form)
    row = conflict.row
    cited = queries.cited(row.sources, queries.statements_by_id(hearing))
    own = {citation.value for citation in cited} & set(request.POST.getlist("kept"))
    again = SentenceForm(
        hearing,
        cited,
        initial={
            "text": conflict.yours,
            "addressee": request.POST.get("addressee", ""),
            "kept": own or [citation.value for citation in cited],
            "more": request.POST.get("more", ""),
            "revision": row.revision,
            "section": row.section_id,
        },
        language=row.section.summary.language,
        asks=_asks(row),
    )
    context = {
        "hearing": hearing,
        "row": row,
        "summary": row.section.summary,
        "form": again,
        "yours": conflict.yours,
        "pieces": difference(row.text, conflict.yours),
    }
    return render(request, "summary/edit_conflict.html", context, status=409)


def _gone(request: HttpRequest, hearing: Hearing, form: SentenceForm) -> HttpResponse:
    """Offer to add the user's text to a section, since the sentence no longer exists."""
    summary = get_object_or_404(Summary, hearing=hearing)
    wanted = form.data.get("section", "")
    sections = list(summary.sections.select_related("segment"))
    section = next(
        (candidate for candidate in sections if str(candidate.pk) == wanted), sections[0]
    )
    initial = {"text": form.data.get("text", ""), "more": form.data.get("more", "")}
    context = {
        "hearing": hearing,
        "section": section,
        "summary": summary,
        "form": SentenceForm(hearing, (), initial=initial, language=summary.language),
        "gone": True,
    }
    return render(request, "summary/add.html", context, status=409)


def _remove(request: HttpRequest, hearing: Hearing, pk: UUID, row: Sentence | None) -> HttpResponse:
    act = ACTS[request.POST["do"]]
    revision = request.POST.get("revision", "")
    try:
        act(
            hearing=hearing,
            sentence=pk,
            revision=int(revision) if revision.isdecimal() and len(revision) < 16 else 0,
            actor=actor(request, Role.SECRETARIAT),
        )
    except EditConflict:
        said = _(
            "This sentence has been changed since you opened it. Check it again before "
            "you remove it."
        )
        messages.error(request, said)
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    where = reverse("summary:office", args=(hearing.slug,))
    return redirect(f"{where}#part-{row.section_id.hex}" if row else where)


@secretariat
@require_POST
def move(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Move a sentence one step up or down, or to the end of another section."""
    row = get_object_or_404(_rows(hearing), pk=pk)
    form = MoveSentenceForm(row.section.summary, request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a section for the sentence."))
        return redirect(_office_url(hearing, row))
    section = form.chosen()
    try:
        row = actions.move(
            hearing=hearing,
            sentence=pk,
            section=section.pk,
            before=_before(section, row, request.POST.get("do", "")),
            revision=form.cleaned_data["revision"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except EditConflict:
        messages.error(
            request, _("This sentence has been changed since you opened it. Check it again.")
        )
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    return redirect(_office_url(hearing, row))


def _before(section: Section, row: Sentence, step: str) -> UUID | None:
    """Return the sentence in front of which `row` moves; None for the end of the section."""
    shown = [sentence.pk for sentence in section.sentences.filter(removed_at=None)]
    if step not in {"up", "down"} or row.pk not in shown:
        return None
    at = shown.index(row.pk)
    if step == "up":
        return shown[max(0, at - 1)] if at else shown[min(1, len(shown) - 1)]
    return shown[at + 2] if at + 2 < len(shown) else None


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Add a sentence at the end of a section."""
    sections = Section.objects.filter(summary__hearing=hearing)
    section = get_object_or_404(sections.select_related("summary__hearing", "segment"), pk=pk)
    sent = request.POST if request.method == "POST" else None
    summary = section.summary
    form = SentenceForm(
        hearing, (), sent, language=summary.language, asks=section.is_recommendations
    )
    if form.is_bound and form.is_valid():
        try:
            row = actions.write(
                section=section,
                text=form.cleaned_data["text"],
                sources=form.sources(),
                addressee=form.cleaned_data.get("addressee", ""),
                actor=actor(request, Role.SECRETARIAT),
            )
        except SummaryRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            _tell_of_names(request, row, form.cleaned_data["text"])
            return redirect(_office_url(hearing, row))
    context = {"hearing": hearing, "summary": summary, "section": section, "form": form}
    return render(request, "summary/add.html", context, status=422 if form.is_bound else 200)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def cite(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show a statement sentence by sentence; on POST cite one under a section."""
    summary = get_object_or_404(Summary.objects.select_related("hearing"), hearing=hearing)
    found = passage(hearing, pk, None)
    if found is None:
        raise Http404(_("There is no such statement in this hearing."))
    statement = found["source"].statement
    form = CiteForm(summary, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            row = actions.cite(
                section=form.chosen(),
                statement=statement,
                sentence=form.cleaned_data["sentence"],
                actor=actor(request, Role.SECRETARIAT),
            )
        except SummaryRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect(_office_url(hearing, row))
    telling = {sentence.index for sentence in citable(found["source"])}
    said = [{**sentence, "telling": sentence["number"] in telling} for sentence in found["said"]]
    own = summary.sections.filter(segment=statement.inscription and statement.inscription.segment)
    context = {
        "hearing": hearing,
        "source": found["source"],
        "said": said,
        "form": form,
        "sections": form.fields["section"].choices,  # type: ignore[attr-defined]
        "likely": str(getattr(own.last(), "pk", "")),
        "open": found["source"].is_citable and summary.published_at is None,
    }
    return render(request, "summary/cite.html", context, status=422 if form.is_bound else 200)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Ask a language model for sentences; on "take" add one of them to the section."""
    if not language_model.is_set_up():
        raise Http404(_("No language model is set up here."))
    sections = Section.objects.filter(summary__hearing=hearing)
    section = get_object_or_404(sections.select_related("summary__hearing", "segment"), pk=pk)
    if request.POST.get("do") == "take":
        return _take_in(request, hearing, section)
    context: dict[str, Any] = {
        "hearing": hearing,
        "summary": section.summary,
        "section": section,
        "suggestions": None,
    }
    if request.method == "POST":
        try:
            context["suggestions"] = assistant.suggestions(section)
        except language_model.ModelUnavailable as unanswered:
            context["unanswered"] = unanswered.sentence
    return render(request, "summary/suggest.html", context)


def _take_in(request: HttpRequest, hearing: Hearing, section: Section) -> HttpResponse:
    try:
        row = actions.write(
            section=section,
            text=request.POST.get("text", ""),
            sources=list(_named(request.POST.getlist("source"))),
            origin=Sentence.Origin.OFFERED,
            actor=actor(request, Role.SECRETARIAT),
            what="offered",
        )
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("summary:suggest", slug=hearing.slug, pk=section.pk)
    return redirect(_office_url(hearing, row))


def _named(values: list[str]) -> Iterator[dict[str, Any]]:
    """Parse sources of the form "statement/sentence". Raises `SummaryRefused` for any other."""
    for value in values:
        statement, _slash, number = value.partition("/")
        id = uuid_of(statement)
        if id is None or not number.isdecimal() or len(number) > 6:
            raise SummaryRefused(_("A source is not in this hearing, or is still confidential."))
        yield {"statement": id.hex, "sentence": int(number)}
    if not values:
        raise SummaryRefused(_("It names no source."))
