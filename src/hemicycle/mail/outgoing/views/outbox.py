"""Pages of the outbox (who gets which message, and its state), and the page that unsubscribes."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import check_sees_names, for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import actions, lists, outbox, sending, unsubscribing
from hemicycle.mail.outgoing.delivery.mail import message_id
from hemicycle.mail.outgoing.models import Mailing, Message
from hemicycle.mail.outgoing.redaction import without_links
from hemicycle.mail.outgoing.texts import known_letters

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})


@never_cache
@secretariat
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the hearing's messages, the latest first; `q` searches people, addresses, subjects."""
    sieve = outbox.Sieve.of(request.GET)
    found = sieve.messages(hearing)
    rows = _seen(request, hearing, found)
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = outbox.counts(hearing)
    context = {
        "hearing": hearing,
        "page_obj": shown,
        # Not in a search: the number would reveal that somebody with an alias has that name.
        "left_out": 0 if rows is found or sieve.words else found.count() - rows.count(),
        "sieve": sieve,
        "counts": counts,
        "picture": outbox.picture(counts),
        "purposes": Message.Purpose.choices,
        "states": outbox.states(),
        **sending_context(hearing, sieve),
    }
    return render(request, "outgoing/outbox.html", context)


def sending_context(hearing: Hearing, sieve: outbox.Sieve) -> dict[str, Any]:
    """Return the context of `outgoing/_sending_box.html` for the letters of a filter."""
    batch = sending.only_batch(sieve)
    return {
        "sending": sending.sending(hearing, batch),
        "batch": batch,
        "goes_nowhere": hearing.is_rehearsed or outbox.goes_nowhere(),
    }


@never_cache
@require_safe
@secretariat
def sending_part(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Return the part of a page with the progress of a filter's letters; the page polls it."""
    sieve = outbox.Sieve.of(request.GET)
    if not pages.is_part(request):
        back = reverse("outgoing:office", args=(hearing.slug,))
        return HttpResponseRedirect(f"{back}?{sieve.query}")
    context = sending_context(hearing, sieve) | {"hearing": hearing}
    if context["sending"] is None:
        return pages.reloaded()
    return render(request, "outgoing/_sending.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def cancel(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Ask whether to cancel the letters of a filter that have not been sent, then do it."""
    sieve = outbox.Sieve.of(request.GET)
    address = reverse("outgoing:office", args=(hearing.slug,)) + f"?{sieve.query}"
    about: object = dict(Message.Purpose.choices).get(sieve.purpose, _("Outbox"))
    if sieve.mailing:
        mailing = get_object_or_404(Mailing, pk=sieve.mailing, hearing_id=hearing.pk)
        letter = known_letters().get(mailing.letter)
        about = letter.label if letter else mailing.letter
        address = reverse("outgoing:mailing", args=(hearing.slug, sieve.mailing))
    if request.method == "POST":
        try:
            number = sending.cancel(hearing, sieve, actor=actor(request, Role.SECRETARIAT))
        except actions.OutgoingRefused as refused:
            notices.error(request, refused.sentence)
        else:
            said = ngettext(
                "%(number)s letter was cancelled.", "%(number)s letters were cancelled.", number
            )
            notices.success(request, said % {"number": number})
        return HttpResponseRedirect(address)
    number = sending.unsent(hearing, sieve)
    if not number:
        return HttpResponseRedirect(address)
    context = {"hearing": hearing, "number": number, "back": address, "about": about}
    return render(request, "outgoing/cancel.html", context)


def _seen(request: HttpRequest, hearing: Hearing, messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return the messages that the officer may read."""
    return messages if sees_names(request) else outbox.without(hidden_in(hearing.id), messages)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS, Duty.PROTECTED})
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Download the messages as a table, with the page's filter."""
    return answer(request, hearing, outbox.TABLE, kind)


@never_cache
@secretariat
@require_safe
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show one message, without the address of a sign-in link, which only its owner may use."""
    message = _found(request, hearing, pk)
    others = Message.objects.filter(hearing_id=hearing.id, address__iexact=message.address)
    context = {
        "hearing": hearing,
        "message": message,
        "message_id": message_id(message),
        "body": without_links(message.body),
        "history": message.history.all(),
        "enclosures": message.enclosures.all(),
        "list_name": lists.name_of(message.mailing, lists.sources(hearing))
        if message.mailing
        else "",
        "others": others.exclude(pk=pk)[:20],
    }
    return render(request, "outgoing/message.html", context)


def _found(request: HttpRequest, hearing: Hearing, pk: UUID) -> Message:
    """Return a message that the officer may read; raise `Http404` if it does not exist.

    Raises `PermissionDenied` for one that they may not read.
    """
    rows = Message.objects.select_related("person", "mailing").filter(hearing_id=hearing.id)
    message = get_object_or_404(rows, pk=pk)
    if not _seen(request, hearing, rows.filter(pk=pk)).exists():
        check_sees_names(request, hearing)
    return message


@require_POST
@secretariat
def act(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Send a message now, cancel it, or settle an unclear one."""
    message, by = _found(request, hearing, pk), actor(request, Role.SECRETARIAT)
    asked = request.POST.get("act", "")
    try:
        if asked == "retry":
            actions.retry(message=message, actor=by)
            notices.success(request, _("The message will be sent as soon as possible."))
        elif asked == "cancel":
            actions.cancel(message=message, actor=by)
            notices.success(request, _("The message has been cancelled."))
        elif asked in {"arrived", "lost"}:
            actions.settle(message=message, arrived=asked == "arrived", actor=by)
            notices.success(request, _("The outcome of the message has been recorded."))
        else:
            notices.error(request, _("Choose what to do with the message."))
    except actions.OutgoingRefused as refused:
        notices.error(request, refused.sentence)
    return redirect("outgoing:detail", slug=hearing.slug, pk=pk)


@csrf_exempt  # mail programs press the button themselves (RFC 8058); the secret is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, secret: str) -> HttpResponse:
    """Unsubscribe from a hearing's letters to lists, at the press of one button."""
    message = unsubscribing.message_of(secret)
    if message is None or message.hearing_id is None:
        return render(request, "404.html", status=404)
    if request.method == "POST":
        unsubscribing.unsubscribe(message)
    box, _at, domain = message.address.rpartition("@")
    context = {
        "hearing": Hearing.objects.filter(pk=message.hearing_id).first(),
        "left": unsubscribing.has_left(message),
        "masked": f"{box[:1]}…@{domain}",
    }
    return render(request, "outgoing/unsubscribe.html", context)
