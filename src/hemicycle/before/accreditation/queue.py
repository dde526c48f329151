"""The reviewer's queue: registrations that wait for a decision, by their next step."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hemicycle.before.accreditation.steps import NEXT, AccreditationCase, cases
from hemicycle.before.registration import covering, search
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import searches

Status = Registration.Status
UNDECIDED = (Status.SUBMITTED, Status.WAITING)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The filter of the queue, without unknown values."""

    step: str = ""
    category: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """The cases found, and the number of cases at each step."""

    found: list[AccreditationCase]
    counts: Counter[str]

    @property
    def total(self) -> int:
        """The number of cases at all steps."""
        return self.counts.total()


def read(query: Mapping[str, str], hearing: Hearing) -> QueueFilter:
    """Read the filter from a query string."""
    step, category = query.get("step", ""), query.get("category", "")
    known = {str(kind.id) for kind in hearing.categories.all()}
    return QueueFilter(
        step=step if step in NEXT else "",
        category=category if category in known else "",
        words=searches.words(query),
    )


def find(hearing: Hearing, asked: QueueFilter, *, by_real_names: bool = True) -> Queue:
    """Find undecided registrations in the order of arrival, in six queries for any number.

    Without `by_real_names` they are found, and shown, by their aliases.
    """
    rows = Registration.objects.filter(hearing=hearing, status__in=UNDECIDED)
    if asked.category:
        rows = rows.filter(category=UUID(asked.category))
    rows = rows.filter(search.having(asked.words, by_real_names=by_real_names))
    related = ("person", "organization", "category", "hearing")
    all_of_them = cases(list(rows.select_related(*related).order_by("arrival")))
    if not by_real_names:
        covering.cover(case.registration for case in all_of_them)
    counts = Counter(case.step for case in all_of_them)
    return Queue([case for case in all_of_them if asked.step in {"", case.step}], counts)


def beside(
    hearing: Hearing, registration: Registration, *, sees_names: bool = True
) -> tuple[UUID | None, UUID | None]:
    """Return the undecided registrations before and after this one, by arrival.

    Without `sees_names`, registrations with an alias are left out.
    """
    rows = Registration.objects.filter(hearing=hearing, status__in=UNDECIDED).order_by("arrival")
    if not sees_names:
        rows = rows.filter(alias="")
    before = rows.filter(arrival__lt=registration.arrival).values_list("pk", flat=True).last()
    after = rows.filter(arrival__gt=registration.arrival).values_list("pk", flat=True).first()
    return before, after
