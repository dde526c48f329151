"""Short forms for the personal page, receipts and the office."""

import re
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import EmailAddressField, LineField, MultilineField
from hemicycle.before.registration.forms import CONTACT_HELP, CONTACT_LABEL, panel_label
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.setup.form_fields import TimeZoneField


def spelled_reference(typed: str) -> str:
    """Return a typed reference in the spelling in which it is stored."""
    bare = re.sub(r"[^0-9A-Za-z]", "", typed).upper().removeprefix("HC")
    return f"HC-{bare[:3]}-{bare[3:]}"


class WithdrawForm(forms.Form):
    """The choice of what to withdraw: the whole registration, or the place in one panel."""

    what = forms.ChoiceField(
        label=_("What do you want to withdraw?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want to withdraw.")},
    )
    reason = MultilineField(label=_("Reason"), most=1000, required=False)
    use_required_attribute = False

    def __init__(self, offered: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered
        if len(offered) == 1:
            field.initial = offered[0][0]
        self.fields["reason"].widget.attrs.update(rows=3)


class EraseForm(forms.Form):
    """The person's confirmation that they want to be erased."""

    sure = forms.BooleanField(
        label=_("I understand that this cannot be undone."),
        error_messages={"required": _("Tick the box to have your data erased.")},
    )
    use_required_attribute = False


class ReplaceForm(forms.Form):
    """Another person who speaks for the same organization."""

    name = LineField(
        label=_("Name of the person who will speak instead"),
        most=400,
        error_messages={"required": _("Enter the name of the person.")},
    )
    title = LineField(label=_("Title or function"), most=200, required=False)
    email = EmailAddressField(
        label=_("E-mail address"),
        help_text=_(
            "We ask the person at this address. Nothing changes before they have confirmed."
        ),
    )
    use_required_attribute = False


class AddressForm(forms.Form):
    """The address to which letters about a registration are sent from now on."""

    email = EmailAddressField(
        label=_("New e-mail address"),
        help_text=_(
            "We send a link to this address. Nothing changes before you press “Confirm” there."
        ),
    )
    use_required_attribute = False


class PanelsForm(forms.Form):
    """The panels in which a participant wishes to take the floor; none for attending only."""

    segments = forms.MultipleChoiceField(
        label=_("Panels in which you wish to take the floor"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "In a new panel you come at the end of the list. The place in a panel that you "
            "deselect goes to the next speaker, and you cannot get it back."
        ),
    )
    use_required_attribute = False

    def __init__(
        self, facts: Facts, registration: Registration, *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._facts = facts
        self._is_mission = registration.is_mission
        field = self.fields["segments"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(panel.id), panel_label(facts, panel)) for panel in facts.panels]

    def clean_segments(self) -> tuple[UUID, ...]:
        """Return the ids of the panels in the hearing's order; refuse several unless it is a
        mission.
        """
        asked = self.cleaned_data["segments"]
        chosen = tuple(panel.id for panel in self._facts.panels if str(panel.id) in asked)
        if len(chosen) > 1 and not self._is_mission:
            raise ValidationError(gettext("Choose one panel. Only missions can speak in several."))
        return chosen


class DetailsForm(forms.Form):
    """Details that the registered person may correct until the deadline."""

    name = LineField(
        label=_("Name of the person"),
        most=400,
        error_messages={"required": _("Enter the name of the person.")},
    )
    title = LineField(label=_("Title or function"), most=200, required=False)
    language = forms.ChoiceField(label=_("Language of the intervention"))
    time_zone = TimeZoneField(
        label=_("Your time zone"),
        required=False,
        help_text=_("Letters and pages then also show times in your time zone."),
    )
    eligibility = MultilineField(label=_("Evidence of eligibility"), most=4000, required=False)
    access_needs = MultilineField(label=_("Access needs"), most=2000, required=False)
    contact_email = EmailAddressField(label=CONTACT_LABEL, help_text=CONTACT_HELP, required=False)
    consents_to_list = forms.BooleanField(
        label=_("Show the name on the public list of speakers"), required=False
    )
    use_required_attribute = False

    def __init__(self, facts: Facts, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = partial(choices.languages, tuple(facts.hearing.languages or ("en",)))


class LinkForm(forms.Form):
    """The request for a new copy of a personal link."""

    reference = LineField(
        label=_("Reference"), most=40, help_text=_("It is on your receipt, for example HC-7K3-QP9.")
    )
    email = EmailAddressField(
        label=_("E-mail address"), help_text=_("The address you registered with.")
    )
    use_required_attribute = False

    def clean_reference(self) -> str:
        """Return the reference as it is stored, whatever its case, spaces and dashes."""
        return spelled_reference(self.cleaned_data["reference"])


class ReceiptForm(forms.Form):
    """A receipt to check, pasted or as a file."""

    conditional: ClassVar = frozenset({"text", "file"})

    MOST_BYTES = 64 * 1024

    text = forms.CharField(
        label=_("Text of the receipt"), required=False, widget=forms.Textarea, strip=True
    )
    file = forms.FileField(label=_("Or the receipt as a file"), required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs.update(spellcheck="false", dir="ltr")

    def clean(self) -> dict[str, Any]:
        """Require a text or a file that is no larger than a receipt."""
        text, file = self.cleaned_data.get("text"), self.cleaned_data.get("file")
        if file:
            if file.size > self.MOST_BYTES:
                raise ValidationError(gettext("This file is too large to be a receipt."))
            text = file.read().decode("utf-8", "replace")
        if not text and not self.errors:
            raise ValidationError(gettext("Paste the text of a receipt, or choose its file."))
        self.cleaned_data["document"] = text
        return self.cleaned_data


class Ids(forms.TypedMultipleChoiceField):
    """The ids of selected rows. The action checks whether the rows exist."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, **options)

    def valid_value(self, value: Any) -> bool:
        """Accept any valid id."""
        try:
            UUID(str(value))
        except ValueError:
            return False
        return True


class DecisionForm(forms.Form):
    """A decision about one registration or several."""

    conditional: ClassVar = frozenset({"reason"})

    ACCEPT, REFUSE = Registration.Status.ACCEPTED, Registration.Status.REFUSED

    outcome = forms.ChoiceField(choices=[(ACCEPT, _("Accept")), (REFUSE, _("Refuse"))])
    reason = MultilineField(
        label=_("Reason"),
        most=2000,
        required=False,
        help_text=_("The applicant reads it in the letter."),
    )
    note = MultilineField(
        label=_("Internal note"),
        most=2000,
        required=False,
        help_text=_("Only the secretariat reads it, in the history."),
    )
    chosen = Ids(required=False)
    every = LineField(most=2000, required=False)
    """The query of the search whose registrations are all selected; "?" for all of the hearing."""
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Require a reason for a refusal."""
        data = self.cleaned_data
        if data.get("outcome") == self.REFUSE and not data.get("reason"):
            self.add_error(
                "reason", gettext("Give a reason for the refusal. It is included in the letter.")
            )
        return data


class MergeForm(forms.Form):
    """The reason for merging two registrations."""

    reason = MultilineField(
        label=_("Reason"),
        most=2000,
        help_text=_("Both read it in the letter."),
        error_messages={"required": _("Give the reason. It is included in the letters.")},
    )
    note = MultilineField(
        label=_("Internal note"),
        most=2000,
        required=False,
        help_text=_("Only the secretariat reads it, in the history."),
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.update(rows=3)


class ReferenceForm(forms.Form):
    """The reference of another registration."""

    reference = LineField(
        label=_("Reference"),
        most=40,
        help_text=_("For example HC-7K3-QP9."),
        error_messages={"required": _("Enter the reference of the other registration.")},
    )
    use_required_attribute = False

    def clean_reference(self) -> str:
        """Return the reference as it is stored, whatever its case, spaces and dashes."""
        return spelled_reference(self.cleaned_data["reference"])


class AliasForm(forms.Form):
    """The name under which a person will be known in public."""

    alias = LineField(
        label=_("Alias"),
        most=200,
        required=False,
        help_text=_(
            "The public sees only this name, instead of the names of the person and the "
            "organization. Leave it empty for no alias."
        ),
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["alias"].widget.attrs.update(dir="auto", autocomplete="off")
