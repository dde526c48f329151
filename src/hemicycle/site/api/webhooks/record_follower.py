"""Creates deliveries from the record, hands out due ones, and stores their results.

A webhook stores its position in the record. Deliveries for later entries are created, and the
position is moved, in one transaction under the webhook's lock: a crash leaves no partial work, and
two workers create each delivery only once. A worker claims a delivery by moving the time of its
next attempt forward, which only one of two workers can do; if that worker dies, the delivery
becomes due again.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from hemicycle.record import clock
from hemicycle.record.models import Entry, Head
from hemicycle.site.api.models import Delivery, Webhook
from hemicycle.site.api.webhooks import actions, payload
from hemicycle.site.api.webhooks.sending import GONE, MOST_READ, DeliveryResult, WebhookRequest

State = Delivery.State
BATCH = 500
AT_ONCE = 8
"""The number of messages that one receiver is sent at the same time."""

LEASE = timedelta(seconds=60)
WAITS_S = (5, 60, 300, 1800, 7200, 18_000, 36_000, 72_000, 86_400, 86_400)
"""Seconds to wait after each failed attempt; after the last wait one final attempt is made."""

OFF_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)


def make_out() -> int:
    """Create deliveries for new entries of the record; return their number."""
    end = Head.objects.filter(hearing=OuterRef("hearing_id")).values("seq")
    behind = Webhook.objects.filter(disabled_at=None, position__lt=Subquery(end))
    return sum(_make_out(pk) for pk in list(behind.values_list("pk", flat=True)))


def _make_out(pk: UUID) -> int:
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update().filter(pk=pk, disabled_at=None).first()
        if webhook is None:
            return 0
        rows = Entry.objects.filter(hearing=webhook.hearing_id, seq__gt=webhook.position)
        found = list(rows.order_by("seq").values_list("seq", "kind")[:BATCH])
        if not found:
            return 0
        now = clock.now()
        wanted = [(seq, kind) for seq, kind in found if not webhook.kinds or kind in webhook.kinds]
        Delivery.objects.bulk_create(
            Delivery(webhook=webhook, seq=seq, kind=kind, created_at=now, next_at=now)
            for seq, kind in wanted
        )
        webhook.position = found[-1][0]
        webhook.save(update_fields=["position"])
    return len(wanted)


def take_due(busy: set[UUID]) -> list[Delivery]:
    """Claim due deliveries of webhooks that are not `busy`; the claim lasts for `LEASE`."""
    now = clock.now()
    due = Delivery.objects.filter(
        state=State.WAITING, next_at__lte=now, webhook__disabled_at=None
    ).exclude(webhook__in=busy)
    taken: list[Delivery] = []
    per_webhook: dict[UUID, int] = {}
    for delivery in due.select_related("webhook__hearing").order_by("seq", "next_at")[:BATCH]:
        if per_webhook.get(delivery.webhook_id, 0) >= AT_ONCE:
            continue
        ours = Delivery.objects.filter(
            pk=delivery.pk, state=State.WAITING, next_at=delivery.next_at
        )
        if ours.update(next_at=now + LEASE, attempts=F("attempts") + 1):
            delivery.attempts += 1
            per_webhook[delivery.webhook_id] = per_webhook.get(delivery.webhook_id, 0) + 1
            taken.append(delivery)
    return taken


def message_of(delivery: Delivery) -> WebhookRequest:
    """Return the message of a delivery, signed with the present time."""
    webhook = delivery.webhook
    row = Entry.objects.get(hearing=webhook.hearing_id, seq=delivery.seq)
    body = payload.body_of(webhook, row)
    return WebhookRequest(webhook.url, body, payload.headers_of(delivery, body))


def note(delivery: Delivery, answer: DeliveryResult) -> None:
    """Store the result of an attempt, and the time of the next one."""
    now = clock.now()
    changed = {
        "last_at": now,
        "status": answer.status,
        "answer": answer.text[:MOST_READ],
        "problem": answer.problem,
        "took_ms": answer.took_ms,
    }
    if answer.is_taken:
        changed["state"] = State.DELIVERED
    elif delivery.attempts > len(WAITS_S):
        changed["state"] = State.FAILED
    else:
        changed["next_at"] = now + timedelta(seconds=WAITS_S[delivery.attempts - 1])
    Delivery.objects.filter(pk=delivery.pk).update(**changed)
    _note_health(delivery.webhook, answer)


def _note_health(webhook: Webhook, answer: DeliveryResult) -> None:
    """Switch off a webhook that has failed for `OFF_AFTER`, or whose receiver answers that it is
    gone.
    """
    own = Webhook.objects.filter(pk=webhook.pk)
    if answer.is_taken:
        own.exclude(failing_since=None).update(failing_since=None)
        return
    now = clock.now()
    own.filter(failing_since=None).update(failing_since=now)
    if answer.status == GONE or own.filter(failing_since__lte=now - OFF_AFTER).exists():
        actions.switch_off(webhook=webhook)


def next_due() -> float:
    """Return the seconds until the next delivery is due, at most an hour."""
    waiting = Delivery.objects.filter(state=State.WAITING, webhook__disabled_at=None)
    first = waiting.order_by("next_at").values_list("next_at", flat=True).first()
    if first is None:
        return 3600.0
    return min(3600.0, max(0.0, (first - clock.now()).total_seconds()))


def prune() -> int:
    """Delete deliveries created more than `KEPT` ago that no longer wait; return their number."""
    old = Delivery.objects.exclude(state=State.WAITING).filter(created_at__lt=clock.now() - KEPT)
    return old.delete()[0]
