"""The sentences that describe tokens, imports and webhooks on the audit page."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels
from hemicycle.site.api.models import Token, Webhook
from hemicycle.ui.times import in_utc

SENTENCES = {
    "token.made": _(
        "The token %(token)s was created for the API: %(scopes)s. It expires on %(expires_at)s."
    ),
    "token.revoked": _("The token %(token)s was revoked."),
    "registrations.imported": _("Registrations were imported from a table: %(count)s."),
    "webhook.added": _("The webhook at %(webhook)s was added, for: %(kinds)s."),
    "webhook.removed": _("The webhook at %(webhook)s was removed."),
    "webhook.switched_off": _("The webhook at %(webhook)s was switched off."),
    "webhook.switched_on": _("The webhook at %(webhook)s was switched on again."),
    "webhook.sent_again": _("Entry %(entry)s was sent again to the webhook at %(webhook)s."),
    "webhook.secret_renewed": _("The webhook at %(webhook)s has a new secret."),
}


def _tokens(ids: set[str]) -> Mapping[str, str]:
    rows = Token.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "name")
    return {id.hex: str(_("“%(words)s”") % {"words": name}) for id, name in rows}


def _webhooks(ids: set[str]) -> Mapping[str, str]:
    rows = Webhook.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "url")
    return {id.hex: urlsplit(url).hostname or "" for id, url in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_tokens, "token")
labels.declare_names(_webhooks, "webhook")
labels.declare_formats(expires_at=in_utc)
