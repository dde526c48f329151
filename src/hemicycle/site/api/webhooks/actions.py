"""Actions on webhooks: added, renewed, switched off and on, removed; a message sent again."""

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
    """Send entries from now on to an address; with empty `kinds_told`, all kinds.

    Raises `AccessRefused` for a forbidden address, and for one webhook too many.
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
    """Stop sending to an address, and delete it with its deliveries.

    A second time changes nothing.
    """
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        body = {"webhook": webhook.id.hex}
        if Webhook.objects.filter(pk=webhook.pk).delete()[0]:
            record.append(entry_types.WEBHOOK_REMOVED, body)


def renew(*, webhook: Webhook, actor: writer.Actor) -> None:
    """Sign with another secret from now on."""
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        webhook.refresh_from_db(fields=["number"])
        webhook.number += 1
        webhook.save(update_fields=["number"])
        record.append(entry_types.WEBHOOK_RENEWED, {"webhook": webhook.id.hex})


def switch_off(*, webhook: Webhook, actor: writer.Actor = KEEPER) -> None:
    """Pause until it is switched on again; entries in between wait.

    A second time changes nothing.
    """
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        now = clock.from_ms(record.now)
        if Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=now):
            record.append(entry_types.WEBHOOK_OFF, {"webhook": webhook.id.hex})


def switch_on(*, webhook: Webhook, actor: writer.Actor) -> None:
    """Continue where it stopped; failed deliveries are sent too. A second time changes nothing."""
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        off = Webhook.objects.filter(pk=webhook.pk).exclude(disabled_at=None)
        if off.update(disabled_at=None, failing_since=None):
            record.append(entry_types.WEBHOOK_ON, {"webhook": webhook.id.hex})
            left = webhook.deliveries.exclude(state=State.DELIVERED)
            left.update(state=State.WAITING, attempts=0, next_at=clock.from_ms(record.now))


def send_again(*, delivery: Delivery, actor: writer.Actor) -> None:
    """Send a message once more, accepted or not; its id stays, so that a receiver recognizes it."""
    webhook = delivery.webhook
    with writer.writing(webhook.hearing_id, actor=actor) as record:
        soon = clock.from_ms(record.now)
        own = Delivery.objects.filter(pk=delivery.pk)
        own.update(state=State.WAITING, attempts=0, next_at=soon)
        body = {"webhook": webhook.id.hex, "entry": delivery.seq}
        record.append(entry_types.WEBHOOK_AGAIN, body)
