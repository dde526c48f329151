"""The outcomes of the rows of imported tables, and how the tables are deleted."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from hemicycle.before.registration.importing import entering, release
from hemicycle.before.registration.importing.entering import Outcome
from hemicycle.before.registration.models import ImportRow, Registration, RegistrationImport
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.spreadsheets import Rows


def imports_of(hearing: Hearing) -> QuerySet[RegistrationImport]:
    """Return the tables of a hearing, the newest first, with their numbers of rows; one query."""
    counted = {
        "whole": Count("rows"),
        "entered": Count("rows", filter=Q(rows__outcome=Outcome.ENTERED)),
        "left": Count("rows", filter=Q(rows__outcome=Outcome.LEFT)),
    }
    return hearing.imports.defer("content").annotate(**counted).order_by("-read_at", "pk")


def counts(table: RegistrationImport) -> dict[str, int]:
    """Count the rows of a table by outcome; `left` counts the rows still to be entered."""
    found = dict(table.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    return {outcome.name.lower(): found.get(outcome.value, 0) for outcome in Outcome}


def problems(table: RegistrationImport) -> QuerySet[ImportRow]:
    """Return the rows that were not entered, each with its sentence."""
    rows = table.rows.filter(outcome__in=(Outcome.KNOWN, Outcome.REFUSED))
    return rows.select_related("registration").order_by("number")


def lines(table: RegistrationImport) -> Rows:
    """Yield the cells of the rows that were not entered, and the reason for each."""
    width = len(table.head)
    for row in table.rows.exclude(outcome=Outcome.ENTERED).order_by("number"):
        yield *(row.cells + [""] * width)[:width], row.sentence


def delete(table: RegistrationImport) -> bool:
    """Delete the rows that were not entered, and the table if it has no others.

    Return False during a job, with nothing deleted. The registrations stay linked to the table, so
    that letters to them can still be released.
    """
    kinds = (entering.KIND, release.KIND)
    works = Job.objects.filter(kind__in=kinds, key=entering.key_of(table), finished_at=None)
    if works.exists():
        return False
    table.rows.exclude(outcome=Outcome.ENTERED).delete()
    if not table.rows.exists():
        table.delete()
    return True


def erase(registrations: Iterable[Registration], email: str, hearing: UUID) -> None:
    """Blank the imported rows about a person: those of the registrations or with the address."""
    rows = ImportRow.objects.filter(table__hearing=hearing)
    blank = {"cells": [], "sentence": ""}
    rows.filter(registration__in=registrations).update(**blank)
    if email:
        told = rows.exclude(outcome=Outcome.ENTERED).iterator(chunk_size=2000)
        named = [row.pk for row in told if _names(row, email.casefold())]
        rows.filter(pk__in=named).update(**blank)


def _names(row: ImportRow, email: str) -> bool:
    return any(email in cell.casefold() for cell in row.cells)
