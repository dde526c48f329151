"""The result of a verification, and the exit codes of the command."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hemicycle.record import seals
from hemicycle.record.log import carried
from hemicycle.record.log.carried import CarriedCheckpoint, Judges, RecordRoots, UnjudgedCheckpoint
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _

VERIFIED, BROKEN, UNREADABLE, UNKNOWN_SIGNER = 0, 1, 2, 3
"""The exit codes of the command."""

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """A path that cannot be read as a record; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong: the place, and the problem.

    `seq` is the entry's number, or 0 if the broken part is not an entry.
    """

    where: str
    problem: str
    seq: int = 0

    @classmethod
    def entry(cls, hearing: str, seq: int, problem: str) -> "Broken":
        """Return the problem of an entry."""
        where = _("hearing %(hearing)s, entry %(seq)s") % {"hearing": hearing, "seq": seq}
        return cls(where, problem, seq)

    @classmethod
    def file(cls, name: str, problem: str) -> "Broken":
        """Return the problem of a file."""
        return cls(_("file %(name)s") % {"name": name}, problem)

    def __str__(self) -> str:
        told = {"where": self.where, "problem": self.problem}
        # Translators: where something is wrong, and what: "file record.jsonl: it is missing".
        return _("%(where)s: %(problem)s") % told


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification: how many entries are valid, and the first thing that is wrong.

    `seal` is the seal of an archive or a chain, once its signature is checked. `is_trusted` says
    whether the key that was given from outside signed it. `ignored` are files that do not belong to
    the archive. `checkpoints` are those in an archive or a chain, the largest last, and `later`
    those of a chain that continues the archive. `compared` is the number of checkpoints of a
    database, and `tiles` the number of its stored tiles. `balanced` is the number of balanced lists
    of speakers whose moves were recomputed, `not_balanced` the number of those whose groups are not
    available.
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
    balanced: int = 0
    not_balanced: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found."""
        return self.broken is None


class Failed(Exception):
    """Raised if something wrong is found; the caller makes a report of it."""

    def __init__(self, broken: Broken) -> None:
        self.broken = broken


def reason(error: Exception) -> str:
    """Return an error's message for the end of a sentence: in lower case and without full stop."""
    text = str(error).rstrip(".。")
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
    """Return the checkpoints that `claims` reads, after judging them; raise `Failed`."""
    try:
        return carried.judge(claims(), roots, signers, judges)
    except InvalidProof as error:
        raise Failed(Broken(where, reason(error))) from error


def is_trusted(seal: seals.Seal, line: list[str], key: str) -> bool:
    """Return whether the given key, or one that followed it on the record, signed the seal.

    A key that no record names stands alone. Raises `Failed` if the signer is not the record's last
    key, or is unrelated to the given key.
    """
    if line and seal.signer != line[-1]:
        problem = _(
            "it is signed with a key other than the one that the record names: %(signer)s, not "
            "%(other)s"
        )
        told = {"signer": seal.signer, "other": line[-1]}
        raise Failed(Broken(_("the seal"), problem % told))
    if key and key not in (line or [seal.signer]):
        problem = _(
            "it is signed with a key other than the one that you gave: %(signer)s, not %(other)s"
        )
        raise Failed(Broken(_("the seal"), problem % {"signer": seal.signer, "other": key}))
    return bool(key)
