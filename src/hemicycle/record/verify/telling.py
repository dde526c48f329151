"""The lines that the command prints about times, and about the checkpoints of a record."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from hemicycle.record.log.carried import CarriedCheckpoint, Judges
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.report import Report

OWN_MARKS = "\u2068\u2069\u200e"
"""The marks that our translations put around names and before options, so that each keeps its own
direction. Unlike the marks that override a direction, they cannot reverse the letters of a word.
"""


def printable(line: str) -> str:
    """Return a line with terminal control characters escaped, which foreign names may contain."""
    return "".join(
        sign if sign.isprintable() or sign in OWN_MARKS else sign.encode("unicode_escape").decode()
        for sign in line
    )


def moment(at: int) -> str:
    """Return a time in seconds since the Unix epoch as UTC; the number if it is out of range."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return _("%(seconds)s s after 1970") % {"seconds": at}


def checkpoint_lines(report: Report, judges: Judges) -> Iterator[str]:
    """Yield lines: who outside vouches for a record, up to which entry, and what is unproved."""
    every = (*report.checkpoints, *report.later)
    if not every:
        yield _(
            "Not proved: that it was not rewritten before it was sealed. It has no "
            "checkpoint, so no outside witness vouches for it."
        )
        return
    for carried in report.checkpoints:
        yield from _about(carried, report.entries)
    for later in report.later:
        said = _(
            "The published chain continues it, and leads to the checkpoint of %(size)s entries of "
            "%(origin)s."
        )
        yield said % {"size": later.size, "origin": later.origin}
        yield from _signed(later)
    yield from _unchecked(every, judges)
    by_witness = max((found.size for found in every if found.witnessed), default=0)
    if by_witness < report.entries:
        yield _unwitnessed(by_witness + 1, report.entries)
        if not report.later:
            yield _(
                "Witnesses may have cosigned it since. Download the published chain, and give it "
                "with --chain."
            )


def _unwitnessed(first: int, last: int) -> str:
    if first == last:
        said = _(
            "Not proved: that the holder of the key did not rewrite entry %(last)s. No witness "
            "whose key you gave had cosigned it."
        )
    else:
        said = _(
            "Not proved: that the holder of the key did not rewrite entries %(first)s to %(last)s. "
            "No witness whose key you gave had cosigned them."
        )
    return said % {"first": first, "last": last}


def _about(carried: CarriedCheckpoint, entries: int) -> Iterator[str]:
    if carried.size == entries:
        said = _("It leads to the checkpoint of all %(size)s entries of %(origin)s.")
    else:
        said = _("It leads to the checkpoint of the first %(size)s entries of %(origin)s.")
    yield said % {"size": carried.size, "origin": carried.origin}
    yield from _signed(carried)


def _signed(carried: CarriedCheckpoint) -> Iterator[str]:
    for witnessed in carried.witnessed:
        yield f"  {cosigned_by(witnessed.name, witnessed.at)}"
    if carried.stamped_at is not None:
        yield f"  {on_record_by(carried.stamped_at, carried.authority)}"


def cosigned_by(name: str, at: int) -> str:
    """Return a line: who cosigned a checkpoint, and when (in seconds since the Unix epoch)."""
    return _("Cosigned by %(name)s, %(at)s.") % {"name": name, "at": moment(at)}


def on_record_by(at: int, authority: str) -> str:
    """Return a line: by `at`, something was on the record, according to a time stamp."""
    told = {"at": moment(at), "authority": authority}
    return _("In the record no later than %(at)s, according to %(authority)s.") % told


def unchecked_cosignatures(names: Iterable[str]) -> str:
    """Return a line that names the cosignatures that could not be checked."""
    said = _(
        "The cosignature of %(names)s was not checked, because no key was given with --witness."
    )
    return said % {"names": ", ".join(names)}


def _unchecked(checkpoints: tuple[CarriedCheckpoint, ...], judges: Judges) -> Iterator[str]:
    names = {name: None for found in checkpoints for name in found.unknown}
    if names:
        yield unchecked_cosignatures(names)
    stamps = [str(found.size) for found in checkpoints if found.has_stamp]
    if stamps and not judges.authorities:
        said = _(
            "The time stamp of the checkpoint of %(sizes)s entries was not checked, because no "
            "certificate was given with --tsa."
        )
        yield said % {"sizes": ", ".join(stamps)}
