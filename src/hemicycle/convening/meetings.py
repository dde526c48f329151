"""The meetings of the hearing: its days and, for each day, the spans of time.

Every date of the note gets a weight by the words of its sentence and by its place. Only days that
the note gives to the hearing itself count. Their times are the nearest ones, or else times of the
hearing without a date, or else those of the programme.
"""

import datetime
import re
from itertools import pairwise

from hemicycle.convening.calendar import Calendar
from hemicycle.convening.claims import LONG_BREAK, Claim, claims_of, end_of_sitting, undated_hours
from hemicycle.convening.hours import Hours, clock
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.programme import ProgrammeEntry

NOT_HELD = ("cancelled", "postponed")
"""The statuses of a hearing that has no meeting."""
SURE = 5
"""The weight of a passage that says when the hearing is held."""
LABELLED = 4
"""The weight of a labelled day."""
NEAR_DAYS = 10
"""The number of days within which a date without hours may belong to the same hearing."""


def meetings_of(
    note: ConceptNote, calendar: Calendar, items: list[ProgrammeEntry]
) -> Finding[list[dict[str, str | None]]]:
    """Return the meetings in order, each with its local date and times; a missing time is None."""
    if note.status in NOT_HELD:
        return Finding([])
    claims, undated = _claims(note, calendar)
    days, passages = _days(claims, items)
    if not days:
        return Finding([], tuple(claim.passage for claim in claims if claim.undated)[:1])
    meetings: list[dict[str, str | None]] = []
    for day in days:
        spans, passage = _spans_of(day, days, claims, undated, items)
        passages += passage
        for starts, ends in spans or [(None, None)]:
            meetings.append({"date": day.isoformat(), "starts": starts, "ends": ends})
    # Only for one meeting: with several, a sentence about the end could be about any of them.
    if len(meetings) == 1 and meetings[0]["starts"] and not meetings[0]["ends"]:
        end = end_of_sitting(note)
        later = end is not None and clock(end) > meetings[0]["starts"]
        meetings[0]["ends"] = clock(end) if end is not None and later else None
    return Finding(meetings, tuple(dict.fromkeys(passages)))


def _claims(
    note: ConceptNote, calendar: Calendar
) -> tuple[list[Claim], list[tuple[tuple[Hours, ...], str]]]:
    """Return the passages that give days to the hearing, and hours of the hearing without a day."""
    claims = list(claims_of(note, calendar))
    # Hours beside the hearing's day are surer than hours without a day.
    said = any(hours.ends for claim in claims if claim.weight >= SURE for hours in claim.hours)
    return claims, [] if said else list(undated_hours(note))


def _days(
    claims: list[Claim], items: list[ProgrammeEntry]
) -> tuple[list[datetime.date], tuple[str, ...]]:
    best = max((claim.weight for claim in claims if claim.days), default=0)
    if best < 2:
        return [], ()
    # A weaker passage usually repeats a strong one; if it does not, it may be about another day. Up
    # to weight 4, all are used: the surest passage may name only one of several days.
    chosen = [claim for claim in claims if claim.days and claim.weight >= min(best, 4)]
    chosen = _together(chosen)
    days = {day for claim in chosen for day in claim.days}
    programmed = {item.day for item in items if isinstance(item.day, datetime.date)}
    if programmed & days:
        # A day of the programme counts only near a known day, since programmes also list side
        # events.
        days |= {day for day in programmed if any(abs((day - other).days) <= 3 for other in days)}
    return sorted(days), tuple(claim.passage for claim in chosen)


