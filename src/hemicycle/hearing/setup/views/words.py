"""The office page with the hearing's texts, languages side by side, and files for translators."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Role
from hemicycle.hearing.setup import actions, exchange, translations
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.parts import PARTS
from hemicycle.hearing.setup.translations import HearingText, TextChange
from hemicycle.record import writer
from hemicycle.ui import spreadsheets
from hemicycle.ui.languages import language_name
from hemicycle.ui.uploads import takes_files

secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)

MOST_CELLS = 800
"""The most texts on one page: Django refuses forms with more than a thousand fields."""


@dataclass(frozen=True, slots=True)
class TranslationCell:
    """One text in one language, as the page shows it."""

    entry: HearingText
    tag: str
    text: str
    problem: str = ""

    @property
    def name(self) -> str:
        """The name of its form field."""
        return f"{self.entry.key}|{self.tag}"

    @property
    def is_missing(self) -> bool:
        """Whether there is no text."""
        return not self.text

    @property
    def is_outdated(self) -> bool:
        """Whether the original has changed since the translation."""
        return self.entry.is_outdated(self.tag)

    @property
    def language(self) -> str:
        """The name of the language."""
        return language_name(self.tag)


@never_cache
@secretariat
@takes_files(exchange.LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Translate the hearing's texts, or import the file that a translator has filled in."""
    hearing = actions.whole(hearing.id)
    listed = translations.entries(hearing)
    tags = translations.targets(hearing, listed)
    if request.method == "POST" and "file" in request.FILES:
        return _bring(request, hearing, listed, tags)
    if request.method == "POST" and "upload" in request.POST:
        return _show(request, hearing, listed, tags, refused=_("Choose a file first."), status=422)
    if request.method == "POST":
        return _save(request, hearing, listed, tags)
    return _show(request, hearing, listed, tags)


