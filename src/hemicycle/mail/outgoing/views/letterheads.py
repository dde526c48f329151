"""The page about the letterhead, the signature and the reference numbers of papers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads, wording
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.forms import LetterheadForm, ReferencesForm
from hemicycle.mail.outgoing.letterheads import LetterheadText
from hemicycle.mail.outgoing.models import Reference
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.ui.languages import language_name

SHOWN = 50
"""References on the page at most, the latest first."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Change the letterhead in a language (`?in=`), or how references are numbered."""
    language = request.GET.get("in", "")
    if language not in ("", *wording.languages_of(hearing)):
        raise Http404
    sent = request.POST if request.method == "POST" else None
    is_numbering = bool(sent) and request.POST.get("act") == "number"
    own = letterheads.own(hearing, language)
    series = letterheads.series(hearing.id)
    form = LetterheadForm(None if is_numbering else sent, initial=LetterheadForm.values_of(own))
    references = ReferencesForm(
        sent if is_numbering else None,
        initial={"pattern": series.pattern, "following": series.last + 1},
    )
    if form.is_valid():
        by, text = actor(request, Role.SECRETARIAT), LetterheadText(**form.cleaned_data)
        letterheads.change(hearing=hearing, language=language, text=text, actor=by)
        messages.success(request, _("The letterhead has been saved. New papers will have it."))
        return redirect(request.get_full_path())
    if references.is_valid() and _number(request, hearing, references):
        messages.success(request, _("New papers will be numbered like this."))
        return redirect(request.get_full_path())
    return _shown(request, hearing, language, form, references)


def _number(request: HttpRequest, hearing: Hearing, form: ReferencesForm) -> bool:
    by = actor(request, Role.SECRETARIAT)
    try:
        letterheads.number_from(hearing=hearing, **form.cleaned_data, actor=by)
    except OutgoingRefused as refused:
        form.add_error("following", refused.sentence)
        return False
    return True


def _shown(
    request: HttpRequest,
    hearing: Hearing,
    language: str,
    form: LetterheadForm,
    references: ReferencesForm,
) -> HttpResponse:
    page = reverse("outgoing:letterhead", args=(hearing.slug,))
    languages = wording.languages_of(hearing)
    named = [(f"{page}?in={code}", language_name(code), code == language) for code in languages]
    known = known_letters()
    context = {
        "hearing": hearing,
        "form": form,
        "references": references,
        "tabs": [(page, _("All other languages"), not language), *named],
        "shown_in": language or languages[0],
        "draft": letterheads.draft(hearing),
        "given": [
            (row.text, known[row.letter].label if row.letter in known else "", row.taken_at)
            for row in Reference.objects.filter(hearing_id=hearing.id)[:SHOWN]
        ],
    }
    status = 422 if form.is_bound or references.is_bound else 200
    return render(request, "outgoing/letterhead.html", context, status=status)
