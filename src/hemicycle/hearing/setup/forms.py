"""The hearing's document as forms, one for each part of it.

The forms only read what was typed; `document_reading.read` validates the hearing, and its problems
are shown at the fields that they concern.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.hearing.people.models import Role, TrackKind
from hemicycle.hearing.setup import balance
from hemicycle.hearing.setup.document import LAST_SECOND
from hemicycle.hearing.setup.form_fields import LanguagesField, NumbersField, TimeZoneField, minutes
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.hearing.setup.nested_forms import RowForm
from hemicycle.ui.languages import language_name

SEGMENT_KINDS = Segment.Kind.choices
MEMBER_ROLES = [
    (Role.MODERATOR.value, _("Moderator, or chair of an opening or closing")),
    (Role.PANELLIST.value, _("Panellist, or speaker of an opening or closing")),
    (PanelMember.CHAIR, _("Chair, other than the moderator")),
]
MERGES = [
    ("alternate", _("in turn: one from each track")),
    ("ratio", _("in a ratio: a set number from each track")),
    ("blocks", _("in blocks: one track after the other")),
    ("protocol", _("in protocol order")),
]


def line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    """Return a field of one line."""
    return forms.CharField(
        label=label, help_text=help_text, required=False, widget=forms.TextInput(attrs=attrs)
    )


def lines(label: Any, rows: int = 4) -> forms.CharField:
    """Return a field of several lines."""
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": rows}))


def whole(label: Any, help_text: Any = "", initial: int | None = None) -> forms.IntegerField:
    """Return a field for a whole number."""
    return forms.IntegerField(label=label, help_text=help_text, required=False, initial=initial)


def day(label: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def hour(label: Any, *, seconds: bool = False) -> forms.TimeField:
    """Return a field for a time of day, in the hearing's zone."""
    shown = "%H:%M:%S" if seconds else "%H:%M"
    attrs = {"type": "time", **({"step": "1"} if seconds else {})}
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(format=shown, attrs=attrs)
    )


