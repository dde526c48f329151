"""Who reads from which slot, and what the public sees of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration import links
from hemicycle.hearing.people import private_links
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.secrets import hash_secret


@dataclass(frozen=True, slots=True)
class ReaderCredit:
    """The fact that another person reads, with their name if they agreed to be named."""

    name: str = ""

    def __str__(self) -> str:
        if self.name:
            return _("Read by %(name)s") % {"name": self.name}
        return _("Read by a reader")


def readings(slots: Iterable[UUID]) -> dict[UUID, ReaderCredit]:
    """Return what the public sees of slots with a reader, in one query."""
    rows = ProxyReader.objects.filter(slot__in=list(slots), confirmed_at__isnull=False)
    return {
        row.slot: ReaderCredit(row.person.name if row.may_be_named else "")
        for row in rows.select_related("person")
    }


def read_slots(hearing: UUID) -> frozenset[str]:
    """Return the slots of a hearing whose seat a reader has, as 32 hexadecimal digits each."""
    rows = ProxyReader.objects.filter(hearing=hearing, confirmed_at__isnull=False)
    return frozenset(slot.hex for slot in rows.values_list("slot", flat=True))


def by_secret(secret: str) -> ProxyReader | None:
    """Return the reader with this link; None for an invalid one."""
    rows = ProxyReader.objects.filter(link_hash=hash_secret(secret))
    return rows.select_related("hearing", "person").first()


def is_known(request: HttpRequest, secret: str, **others: object) -> bool:
    """Whether the secret in an address, or the handle that stands for it, belongs to a reader."""
    return by_secret(private_links.secret_of(request, secret)) is not None


def secret_of(reader: ProxyReader) -> str:
    """Return the secret of a reader's link; "" if no current key made it."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = links.derive(reader.id, 1, key)
        if hash_secret(secret) == reader.link_hash:
            return secret
    return ""


def url_of(reader: ProxyReader) -> str:
    """Return the full address of a reader's page, for letters."""
    return links.absolute(whole("readers:reader", secret_of(reader)))


def seat_url(reader: ProxyReader, secret: str) -> str:
    """Return the path of the seat that a reader takes."""
    return reverse("room:reader-seat", args=(reader.hearing.slug, secret))
