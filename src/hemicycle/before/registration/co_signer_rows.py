"""The rows of a form in which an organization names its co-signers: name and address of each.

A form has `MOST` rows, or more if more are named, and shows those that are filled. A script in the
page adds and removes rows. Without a script, a button sends the form, and `changed` returns what
the form then shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.cleaned import NamedCoSigner
from hemicycle.before.registration.fields import EmailAddressField, LineField
from hemicycle.before.registration.names import name_key

MOST: Final = 5
ADD: Final = "add_co_signer"
REMOVE: Final = "remove_co_signer"
type Names = tuple[tuple[str, str], ...]
"""The names of the two fields of each row."""


def names_of(count: int) -> Names:
    """Return the names of the fields of `count` rows."""
    return tuple((f"co_signer_{n}", f"co_signer_{n}_email") for n in range(1, count + 1))


NAMES: Final = names_of(MOST)


@dataclass(frozen=True, slots=True)
class CoSignerRow:
    """A row as the template shows it, or keeps hidden until a script adds it."""

    number: int
    organization: forms.BoundField
    email: forms.BoundField
    is_shown: bool

    @property
    def is_typed(self) -> bool:
        """Whether anything has been typed in the row."""
        return bool(self.organization.value() or self.email.value())


def fields(names: Names = NAMES) -> dict[str, forms.Field]:
    """Return the fields of all rows."""
    found: dict[str, forms.Field] = {}
    for number, (organization, email) in enumerate(names, start=1):
        found[organization] = LineField(
            label=format_lazy(_("Organization {n}"), n=number), most=400, required=False
        )
        found[organization].widget.attrs["dir"] = "auto"
        label = format_lazy(_("E-mail of organization {n}"), n=number)
        found[email] = EmailAddressField(label=label, required=False)
    return found


def rows(form: forms.Form, names: Names = NAMES) -> list[CoSignerRow]:
    """Return the rows of a form; the filled ones are shown, and one more if it was asked for."""
    found = [
        CoSignerRow(number, form[organization], form[email], is_shown=False)
        for number, (organization, email) in enumerate(names, start=1)
    ]
    last = max((row.number for row in found if row.is_typed), default=0)
    shown = max(1, last + bool(form.initial.get(ADD)))
    return [
        CoSignerRow(row.number, row.organization, row.email, is_shown=row.number <= shown)
        for row in found
    ]


def changed(data: QueryDict, names: Names = NAMES) -> dict[str, list[str]] | None:
    """Return what a form shows after a row was added or removed; None if it is to be submitted."""
    if ADD not in data and REMOVE not in data:
        return None
    typed = {name: data.getlist(name) for name in data if name not in {ADD, REMOVE}}
    if ADD in data:
        return typed | {ADD: ["1"]}
    removed = data[REMOVE]
    kept = [
        [data.get(name, "") for name in pair]
        for number, pair in enumerate(names, start=1)
        if str(number) != removed
    ]
    kept += [["", ""]] * (len(names) - len(kept))
    for pair, values in zip(names, kept, strict=True):
        typed |= {name: [value] for name, value in zip(pair, values, strict=True)}
    return typed


def check(form: forms.Form, own: str, names: Names = NAMES) -> None:
    """Add an error for each co-signer without a name or an address, and for one named twice.

    `own` is the organization that asks them.
    """
    seen = {name_key(own)}
    for field, email_field in names:
        organization = form.cleaned_data.get(field, "")
        email = form.cleaned_data.get(email_field, "")
        wrong = {field, email_field} & form.errors.keys()
        if organization and not email and not wrong:
            sentence = gettext(
                "Enter an e-mail address where we can ask this organization for its consent."
            )
            form.add_error(email_field, sentence)
        if email and not organization and not wrong:
            form.add_error(
                field, gettext("Enter the name of the organization that uses this address.")
            )
        if organization and name_key(organization) in seen:
            form.add_error(field, gettext("You have already entered this organization."))
        seen.add(name_key(organization) if organization else "")


def named(cleaned: Mapping[str, Any], names: Names = NAMES) -> tuple[NamedCoSigner, ...]:
    """Return the organizations with their addresses, in the order of the rows."""
    pairs = ((cleaned.get(field), cleaned.get(email, "")) for field, email in names)
    return tuple(NamedCoSigner(field, email) for field, email in pairs if field)
