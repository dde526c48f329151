"""The link in a mission's invitation, which proves that a form comes from the mission.

It names the line of the list to which the letter was sent, signed by this installation. Removing
the line from the list revokes the link.
"""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Recipient

_signer = Signer(salt="hemicycle.mail.outgoing.invited")


def url(hearing: Hearing, line: object) -> str:
    """Return the address of the form for the mission of a list's line; "" for another recipient."""
    if not isinstance(line, Recipient) or not line.country:
        return ""
    form = reverse("registration:inscribe", args=(hearing.slug,))
    return f"{settings.BASE_URL}{form}?invited={_signer.sign(line.pk.hex)}"


def mission(hearing: Hearing, token: str) -> Recipient | None:
    """Return the line to which an invitation with this token was sent; None if it is removed."""
    try:
        line = UUID(hex=_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Recipient.objects.filter(pk=line, recipients__hearing_id=hearing.id)
    return rows.exclude(country="").first()
