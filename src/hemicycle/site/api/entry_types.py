"""Entries about the API's tokens and webhooks."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

_GONE = ids_only("token")
TOKEN_MADE = declare("token.made", "token", "scopes", "expires_at", erasure=_GONE).name
TOKEN_REVOKED = declare("token.revoked", "token", erasure=_GONE).name
IMPORTED = declare("registrations.imported", "count", erasure=nothing_personal).name

_ABOUT = ("webhook",)
WEBHOOK_ADDED = declare("webhook.added", *_ABOUT, "kinds", erasure=nothing_personal).name
WEBHOOK_REMOVED = declare("webhook.removed", *_ABOUT, erasure=nothing_personal).name
WEBHOOK_OFF = declare("webhook.switched_off", *_ABOUT, erasure=nothing_personal).name
WEBHOOK_ON = declare("webhook.switched_on", *_ABOUT, erasure=nothing_personal).name
WEBHOOK_AGAIN = declare("webhook.sent_again", *_ABOUT, "entry", erasure=nothing_personal).name
WEBHOOK_RENEWED = declare("webhook.secret_renewed", *_ABOUT, erasure=nothing_personal).name
