"""What a verification finds, and what the command returns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hemicycle.record import seals
from hemicycle.record.log import carried
from hemicycle.record.log.carried import CarriedCheckpoint, Judges, RecordRoots, UnjudgedCheckpoint
from hemicycle.record.signing import InvalidProof

VERIFIED, BROKEN, UNREADABLE, UNKNOWN_SIGNER = 0, 1, 2, 3
"""What the command returns."""

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """What was given is no record that can be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that does not hold: where, and in what way.

    `seq` is the entry's number, and 0 where what is broken is not an entry.
    """

    where: str
    problem: str
    seq: int = 0

    @classmethod
    def entry(cls, hearing: str, seq: int, problem: str) -> "Broken":
        """An entry that does not hold."""
        return cls(f"hearing {hearing}, entry {seq}", problem, seq)

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: how many entries hold, and the first thing that does not.

    `seal` is the seal of an archive or a chain, once its signature fits. `is_trusted` says whether
    the key that was given from outside signed it. `ignored` are files that are no part of it.
    `checkpoints` are those that an archive or a chain carries, the largest last, and `later` those
    of a chain that continues the archive; `compared` is how
    many a database has, and `tiles` how many of its tree it keeps.
    """

    hearings: int
    entries: int
    notes: int
    broken: Broken | None = None
    seal: seals.Seal | None = None
    is_trusted: bool = False
    ignored: tuple[str, ...] = ()
    checkpoints: tuple[CarriedCheckpoint, ...] = ()
    compared: int = 0
    tiles: int = 0
    later: tuple[CarriedCheckpoint, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is as the record says."""
        return self.broken is None


class Failed(Exception):
    """Something does not hold; raised where it is found, and made a report of above."""

    def __init__(self, broken: Broken) -> None:
        self.broken = broken


def reason(error: Exception) -> str:
    """A sentence as the end of another."""
    text = str(error).removesuffix(".")
    return text[:1].lower() + text[1:]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def sealed(where: str, check: Callable[[str], seals.Seal], text: str) -> seals.Seal:
    try:
        return check(text)
    except InvalidProof as error:
        raise Failed(Broken(where, reason(error))) from error


def judged(
    where: str,
    claims: Callable[[], Sequence[UnjudgedCheckpoint]],
    roots: RecordRoots,
    signers: Collection[str],
    judges: Judges,
) -> tuple[CarriedCheckpoint, ...]:
    """The checkpoints that `claims` reads, judged; raises `Failed`."""
    try:
        return carried.judge(claims(), roots, signers, judges)
    except InvalidProof as error:
        raise Failed(Broken(where, reason(error))) from error


def is_trusted(seal: seals.Seal, line: list[str], key: str) -> bool:
    """Whether the key that was given, or one that followed it on the record, signed the seal.

    A key that no record names stands alone. Raises `Failed` for another signer than the record's
    last key, and for one that has nothing to do with the key that was given.
    """
    problem = "it is signed with another key than"
    if line and seal.signer != line[-1]:
        named = f"the record names: {seal.signer}, not {line[-1]}"
        raise Failed(Broken("the seal", f"{problem} {named}"))
    if key and key not in (line or [seal.signer]):
        given = f"the one you gave: {seal.signer}, not {key}"
        raise Failed(Broken("the seal", f"{problem} {given}"))
    return bool(key)
