"""The times of the sitting, among all the times that a sentence names."""

import re
from collections.abc import Iterable
from dataclasses import replace

from hemicycle.convening.events import is_deadline
from hemicycle.convening.hours import Hours, hours_in

LONG_BREAK = 45
"""Minutes without a programme item that separate two meetings."""

_NOT_SITTING = re.compile(
    r"\b(?:doors|registration\s+(?:desk|opens|will\s+open)|arriv\w+|check-?in|security|queue"
    r"|office\s+hours|opening\s+hours|open\s+(?:from|between|daily|monday)"
    r"|call\w*\s+(?:the\s+)?(?:office|clerk)|training|test|rehearsal|helpline"
    r"|available\s+from|sign[-\s]?(?:up|in)\s+(?:sheets?|opens|begins|starts))\b",
    re.IGNORECASE,
)
_PAUSE = re.compile(
    r"\b(?:break|lunch|recess|pause|interval)\s*(?:from|between|at|\(|,|:)?\s*$", re.IGNORECASE
)
_ENDS = re.compile(
    r"[\s,]*(?:and|until)?\s*(?:will\s+|is\s+expected\s+to\s+|to\s+)?(?:end|close|finish"
    r"|conclude|adjourn)(?:s|ing)?\s+(?:at|by|around)\s*",
    re.IGNORECASE,
)


_END_ALONE = re.compile(
    r"\b(?:hearing|session|meeting|sitting|inquiry|it)\s+(?:will\s+|is\s+(?:expected|scheduled|due)\s+to\s+"
    r"|should\s+)?(?:end|close|finish|conclude|adjourn)s?\s+(?:at|by|around|about)\s+(?:about\s+)?$",
    re.IGNORECASE,
)


def end_of_sitting(texts: Iterable[str]) -> int | None:
    """Return the time at which the hearing ends, if a separate sentence says so."""
    for text in texts:
        for hours in hours_in(text):
            if not hours.ends and _END_ALONE.search(text[: hours.start]):
                return hours.starts
    return None


def sitting_hours(text: str) -> list[Hours]:
    """Return the times of a text at which people sit, not at which something closes or opens."""
    found = []
    for hours in _opened_and_closed(hours_in(text), text):
        clause = re.split(r"[;.]\s|,\s(?:and|with)\s", text[: hours.start])[-1]
        if not (
            hours.echo
            or _PAUSE.search(text[: hours.start])
            or is_deadline(text[: hours.start])
            or (not hours.ends and _END_ALONE.search(text[: hours.start]))
            or _NOT_SITTING.search(clause)
        ):
            found.append(hours)
    return _around_pauses(found, text)


def _opened_and_closed(hours: list[Hours], text: str) -> list[Hours]:
    """ "Opens at 9:30 and ends at 5 p.m." as one span."""
    joined: list[Hours] = []
    for span in hours:
        before = joined[-1] if joined else None
        if (
            before
            and not before.ends
            and not span.ends
            and _ENDS.fullmatch(text[before.end : span.start])
            and span.starts > before.starts
        ):
            joined[-1] = replace(before, end=span.end, ends=span.starts)
        else:
            joined.append(span)
    return joined


def _around_pauses(hours: list[Hours], text: str) -> list[Hours]:
    """A span cut where the sentence puts a long break into it."""
    pauses = [
        span
        for span in hours_in(text)
        if span.ends and _PAUSE.search(text[: span.start]) and span.ends - span.starts >= LONG_BREAK
    ]
    for pause in pauses:
        for place, span in enumerate(hours):
            if span.ends and pause.ends and span.starts < pause.starts and pause.ends < span.ends:
                hours[place : place + 1] = [
                    replace(span, ends=pause.starts),
                    replace(span, starts=pause.ends),
                ]
                break
    return hours


def is_beside(text: str) -> bool:
    """Whether a text is about what surrounds the sitting: doors, the registration desk, a test."""
    return bool(_NOT_SITTING.search(text))
