"""The witnesses that a hearing names, and their cosignatures."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Max, Min

from hemicycle.hearing.setup.models import Hearing, WitnessContact
from hemicycle.record import clock
from hemicycle.record.log.notes import VerifierKey
from hemicycle.record.models import Cosignature


@dataclass(frozen=True)
class NamedWitness:
    """A witness of a hearing: its name, its key, and the address for checkpoints, if any."""

    label: str
    vkey: str
    url: str

    @cached_property
    def key(self) -> VerifierKey:
        """The key that checks its cosignatures."""
        return VerifierKey.parse(self.vkey)

    @property
    def ident(self) -> tuple[str, str]:
        """The identity of its cosignatures: the name of its key, and the key's id."""
        return self.key.name, self.key.id.hex()


@dataclass(frozen=True, slots=True)
class Standing:
    """The cosignatures of a witness: up to which entry, and the times of the latest and the first.

    `size` is 0 and the times are None if it has cosigned nothing relevant.
    """

    label: str
    vkey: str
    size: int = 0
    last: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WitnessedState:
    """The state of a record, or of one entry, with witnesses; `asked` is how many must cosign."""

    asked: int
    standings: tuple[Standing, ...]

    @property
    def count(self) -> int:
        """The number of witnesses that have cosigned."""
        return len(self.cosigned)

    @property
    def cosigned(self) -> tuple[Standing, ...]:
        """The witnesses that have cosigned."""
        return tuple(standing for standing in self.standings if standing.size)

    @property
    def is_enough(self) -> bool:
        """Whether as many have cosigned as are required."""
        return self.count >= self.asked


def named(hearing: Hearing) -> list[NamedWitness]:
    """Return the witnesses that the hearing names, in its order."""
    return [
        NamedWitness(witness["name"], witness["vkey"], witness["url"])
        for witness in hearing.witnesses
    ]


def keys(hearing: Hearing) -> list[VerifierKey]:
    """Return the keys of the witnesses."""
    return [witness.key for witness in named(hearing)]


def state(hearing: Hearing, seq: int = 1) -> WitnessedState:
    """Return what each witness has cosigned of checkpoints that cover entry `seq`. One query."""
    found = named(hearing)
    rows = _rows(hearing, seq) if found else []
    told = {(row["name"], row["key_hash"]): row for row in rows}
    standings = tuple(_standing(witness, told.get(witness.ident)) for witness in found)
    return WitnessedState(hearing.witnesses_asked, standings)


def contacts(hearing: Hearing) -> list[tuple[str, WitnessContact]]:
    """Return each witness that accepts checkpoints, by its name, with the last contact's result."""
    labels = {witness.vkey: witness.label for witness in named(hearing) if witness.url}
    found = WitnessContact.objects.filter(hearing=hearing, vkey__in=labels)
    return [(labels[contact.vkey], contact) for contact in found.order_by("pk")]


def _rows(hearing: Hearing, seq: int) -> list[dict[str, Any]]:
    covering = Cosignature.objects.filter(checkpoint__hearing=hearing.id, checkpoint__size__gte=seq)
    rows = covering.values("name", "key_hash").annotate(
        size=Max("checkpoint__size"), last=Max("timestamp"), since=Min("timestamp")
    )
    return [dict(row) for row in rows]


def _standing(witness: NamedWitness, row: dict[str, Any] | None) -> Standing:
    if row is None:
        return Standing(witness.label, witness.vkey)
    last, since = (clock.from_ms(row[name] * 1000) for name in ("last", "since"))
    return Standing(witness.label, witness.vkey, row["size"], last, since)
