"""To which group each speaker of a list belongs, by the attributes that lists are balanced by.

What people stated about themselves is never guessed and never shown for one person:

* a speaker with an alias is in no group of region, gender or first-time organizations;
* a gender that fewer than `SMALLEST` speakers of the list stated is counted as not stated, and so
  is the next smallest one if there are still fewer (`procedure.balance.broken_out`);
* turns that have been spoken are counted by gender in steps of `SMALLEST` speakers, so that no page
  reveals the gender of the last speaker.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.balance import (
    CATEGORY,
    GENDER,
    KNOWN,
    LANGUAGE,
    NEW,
    NEWCOMERS,
    REGION,
)
from hemicycle.procedure.balance import NOBODY, broken_out
from hemicycle.ui import regions

SMALLEST = 5
"""The smallest group of a gender that is counted separately, and the step of such counts."""

BESIDE = frozenset({REGION, GENDER, NEWCOMERS})
"""Attributes whose groups are stored beside the record, where they can be erased."""

Groups = dict[str, str]


def groups_of(rows: Sequence[Inscription], attribute: str) -> Groups:
    """Return the group of each inscription by its id; `NOBODY` if it is not stated or not shown."""
    if attribute == GENDER:
        return _without_small({row.id.hex: _gender(row) for row in rows})
    if attribute == NEWCOMERS:
        known = _known(rows)
        return {row.id.hex: _newness(row, known) for row in rows}
    return {row.id.hex: _PLAIN[attribute](row) for row in rows}


def _region(row: Inscription) -> str:
    registration = row.registration
    return NOBODY if registration.alias else regions.key_of(registration.organization.country)


def _gender(row: Inscription) -> str:
    registration = row.registration
    is_own = row.speaker_id == registration.person_id
    stated = registration.gender not in {"", Registration.Gender.UNSAID}
    return registration.gender if is_own and stated and not registration.alias else NOBODY


_PLAIN: dict[str, Callable[[Inscription], str]] = {
    CATEGORY: lambda row: row.registration.category.key,
    LANGUAGE: lambda row: row.language,
    REGION: _region,
}


def _without_small(groups: Groups) -> Groups:
    shown = broken_out(Counter(groups.values()), SMALLEST)
    return {id: group if group in shown else NOBODY for id, group in groups.items()}


def _newness(row: Inscription, known: set[str]) -> str:
    registration = row.registration
    if registration.alias:
        return NOBODY
    return KNOWN if registration.organization_key in known else NEW


def _known(rows: Sequence[Inscription]) -> set[str]:
    """Return the keys of organizations that took part in another hearing of this site: one query.

    Only earlier registrations count, and only while they are stored.
    """
    hearing = rows[0].hearing_id if rows else None
    keys = {row.registration.organization_key for row in rows}
    first = min((row.registration.arrived_at for row in rows), default=None)
    found = Registration.objects.filter(
        Registration.taking_part(), organization_key__in=keys, arrived_at__lt=first
    ).exclude(hearing=hearing)
    return set(found.values_list("organization_key", flat=True)) if rows else set()