class MomentForm(forms.Form):
    """A day and a time in the hearing's zone; `moment` combines them, or is None without both."""

    day = day(_("Day"))
    time = hour(pgettext_lazy("time of day", "Time"))
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hearing = hearing
        for name in ("day", "time"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Combine day and time; refuse a time that is skipped when the clocks change."""
        data: dict[str, Any] = super().clean() or {}
        data["moment"] = None
        if data.get("day") and data.get("time"):
            local = datetime.combine(data["day"], data["time"], self.hearing.zone)
            try:
                data["moment"] = local.astimezone(UTC)
                back = data["moment"].astimezone(self.hearing.zone)
            except OverflowError:
                self.add_error("day", _("This date is too far away. Check it."))
            else:
                if back.replace(tzinfo=None) != local.replace(tzinfo=None):
                    sentence = _(
                        "%(time)s does not exist on that day because the clocks "
                        "change. Choose another time."
                    )
                    self.add_error("time", sentence % {"time": f"{data['time']:%H:%M}"})
        return data


def _choose(form: RowForm, name: str, offered: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = offered


def by_number(form: RowForm) -> str:
    """Return the sort key of a numbered row; a row without a number is sorted last."""
    return form.raw("number").zfill(4) if form.raw("number") else "~"


class OfTrackRow(RowForm):
    """A row that belongs to one of the hearing's tracks."""

    track = forms.ChoiceField(label=_("Track"), choices=(), required=False)

    def offer(self, offers: Mapping[str, Any]) -> None:
        """Offer the tracks; the first one is chosen."""
        offered = offers.get("tracks") or TrackKind.choices
        _choose(self, "track", offered)
        self.fields["track"].initial = offered[0][0]


def closing(on: date | None, until: time | None) -> datetime | None:
    """Return a deadline; without a time it ends with its day."""
    return datetime.combine(on, until or LAST_SECOND) if on else None


class MandateRow(RowForm):
    several = _("Mandate")
    one_more = _("Add a resolution")
    symbol = line(_("Symbol"), dir="ltr")
    title = line(_("Title"))
    url = line(_("Link"), type="url", dir="ltr")


class MailboxRow(RowForm):
    several = _("Mailboxes")
    one_more = _("Add a mailbox")
    purpose = line(_("Purpose"))
    address = line(_("Address"), type="email", dir="ltr")


class MemberRow(RowForm):
    moves = True
    several = _("Moderators and panellists")
    one_more = _("Add a person")
    role = forms.ChoiceField(
        label=_("Role"), choices=MEMBER_ROLES, initial="panellist", required=False
    )
    name = line(_("Name"))
    title = line(_("Title or function"))
    topic = line(_("Topic"))
    alias = line(
        _("Alias"),
        _("Only for someone who must not be named. The public sees it instead of name and title."),
        maxlength=200,
        autocomplete="off",
    )
    limit_seconds = minutes(_("Time limit (minutes)"), most_s=7200, initial=480)


class SegmentRow(RowForm):
    moves = True
    several = _("Segments")
    one_more = _("Add a segment")
    lists: ClassVar[dict[str, type[RowForm]]] = {"members": MemberRow}
    folded = frozenset(
        {
            *("places_by_track", "waiting_list", "public_delay_seconds", "discussion"),
            "chair_seconds",
        }
    )

    kind = forms.ChoiceField(
        label=_("Kind"), choices=SEGMENT_KINDS, initial="panel", required=False
    )
    title = line(_("Title"))
    starts = hour(_("Starts"))
    ends = hour(_("Ends"))
    description = lines(_("Description"), 2)
    presentations_seconds = minutes(
        _("Time reserved for panellists (minutes)"), most_s=36_000, initial=0
    )
    max_inscriptions = whole(_("Places on the list"), _("Leave empty for no limit."))
    places_by_track = NumbersField(
        _("Places by track"),
        _("Only where a track has other limits in this panel, such as member-states 10, youth 5"),
        wrong=_("Enter tracks with their places, such as member-states 10, youth 5"),
    )
    waiting_list = forms.BooleanField(label=_("Waiting list when full"), required=False)
    public_delay_seconds = whole(
        _("Delay of the public feed (seconds)"), _("Leave empty to use the rules of the floor.")
    )
    discussion = forms.ChoiceField(
        label=_("Discussion among panellists"),
        choices=Segment.Discussion.choices,
        initial="off",
        required=False,
        help_text=_("Their microphones are open together, with the time of the segment."),
    )
    chair_seconds = minutes(
        _("Time limit of the chair (minutes)"), _("Leave empty for no limit."), most_s=7200
    )

    def place_in_order(self) -> str:
        """Return the start, so that rows are sorted by time."""
        return self.raw("starts")


class MeetingRow(RowForm):
    several = _("Meetings")
    one_more = _("Add a meeting")
    lists: ClassVar[dict[str, type[RowForm]]] = {"segments": SegmentRow}

    title = line(_("Title"))
    date = day(_("Day"))
    starts = hour(_("Starts"))
    ends = hour(_("Ends"))

    def place_in_order(self) -> str:
        """Return day and start, so that rows are sorted by them."""
        return self.raw("date") + self.raw("starts")

    def value(self) -> dict[str, Any]:
        """Return the meeting with its times; a time before its start is on the next day."""
        meeting = super().value()
        on, begins = meeting["date"], meeting["starts"]
        for row in (meeting, *meeting["segments"]):
            for key in ("starts", "ends"):
                if row[key] and on:
                    later = timedelta(days=1 if begins and row[key] < begins else 0)
                    row[key] = datetime.combine(on + later, row[key])
        return meeting


class TrackRow(RowForm):
    several = _("Tracks")
    one_more = _("Add a track")
    key = line(
        pgettext_lazy("of a track", "Key"),
        _("Short, for links and tables: letters, digits, hyphens. It stays when the name changes."),
        dir="ltr",
    )
    kind = forms.ChoiceField(
        label=_("Form"),
        choices=[
            (TrackKind.STAKEHOLDERS.value, _("for organizations and other participants")),
            (TrackKind.MISSIONS.value, _("for delegations of States")),
        ],
        initial=TrackKind.STAKEHOLDERS.value,
        required=False,
    )
    max_per_panel = whole(_("Places in each panel"), _("Leave empty for no limit."))
    limit_seconds = minutes(
        _("Time limit (minutes)"),
        _("Such as 5 for groups of States. Leave empty to use the rules of the floor."),
        most_s=7200,
    )
    number = whole(_("Number"))

    def offer(self, offers: Mapping[str, Any]) -> None:
        """Add a field for the name in each language of the hearing."""
        self._names = {}
        for tag in offers.get("languages") or ("en",):
            said = _("Name (%(language)s)") % {"language": language_name(tag)}
            self.fields[f"name_{tag}"] = line(said, lang=tag, dir="auto", maxlength=200)
            self._names[tag] = f"name_{tag}"
        self.order_fields([*self._names.values(), *self.fields])

    def place_in_order(self) -> str:
        """Return the number."""
        return by_number(self)

    def value(self) -> dict[str, Any]:
        """Return the track with its names by language, without its number, which only sorts."""
        typed = super().value()
        del typed["number"]
        names = {tag: typed.pop(field) for tag, field in self._names.items()}
        said = {tag: name for tag, name in names.items() if name}
        first = next(iter(said.values()), "")
        return {**typed, "key": typed["key"] or slugify(first)[:60], "names": said}


class DeadlineRow(OfTrackRow):
    several = _("Deadlines")
    one_more = _("Add a deadline")
    day = day(_("Last day"))
    time = hour(_("Until"), seconds=True)

    def value(self) -> dict[str, Any]:
        """Return the deadline of the track."""
        closes = closing(self.cleaned_data["day"], self.cleaned_data["time"])
        return {"track": self.cleaned_data["track"], "closes": closes}

    def place(self, at: tuple[str | int, ...], sentence: str) -> None:
        """Show a problem of the moment at the field of its day."""
        super().place(("day",) if at == ("closes",) else at, sentence)


class CategoryRow(OfTrackRow):
    several = _("Categories of participants")
    one_more = _("Add a category")
    label = line(pgettext_lazy("of a thing", "Name"))
    key = line(
        pgettext_lazy("of a category", "Key"),
        _("Short, for links and tables: letters, digits, hyphens."),
        dir="ltr",
    )
    eligibility = lines(_("Who belongs here"), 2)
    needs_review = forms.BooleanField(
        label=_("Reviewed by the secretariat"), required=False, initial=True
    )
    evidence = line(
        _("Evidence asked for"),
        _("For example, number of consultative status. Leave empty if none is needed."),
    )
    focal_point = forms.BooleanField(label=_("Approved by a focal point"), required=False)
    no_objection = forms.BooleanField(label=_("Put on a no-objection list"), required=False)
    max_registrations = whole(_("Places"), _("Leave empty for no limit."))
    waiting_list = forms.BooleanField(label=_("Waiting list when full"), required=False)


class QuestionRow(RowForm):
    several = _("Guiding questions")
    one_more = _("Add a question")
    number = whole(_("Number"))
    text = lines(_("Question"), 2)
    short = line(_("In short"))

    def place_in_order(self) -> str:
        """Return the number."""
        return by_number(self)

    def value(self) -> dict[str, Any]:
        """Return the question without its number, which only sorts."""
        typed = super().value()
        return {"text": typed["text"], "short": typed["short"]}


class FactsForm(RowForm):
    lists: ClassVar[dict[str, type[RowForm]]] = {"mandate": MandateRow, "mailboxes": MailboxRow}

    title = lines(_("Title"), 2)
    short_title = line(_("Short title"))
    slug = line(
        _("Short address"), _("Part of the page’s address: letters, digits, hyphens."), dir="ltr"
    )
    convener = line(_("Convener"))
    time_zone = TimeZoneField(label=_("Time zone"), required=False)
    venue = line(_("Venue"))
    platform = line(_("Platform"))
    webcast = line(_("Webcast"))
    hashtag = line(_("Hashtag"))
    languages = LanguagesField()
    other_languages = line(_("Other languages"), _("Language tags, such as: pt, sw"), dir="ltr")
    original_language = line(
        _("Language of these texts"),
        _("The tag of the language in which you write them here. Others are translations."),
        dir="ltr",
    )
    theme = lines(_("Theme"), 2)
    objective = lines(_("Objective"), 6)
    format = lines(_("Format"), 6)
    outcome = lines(_("Outcome"), 2)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        prefix: str,
        initial: Mapping[str, Any] | None = None,
        offers: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=prefix, initial=initial, offers=offers)
        boxes = self.fields["languages"]
        assert isinstance(boxes, LanguagesField)
        sent = data.getlist(self.add_prefix("languages")) if data is not None else None
        boxes.offer(list(sent if sent is not None else (initial or {}).get("languages", ())))

    def value(self) -> dict[str, Any]:
        """Return the facts, with mailboxes as a table by purpose and all languages in one list."""
        facts = super().value()
        others = str(facts.pop("other_languages")).replace(",", " ").split()
        facts["languages"] = list(dict.fromkeys([*facts["languages"], *others]))
        facts["mailboxes"] = {
            (row["purpose"] or str(index)): row["address"]
            for index, row in enumerate(facts["mailboxes"], start=1)
        }
        return facts

    def place(self, at: tuple[str | int, ...], sentence: str) -> None:
        """Show a problem of a mailbox, which has its purpose as key, in its row."""
        if at and at[0] == "mailboxes" and len(at) > 1:
            purposes = list(self.value()["mailboxes"])
            at = ("mailboxes", purposes.index(str(at[1])), "address")
        elif at and at[0] == "languages":
            at = ("languages",)
        super().place(at, sentence)


