"""The forms of the two kinds of track. `form.cleaned()` is what `actions.submit` takes."""

import re
from copy import deepcopy
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices, co_signer_rows, links, two_names
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.co_signer_rows import CoSignerRow
from hemicycle.before.registration.fields import EmailAddressField, LineField, MultilineField
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup import aliases, balance
from hemicycle.hearing.setup.models import Category, Segment
from hemicycle.hearing.setup.tracks import Track
from hemicycle.ui import territories
from hemicycle.ui.languages import SOURCE
from hemicycle.ui.times import canonical_zone, known_zones

CO_SIGNER_EMAILS = frozenset(email for _organization, email in co_signer_rows.NAMES)
CONTACT_LABEL = _("E-mail address of a contact, if it is another person")
CONTACT_HELP = _("We tell the contact if another person speaks for your organization.")
YES, NO = "yes", "no"
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def _category_label(category: Category) -> SafeString:
    if not category.eligibility:
        return format_html("<bdi>{}</bdi>", category.label)
    return format_html(
        '<bdi>{}</bdi><br><bdi class="small muted">{}</bdi>', category.label, category.eligibility
    )


def panel_label(facts: Facts, panel: Segment) -> str:
    """Return the label of a panel as a choice: its number and its title."""
    if panel.title.casefold().startswith(("panel", gettext("panel"))):
        return panel.title
    values = {"number": facts.panel_number(panel), "title": panel.title}
    return gettext("Panel %(number)s: %(title)s") % values


type Fields = dict[str, forms.Field]


class _Shared(dict[str, forms.Field]):
    """Fields that the forms of one hearing share: a form copies the dictionary, not the fields.

    They are fitted to the hearing once and then only read.
    """

    def __deepcopy__(self, memo: object) -> Fields:
        return dict(self)


_fitted: dict[tuple[object, ...], _Shared] = {}
_MOST_FITTED = 64


def _fields_for(
    form: "type[RegistrationForm]", facts: Facts, language: str, track: Track
) -> Fields:
    key = (form, facts.fingerprint, language, track.key)
    found = _fitted.get(key)
    if found is None:
        found = _Shared(deepcopy(form.base_fields))
        form.fit(found, facts, track)
        if len(_fitted) >= _MOST_FITTED:
            _fitted.clear()
        _fitted[key] = found
    return found


def _offer(fields: Fields, name: str, offered: Any) -> None:
    field = fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = offered


def _panel_choices(facts: Facts) -> list[tuple[str, str]]:
    return [(str(panel.id), panel_label(facts, panel)) for panel in facts.panels]


