"""The page about the letterhead, its picture, the signature and the reference numbers."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads, wording
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.forms import (
    LetterheadForm,
    LetterheadPictureForm,
    ReferencesForm,
)
from hemicycle.mail.outgoing.letterheads import LetterheadText
from hemicycle.mail.outgoing.models import Reference
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.ui.languages import language_name
from hemicycle.ui.uploads import takes_files

SHOWN = 50
"""The most references on the page; the latest come first."""


@takes_files(letterheads.PICTURE.most)
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Change the letterhead in a language (`?in=`), its picture, or how references are numbered."""
    language = request.GET.get("in", "")
    if language not in ("", *wording.languages_of(hearing)):
        raise Http404
    act = request.POST.get("act", "keep") if request.method == "POST" else ""
    own = letterheads.own(hearing, language)
    series = letterheads.series(hearing.id)
    form = LetterheadForm(
        request.POST if act == "keep" else None, initial=LetterheadForm.values_of(own)
    )
    picture = LetterheadPictureForm(*_sent_picture(request) if act == "picture" else ())
    references = ReferencesForm(
        request.POST if act == "number" else None,
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
    is_picture = act == "no-picture" or picture.is_valid()
    if is_picture and _put_picture(request, hearing, language, picture):
        messages.success(request, _("The letterhead has been saved. New papers will have it."))
        return redirect(request.get_full_path())
    return _shown(request, hearing, language, (form, picture, references))


def _sent_picture(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]]:
    return request.POST, request.FILES


def _put_picture(
    request: HttpRequest, hearing: Hearing, language: str, form: LetterheadPictureForm
) -> bool:
    by = actor(request, Role.SECRETARIAT)
    content = form.cleaned_data["picture"].read() if form.is_bound else b""
    try:
        letterheads.put_picture(hearing=hearing, language=language, picture=content, actor=by)
    except OutgoingRefused as refused:
        form.add_error("picture", refused.sentence)
        return False
    return True


@require_safe
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
def picture(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Return the picture of papers in a language (`?in=`)."""
    content = letterheads.picture_of(hearing, request.GET.get("in", ""))
    if not content:
        raise Http404
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(content, content_type=kind)


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
    forms: tuple[LetterheadForm, LetterheadPictureForm, ReferencesForm],
) -> HttpResponse:
    form, picture_form, references = forms
    page = reverse("outgoing:letterhead", args=(hearing.slug,))
    own = letterheads.own(hearing, language)
    languages = wording.languages_of(hearing)
    named = [(f"{page}?in={code}", language_name(code), code == language) for code in languages]
    known = known_letters()
    context = {
        "hearing": hearing,
        "form": form,
        "picture_form": picture_form,
        "has_picture": bool(letterheads.picture_of(hearing, language)),
        "has_own_picture": bool(own and own.picture),
        "language": language,
        "references": references,
        "tabs": [(page, _("All other languages"), not language), *named],
        "shown_in": language or languages[0],
        "draft": letterheads.draft(hearing),
        "given": [
            (row.text, known[row.letter].label if row.letter in known else "", row.taken_at)
            for row in Reference.objects.filter(hearing_id=hearing.id)[:SHOWN]
        ],
    }
    status = 422 if any(sent.is_bound for sent in forms) else 200
    return render(request, "outgoing/letterhead.html", context, status=status)
