"""The worker makes exports; they are deleted when a person named in them is erased."""

from uuid import UUID

from hemicycle.hearing.exports import making
from hemicycle.hearing.jobs import kinds
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

kinds.register(making.EXPORTING)


@person_erased.connect
def discard(person: UUID, record: Writer) -> list[str]:
    """Delete the exports of a hearing that may name an erased person."""
    making.discard(record.hearing)
    return []