class RegistrationForm(forms.Form):
    """The fields of both forms: person, language, and keys that make a repeated form harmless."""

    kind: ClassVar[TrackKind]
    use_required_attribute = False

    form_key = forms.CharField(required=False, widget=forms.HiddenInput)
    draft_key = forms.CharField(required=False, widget=forms.HiddenInput)
    drafted = forms.CharField(required=False, widget=forms.HiddenInput)
    track = forms.CharField(required=False, widget=forms.HiddenInput)
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-own-zone": True})
    )
    category = forms.ChoiceField(
        label=_("Category"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an option.")},
    )
    name = LineField(
        label=_("Name of the person"),
        most=400,
        error_messages={"required": _("Enter the name of the person.")},
        help_text=_("In any script, as it should be read out."),
    )
    title = LineField(label=_("Title or function"), most=200, required=False)
    email = EmailAddressField(
        label=_("E-mail address"),
        error_messages={"required": _("Enter the e-mail address for your personal link.")},
        help_text=_("We send your personal link to this address. It is never published."),
    )
    contact_email = EmailAddressField(label=CONTACT_LABEL, help_text=CONTACT_HELP, required=False)
    alias = LineField(
        label=_("Alias"),
        most=200,
        required=False,
        help_text=_(
            "Give an alias only if being named could put someone at risk. The public then sees "
            "only this name, instead of the names of the person and the organization."
        ),
    )
    camera = forms.ChoiceField(
        label=_("Camera in the meeting"),
        required=False,
        choices=(
            ("", _("A card if an alias is given")),
            *choices.CAMERAS,
        ),
    )
    voice = forms.ChoiceField(
        label=_("Voice in the meeting"),
        required=False,
        choices=(
            ("", _("Changed if an alias is given")),
            *choices.VOICES,
        ),
        help_text=_("The webcast, the room and the recording use what you choose here."),
    )
    language = forms.ChoiceField(
        label=_("Language of the intervention"),
        error_messages={"required": _("Choose a language.")},
    )
    access_needs = MultilineField(
        label=_("Access needs"),
        most=2000,
        required=False,
        help_text=_("What would help the person to take part: captions, sign language, a reader …"),
    )
    consents_to_list = forms.BooleanField(
        label=_("Show the name on the public list of speakers"), required=False
    )

    def __init__(self, facts: Facts, *args: Any, track: str = "", **options: Any) -> None:
        self.facts = facts
        sent = args[0] if args else options.get("data")
        track = track or (sent or {}).get("track", "")
        self.of_track = facts.track_for(self.kind, track)
        fitted = _fields_for(type(self), facts, get_language() or "en", self.of_track)
        self.base_fields = fitted  # type: ignore[misc] # shadows the class's own on purpose
        super().__init__(*args, **options)

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Give the fields the choices that the hearing offers."""
        fields["name"].widget.attrs.update(autocomplete="name", dir="auto")
        fields["title"].widget.attrs.update(autocomplete="organization-title", dir="auto")
        fields["alias"].widget.attrs.update(dir="auto", autocomplete="off")
        fields["track"].initial = track.key
        own = facts.categories_of(track.key)
        _offer(
            fields, "category", [(str(category.id), _category_label(category)) for category in own]
        )
        if len(own) == 1:
            fields["category"].initial = str(own[0].id)
        tags = tuple(facts.hearing.languages or ("en",))
        _offer(fields, "language", choices.languages(tags))
        shown = get_language() or "en"
        fields["language"].initial = next((tag for tag in tags if tag.startswith(shown)), None)

    def clean_form_key(self) -> str:
        """Return a valid form key; a form without one gets a new one."""
        key: str = self.cleaned_data["form_key"]
        return key if _KEY.fullmatch(key) else links.new_key()

    def clean_draft_key(self) -> str:
        """Return the key of the draft to delete once the form is sent; "" if it is invalid."""
        key: str = self.cleaned_data["draft_key"]
        return key if _KEY.fullmatch(key) else ""

    def clean_time_zone(self) -> str:
        """Return the time zone that a script of the page has found; "" if there is no such zone."""
        name: str = self.cleaned_data["time_zone"]
        return canonical_zone(name) if name in known_zones() else ""

    def _clean_alias(self, *organization: str) -> None:
        """Refuse an alias that names its bearer, or that is a name known in public."""
        alias = self.cleaned_data.get("alias")
        if not alias:
            return
        own = (*organization, self.cleaned_data.get("name", ""))
        try:
            aliases.check(alias, hearing=self.facts.hearing.id, own=own, public_only=True)
        except aliases.AliasRefused as refused:
            self.add_error("alias", refused.sentence)

    def co_signer_rows(self) -> list[CoSignerRow]:
        """Return the rows for co-signers, for the template; none without lists of speakers."""
        return co_signer_rows.rows(self) if self.facts.has_list else []

    def names_co_signers(self) -> bool:
        """Whether any co-signer has been typed, so that the template opens that part."""
        return any(row.is_typed for row in self.co_signer_rows())

    def _shared(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = (
            *("form_key", "name", "title", "email", "contact_email", "alias"),
            *("camera", "voice"),
            *("language", "access_needs", "time_zone"),
        )
        return {
            **{field: data[field] for field in kept},
            "track": self.of_track.key,
            "category": UUID(data["category"]),
            "consents_to_list": data["consents_to_list"],
            "interface_language": get_language() or "en",
            "draft_key": data["draft_key"] if data["drafted"] else "",
        }


RegistrationForm.base_fields |= co_signer_rows.fields()


class StakeholderForm(RegistrationForm, two_names.TwoNamesForm):
    """The form for everyone but missions."""

    conditional: ClassVar = frozenset(
        {"camera", "voice", "segment", "question_segment"} | two_names.LANGUAGES | CO_SIGNER_EMAILS
    )

    kind = TrackKind.STAKEHOLDERS

    organization = LineField(
        label=_("Organization"),
        most=400,
        error_messages={"required": _("Enter the name of the organization.")},
        help_text=_("Its full name, in any script."),
    )
    country = forms.ChoiceField(
        label=_("Country where it is based"),
        choices=choices.countries,
        error_messages={"required": _("Choose a country.")},
    )
    gender = forms.ChoiceField(
        label=_("Gender"),
        choices=[("", "—"), *Registration.Gender.choices],
        required=False,
        help_text=_("Used only for statistics on gender balance. Never shown with the name."),
    )
    eligibility = MultilineField(
        label=_("Evidence of eligibility"),
        most=4000,
        required=False,
        help_text=_("For example, the year of consultative status, or a page about your work."),
    )
    wishes_to_intervene = forms.ChoiceField(
        label=_("Do you wish to take the floor?"),
        choices=[(YES, _("Yes, I wish to intervene")), (NO, _("No, I will follow the webcast"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    segment = forms.ChoiceField(
        label=_("In which panel?"), widget=forms.RadioSelect, required=False
    )
    question = MultilineField(
        label=_("Question for the panellists"),
        most=1000,
        required=False,
        help_text=_("The moderator chooses from the questions submitted in advance."),
    )
    question_segment = forms.ChoiceField(label=_("For which panel?"), required=False)

    field_order = (
        *("organization", "organization_language", "other_name", "other_name_language"),
        *("country", "category", "eligibility", "name", "title", "gender"),
        *(
            "email",
            "alias",
            "camera",
            "voice",
            "access_needs",
            "wishes_to_intervene",
            "segment",
            "language",
        ),
    )

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Offer the panels; without lists of speakers, leave out the questions about the floor."""
        super().fit(fields, facts, track)
        fields["organization"].widget.attrs.update(autocomplete="organization", dir="auto")
        fields["other_name"].widget.attrs.update(autocomplete="off", dir="auto")
        for name in two_names.LANGUAGES:
            _offer(fields, name, choices.named_languages())
        fields["country"].widget.attrs.update(autocomplete="country")
        _offer(fields, "country", [("", "—"), *facts.hearing.place_names.items()])
        rule = balance.rule_of(facts.hearing)
        if rule.is_on and rule.attribute == balance.GENDER:
            fields["gender"].help_text = _(
                "We use your gender for statistics and to balance the lists by a "
                "published rule. We never show it with your name."
            )
        panels = _panel_choices(facts)
        _offer(fields, "segment", panels)
        _offer(fields, "question_segment", [("", _("any panel")), *panels])
        if not facts.has_list:
            del fields["wishes_to_intervene"], fields["segment"]

    def clean(self) -> dict[str, Any]:
        """Check fields together: a wish needs a panel, a co-signer both name and address."""
        data = self.cleaned_data
        speaks = data.get("wishes_to_intervene") == YES
        if speaks and not data.get("segment") and "segment" not in self.errors:
            self.add_error("segment", gettext("Choose the panel in which you wish to speak."))
        if self.facts.has_list:
            co_signer_rows.check(self, data.get("organization", ""))
        self.check_other_name()
        self._clean_alias(data.get("organization", ""), data.get("other_name", ""))
        return data

    def cleaned(self) -> Cleaned:
        """Return the validated form; call it only after `is_valid()` has returned true."""
        data = self.cleaned_data
        speaks = data.get("wishes_to_intervene") == YES
        about = data["question_segment"] if data["question"] else ""
        return Cleaned(
            **self._shared(),
            organization=data["organization"],
            organization_language=data["organization_language"],
            other_names=self.other_names(),
            country=data["country"],
            gender=data["gender"],
            eligibility=data["eligibility"],
            segments=(UUID(data["segment"]),) if speaks else (),
            co_signers=co_signer_rows.named(data) if speaks else (),
            question=data["question"],
            question_segment=UUID(about) if about else None,
        )


class MissionForm(RegistrationForm):
    """The form with which a mission inscribes its delegation, in one panel or several."""

    conditional: ClassVar = frozenset({"camera", "voice", "delegation"}) | CO_SIGNER_EMAILS

    kind = TrackKind.MISSIONS

    field_order = (
        *("category", "state", "delegation", "name", "title", "rank", "email", "alias"),
        *("camera", "voice"),
    )

    state = forms.ChoiceField(
        label=_("Member State"),
        choices=choices.delegations,
        error_messages={
            "required": _(
                "Choose the Member State, or “Another delegation” at the end of the list."
            )
        },
    )
    delegation = LineField(
        label=_("Name of the observer or other delegation"),
        most=400,
        required=False,
        help_text=_("Only for a delegation that is not in the list of Member States."),
    )
    rank = forms.TypedChoiceField(
        label=_("Rank of the speaker"),
        choices=choices.RANKS,
        coerce=int,
        initial=7,
        help_text=_("Used only if the list of speakers follows protocol order."),
    )
    segments = forms.MultipleChoiceField(
        label=_("Panels in which the delegation wishes to take the floor"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Choose none to attend only."),
    )

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Offer the panels."""
        super().fit(fields, facts, track)
        fields["delegation"].widget.attrs.update(dir="auto")
        _offer(fields, "state", choices.delegations())
        _offer(fields, "segments", _panel_choices(facts))
        if len(facts.panels) == 1:
            fields["segments"].initial = [str(facts.panels[0].id)]
        if not facts.has_list:
            del fields["segments"]

    def clean(self) -> dict[str, Any]:
        """Check that the delegation is either a Member State or another: not both, not neither."""
        data = self.cleaned_data
        state, other = data.get("state"), data.get("delegation")
        if state == choices.ANOTHER and not other and "delegation" not in self.errors:
            self.add_error("delegation", gettext("Enter the name of the delegation."))
        if state and state != choices.ANOTHER and other:
            sentence = gettext("Choose a Member State or enter another delegation, not both.")
            self.add_error("delegation", sentence)
        is_state = bool(state) and state != choices.ANOTHER
        named = territories.official_names(str(state)) if is_state else {SOURCE: other or ""}
        self._clean_alias(*named.values())
        if self.facts.has_list:
            co_signer_rows.check(self, named[SOURCE])
        if (
            co_signer_rows.named(data)
            and not data.get("segments")
            and "segments" not in self.errors
        ):
            sentence = gettext("Choose a panel in which the delegations speak jointly.")
            self.add_error("segments", sentence)
        return data

    def cleaned(self) -> Cleaned:
        """Return the validated form; call it only after `is_valid()` has returned true."""
        data = self.cleaned_data
        state = "" if data["state"] == choices.ANOTHER else data["state"]
        asked = data.get("segments", [])
        others = territories.official_names(state) if state else {}
        return Cleaned(
            **self._shared(),
            organization=others.pop(SOURCE) if state else data["delegation"],
            organization_language=SOURCE if state else "",
            other_names=others,
            country=state,
            segments=tuple(panel.id for panel in self.facts.panels if str(panel.id) in asked),
            co_signers=co_signer_rows.named(data) if asked else (),
            rank=data["rank"],
        )


def form_for(kind: TrackKind) -> type[StakeholderForm] | type[MissionForm]:
    """Return the form for a kind of track."""
    return MissionForm if kind == TrackKind.MISSIONS else StakeholderForm
