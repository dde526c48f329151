"""The result of reading a note: each field, the passage it comes from, and what is missing."""

from dataclasses import dataclass, field
from typing import Any

FIELDS = (
    "title", "convener", "venue", "time_zone", "mandate", "meetings", "segments", "panels",
    "deadlines", "categories", "floor_time_limit_seconds", "languages", "platform", "webcast",
    "hashtag", "mailboxes", "guiding_questions", "max_per_organization", "list_of_speakers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoteReading:
    """The result. `convenes` is False for a text that may not convene a hearing.

    `sources` has for each field the passages it comes from, one per line, as they are in the text.
    A field is in `missing` exactly if its value is null or empty. `status` is "cancelled" or
    "postponed" (then there is no meeting), "rescheduled", or None. `candidates` are values that the
    clerk must choose from, because no rule assigns one: each has `field`, `value` and `passage`.
    """

    values: dict[str, Any]
    sources: dict[str, str]
    convenes: bool
    status: str | None = None
    candidates: list[dict[str, Any]] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        return [name for name in FIELDS if self.values[name] in (None, [])]

    def as_json(self) -> dict[str, Any]:
        """Return the object that `hemicycle convene --dry-run --json` prints."""
        return {
            **self.values,
            "status": self.status,
            "convenes": self.convenes,
            "candidates": self.candidates,
            "missing": self.missing,
            "sources": self.sources,
        }
