"""Verify a hearing's record from the office, and show the result of the last check."""

from dataclasses import dataclass

from hemicycle.hearing.setup.models import Hearing, Verification
from hemicycle.record import clock
from hemicycle.record import verify as verifying
from hemicycle.record.models import Entry, Head, Note

_FIELDS = (
    *("hearing", "seq", "kind", "version", "at", "actor", "role", "meeting", "body"),
    *("digest", "hash"),
)


@dataclass(frozen=True, slots=True)
class RecordState:
    """The length of the record, and its last check; `since` counts entries after it."""

    length: int
    last: Verification | None

    @property
    def since(self) -> int:
        return self.length - self.last.seq if self.last else self.length


def state(hearing: Hearing) -> RecordState:
    """Return the record's length and its last check."""
    head = Head.objects.filter(hearing=hearing.id).first()
    return RecordState(
        head.seq if head else 0, Verification.objects.filter(hearing=hearing).first()
    )


def run(hearing: Hearing) -> Verification:
    """Check every entry, the chain's end and the notes now, and store the result."""
    entries = Entry.objects.filter(hearing=hearing.id).order_by("seq").values(*_FIELDS)
    heads = Head.objects.filter(hearing=hearing.id).values("hearing", "seq", "hash")
    notes = Note.objects.filter(hearing=hearing.id, erased_at=None)
    report = verifying.verify(
        entries.iterator(chunk_size=5000),
        heads,
        ({"key": note.key, "salt": bytes(note.salt), "text": note.text} for note in notes),
    )
    found, _new = Verification.objects.update_or_create(
        hearing=hearing,
        defaults={
            "at": clock.now(),
            "seq": report.entries,
            "broken_seq": report.broken.seq if report.broken else None,
        },
    )
    return found
