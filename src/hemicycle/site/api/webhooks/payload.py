"""The payload of a webhook: one entry of the record, and the headers that sign it.

The headers and the signature follow Standard Webhooks (standardwebhooks.com). The secret is derived
from the installation's key, so that the database holds no signing key.
"""

import base64
import hmac
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.utils.encoding import force_bytes

from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.api.models import Delivery, Webhook
from hemicycle.site.api.resources.base import ResponseShape
from hemicycle.site.api.resources.office import entry_shape
from hemicycle.site.api.resources.office_shapes import EntryOut

PREFIX = "whsec_"


class EntryEventOut(ResponseShape):
    """An entry of the record, as a webhook sends it; `type` is its kind."""

    published_as: ClassVar[str] = "Told"

    type: str
    timestamp: datetime
    hearing: str
    data: EntryOut


def secret_of(webhook: Webhook, key: str = "") -> str:
    """Return a webhook's secret as its receiver enters it; `key` "" stands for the present key."""
    message = f"hemicycle.site.api.webhook {webhook.id.hex} {webhook.number}".encode()
    digest = hmac.digest(force_bytes(key or settings.SECRET_KEY), message, sha256)
    return PREFIX + base64.b64encode(digest).decode()


def sign(secret: str, ident: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message, in version 1 of the standard."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{ident}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def body_of(webhook: Webhook, row: Entry) -> bytes:
    """Return the message about an entry, which has the same bytes at every attempt."""
    shape = entry_shape(row)
    event = EntryEventOut(
        type=row.kind, timestamp=shape.at, hearing=webhook.hearing.slug, data=shape
    )
    return event.model_dump_json().encode()


def headers_of(delivery: Delivery, body: bytes) -> dict[str, str]:
    """Return the headers of one attempt, signed with the present time."""
    ident, timestamp = f"msg_{delivery.id.hex}", clock.now_ms() // 1000
    return {
        "Content-Type": "application/json",
        "User-Agent": "Hemicycle-Webhooks/1",
        "webhook-id": ident,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            sign(secret_of(delivery.webhook, key), ident, timestamp, body)
            # A receiver that still has the secret of an earlier key finds a valid signature too.
            for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ),
    }
