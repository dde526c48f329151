"""The audience for which a letter is worded: missions, organizations, or others."""

from collections.abc import Iterable
from uuid import UUID

from hemicycle.mail.outgoing import signals
from hemicycle.mail.outgoing.models import LetterAudience, Recipient


def of_addresses(hearing_id: UUID, addresses: Iterable[str]) -> dict[str, str]:
    """Return the audience of each address, by the case-folded address.

    The app that registered people knows their audience. A line of a distribution list with a State
    is a mission. All other addresses are others.
    """
    keys = {address.casefold() for address in addresses}
    lines = Recipient.objects.filter(recipients__hearing_id=hearing_id, address_key__in=keys)
    missions = lines.exclude(country="").values_list("address_key", flat=True)
    found: dict[str, str] = dict.fromkeys(keys, LetterAudience.OTHERS.value)
    found.update(dict.fromkeys(missions, LetterAudience.MISSIONS.value))
    for known in signals.audiences.send(hearing_id, keys):
        found.update(known)
    return found


def of_address(hearing_id: UUID, address: str) -> str:
    """Return the audience of one address."""
    return of_addresses(hearing_id, [address])[address.casefold()]
