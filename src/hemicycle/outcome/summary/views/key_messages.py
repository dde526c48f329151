"""The key messages on their own: their public page, and the office's page that sends them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import key_messages
from hemicycle.outcome.summary.access import drafted_summary, public_messages
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.circulation import MESSAGES_PAPER
from hemicycle.outcome.summary.contents import reader_choice
from hemicycle.outcome.summary.document import messages_of
from hemicycle.outcome.summary.views.circulation import (
    circulation_context,
    naming_officers,
    proofs_csv,
    send,
)
from hemicycle.outcome.summary.views.downloads import MEDIA_TYPES
from hemicycle.outcome.summary.views.public import public_context
from hemicycle.ui.languages import language_name
from hemicycle.ui.revalidation import revalidated

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})


@public_hearing
@require_safe
@revalidated
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the published key messages, with a link to the summary once it is published."""
    summary = public_messages(hearing)
    languages = key_messages.public_languages(summary)
    language = reader_choice(languages[1:])
    context = {
        **public_context(key_messages.contents(summary, language), languages),
        "published_at": summary.messages_published_at,
        "is_superseded": summary.published_at is not None,
    }
    return render(request, "summary/messages.html", context)


@public_hearing
@require_safe
def public_pdf(request: HttpRequest, hearing: Hearing, language: str = "") -> HttpResponse:
    """Send the published key messages as PDF."""
    summary = public_messages(hearing)
    try:
        found = key_messages.contents(summary, language)
    except LookupError:
        raise Http404(
            _("The key messages of this hearing are not published in this language.")
        ) from None
    tail = f".{language}" if language else ""
    named = f'attachment; filename="{hearing.slug}-key-messages{tail}.pdf"'
    return HttpResponse(
        messages_of(found, "pdf"),
        content_type=MEDIA_TYPES["pdf"],
        headers={"Content-Disposition": named},
    )


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the key messages, their public version and their recipients; on POST send them."""
    summary = drafted_summary(hearing)
    if request.method == "POST":
        send(request, hearing, MESSAGES_PAPER)
        return redirect("summary:office-messages", slug=hearing.slug)
    csv = reverse("summary:messages-csv", args=(hearing.slug,))
    context = circulation_context(request, summary, MESSAGES_PAPER, csv) | {
        "drafted": [
            sentence["text"]
            for part in key_messages.drafted(summary)
            for sentence in part["sentences"]
            if sentence["text"]
        ],
        "translated": [
            (language, language_name(language), left)
            for language, left in key_messages.ready_languages(summary).items()
        ],
        "public": [language_name(tag) for tag in key_messages.public_languages(summary)],
        "is_superseded": MESSAGES_PAPER.is_superseded(summary),
        "is_changed": key_messages.is_changed(summary),
    }
    return render(request, "summary/office_messages.html", context)


@secretariat
@require_POST
def publish(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Publish the key messages, or withdraw them."""
    by = actor(request, Role.SECRETARIAT)
    try:
        if request.POST.get("do") == "take-back":
            key_messages.take_back(hearing=hearing, actor=by)
            messages.success(request, _("The key messages are no longer public."))
        else:
            key_messages.publish(hearing=hearing, actor=by)
            messages.success(request, _("The key messages are now public."))
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("summary:office-messages", slug=hearing.slug)


@never_cache
@naming_officers
@require_GET
def as_csv(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Download the proof of all circulations of the key messages as CSV."""
    return proofs_csv(hearing, MESSAGES_PAPER, "key-messages-circulation")
