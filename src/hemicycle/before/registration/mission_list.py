"""The secretariat's list of missions: the addresses and domains from which each of them writes.

It is pasted line by line, as from a table: the State or delegation first, then its addresses and
domains, separated by commas, semicolons or tabs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, validate_email
from django.utils.translation import gettext as _

from hemicycle.before.registration import entry_types
from hemicycle.before.registration.models import MissionAddress
from hemicycle.before.registration.names import name_key
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import writer
from hemicycle.record.writer import Actor
from hemicycle.ui import territories

LONGEST = 200_000
"""The most characters that are read at once: some thousand lines."""

_BETWEEN = re.compile(r"[,;\t]")
_domain = DomainNameValidator(accept_idna=True)


@dataclass(frozen=True, slots=True)
class MissionLine:
    """A mission with one of its addresses or domains, folded."""

    name: str
    address: str


def read(text: str) -> tuple[list[MissionLine], list[str]]:
    """Read pasted lines; return their content, and a sentence for each line that cannot be read."""
    found: list[MissionLine] = []
    faults: list[str] = []
    for number, row in enumerate(text.splitlines(), start=1):
        cells = [cell.strip().strip('"').strip() for cell in _BETWEEN.split(row)]
        filled = [cell for cell in cells if cell]
        if not filled:
            continue
        name, *addresses = filled
        folded = [address.casefold().removeprefix("@") for address in addresses]
        if not addresses or _is_address(name.casefold()):
            faults.append(
                _("Line %(n)s: enter the State or delegation, then its addresses or domains.")
                % {"n": number}
            )
        elif odd := next((one for one in folded if not _is_address(one)), None):
            faults.append(
                _("Line %(n)s: “%(what)s” is not an e-mail address or a domain.")
                % {"n": number, "what": odd[:80]}
            )
        else:
            found += [MissionLine(_called(name), address) for address in folded]
    return found, faults


def _called(name: str) -> str:
    """Return the English name of a State that is named in any language; other names stay."""
    code = territories.recognize(name) or territories.recognize(name.upper())
    return territories.name(code, "en") if code else name[:400]


def _is_address(text: str) -> bool:
    if len(text) > 254:
        return False
    check = validate_email if "@" in text else _domain
    try:
        check(text)
    except ValidationError:
        return False
    return "." in text


def add(*, hearing: Hearing, lines: Iterable[MissionLine], actor: Actor) -> int:
    """Add addresses to the list, except those that are on it; return how many are new."""
    with writer.writing(hearing.id, actor=actor) as record:
        known = set(hearing.mission_addresses.values_list("organization_key", "address"))
        fresh = {
            (name_key(line.name), line.address): line
            for line in lines
            if (name_key(line.name), line.address) not in known
        }
        MissionAddress.objects.bulk_create(
            MissionAddress(
                hearing=hearing, name=line.name, organization_key=key, address=line.address
            )
            for (key, _address), line in fresh.items()
        )
        if fresh:
            record.append(entry_types.MISSIONS_LISTED, {"added": len(fresh), "removed": 0})
    return len(fresh)


def remove(*, hearing: Hearing, row: MissionAddress, actor: Actor) -> None:
    """Remove an address from the list; registrations that it has proved stay proved."""
    with writer.writing(hearing.id, actor=actor) as record:
        row.delete()
        record.append(entry_types.MISSIONS_LISTED, {"added": 0, "removed": 1})