class ProgrammeForm(RowForm):
    lists: ClassVar[dict[str, type[RowForm]]] = {"meetings": MeetingRow}


class RegistrationRulesForm(RowForm):
    lists: ClassVar[dict[str, type[RowForm]]] = {
        "tracks": TrackRow,
        "deadlines": DeadlineRow,
        "categories": CategoryRow,
    }

    list_of_speakers = forms.ChoiceField(
        label=_("List of speakers"),
        choices=[
            ("", "—"),
            ("first-come", _("first come, first served")),
            ("none", _("no list")),
        ],
        help_text=_("Leave empty for first come, first served."),
        required=False,
    )
    max_per_organization = whole(
        _("Representatives per organization"), _("Leave empty for no limit.")
    )
    public_list = forms.BooleanField(label=_("Publish the lists of speakers"), required=False)
    confirmation_hours = whole(
        _("Hours to confirm a registration by e-mail"),
        _("Leave empty for 24. A place that is not confirmed by then goes to the next person."),
    )
    statements_day = day(_("Last day for statements"))
    statements_time = hour(_("Statements until"), seconds=True)
    late_statements = forms.ChoiceField(
        label=_("Statements after this deadline"),
        choices=Hearing.LateStatements.choices,
        required=False,
    )
    merge_kind = forms.ChoiceField(label=_("Merging of the tracks"), choices=MERGES, required=False)
    merge_first = forms.ChoiceField(label=_("Which track comes first"), choices=(), required=False)
    merge_counts = line(
        _("Ratio"),
        _(
            "Only for a ratio: the number of turns of the first track, then of the others in their "
            "order, such as 2, 1"
        ),
        dir="ltr",
    )
    balance_bound = whole(
        _("Balance: most places that a speaker may be moved"),
        _(
            "0: the order of arrival stays. The rule is published with the hearing, and a "
            "person decides about each move."
        ),
    )
    balance_attribute = forms.ChoiceField(
        label=_("Balance by"), choices=[("", "—"), *balance.ATTRIBUTES.items()], required=False
    )
    balance_shares = NumbersField(
        _("Balance: shares in per cent"),
        _(
            "Leave empty for the shares of the requests. Otherwise groups by their keys, such as "
            "civil-society 40, member-state 40"
        ),
        wrong=_("Enter groups with their per cent, such as civil-society 40, academia 10"),
    )
    retention_days = whole(_("Personal data kept after the hearing (days)"))

    def offer(self, offers: Mapping[str, Any]) -> None:
        """Offer the tracks as choices for the first one."""
        _choose(self, "merge_first", offers.get("tracks") or TrackKind.choices)

    def clean_merge_counts(self) -> list[int]:
        """Return the counts, which are separated by commas."""
        words = str(self.cleaned_data["merge_counts"]).replace(",", " ").replace(":", " ").split()
        if not all(word.isascii() and word.isdigit() for word in words):
            raise forms.ValidationError(_("Enter whole numbers separated by a comma, such as 2, 1"))
        return [int(word) for word in words]

    def value(self) -> dict[str, Any]:
        """Return the rules, grouped as in the document."""
        typed = super().value()
        keys = [track["key"] for track in typed["tracks"]]
        first = typed["merge_first"]
        return {
            "tracks": typed["tracks"],
            # With a track, its deadline is removed too.
            "deadlines": [row for row in typed["deadlines"] if row["track"] in keys],
            "categories": typed["categories"],
            "retention_days": typed["retention_days"],
            "registration": {
                name: None if typed[name] == "" else typed[name]
                for name in (
                    *("list_of_speakers", "max_per_organization"),
                    *("public_list", "confirmation_hours"),
                )
            },
            "statements": {
                "closes": closing(typed["statements_day"], typed["statements_time"]),
                "late": typed["late_statements"] or None,
            },
            "merge": {
                "kind": typed["merge_kind"],
                "tracks": sorted(keys, key=lambda key: key != first),
                "counts": typed["merge_counts"],
            },
            "balance": {
                "attribute": typed["balance_attribute"],
                "bound": typed["balance_bound"],
                "shares": typed["balance_shares"],
            },
        }

    def place(self, at: tuple[str | int, ...], sentence: str) -> None:
        """Show a problem of a rule, which is one level deeper in the document."""
        if at[:1] == ("registration",):
            at = at[1:]
        elif at[:1] == ("statements",):
            at = ("late_statements" if at[1:] == ("late",) else "statements_day",)
        elif at[:1] == ("merge",):
            at = (f"merge_{at[1]}".replace("merge_tracks", "merge_first"),)
        elif at[:1] == ("balance",):
            at = (f"balance_{at[1]}",)
        super().place(at, sentence)


