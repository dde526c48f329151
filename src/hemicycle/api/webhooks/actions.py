"""What is done to webhooks: added, renewed, switched off and on, removed; a message sent again."""

from django.utils.translation import gettext as _

from hemicycle import outbound
from hemicycle.api import kinds
from hemicycle.api.actions import Refused
from hemicycle.api.models import Delivery, Webhook
from hemicycle.hearings.models import Hearing
from hemicycle.record import clock, gate
from hemicycle.record.registry import KINDS

MOST = 20
KEEPER = gate.Actor.system("webhooks")
State = Delivery.State


def add(*, hearing: Hearing, url: str, kinds_told: list[str], actor: gate.Actor) -> Webhook:
    """Tell an address of the entries from here on; `kinds_told` empty for all kinds.

    Raises `Refused` for an address where no webhook may lead, and for one too many.
    """
    try:
        outbound.check(url)
    except outbound.Forbidden as forbidden:
        raise Refused(str(forbidden), "url") from None
    if odd := sorted(set(kinds_told) - KINDS.keys()):
        says = _("There is no kind of entry called %(odd)s.") % {"odd": ", ".join(odd)}
        raise Refused(says, "kinds")
    with gate.writing(hearing.id, actor=actor) as record:
        if Webhook.objects.filter(hearing=hearing).count() >= MOST:
            says = _("There are %(most)d webhooks already. Remove one that is no longer used.")
            raise Refused(says % {"most": MOST})
        made = Webhook(
            hearing=hearing,
            url=url,
            kinds=sorted(set(kinds_told)),
            position=record.head.seq,
            created_at=clock.from_ms(record.now),
        )
        body = {"webhook": made.id.hex, "kinds": made.kinds}
        made.position = record.append(kinds.WEBHOOK_ADDED, body).seq
        made.save(force_insert=True)
    return made


def remove(*, webhook: Webhook, actor: gate.Actor) -> None:
    """Tell that address nothing more, and forget it with its deliveries. Twice is once."""
    with gate.writing(webhook.hearing_id, actor=actor) as record:
        body = {"webhook": webhook.id.hex}
        if Webhook.objects.filter(pk=webhook.pk).delete()[0]:
            record.append(kinds.WEBHOOK_REMOVED, body)


def renew(*, webhook: Webhook, actor: gate.Actor) -> None:
    """Sign with another secret from now on."""
    with gate.writing(webhook.hearing_id, actor=actor) as record:
        webhook.refresh_from_db(fields=["number"])
        webhook.number += 1
        webhook.save(update_fields=["number"])
        record.append(kinds.WEBHOOK_RENEWED, {"webhook": webhook.id.hex})


def switch_off(*, webhook: Webhook, actor: gate.Actor = KEEPER) -> None:
    """Send nothing until it is switched on again; what happens meanwhile waits. Twice is once."""
    with gate.writing(webhook.hearing_id, actor=actor) as record:
        now = clock.from_ms(record.now)
        if Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=now):
            record.append(kinds.WEBHOOK_OFF, {"webhook": webhook.id.hex})


def switch_on(*, webhook: Webhook, actor: gate.Actor) -> None:
    """Go on where it stopped: what was given up is sent too. Twice is once."""
    with gate.writing(webhook.hearing_id, actor=actor) as record:
        off = Webhook.objects.filter(pk=webhook.pk).exclude(disabled_at=None)
        if off.update(disabled_at=None, failing_since=None):
            record.append(kinds.WEBHOOK_ON, {"webhook": webhook.id.hex})
            left = webhook.deliveries.exclude(state=State.DELIVERED)
            left.update(state=State.WAITING, attempts=0, next_at=clock.from_ms(record.now))


def send_again(*, delivery: Delivery, actor: gate.Actor) -> None:
    """Send a message once more, taken or not; its id stays, so a receiver can tell."""
    webhook = delivery.webhook
    with gate.writing(webhook.hearing_id, actor=actor) as record:
        soon = clock.from_ms(record.now)
        own = Delivery.objects.filter(pk=delivery.pk)
        own.update(state=State.WAITING, attempts=0, next_at=soon)
        body = {"webhook": webhook.id.hex, "entry": delivery.seq}
        record.append(kinds.WEBHOOK_AGAIN, body)
