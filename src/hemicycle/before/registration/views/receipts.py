"""The page that comes right after sending a form: the receipt alone, from a page that is kept.

All who register in a surge get the same page but for their names, numbers and links. It is
rendered once with marks in their places (`kept`), and then filled in for each.
"""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.views import kept
from hemicycle.hearing.people.models import Organization, Person
from hemicycle.ui.templatetags.hemicycle import local, number

LONG_NAME = 60
"""Characters from which a name is set smaller."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, in words; `inscription` is None for somebody who does not speak."""

    inscription: Inscription | None
    seq: str
    place: str
    number: str
    received: str
    url: str


def receipts_of(
    registration: Registration, inscriptions: list[Inscription], secret: str
) -> list[Receipt]:
    """The receipts of a registration: one for each panel, or else one for itself."""
    received = local(registration.arrived_at, registration.hearing, "full")
    rows: list[tuple[Inscription | None, int]] = [(row, row.seq) for row in inscriptions]
    return [
        Receipt(
            inscription=row,
            seq=str(seq),
            place=str(row.place) if row else "",
            number=number(seq),
            received=received,
            url=reverse("registration:receipt", args=(secret, seq)),
        )
        for row, seq in rows or [(None, registration.arrival)]
    ]


def write(request: HttpRequest, registration: Registration, context: dict[str, Any]) -> str:
    """The whole page of a receipt; `context` is that of the personal page."""
    receipts: list[Receipt] = context["receipts"]
    hearing = registration.hearing
    key = (
        *("receipt", context["is_new"], bool(context["seat"]), context["has_long_name"]),
        *(hearing.slug, str(hearing), hearing.title, hearing.convener, hearing.time_zone),
        *(registration.track, registration.status, registration.category.label),
        registration.keep_until,
        *(_panel(receipt.inscription) for receipt in receipts),
    )
    fills = {
        "name": escape(registration.person.name),
        "organization": escape(registration.organization.name),
        "reference": escape(registration.reference),
        "secret": context["secret"],
        "seat": context["seat"],
    }
    for index, receipt in enumerate(receipts):
        for name in ("seq", "place", "number", "received", "url"):
            fills[f"{name}_{index}"] = getattr(receipt, name)
    return kept.page(request, key, lambda: _written(request, registration, context), **fills)


def _panel(inscription: Inscription | None) -> tuple[object, ...]:
    if inscription is None:
        return ()
    panel = inscription.segment
    return (panel.id, panel.title, panel.starts_at, inscription.is_on_list)


def _written(request: HttpRequest, registration: Registration, context: dict[str, Any]) -> str:
    """The page with marks where each visitor's own words go."""
    blank = copy(registration)
    blank.person = Person(name=kept.place("name"))
    blank.organization = Organization(name=kept.place("organization"))
    blank.reference = kept.place("reference")
    marked = context | {
        "registration": blank,
        "secret": kept.place("secret"),
        "seat": kept.place("seat") if context["seat"] else "",
        "receipts": [
            _marked(receipt.inscription, index) for index, receipt in enumerate(context["receipts"])
        ],
    }
    main = render_to_string("registration/personal_main.html", marked, request)
    frame = {"hearing": registration.hearing, "main": main}
    return render_to_string("registration/personal.html", frame, request)


def _marked(inscription: Inscription | None, index: int) -> Receipt:
    names = ("seq", "place", "number", "received", "url")
    return Receipt(inscription, **{name: kept.place(f"{name}_{index}") for name in names})
