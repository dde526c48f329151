"""Forms with which the secretariat changes a list."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.choices import RANKS
from hemicycle.before.registration.fields import LineField
from hemicycle.before.registration.models import Inscription
from hemicycle.before.speakers import rules
from hemicycle.before.speakers.actions import LONGEST_REASON
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure.order import MOST_TURNS

END = "end"
MOVABLE = frozenset({"inscribed", "waiting", "absent", "skipped"})
_GONE = _("This speaker is no longer on the list or has spoken. Choose another speaker.")


class SpeakerField(forms.ChoiceField):
    """A field that offers the speakers of one page, and accepts every speaker of the list."""

    known: Collection[str] = ()

    def valid_value(self, value: Any) -> bool:
        """Accept every speaker of the list who can be chosen, on whatever page."""
        return str(value) in self.known


class MoveForm(forms.Form):
    """Who is put before whom, and why; the choices are the lines of `page`.

    A list of several pages also accepts the number of the place.
    """

    inscription = SpeakerField(label=_("Move"))
    before = SpeakerField(label=_("in front of"), initial=END)
    place = forms.IntegerField(label=_("or to place"), required=False, min_value=1)
    reason = LineField(
        label=_("Reason"),
        most=LONGEST_REASON,
        error_messages={
            "required": _("Give the reason for moving the speaker. It is saved in the record.")
        },
    )

    def __init__(
        self, listing: SpeakerList, page: Sequence[ListedSpeaker], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._lines = {line.inscription.pk.hex: line for line in listing.on_list}
        self._movable = {pk: line for pk, line in self._lines.items() if line.state in MOVABLE}
        if len(page) >= len(listing.on_list):
            del self.fields["place"]
        asked = (self["inscription"].value(), self["before"].value())
        shown = {line.inscription.pk.hex for line in page}.union(map(str, asked))
        named = {
            pk: f"{line.position}. {line.organization}"
            for pk, line in self._movable.items()
            if pk in shown
        }
        self._choose("inscription", [("", "—"), *named.items()], self._movable)
        ends = (END, _("the end of the list"))
        self._choose("before", [*named.items(), ends], {*self._movable, END})

    def _choose(self, name: str, choices: list[Any], known: Collection[str]) -> None:
        field = cast(SpeakerField, self.fields[name])
        field.choices, field.known = choices, known
        field.error_messages["invalid_choice"] = str(_GONE)

    def clean(self) -> dict[str, Any] | None:
        """Turn the number of a place into the speaker who has it once the moved one has left."""
        data = super().clean() or self.cleaned_data
        moved, place = data.get("inscription"), data.get("place")
        if moved and place:
            others = [pk for pk in self._lines if pk != moved]
            data["before"] = others[place - 1] if place <= len(others) else END
            if data["before"] not in {*self._movable, END}:
                self.add_error("place", _GONE)
        return data

    def chosen(self) -> tuple[Inscription, Inscription | None]:
        """Return the moved speaker, and the one in front of whom they are put; None for the end."""
        data = self.cleaned_data
        before = self._lines.get(data["before"])
        return self._lines[data["inscription"]].inscription, before.inscription if before else None


class RankForm(forms.Form):
    """The protocol rank of one speaker."""

    inscription = forms.UUIDField()
    rank = forms.TypedChoiceField(choices=RANKS, coerce=int)


class RuleForm(forms.Form):
    """The rule by which the tracks are merged."""

    kind = forms.ChoiceField(
        label=_("How the tracks are merged"),
        choices=list(rules.LABELS.items()),
        widget=forms.RadioSelect,
    )
    first = forms.ChoiceField(label=_("Track that begins"), choices=(), widget=forms.RadioSelect)

    def __init__(self, hearing: Hearing, data: Any = None) -> None:
        rule = rules.rule_or_default(hearing.merge)
        turns = dict(rule.tracks)
        own = [track for key in turns if (track := hearing.track(key))]
        self._tracks = [*own, *(track for track in hearing.all_tracks if track not in own)]
        initial: dict[str, Any] = {"kind": rule.kind, "first": self._tracks[0].key}
        for track in self._tracks:
            initial[self.count_name(track.key)] = turns.get(track.key, 1)
        super().__init__(data, initial=initial)
        begins = self.fields["first"]
        assert isinstance(begins, forms.ChoiceField)
        begins.choices = [(track.key, track.label) for track in self._tracks]
        for track in self._tracks:
            self.fields[self.count_name(track.key)] = forms.IntegerField(
                label=_("%(track)s: turns in a row") % {"track": track.label},
                help_text=_("Used only with “ratio”."),
                min_value=1,
                max_value=MOST_TURNS,
            )

    @property
    def counts(self) -> list[forms.BoundField]:
        """The fields with the numbers of turns of the tracks."""
        return [self[self.count_name(track.key)] for track in self._tracks]

    @staticmethod
    def count_name(track: str) -> str:
        """Return the name of the field with the number of turns of a track."""
        return f"count_{track}"

    def merge(self) -> dict[str, Any]:
        """Return the rule in the form in which a hearing stores it."""
        data = self.cleaned_data
        counts = {track.key: data[self.count_name(track.key)] for track in self._tracks}
        return rules.merge_of(data["kind"], data["first"], counts)


class BalanceForm(forms.Form):
    """Who stays in place, and why a proposal is accepted; `seen` is the proposal's digest."""

    leave = forms.MultipleChoiceField(required=False)
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = LineField(
        label=_("Reason"),
        most=LONGEST_REASON,
        error_messages={
            "required": _("Give the reason for moving the speaker. It is saved in the record.")
        },
    )

    def __init__(self, listing: SpeakerList, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ids = [(line.inscription.pk.hex, line.organization) for line in listing.on_list]
        cast(forms.ChoiceField, self.fields["leave"]).choices = ids

    @property
    def left(self) -> list[str]:
        """Return the ids of those who stay in place; ids that are not on the list are ignored."""
        asked = set(cast(QueryDict, self.data).getlist("leave")) if self.data else set()
        choices = cast(forms.ChoiceField, self.fields["leave"]).choices
        return [id for id, _name in choices if id in asked]  # type: ignore[union-attr,misc]
