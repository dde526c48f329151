"""Actions on webhooks: add, renew the secret, switch off and on, remove, and send again."""

from django.utils.translation import gettext as _

from hemicycle import ssrf_guard
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer
from hemicycle.record.entry_registry import declared_entry_types
from hemicycle.site.api import entry_types
from hemicycle.site.api.actions import AccessRefused
from hemicycle.site.api.models import Delivery, Webhook

MOST = 20
KEEPER = writer.Actor.system("webhooks")
State = Delivery.State


def add(*, hearing: Hearing, url: str, kinds_told: list[str], actor: writer.Actor) -> Webhook:
    """Add a webhook, which sends new entries of `kinds_told` (if empty, of all kinds) to an
    address.

    Raises `AccessRefused` for a forbidden address, and if there are too many webhooks already.
    """
    try:
        ssrf_guard.check(url)
    except ssrf_guard.Forbidden as forbidden:
        raise AccessRefused(str(forbidden), "url") from None
    if odd := sorted(set(kinds_told) - declared_entry_types().keys()):
        says = _("There is no kind of entry called %(odd)s.") % {"odd": ", ".join(odd)}
        raise AccessRefused(says, "kinds")
    with writer.writing(hearing.id, actor=actor) as record:
        if Webhook.objects.filter(hearing=hearing).count() >= MOST:
            says = _("There are already %(most)d webhooks. Remove one that is no longer used.")
            raise AccessRefused(says % {"most": MOST})
        made = Webhook(
            hearing=hearing,
            url=url,
            kinds=sorted(set(kinds_told)),
            position=record.head.seq,
            created_at=clock.from_ms(record.now),
        )
        body = {"webhook": made.id.hex, "kinds": made.kinds}
        made.position = record.append(entry_types.WEBHOOK_ADDED, body).seq
        made.save(force_insert=True)
    return made


def remove(*, webhook: Webhook, actor: writer.Actor) -> None:
    """Stop sending to an address, and delete the webhook with its deliveries.

    Does nothing if it is already removed.
    """
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        body = {"webhook": webhook.id.hex}
        if Webhook.objects.filter(pk=webhook.pk).delete()[0]:
            record.append(entry_types.WEBHOOK_REMOVED, body)


def renew(*, webhook: Webhook, actor: writer.Actor) -> None:
    """Replace the secret of a webhook; later messages are signed with the new one."""
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        webhook.refresh_from_db(fields=["number"])
        webhook.number += 1
        webhook.save(update_fields=["number"])
        record.append(entry_types.WEBHOOK_RENEWED, {"webhook": webhook.id.hex})


def switch_off(*, webhook: Webhook, actor: writer.Actor = KEEPER) -> None:
    """Switch a webhook off until `switch_on`; entries wait in the meantime.

    Does nothing if it is already off.
    """
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        now = clock.from_ms(record.now)
        if Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=now):
            record.append(entry_types.WEBHOOK_OFF, {"webhook": webhook.id.hex})


def switch_on(*, webhook: Webhook, actor: writer.Actor) -> None:
    """Switch a webhook on, and retry its failed deliveries. Does nothing if it is already on."""
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        off = Webhook.objects.filter(pk=webhook.pk).exclude(disabled_at=None)
        if off.update(disabled_at=None, failing_since=None):
            record.append(entry_types.WEBHOOK_ON, {"webhook": webhook.id.hex})
            left = webhook.deliveries.exclude(state=State.DELIVERED)
            left.update(state=State.WAITING, attempts=0, next_at=clock.from_ms(record.now))


def send_again(*, delivery: Delivery, actor: writer.Actor) -> None:
    """Send a message again, even if it was accepted; it keeps its id, so receivers recognize it."""
    webhook = delivery.webhook
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        soon = clock.from_ms(record.now)
        own = Delivery.objects.filter(pk=delivery.pk)
        own.update(state=State.WAITING, attempts=0, next_at=soon)
        body = {"webhook": webhook.id.hex, "entry": delivery.seq}
        record.append(entry_types.WEBHOOK_AGAIN, body)