def _together(claims: list[Claim]) -> list[Claim]:
    """Return the claims that go with the surest one.

    A lone date weeks away, without hours, belongs to another event.
    """
    # Hours come before weight: a passage with times is hardly ever about another event.
    surest = max(
        claims,
        key=lambda claim: (any(h.ends for h in claim.hours), bool(claim.hours), claim.weight),
    )
    # If the surest claim has a day with hours, another day must be given as exactly.
    if surest.weight >= LABELLED and any(hours.ends for hours in surest.hours):
        return [
            claim
            for claim in claims
            if claim.listed
            or any(hours.ends for hours in claim.hours)
            or (claim.passage == surest.passage and _apart(claim, surest) <= NEAR_DAYS)
            or not _apart(claim, surest)
        ]
    return [
        claim
        for claim in claims
        if claim.hours or claim.listed or _apart(claim, surest) <= NEAR_DAYS
    ]


def _apart(claim: Claim, other: Claim) -> int:
    """Return the number of days between the nearest days of two claims."""
    return min(abs((day - own).days) for day in claim.days for own in other.days)


def _spans_of(
    day: datetime.date,
    days: list[datetime.date],
    claims: list[Claim],
    undated: list[tuple[tuple[Hours, ...], str]],
    items: list[ProgrammeEntry],
) -> tuple[list[tuple[str | None, str | None]], tuple[str, ...]]:
    """Return the spans of one day from the best source, as clock times, and the passages."""
    own_items = [item for item in items if _falls_on(item, day, days)]
    said = [
        (claim.weight, claim.hours, claim.passage)
        for claim in claims
        if day in claim.days and claim.hours
    ]
    # An undated span that begins at another hour than the hearing belongs to something else.
    known = {hours[0].starts for weight, hours, _ in said if weight >= SURE}
    said += [
        (3, hours, passage) for hours, passage in undated if not known or hours[0].starts in known
    ]
    full = [entry for entry in said if any(hours.ends for hours in entry[1])]
    if full:
        _, hours, passage = max(
            # Of equally sure passages, use the one with the most spans: it separates morning and
            # afternoon.
            full,
            key=lambda entry: (entry[0] >= 3, len([h for h in entry[1] if h.ends])),
        )
        return [(clock(span.starts), clock(span.ends)) for span in hours if span.ends], (passage,)
    blocks = _sittings(own_items)
    if said:
        _, hours, passage = max(said, key=lambda entry: entry[0])
        return _with_ends(hours, blocks), (passage,)
    return [
        (clock(starts), None if ends is None else clock(ends)) for starts, ends in blocks
    ], tuple(item.passage for item in own_items[:1])


def _with_ends(
    hours: tuple[Hours, ...], blocks: list[tuple[int, int | None]]
) -> list[tuple[str | None, str | None]]:
    """Return the starts from the text, with ends only if the programme has them."""
    # A single start may be the first of several sittings, whose ends are in the programme.
    if len(hours) == 1 and blocks and blocks[0][0] == hours[0].starts:
        return [(clock(starts), None if ends is None else clock(ends)) for starts, ends in blocks]
    return [(clock(span.starts), None) for span in hours]


def _falls_on(item: ProgrammeEntry, day: datetime.date, days: list[datetime.date]) -> bool:
    if isinstance(item.day, int):
        return 0 < item.day <= len(days) and days[item.day - 1] == day
    return item.day == day or (item.day is None and len(days) == 1)


def _sittings(items: list[ProgrammeEntry]) -> list[tuple[int, int | None]]:
    """Return the spans of a day's programme between its long breaks."""
    working = [item for item in items if not _long_pause(item)]
    if not working:
        return []
    stretches: list[list[ProgrammeEntry]] = [[working[0]]]
    for before, item in pairwise(working):
        ends = before.ends or before.starts
        # If the previous item has no end, the gap may be that item itself.
        if item.starts - ends >= LONG_BREAK and before.ends:
            stretches.append([])
        stretches[-1].append(item)
    return [(part[0].starts, part[-1].ends) for part in stretches]


def _long_pause(item: ProgrammeEntry) -> bool:
    length = (item.ends or item.starts) - item.starts
    at_the_door = bool(
        re.search(r"\b(?:registration|arrival|accueil\s+des|doors)\b", item.title, re.IGNORECASE)
    )
    return (item.kind == "break" and length >= LONG_BREAK) or at_the_door
