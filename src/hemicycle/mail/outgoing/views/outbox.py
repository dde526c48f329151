"""The outbox: who gets which message, and its state; and the page that unsubscribes."""

from uuid import UUID

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import actions, lists, outbox, unsubscribing
from hemicycle.mail.outgoing.delivery.mail import message_id
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.redaction import without_links

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})


@never_cache
@secretariat
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the hearing's messages, the latest first; `q` searches people, addresses, subjects."""
    sieve = outbox.Sieve.of(request.GET)
    shown = Paginator(sieve.messages(hearing), PER_PAGE).get_page(request.GET.get("page"))
    counts = outbox.counts(hearing)
    context = {
        "hearing": hearing,
        "page_obj": shown,
        "sieve": sieve,
        "counts": counts,
        "picture": outbox.picture(counts),
        "purposes": Message.Purpose.choices,
        "states": outbox.states(),
        "goes_nowhere": outbox.goes_nowhere(),
    }
    return render(request, "outgoing/outbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Download who got what and when, with the page's filter."""
    return answer(request, hearing, outbox.TABLE, kind)


@never_cache
@secretariat
@require_safe
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show one message, without the address of a sign-in link, which only its owner may use."""
    message = _found(hearing, pk)
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


def _found(hearing: Hearing, pk: UUID) -> Message:
    rows = Message.objects.select_related("person", "mailing")
    return get_object_or_404(rows, pk=pk, hearing_id=hearing.id)


@require_POST
@secretariat
def act(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Send a message now, cancel it, or settle an unclear one."""
    message, by = _found(hearing, pk), actor(request, Role.SECRETARIAT)
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
            notices.success(request, _("The outcome of the message has been settled."))
        else:
            notices.error(request, _("Choose what to do with the message."))
    except actions.OutgoingRefused as refused:
        notices.error(request, refused.sentence)
    return redirect("outgoing:detail", slug=hearing.slug, pk=pk)


@csrf_exempt  # mail programs press the button themselves (RFC 8058); the secret is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, secret: str) -> HttpResponse:
    """Unsubscribe from a hearing's letters to lists, with one press."""
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
