"""Output of the command about times, and about the checkpoints of a record."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hemicycle.record.log.carried import CarriedCheckpoint, Judges
from hemicycle.record.verify.report import Report


def printable(line: str) -> str:
    """Return a line without terminal control characters, which foreign names may contain."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line
    )


def moment(at: int) -> str:
    """Return a time in seconds since the Unix epoch, in UTC; the number if no calendar has it."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{at} s after 1970"


def checkpoint_lines(report: Report, judges: Judges) -> Iterator[str]:
    """Yield who outside vouches for a record, up to which entry, and what nobody vouches for."""
    every = (*report.checkpoints, *report.later)
    if not every:
        yield (
            "Not proved: that it was not rewritten before it was sealed. It has no "
            "checkpoint, so no outside witness vouches for it."
        )
        return
    for carried in report.checkpoints:
        yield from _about(carried, report.entries)
    for later in report.later:
        chain = "The published chain continues it, and leads to the checkpoint of"
        yield f"{chain} {later.size} entries of {later.origin}."
        yield from _signed(later)
    yield from _unchecked(every, judges)
    by_witness = max((found.size for found in every if found.witnessed), default=0)
    if by_witness < report.entries:
        since = f"entries {by_witness + 1} to {report.entries}"
        if by_witness + 1 == report.entries:
            since = f"entry {report.entries}"
        yield (
            f"Not proved: that the holder of the key did not rewrite {since}. No witness whose "
            "key you gave had cosigned them."
        )
        if not report.later:
            yield (
                "Witnesses may have cosigned it since. Download the published chain, and pass it "
                "with --chain."
            )


def _about(carried: CarriedCheckpoint, entries: int) -> Iterator[str]:
    of_all = "all" if carried.size == entries else "the first"
    yield f"It leads to the checkpoint of {of_all} {carried.size} entries of {carried.origin}."
    yield from _signed(carried)


def _signed(carried: CarriedCheckpoint) -> Iterator[str]:
    for witnessed in carried.witnessed:
        yield f"  Cosigned by {witnessed.name}, {moment(witnessed.at)}."
    if carried.stamped_at is not None:
        yield f"  On the record by {moment(carried.stamped_at)}, according to {carried.authority}."


def _unchecked(checkpoints: tuple[CarriedCheckpoint, ...], judges: Judges) -> Iterator[str]:
    names = {name: None for found in checkpoints for name in found.unknown}
    if names:
        told = ", ".join(names)
        yield f"Not checked, since no --witness gave a key: the cosignature of {told}."
    stamps = [str(found.size) for found in checkpoints if found.has_stamp]
    if stamps and not judges.authorities:
        told = ", ".join(stamps)
        yield (
            "Not checked, since no --tsa gave a certificate: the time stamp of the checkpoint of "
            f"{told} entries."
        )
