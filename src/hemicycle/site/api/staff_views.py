"""The secretariat's pages about tokens and webhooks."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.writer import Actor
from hemicycle.site.api import actions
from hemicycle.site.api.forms import TokenForm, WebhookForm
from hemicycle.site.api.models import Delivery, Scope, Token, Webhook
from hemicycle.site.api.webhooks import actions as webhooks
from hemicycle.site.api.webhooks import payload

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show all tokens and webhooks, and the forms to add more."""
    sent = request.POST if request.method == "POST" else None
    about_token = sent is not None and "make" in sent
    about_webhook = sent is not None and "add" in sent
    token_form = TokenForm(sent if about_token else None)
    webhook_form = WebhookForm(sent if about_webhook else None)
    secret = ""
    if about_token and token_form.is_valid():
        secret = _make(request, hearing, token_form)
        token_form = TokenForm() if secret else token_form
    if about_webhook and webhook_form.is_valid():
        made = _add(request, hearing, webhook_form)
        if made is not None:
            return redirect("api:webhook", slug=hearing.slug, pk=made.pk)
    tokens = Token.objects.filter(hearing=hearing).select_related("owner")
    context = {
        "hearing": hearing,
        "token_form": token_form,
        "webhook_form": webhook_form,
        "secret": secret,
        "tokens": [_token_row(token) for token in tokens],
        "webhooks": Webhook.objects.filter(hearing=hearing),
    }
    failed = sent is not None and not secret
    return render(request, "api/office.html", context, status=422 if failed else 200)


def _token_row(token: Token) -> tuple[Token, str, list[str]]:
    state = "current"
    if token.revoked_at:
        state = "token_revoked"
    elif token.expires_at <= clock.now():
        state = "token_lapsed"
    labels = [str(Scope(scope).label) for scope in token.scopes if scope in Scope.values]
    return token, state, labels


def _make(request: HttpRequest, hearing: Hearing, form: TokenForm) -> str:
    """Create the token; return its secret, or "" if it was refused."""
    assert isinstance(request.user, Person)
    data = form.cleaned_data
    try:
        _token, secret = actions.make_token(
            hearing=hearing,
            owner=request.user,
            name=data["name"],
            scopes=[Scope(scope) for scope in data["scopes"]],
            days=data["days"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except actions.AccessRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return ""
    return secret


def _add(request: HttpRequest, hearing: Hearing, form: WebhookForm) -> Webhook | None:
    data = form.cleaned_data
    try:
        made = webhooks.add(
            hearing=hearing,
            url=data["url"],
            kinds_told=data["kinds"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except actions.AccessRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return None
    messages.success(request, _("The webhook now receives every new entry."))
    return made


@require_POST
@secretariat
def revoke(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Revoke a token."""
    token = get_object_or_404(Token, hearing=hearing, pk=pk)
    actions.revoke_token(token=token, actor=actor(request, Role.SECRETARIAT))
    messages.success(request, _("The token no longer works."))
    return redirect("api:office", slug=hearing.slug)


@require_safe
@secretariat
def webhook(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show one webhook: its secret, and its deliveries."""
    found = get_object_or_404(Webhook, hearing=hearing, pk=pk)
    page = Paginator(found.deliveries.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "hearing": hearing,
        "webhook": found,
        "secret": payload.secret_of(found),
        "page": page,
        "waiting": found.deliveries.filter(state=Delivery.State.WAITING).count(),
        "delivered": found.deliveries.filter(state=Delivery.State.DELIVERED).count(),
        "failed": found.deliveries.filter(state=Delivery.State.FAILED).count(),
        "problems": problems(),
    }
    return render(request, "api/office_webhook.html", context)


def problems() -> dict[str, str]:
    """Return, by code, the sentences that say why an attempt failed."""
    return {
        "forbidden": _("the name points to a private network"),
        "time-out": _("no answer in time"),
        "unreachable": _("the receiver cannot be reached"),
        "certificate": _("its certificate is not valid"),
        "garbage": _("the answer is not HTTP"),
        "redirect": _("it redirects; redirects are not followed"),
        "refused": _("it did not accept the message"),
    }


@require_POST
@secretariat
def press(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Switch a webhook off or on, replace its secret, or remove it."""
    found = get_object_or_404(Webhook, hearing=hearing, pk=pk)
    by = actor(request, Role.SECRETARIAT)
    acts: dict[str, tuple[Callable[[Webhook, Actor], None], str]] = {
        "off": (_off, _("The webhook has been switched off. New entries wait.")),
        "on": (_on, _("The webhook has been switched on. Waiting entries are being sent.")),
        "renew": (_renew, _("The webhook has a new secret. Give it to the receiver.")),
        "remove": (_remove, _("The webhook has been removed.")),
    }
    act, says = acts.get(request.POST.get("do", ""), (None, _("Nothing was changed.")))
    if act is not None:
        act(found, by)
    messages.success(request, says)
    if act is _remove:
        return redirect("api:office", slug=hearing.slug)
    return redirect("api:webhook", slug=hearing.slug, pk=pk)


def _off(found: Webhook, by: Actor) -> None:
    webhooks.switch_off(webhook=found, actor=by)


def _on(found: Webhook, by: Actor) -> None:
    webhooks.switch_on(webhook=found, actor=by)


def _renew(found: Webhook, by: Actor) -> None:
    webhooks.renew(webhook=found, actor=by)


def _remove(found: Webhook, by: Actor) -> None:
    webhooks.remove(webhook=found, actor=by)


@require_POST
@secretariat
def again(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Send one message again."""
    related = Delivery.objects.select_related("webhook")
    found = get_object_or_404(related, webhook__hearing=hearing, pk=pk)
    webhooks.send_again(delivery=found, actor=actor(request, Role.SECRETARIAT))
    messages.success(request, _("The message will be sent again in a moment."))
    return redirect("api:webhook", slug=hearing.slug, pk=found.webhook_id)
