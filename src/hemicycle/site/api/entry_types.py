"""Entries about the API's tokens and webhooks, and what erasing a person does to their tokens."""

from uuid import UUID

from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal
from hemicycle.record.writer import Writer
from hemicycle.site.api.models import Token

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


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """A token acts in its owner's name, so it goes with them."""
    own = Token.objects.filter(owner=person, hearing=record.hearing)
    ids = [one.hex for one in own.values_list("id", flat=True)]
    own.delete()
    return ids
