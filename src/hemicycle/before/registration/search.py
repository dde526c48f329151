"""The secretariat's search: words in any script, filters, order, and the figures above the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Prefetch, Q, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from hemicycle.before.registration import names
from hemicycle.before.registration.demand import Demand, over_subscriptions
from hemicycle.before.registration.forms import NO, YES, panel_label
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import searches

ORDERS = {
    "arrival": "arrival",
    "name": "person__name",
    "organization": "organization_key",
    "category": "category__ordinal",
    "status": "status",
}
REAL_NAMES = (ORDERS["name"], ORDERS["organization"])

ON_LIST = Inscription.objects.filter(state=Inscription.State.INSCRIBED)


@dataclass(frozen=True, slots=True)
class RegistrationFilters:
    """The parameters of a search. Unknown values have been dropped."""

    words: str = ""
    track: str = ""
    status: str = ""
    category: str = ""
    panel: str = ""
    floor: str = ""
    sort: str = "arrival"


@dataclass(frozen=True, slots=True)
class Filter:
    """A select above the list."""

    name: str
    label: str
    chosen: str
    choices: list[tuple[str, Any]]


def _choices(facts: Facts) -> dict[str, list[tuple[str, Any]]]:
    return {
        "track": [(track.key, track.label) for track in facts.hearing.all_tracks],
        "status": [*Registration.Status.choices],
        "category": [(str(category.id), category.label) for category in facts.categories],
        "panel": [(str(panel.id), panel_label(facts, panel)) for panel in facts.panels],
        "floor": [(YES, _("asks for the floor")), (NO, _("follows only"))],
    }


def read(query: Mapping[str, str], facts: Facts) -> RegistrationFilters:
    """Read the search from the query of the address."""
    known = {
        name: value
        for name, choices in _choices(facts).items()
        if (value := query.get(name, "")) in {key for key, _label in choices}
    }
    sort = query.get("sort", "")
    order = sort if sort.removeprefix("-") in ORDERS else "arrival"
    return RegistrationFilters(words=searches.words(query), sort=order, **known)


def filters(asked: RegistrationFilters, facts: Facts) -> list[Filter]:
    """Return the selects, each with its current choice."""
    labels = {
        "track": _("Track"),
        "status": _("Status"),
        "category": _("Category"),
        "panel": _("Panel"),
        "floor": _("Request for the floor"),
    }
    return [
        Filter(name, labels[name], getattr(asked, name), choices)
        for name, choices in _choices(facts).items()
    ]


def find(
    hearing: Hearing, asked: RegistrationFilters, *, by_real_names: bool = True
) -> QuerySet[Registration]:
    """Query the registrations of a search, with the data of a row: three queries in all.

    Without `by_real_names`, neither the words nor the order reveal names behind an alias.
    """
    order = ORDERS[asked.sort.removeprefix("-")]
    live = ON_LIST.select_related("segment")
    condition = _condition(asked, by_real_names=by_real_names)
    found = (
        hearing.registrations.filter(condition)  # so that its rows know the hearing
        .select_related("person", "organization", "category")
        .prefetch_related(
            Prefetch("inscriptions", live.order_by("segment__ordinal"), to_attr="on_lists"),
            "co_signers",
        )
    )
    if order in REAL_NAMES and not by_real_names:
        shown = Case(When(alias="", then=F(order)), default=F("alias"), output_field=CharField())
        found, order = found.annotate(shown_name=shown), "shown_name"
    return found.order_by(f"-{order}" if asked.sort.startswith("-") else order, "arrival")


def having(words: str, *, by_real_names: bool = True) -> Q:
    """Return the condition for registrations that contain all of `words`.

    Without `by_real_names`, a registration with an alias is found only by the alias and the
    reference.
    """
    condition, public = Q(), Q()
    for word in names.search_key(words).split():
        condition &= Q(search_key__contains=word)
        public &= Q(alias__icontains=word) | Q(reference__icontains=word)
    if by_real_names or not public:
        return condition
    return (Q(alias="") & condition) | (~Q(alias="") & public)


def _condition(asked: RegistrationFilters, *, by_real_names: bool) -> Q:
    condition = having(asked.words, by_real_names=by_real_names)
    for name in ("track", "status"):
        if value := getattr(asked, name):
            condition &= Q(**{name: value})
    if asked.category:
        condition &= Q(category=UUID(asked.category))
    if asked.panel:
        live = ON_LIST.filter(segment=UUID(asked.panel))
        condition &= Q(pk__in=live.values("registration"))
    if asked.floor:
        condition &= Q(wishes_to_intervene=asked.floor == YES)
    return condition


# Beside a number, these agree with it: "2 reçues", although the status of one is "reçue".
COUNTED: dict[RegistrationStatus, Callable[[int], str]] = {
    Registration.Status.SUBMITTED: lambda n: npgettext("registrations", "received", "received", n),
    Registration.Status.WAITING: lambda n: npgettext(
        "registrations", "on the waiting list", "on the waiting list", n
    ),
    Registration.Status.ACCEPTED: lambda n: npgettext("registrations", "accepted", "accepted", n),
    Registration.Status.REFUSED: lambda n: npgettext("registrations", "refused", "refused", n),
    Registration.Status.WITHDRAWN: lambda n: npgettext(
        "registrations", "withdrawn", "withdrawn", n
    ),
    Registration.Status.LAPSED: lambda n: npgettext(
        "registrations", "not confirmed in time", "not confirmed in time", n
    ),
}


def figures(hearing: Hearing) -> list[tuple[str, int]]:
    """Return the number of registrations in each state: one query."""
    counts = dict(
        Registration.objects.filter(hearing=hearing)
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    shown = {
        status: counts.get(status.value, 0)
        for status in Registration.Status
        if status not in Registration.SELDOM or status.value in counts
    }
    return [(COUNTED[status](count), count) for status, count in shown.items()]


def panel_figures(facts: Facts) -> list[tuple[str, Demand]]:
    """Return each panel's name, with its requests for the floor against its time: two queries."""
    demands = over_subscriptions(facts.panels)
    return [(panel_label(facts, demand.segment), demand) for demand in demands]
