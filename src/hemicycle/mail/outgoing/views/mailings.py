"""Pages about letters to whole lists: choose, preview, confirm and follow them."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads, lists, mailings, wording
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.forms import MailingForm, SendLaterForm
from hemicycle.mail.outgoing.models import LetterAudience, Mailing
from hemicycle.mail.outgoing.outbox import Sieve
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.mail.outgoing.views.outbox import sending_context
from hemicycle.ui.languages import base

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List the letters to lists, with a form for the next one."""
    sent = request.POST if request.method == "POST" else None
    first = {"letter": request.GET.get("letter", "invitation"), "enclosed": _usual(request)}
    form = MailingForm(hearing, sent, initial=first)
    if form.is_valid() and (made := _make(hearing, form)):
        return redirect("outgoing:mailing", slug=hearing.slug, pk=made.pk)
    own = Mailing.objects.filter(hearing_id=hearing.id)
    named = [(mailing, lists.name_of(mailing, form.sources.values())) for mailing in own]
    rows = [(row, _label(row), name, mailings.progress(row)) for row, name in named]
    context = {"hearing": hearing, "form": form, "rows": rows}
    status = 422 if form.is_bound else 200
    return render(request, "outgoing/mailings.html", context, status=status)


def _usual(request: HttpRequest) -> list[str]:
    letter = known_letters().get(request.GET.get("letter", "invitation"))
    return list(letter.papers) if letter else []


def _make(hearing: Hearing, form: MailingForm) -> Mailing | None:
    data = form.cleaned_data
    try:
        return mailings.make(
            hearing=hearing,
            letter=known_letters()[data["letter"]],
            source=form.sources[data["source"]],
            enclosed=data.get("enclosed", []),
        )
    except OutgoingRefused as refused:
        form.add_error("source", refused.sentence)
        return None


def _label(mailing: Mailing) -> str:
    letter = known_letters().get(mailing.letter)
    return str(letter.label) if letter else mailing.letter


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one letter to a list: a preview before it is confirmed, then its progress."""
    mailing = get_object_or_404(Mailing, pk=pk, hearing_id=hearing.id)
    later = SendLaterForm(hearing, request.POST if request.method == "POST" else None)
    if later.is_valid():
        _confirm(request, hearing, mailing, later.cleaned_data["moment"])
        return redirect("outgoing:mailing", slug=hearing.slug, pk=pk)
    context = {
        "hearing": hearing,
        "mailing": mailing,
        "label": _label(mailing),
        "list_name": lists.name_of(mailing, lists.sources(hearing)),
        "progress": mailings.progress(mailing),
        "waiting": mailings.waiting(mailing),
        **sending_context(hearing, Sieve(mailing=mailing.pk)),
        "reference": letterheads.reference_of(hearing.id, mailings.reference_key(mailing)),
        "draft": letterheads.draft(hearing),
        "later": later,
    }
    if mailing.confirmed_at is None:
        found, reasons = mailings.plan(hearing, mailing), mailings.reasons()
        found.hidden = None if sees_names(request) else hidden_in(hearing.id)
        context |= {
            "plan": found,
            "left_out": [(reasons[why], number) for why, number in found.left_out.items()],
            "papers": found.papers,
        }
    return render(request, "outgoing/mailing.html", context, status=422 if later.is_bound else 200)


def _confirm(request: HttpRequest, hearing: Hearing, mailing: Mailing, at: datetime | None) -> None:
    shown = request.POST.get("count", "")
    count = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else -1
    by = actor(request, Role.SECRETARIAT)
    try:
        number = mailings.confirm(hearing=hearing, mailing=mailing, count=count, actor=by, at=at)
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
        return
    said = ngettext("%(number)s letter is queued.", "%(number)s letters are queued.", number)
    messages.success(request, said % {"number": number})


@require_POST
@secretariat
def hold(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Stop letters that are held, or send them now."""
    mailing = get_object_or_404(Mailing, pk=pk, hearing_id=hearing.id)
    by, asked = actor(request, Role.SECRETARIAT), request.POST.get("act", "")
    try:
        if asked == "stop":
            number = mailings.stop(hearing=hearing, mailing=mailing, actor=by)
            said = ngettext(
                "%(number)s letter was stopped.", "%(number)s letters were stopped.", number
            )
            messages.success(request, said % {"number": number})
        elif asked == "release":
            mailings.release(hearing=hearing, mailing=mailing, actor=by)
            messages.success(request, _("The letters are sent now."))
        else:
            messages.error(request, _("Choose what to do with the letters."))
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("outgoing:mailing", slug=hearing.slug, pk=pk)


@require_POST
@secretariat
def drop(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Discard a letter that was not confirmed."""
    found = get_object_or_404(Mailing, pk=pk, hearing_id=hearing.id)
    if Mailing.objects.filter(pk=found.pk, confirmed_at=None).delete()[0]:
        messages.success(request, _("The letter was not sent."))
    else:
        messages.error(
            request, _("This letter has been confirmed. You can cancel it in the outbox.")
        )
    return redirect("outgoing:mailings", slug=hearing.slug)


@require_safe
@secretariat
def paper(request: HttpRequest, hearing: Hearing, kind: str, language: str) -> HttpResponse:
    """Download a paper as it is sent with a letter in that language (`?for=` an audience)."""
    found, audience = mailings.papers(hearing).get(kind), request.GET.get("for", "")
    is_known = base(language) in wording.languages_of(hearing)
    is_known = is_known and audience in ("", *LetterAudience.values)
    draft = letterheads.draft(hearing)
    file = found.make(hearing, language, audience, draft) if found and is_known else None
    if file is None:
        raise Http404
    kept = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.content, content_type=file.media_type, headers=kept)
