"""Forms with which the secretariat enters a registration for somebody, and edits one."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices, co_signer_rows
from hemicycle.before.registration.cleaned import NamedCoSigner
from hemicycle.before.registration.co_signer_rows import CoSignerRow, Names
from hemicycle.before.registration.fields import EmailAddressField, LineField, MultilineField
from hemicycle.before.registration.forms import (
    CONTACT_HELP,
    CONTACT_LABEL,
    MissionForm,
    StakeholderForm,
    panel_label,
)
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.names import name_key
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.before.registration.two_names import FIELDS, LANGUAGES, TwoNamesForm
from hemicycle.hearing.people.models import TrackKind

Way = Registration.Way
_WAYS = [(way.value, way.label) for way in Way if way not in {Way.FORM, Way.FILE}]


def _ways() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How was the registration received?"),
        choices=_WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an option.")},
    )


def _email() -> EmailAddressField:
    return EmailAddressField(
        label=_("E-mail address"),
        required=False,
        help_text=_(
            "Leave it empty if there is none: you can then tell the person the reference. We send "
            "the receipt with the personal link to this address."
        ),
    )


def _late_reason() -> MultilineField:
    return MultilineField(
        label=_("Reason for admitting it late"),
        most=2000,
        required=False,
        help_text=_(
            "Required after the deadline, which stays as it is. The record keeps the reason, and "
            "the list of speakers shows “admitted late”."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class StakeholderEntryForm(StakeholderForm):
    """The stakeholders' form, filled in by the secretariat."""

    conditional: ClassVar = StakeholderForm.conditional | {"late_reason"}

    way = _ways()
    email = _email()
    late_reason = _late_reason()


class MissionEntryForm(MissionForm):
    """The missions' form, filled in by the secretariat."""

    conditional: ClassVar = MissionForm.conditional | {"late_reason"}

    way = _ways()
    email = _email()
    late_reason = _late_reason()


def entry_form_for(kind: TrackKind) -> type[StakeholderEntryForm] | type[MissionEntryForm]:
    """Return the secretariat's form for a kind of track."""
    return MissionEntryForm if kind == TrackKind.MISSIONS else StakeholderEntryForm


class EditForm(TwoNamesForm):
    """The form for all data of a registration that the secretariat may correct, and its panels."""

    conditional: ClassVar = frozenset({"reason"}) | LANGUAGES
    field_order = ("organization", "organization_language", "other_name", "other_name_language")

    organization = LineField(
        label=_("Organization"),
        most=400,
        error_messages={"required": _("Enter the name of the organization.")},
    )
    country = forms.ChoiceField(label=_("Country where it is based"), required=False)
    category = forms.ChoiceField(label=_("Category"))
    name = LineField(
        label=_("Name of the person"),
        most=400,
        error_messages={"required": _("Enter the name of the person.")},
    )
    title = LineField(label=_("Title or function"), most=200, required=False)
    email = EmailAddressField(
        label=_("E-mail address"),
        required=False,
        help_text=_(
            "A new address gets a new personal link, and the old link stops working. We tell the "
            "old address."
        ),
    )
    contact_email = EmailAddressField(label=CONTACT_LABEL, help_text=CONTACT_HELP, required=False)
    language = forms.ChoiceField(label=_("Language of the intervention"))
    gender = forms.ChoiceField(
        label=_("Gender"), choices=[("", "—"), *Registration.Gender.choices], required=False
    )
    rank = forms.TypedChoiceField(label=_("Rank of the speaker"), choices=choices.RANKS, coerce=int)
    eligibility = MultilineField(label=_("Evidence of eligibility"), most=4000, required=False)
    access_needs = MultilineField(label=_("Access needs"), most=2000, required=False)
    consents_to_list = forms.BooleanField(
        label=_("Show the name on the public list of speakers"), required=False
    )
    segments = forms.MultipleChoiceField(
        label=_("Panels in which the person asks for the floor"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "A new panel puts the speaker at the end of its list. A panel that you deselect gives "
            "its place to the next speaker."
        ),
    )
    reason = MultilineField(
        label=_("Reason"),
        most=2000,
        required=False,
        help_text=_(
            "Required to add a panel after the deadline. Only the secretariat reads it, in the "
            "history."
        ),
    )
    tell = forms.BooleanField(
        label=_("Write to the participant that the secretariat corrected the registration"),
        required=False,
        initial=True,
    )
    use_required_attribute = False

    def __init__(
        self, facts: Facts, registration: Registration, *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.facts, self.registration = facts, registration
        own = facts.categories_of(registration.track)
        tags = tuple(facts.hearing.languages or ("en",))
        offered: dict[str, Any] = {
            "country": [("", "—"), *facts.hearing.place_names.items()],
            "category": [(str(category.id), category.label) for category in own],
            "language": partial(choices.languages, tags),
            "segments": [(str(panel.id), panel_label(facts, panel)) for panel in facts.panels],
        }
        for name, found in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found
        if not facts.has_list:
            del self.fields["segments"]
        if not registration.is_mission:
            del self.fields["rank"]
        else:  # a Member State's names are known in all official languages
            for name in FIELDS:
                del self.fields[name]
        for name in {"organization", "other_name", "name", "title"} & self.fields.keys():
            self.fields[name].widget.attrs["dir"] = "auto"

    def clean(self) -> dict[str, Any]:
        """Require the languages of two names. Without the second field, both names stay as they
        are.
        """
        if "other_name" in self.fields and "other_name" in self.data:
            self.check_other_name()
        else:
            for name in FIELDS:
                self.cleaned_data.pop(name, None)
        return self.cleaned_data

    def clean_segments(self) -> tuple[UUID, ...]:
        """Return the ids of the panels in the hearing's order."""
        asked = self.cleaned_data["segments"]
        return tuple(panel.id for panel in self.facts.panels if str(panel.id) in asked)


class CoSignersForm(forms.Form):
    """The organizations that are asked to join an intervention; a joint one may have many.

    `hidden` maps the keys of organizations to addresses that the form does not show: where the
    address field is left empty, the organization keeps the hidden one.
    """

    use_required_attribute = False

    def __init__(
        self, own: str, rows: Names, *args: Any, hidden: Mapping[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._own, self._rows, self._hidden = own, rows, hidden
        self.conditional = frozenset(email for _organization, email in rows)
        self.fields |= co_signer_rows.fields(rows)

    @property
    def hides_addresses(self) -> bool:
        """Whether the form hides the address of an organization."""
        return bool(self._hidden)

    def co_signer_rows(self) -> list[CoSignerRow]:
        """Return the rows for the template."""
        return co_signer_rows.rows(self, self._rows)

    def clean(self) -> dict[str, Any]:
        """Require a name and an address in each row, and each organization only once."""
        data = self.cleaned_data
        for organization, email in self._rows:
            if not data.get(email) and email not in self.errors:
                data[email] = self._hidden.get(name_key(data.get(organization, "")), "")
        co_signer_rows.check(self, self._own, self._rows)
        return self.cleaned_data

    def named(self) -> tuple[NamedCoSigner, ...]:
        """Return the organizations with their addresses, in the order of the rows."""
        return co_signer_rows.named(self.cleaned_data, self._rows)