def _chosen(request: HttpRequest, listed: Sequence[HearingText], tags: Sequence[str]) -> list[str]:
    """Return the languages on the page: the requested ones, else as many as one form can hold."""
    asked = [tag for tag in tags if tag in request.GET.getlist("in")]
    most = max(1, MOST_CELLS // max(1, len(listed)))
    return (asked or list(tags))[:most]


def _wanted(
    request: HttpRequest, listed: Sequence[HearingText], tags: Sequence[str]
) -> list[HearingText]:
    if request.GET.get("only") != "missing":
        return list(listed)
    return [
        entry
        for entry in listed
        if any(not entry.text(tag) or entry.is_outdated(tag) for tag in tags)
    ]


def _digest(listed: Sequence[HearingText], tags: Sequence[str]) -> str:
    """Return a digest of what the page shows, by which a change in another tab is noticed."""
    said = repr([(entry.key, entry.original, *map(entry.text, tags)) for entry in listed])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _save(
    request: HttpRequest, hearing: Hearing, listed: Sequence[HearingText], tags: Sequence[str]
) -> HttpResponse:
    by = actor(request, Role.SECRETARIAT)
    with writer.writing(hearing.id, actor=by):
        fresh = translations.entries(actions.whole(hearing.id))
        chosen = _chosen(request, fresh, tags)
        typed = _typed(request, fresh, chosen)
        faulty = [cell for cells in typed.values() for cell in cells if cell.problem]
        is_old = request.POST.get("seen") != _digest(fresh, chosen)
        if not faulty and not is_old:
            count = translations.save(hearing, _changes(request, typed), actor=by)
            messages.success(request, _("Saved.") if count else _("Nothing was changed."))
            return redirect(request.get_full_path())
    refused = (
        _(
            "Someone else has changed this part since you opened it. Your text is below. "
            "Saving again replaces theirs."
        )
        if is_old
        else _("Some texts are too long. Nothing has been saved yet.")
    )
    return _show(request, hearing, fresh, tags, refused=refused, typed=typed, status=422)


def _typed(
    request: HttpRequest, listed: Sequence[HearingText], tags: Sequence[str]
) -> dict[str, list[TranslationCell]]:
    found: dict[str, list[TranslationCell]] = {}
    for entry in listed:
        for tag in tags:
            sent = request.POST.get(f"{entry.key}|{tag}")
            if sent is not None:
                text = sent.replace("\r\n", "\n").replace("\x00", "").strip()
                found.setdefault(entry.key, []).append(
                    TranslationCell(entry, tag, text, _fault(entry, text))
                )
    return found


def _fault(entry: HearingText, text: str) -> str:
    if len(text) <= entry.limit:
        return ""
    sentence = _("This is %(length)d characters long. The limit is %(limit)d.")
    return sentence % {"length": len(text), "limit": entry.limit}


def _changes(request: HttpRequest, typed: dict[str, list[TranslationCell]]) -> list[TextChange]:
    """Return the typed texts; an unchanged outdated text stays outdated unless confirmed."""
    confirmed = set(request.POST.getlist("confirmed"))
    return [
        TextChange(
            cells[0].entry,
            {cell.tag: cell.text for cell in cells},
            {
                cell.tag: cell.is_outdated
                and cell.text == cell.entry.text(cell.tag)
                and cell.name not in confirmed
                for cell in cells
            },
        )
        for cells in typed.values()
    ]


def _bring(
    request: HttpRequest, hearing: Hearing, listed: Sequence[HearingText], tags: Sequence[str]
) -> HttpResponse:
    sent = request.FILES.get("file")
    content = sent.read(exchange.LARGEST + 1) if sent else b""
    try:
        brought = exchange.read(content, listed, tags)
    except exchange.FileRefused as refused:
        return _show(request, hearing, listed, tags, refused=str(refused), status=422)
    by = actor(request, Role.SECRETARIAT)
    count = translations.save(hearing, brought.changes, actor=by)
    fresh = translations.entries(actions.whole(hearing.id))
    return _show(request, hearing, fresh, tags, brought=brought, count=count)


def _show(
    request: HttpRequest,
    hearing: Hearing,
    listed: Sequence[HearingText],
    tags: Sequence[str],
    *,
    status: int = 200,
    typed: dict[str, list[TranslationCell]] | None = None,
    **more: Any,
) -> HttpResponse:
    chosen = _chosen(request, listed, tags)
    known = typed or {}
    shown = _wanted(request, listed, chosen) if not known else list(listed)
    rows = [
        (
            entry,
            known.get(entry.key)
            or [TranslationCell(entry, tag, entry.text(tag)) for tag in chosen],
        )
        for entry in shown
    ]
    context = {
        "hearing": hearing,
        "parts": PARTS,
        "here": "words",
        "rows": rows,
        "languages": [
            (progress, language_name(progress.tag), progress.tag in chosen)
            for progress in (translations.progress(listed, tag) for tag in tags)
        ],
        "original_name": language_name(hearing.original_language),
        "seen": _digest(listed, chosen),
        "is_filtered": request.GET.get("only") == "missing",
        **more,
    }
    return render(request, "hearing/words.html", context, status=status)


@never_cache
@secretariat
@require_safe
def file(request: HttpRequest, hearing: Hearing, name: str) -> HttpResponse:
    """Return the texts for translators as `<language>.xlf`, or as `words.csv` in all languages."""
    listed = translations.entries(hearing)
    tags = translations.targets(hearing, listed)
    tag, _dot, kind = name.rpartition(".")
    if name == "words.csv":
        content, media_type = exchange.to_csv(hearing, listed, tags), spreadsheets.CSV_TYPE
    elif kind == "xlf" and tag in tags:
        content, media_type = exchange.to_xliff(hearing, listed, tag), exchange.XLIFF_TYPE
    else:
        raise Http404
    disposition = f'attachment; filename="{hearing.slug}-{name}"'
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": disposition}
    )
