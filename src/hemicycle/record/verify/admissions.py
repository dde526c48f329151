"""Verify that each registration came in time, or that the secretariat admitted it late.

`registration.received` says when the form was received and when the registration closed. A form
that was received later needs an earlier entry, `registration.admitted_late`, in which a person of
the secretariat gives a reason. A record without these entries is valid.
"""

import json
from typing import Any

from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.report import Broken, Failed, Row

RECEIVED, ADMITTED_LATE = "registration.received", "registration.admitted_late"
SECRETARIAT = "secretariat"


class Admissions:
    """Checks the entries of records in their order."""

    def __init__(self) -> None:
        self._admitted: set[tuple[str, str]] = set()

    def check(self, row: Row, hearing: str, seq: int) -> None:
        """Raise `Failed` for an entry that does not follow the rule."""
        kind = row["kind"]
        if kind in {RECEIVED, ADMITTED_LATE} and (problem := self._problem(row, kind, hearing)):
            raise Failed(Broken.entry(hearing, seq, problem))

    def _problem(self, row: Row, kind: str, hearing: str) -> str:
        body = body_of(row)
        admitted = (hearing, str(body.get("registration", "")))
        if kind == ADMITTED_LATE:
            if row["role"] != SECRETARIAT or not body.get("reason"):
                return _("it admits a late registration without a reason from the secretariat")
            self._admitted.add(admitted)
        elif _is_late(body) and admitted not in self._admitted:
            return _("it was received after the deadline, and the secretariat did not admit it")
        return ""


def body_of(row: Row) -> dict[str, Any]:
    """Return an entry's fields; empty if its body cannot be read."""
    try:
        body = json.loads(row["body"])
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _is_late(body: dict[str, Any]) -> bool:
    """Return whether a form was received after the second of the deadline, which still counts."""
    received, closes = body.get("received"), body.get("closes")
    if not isinstance(received, int) or not isinstance(closes, int):
        return False
    return received // 1000 > closes // 1000