class FloorForm(RowForm):
    time_limit_seconds = minutes(
        _("Time limit of an intervention (minutes)"),
        _("Such as 3 or 2:30. Leave empty for 3."),
        most_s=7200,
    )
    high_level_seconds = minutes(
        _("Heads of State, heads of Government and ministers (minutes)"),
        _("Leave empty if they have no more time than others."),
        most_s=7200,
    )
    joint_seconds = minutes(
        _("Joint interventions (minutes)"),
        _("Leave empty if they have no more time than others."),
        most_s=7200,
    )
    warning_seconds = whole(_("Warning before the limit (seconds)"))
    extension_seconds = whole(_("One extension (seconds)"))
    at_limit = forms.ChoiceField(
        label=_("At the limit"), choices=Hearing.AtLimit.choices, required=False
    )
    grace_seconds = whole(_("Grace after the limit (seconds)"))
    points_of_order = forms.BooleanField(label=_("Points of order"), required=False)
    walk_ups = forms.BooleanField(
        label=_("The moderator may add speakers who are in the room to the end of the list"),
        required=False,
    )
    without_connection = forms.ChoiceField(
        label=_("While the speaker is not connected"),
        choices=Hearing.WithoutLine.choices,
        required=False,
        help_text=_("The moderator starts a stopped clock again."),
    )
    words_per_minute = whole(
        _("Words a minute"),
        _("The expected length of a statement is calculated from this number."),
    )
    public_delay_seconds = whole(
        _("Delay of the public feed (seconds)"),
        _(
            "0, or 5 to 120. The webcast, captions, live page and other broadcasters are "
            "delayed by this many seconds. The room is not. The moderator can still stop what "
            "has not been broadcast yet."
        ),
    )

    def value(self) -> dict[str, Any]:
        """Return the rules of the floor."""
        return {"floor": super().value()}

    def place(self, at: tuple[str | int, ...], sentence: str) -> None:
        """Show a problem of a rule, which is one level deeper in the document."""
        super().place(at[1:] if at[:1] == ("floor",) else at, sentence)


class QuestionsForm(RowForm):
    lists: ClassVar[dict[str, type[RowForm]]] = {"guiding_questions": QuestionRow}


class WitnessRow(RowForm):
    several = _("Witnesses of the record")
    one_more = _("Add a witness")
    name = line(
        pgettext_lazy("of a thing", "Name"),
        _("The institution that runs it, as shown to the public."),
    )
    vkey = line(_("Key"), _("The line that the witness prints when it starts."), dir="ltr")
    url = line(
        _("Address to send checkpoints to"),
        _("Leave empty if the witness fetches checkpoints itself."),
        type="url",
        dir="ltr",
    )


class WitnessesForm(RowForm):
    lists: ClassVar[dict[str, type[RowForm]]] = {"witnesses": WitnessRow}
    witnesses_asked = whole(
        _("How many must have cosigned"),
        _("Pages show whether this number has been reached. Leave empty if none is required."),
    )
