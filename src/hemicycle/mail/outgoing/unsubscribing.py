"""Unsubscribe from a hearing's letters to lists, by the link in each of them (RFC 8058)."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from hemicycle.hearing.people.private_links import whole
from hemicycle.mail.outgoing.models import Message, Unsubscribed
from hemicycle.record import clock

_signer = Signer(salt="hemicycle.mail.outgoing.unsubscribe", sep=".")


def url(message: Message) -> str:
    """Return the address that unsubscribes the message's addressee, without signing in."""
    path = whole("outgoing:unsubscribe", secret_of(message))
    return settings.BASE_URL + path


def secret_of(message: Message) -> str:
    """Return the secret of that address: the message's id, signed."""
    return _signer.sign(message.id.hex)


def words() -> str:
    """Return the label of the link."""
    return _("To stop receiving letters about this hearing:")


def message_of(secret: str) -> Message | None:
    """Return the message of a secret; None if the secret is forged or the message is deleted."""
    try:
        pk = UUID(hex=_signer.unsign(secret))
    except (BadSignature, ValueError):
        return None
    return Message.objects.filter(pk=pk, hearing_id__isnull=False).first()


def unsubscribe(message: Message) -> None:
    """Stop letters to this hearing's lists for the message's address, and cancel waiting ones."""
    assert message.hearing_id is not None
    key = message.address.casefold()
    Unsubscribed.objects.get_or_create(
        hearing_id=message.hearing_id, address_key=key, defaults={"at": clock.now()}
    )
    waiting = Message.objects.filter(
        hearing_id=message.hearing_id,
        address__iexact=message.address,
        mailing__isnull=False,
        state__in=Message.WAITING,
    )
    waiting.update(state=Message.State.CANCELLED, claim="")


def gone(hearing_id: UUID) -> set[str]:
    """Return the case-folded addresses that have unsubscribed from a hearing."""
    left = Unsubscribed.objects.filter(hearing_id=hearing_id)
    return set(left.values_list("address_key", flat=True))


def has_left(message: Message) -> bool:
    """Return whether the message's address has already unsubscribed."""
    assert message.hearing_id is not None
    return Unsubscribed.objects.filter(
        hearing_id=message.hearing_id, address_key=message.address.casefold()
    ).exists()
