"""Several people of one organization on one form: each gets a separate registration.

A row is validated by the form that registers one person, with the organization's fields copied into
it, and each person is submitted as from that form, under the same rules and limits and with the
same letters. A refused row does not prevent the others from being registered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.actions import submit
from hemicycle.before.registration.fields import EmailAddressField
from hemicycle.before.registration.forms import CONTACT_HELP, NO, YES, Fields, StakeholderForm
from hemicycle.before.registration.links import new_key
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.setup.tracks import Track

FIRST_ROWS, MOST_PEOPLE = 3, 15
"""The number of rows of an empty form, and the most that a form can have.

With the contact, one form has at most 16 addresses.
"""
OF_ORGANIZATION = (
    *("track", "organization", "country", "category", "eligibility", "contact_email"),
)
OF_PERSON = (
    *("form_key", "name", "title", "email", "wishes_to_intervene", "segment", "language"),
    "consents_to_list",
)


class OrganizationForm(StakeholderForm):
    """The fields that the people on one form have in common."""

    contact_email = EmailAddressField(
        label=_("E-mail address of the contact"),
        help_text=CONTACT_HELP,
        error_messages={"required": _("Enter the e-mail address of the contact.")},
    )

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Remove all fields except those of the organization."""
        super().fit(fields, facts, track)
        for name in fields.keys() - set(OF_ORGANIZATION):
            del fields[name]


class PersonForm(StakeholderForm):
    """One person; the template shows only the fields of `OF_PERSON`."""

    wishes_to_intervene = forms.ChoiceField(
        label=_("Role"),
        choices=[(NO, _("attends only")), (YES, _("speaker"))],
        initial=NO,
        error_messages={"required": _("Choose an option.")},
    )
    segment = forms.ChoiceField(label=_("Panel"), required=False)

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Let a person who only attends leave the panel empty."""
        super().fit(fields, facts, track)
        panel = fields.get("segment")
        if isinstance(panel, forms.ChoiceField):
            panel.choices = [("", "—"), *panel.choices]  # type: ignore[misc] # pairs


@dataclass
class SeveralForm:
    """The organization's form and a row for each person, as sent or as typed so far."""

    organization: OrganizationForm
    people: list[PersonForm]
    done: list[str] = field(default_factory=list)
    """Keys of the receipts of people who were registered when the form was sent before."""

    @classmethod
    def empty(cls, facts: Facts, track: str = "") -> "SeveralForm":
        """Return the empty form of a track, as a visitor first sees it."""
        rows = [_row(facts, number, {"track": track}) for number in range(1, FIRST_ROWS + 1)]
        return cls(OrganizationForm(facts, track=track), rows)

    @classmethod
    def typed(cls, facts: Facts, data: QueryDict) -> "SeveralForm":
        """Return the form as typed so far, not validated, with one more row."""
        rows = _numbers(data)
        numbers = [*rows, *([max(rows, default=0) + 1] if len(rows) < MOST_PEOPLE else [])]
        initial = {name: data.get(name, "") for name in OF_ORGANIZATION}
        people = [_row(facts, number, data) for number in numbers]
        organization = OrganizationForm(facts, track=data.get("track", ""), initial=initial)
        return cls(organization, people, _done(data))

    @classmethod
    def sent(cls, facts: Facts, data: QueryDict) -> "SeveralForm":
        """Return the form to validate; a row with neither name nor address is not a person."""
        whole, numbers = data.copy(), _numbers(data)
        for number in numbers:
            for name in OF_ORGANIZATION:
                whole.setlist(f"p{number}-{name}", data.getlist(name))
        typed = [n for n in numbers if _said(data, n, "name") or _said(data, n, "email")]
        rows = [PersonForm(facts, whole, prefix=f"p{n}") for n in typed or numbers[:1] or [1]]
        return cls(OrganizationForm(facts, data), rows, _done(data))

    @property
    def numbered(self) -> list[tuple[str, PersonForm]]:
        """The rows, each with the number in the names of its fields."""
        return [(str(row.prefix).removeprefix("p"), row) for row in self.people]

    @property
    def has_row_errors(self) -> bool:
        """Whether a row has errors, apart from those in the organization's fields."""
        return any(row.is_bound and row.errors for row in self.people)

    def is_valid(self) -> bool:
        """Validate the organization and all rows; errors stay in the form where they were found."""
        _check_addresses(self.people)
        is_valid = self.organization.is_valid() and all(not row.errors for row in self.people)
        for row in self.people:
            for name in OF_ORGANIZATION:
                row.errors.pop(name, None)  # the organization's form shows it, once
        return is_valid


def _row(facts: Facts, number: int, data: Mapping[str, Any]) -> PersonForm:
    typed = {name: data.get(f"p{number}-{name}") for name in OF_PERSON}
    initial = {name: value for name, value in typed.items() if value is not None}
    initial["form_key"] = initial.get("form_key") or new_key()
    track = data.get("track", "")
    return PersonForm(facts, track=track, initial=initial, prefix=f"p{number}")


def _numbers(data: QueryDict) -> list[int]:
    """Return the numbers of the rows in a form, each once, and at most `MOST_PEOPLE`."""
    told = [int(n) for n in data.getlist("row") if n.isascii() and n.isdigit() and len(n) < 4]
    return list(dict.fromkeys(told))[:MOST_PEOPLE]


def _said(data: QueryDict, number: int, name: str) -> str:
    return data.get(f"p{number}-{name}", "").strip()


def _done(data: QueryDict) -> list[str]:
    return list(dict.fromkeys(data.getlist("done")))[:MOST_PEOPLE]


def _check_addresses(people: list[PersonForm]) -> None:
    """Refuse an address that is in two rows, with the name of the person in the first."""
    owners: dict[str, str] = {}
    for row in people:
        row.is_valid()
        address = row.cleaned_data.get("email", "").casefold()
        if address in owners:
            sentence = gettext("You have already entered this address, for %(name)s.")
            row.add_error("email", sentence % {"name": owners[address]})
        elif address:
            owners[address] = row.cleaned_data.get("name", "")


@dataclass
class SeveralOutcome:
    """The people who were registered, and the refused rows, each with its reason.

    `repeated` counts the registered people whose row had been submitted before.
    """

    registered: list[Registration] = field(default_factory=list)
    repeated: int = 0
    refused: list[PersonForm] = field(default_factory=list)


def submit_all(
    *,
    facts: Facts,
    people: list[PersonForm],
    received_at: datetime,
    may_go_on: Callable[[], bool],
) -> SeveralOutcome:
    """Register the people of valid rows in their order, under the same limits as on single forms.

    `may_go_on` is called before each person after the first; if it returns False, the remaining
    rows are refused. Raises `RegistrationRefused` if the track is closed: then nobody is
    registered.
    """
    outcome = SeveralOutcome()
    for number, row in enumerate(people):
        if number and not may_go_on():
            row.add_error(
                None,
                gettext(
                    "Too many registrations have come from your network. This person is not "
                    "registered yet: send the form again in an hour."
                ),
            )
            outcome.refused.append(row)
            continue
        try:
            done = submit(facts=facts, cleaned=row.cleaned(), received_at=received_at)
        except RegistrationRefused as refused:
            if refused.reason in {Reason.TOO_LATE, Reason.NOT_OPEN}:
                raise
            is_shown = refused.field in OF_PERSON and refused.field in row.fields
            row.add_error(refused.field if is_shown else None, refused.sentence)
            outcome.refused.append(row)
        else:
            outcome.registered.append(done.registration)
            outcome.repeated += done.repeated
    return outcome
