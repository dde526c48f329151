"""Covering names: rows as officers see them who must not know who is behind an alias.

A page of the office shows names of its rows in many places. So the rows are changed, in memory
only: the alias takes the place of the names. Such rows are shown and never saved.
"""

from collections.abc import Iterable

from django.db.models import Model, QuerySet

from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.hearing.people.models import Organization, Person


def openly[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Leave out the rows whose registration, or a co-signer of it, has an alias."""
    joined = CoSigner.objects.exclude(alias="").values("registration")
    return rows.filter(registration__alias="").exclude(registration__in=joined)


def cover(rows: Iterable[Registration], *, as_organization: bool = False) -> None:
    """Put the alias of each row in place of the person's name, or of the organization's.

    The other name becomes empty. Co-signers that were prefetched are covered, too.
    """
    for row in rows:
        cover_co_signers(row.co_signers.all() if _has_prefetched(row) else ())
        if row.alias:
            person, organization = ("", row.alias) if as_organization else (row.alias, "")
            row.person = Person(pk=row.person_id, name=person)
            row.organization = Organization(pk=row.organization_id, name=organization)
            row.is_covered = True


def _has_prefetched(row: Registration) -> bool:
    return "co_signers" in getattr(row, "_prefetched_objects_cache", {})


def cover_places(rows: Iterable[Inscription], *, as_organization: bool = False) -> None:
    """Cover places on lists, with their speakers, in the same way."""
    for row in rows:
        cover([row.registration], as_organization=as_organization)
        if row.registration.alias:
            row.speaker = Person(pk=row.speaker_id, name=row.registration.person.name)


def cover_co_signers(rows: Iterable[CoSigner]) -> None:
    """Put the alias of each co-signer in place of its name and its address."""
    for row in rows:
        if row.alias:
            row.organization_name, row.email = row.alias, ""
