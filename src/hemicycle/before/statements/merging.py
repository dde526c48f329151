"""Statements and videos when the secretariat merges two registrations."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration.signals import Merge
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.models import Statement, Video
from hemicycle.record.writer import Writer


def effects(merge: Merge) -> list[str]:
    """Return sentences about statements and videos that move, or stay with a place that ends."""
    said = []
    moving = {statement.pk: place for statement, place in _moving(merge)}
    for statement in _statements(merge):
        panel = statement.inscription.segment.title if statement.inscription else ""
        if statement.pk in moving:
            if statement.registration_id == merge.kept.pk:
                continue
            sentence = (
                _("The statement for “%(panel)s” moves.")
                if panel
                else _("The statement in writing moves.")
            )
        elif _stays_behind(statement, merge):
            sentence = (
                _(
                    "Both have a statement for “%(panel)s”. The one of the place that ends is not "
                    "published; the secretariat can still read it."
                )
                if panel
                else _(
                    "Both have a statement in writing. The one of %(left)s is not published; the "
                    "secretariat can still read it."
                )
            )
        else:
            continue
        said.append(sentence % {"panel": panel, "left": merge.left.reference})
    return said


def follow(record: Writer, merge: Merge) -> None:
    """Move statements and videos with their places, and contributions in writing to `kept`."""
    moved = list(_moving(merge))
    for statement, place in moved:
        statement.registration, statement.inscription_id = merge.kept, place
        statement.save(update_fields=["registration", "inscription"])
    for ends, stays in merge.survivors.items():
        if not Video.objects.filter(inscription=stays).exists():
            Video.objects.filter(inscription=ends).update(inscription=stays)
    left = [row.pk for row in _statements(merge) if row.inscription_id in merge.survivors]
    publication.follow(record, *(statement.pk for statement, _place in moved), *left)


def _statements(merge: Merge) -> list[Statement]:
    rows = Statement.objects.filter(registration__in=(merge.kept, merge.left))
    return list(rows.select_related("inscription__segment").order_by("pk"))


def _moving(merge: Merge) -> Iterator[tuple[Statement, UUID | None]]:
    """Yield the statements that `kept` has afterwards, each with its place; None for no place."""
    found = _statements(merge)
    taken = {row.inscription_id for row in found if row.inscription_id in merge.places}
    has_written = any(
        row.inscription_id is None and row.registration_id == merge.kept.pk for row in found
    )
    for row in found:
        survivor = merge.survivors.get(row.inscription_id) if row.inscription_id else None
        if row.inscription_id in merge.places:
            yield row, row.inscription_id
        elif survivor is not None and survivor not in taken:
            taken.add(survivor)
            yield row, survivor
        elif row.inscription_id is None and not has_written:
            yield row, None


def _stays_behind(statement: Statement, merge: Merge) -> bool:
    if statement.inscription_id is None:
        return statement.registration_id == merge.left.pk
    return statement.inscription_id in merge.survivors
