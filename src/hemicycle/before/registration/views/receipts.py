"""The page that follows the sending of a form: the receipt, made from a cached page.

All who register in a surge get the same page except for their names, numbers and links. It is
rendered once with markers (`kept`), and then filled in for each visitor.
"""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from hemicycle.before.registration import letters
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.views import kept
from hemicycle.hearing.people.models import Organization, Person
from hemicycle.mail.outgoing.texts import Text, fill
from hemicycle.record.log import checkpoints
from hemicycle.ui.languages import speaking
from hemicycle.ui.templatetags.hemicycle import local, number
from hemicycle.ui.times import when


@dataclass(frozen=True, slots=True)
class Receipt:
    """The content of a receipt in words.

    `inscription` is None for a participant who does not speak.
    """

    inscription: Inscription | None
    seq: str
    place: str
    number: str
    received: str
    url: str
    fingerprint: str


def receipts_of(
    registration: Registration,
    inscriptions: list[Inscription],
    secret: str,
    address: str = "registration:receipt",
) -> list[Receipt]:
    """Return the receipts of a registration: one for each panel, or else one for the registration.

    `address` is the name of the URL of their files, which contains `secret`.
    """
    received = local(registration.arrived_at, registration.hearing, "full")
    rows: list[tuple[Inscription | None, int]] = [(row, row.seq) for row in inscriptions]
    return [
        Receipt(
            inscription=row,
            seq=str(seq),
            place=str(row.place) if row else "",
            number=number(seq),
            received=received,
            url=reverse(address, args=(secret, seq)),
            fingerprint=checkpoints.known_fingerprint(),
        )
        for row, seq in rows or [(None, registration.arrival)]
    ]


def write(request: HttpRequest, registration: Registration, context: dict[str, Any]) -> str:
    """Return the whole page of a receipt; `context` is what `views.received` shows."""
    shown: list[Receipt] = context["receipts"]
    hearing, letter = registration.hearing, context["letter"]
    waits = tuple(wait.words for wait in context["waits"])
    key = (
        *("receipt", context["is_again"], waits, letter["text"] if letter else None),
        *(hearing.slug, hearing.is_rehearsed, str(hearing), hearing.title),
        *(hearing.convener, hearing.time_zone),
        *(registration.track, registration.is_confirmed, registration.is_live),
        registration.lacks_proof,
        registration.keep_until,
        checkpoints.known_fingerprint(),
        *(_panel(receipt.inscription) for receipt in shown),
    )
    fills = {
        "name": escape(registration.person.name),
        "organization": escape(registration.organization.name),
        "email": escape(registration.person.email),
        "reference": escape(registration.reference),
        "until": when(registration.confirm_by or registration.arrived_at, hearing),
    }
    if letter:
        with speaking(letter["text"].language):  # the letter's own language, not the reader's
            own = letters.confirmation_values(registration)
        fills |= {"path": letter["link"], "letter_until": own["until"], "link": own["link"]}
    for index, receipt in enumerate(shown):
        for name in ("seq", "place", "number", "received", "url"):
            fills[f"{name}_{index}"] = getattr(receipt, name)
    return kept.page(request, key, lambda: _written(request, registration, context), **fills)


def _panel(inscription: Inscription | None) -> tuple[object, ...]:
    if inscription is None:
        return ()
    panel = inscription.segment
    return (panel.id, panel.title, panel.starts_at, inscription.is_kept)


def _written(request: HttpRequest, registration: Registration, context: dict[str, Any]) -> str:
    """Return the page with markers for each visitor's own values."""
    blank = copy(registration)
    blank.person = Person(name=kept.place("name"))
    blank.organization = Organization(name=kept.place("organization"))
    blank.reference = kept.place("reference")
    letter = context["letter"]
    marked = context | {
        "registration": blank,
        "is_confirmed": registration.is_confirmed,
        "is_lapsed": not registration.is_live,
        "lacks_proof": registration.lacks_proof,
        "email": kept.place("email"),
        "until": kept.place("until"),
        "letter": _marked_letter(registration, letter["text"]) if letter else None,
        "receipts": [
            _marked(receipt.inscription, index) for index, receipt in enumerate(context["receipts"])
        ],
    }
    main = render_to_string("registration/received_main.html", marked, request)
    frame = {"hearing": registration.hearing, "main": main}
    return render_to_string("registration/received.html", frame, request)


def _marked_letter(registration: Registration, text: Text) -> dict[str, str]:
    marks = {name: kept.place(name) for name in ("reference", "link")}
    marks["until"] = kept.place("letter_until")
    marks["fingerprint"] = checkpoints.known_fingerprint()
    words = fill(text, {"hearing": str(registration.hearing), **marks})
    return {
        "subject": words.subject,
        "body": words.body,
        "language": words.language,
        "link": kept.place("path"),
    }


def _marked(inscription: Inscription | None, index: int) -> Receipt:
    names = ("seq", "place", "number", "received", "url")
    marks = {name: kept.place(f"{name}_{index}") for name in names}
    return Receipt(inscription, **marks, fingerprint=checkpoints.known_fingerprint())
