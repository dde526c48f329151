"""Participation: the outcome for everyone who asked for the floor, and the figures."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.readers.queries import ReaderCredit
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.speakers.panel_rules import panels
from hemicycle.before.speakers.queries import ListedSpeaker, listing
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.outcome.summary.public_names import public_name, unnamed
from hemicycle.procedure import Floor, Intervention
from hemicycle.procedure.effects import DELIVERING
from hemicycle.procedure.state import CHAIR
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui import regions
from hemicycle.ui.languages import language_name

DELIVERED, NOT_REACHED = "delivered", "not_reached"
NOT_PUBLISHED = gettext_lazy("Name not published")
STATE_LABELS = {
    "inscribed": gettext_lazy("on the list"),
    "waiting": gettext_lazy("not called"),
    "speaking": gettext_lazy("has the floor"),
    "delivered": gettext_lazy("delivered"),
    "absent": gettext_lazy("absent"),
    "skipped": gettext_lazy("skipped"),
    "withdrawn": gettext_lazy("withdrawn"),
    "refused": gettext_lazy("refused"),
    "not_reached": gettext_lazy("not reached for lack of time"),
}


@dataclass(frozen=True, slots=True)
class SpeakerOutcome:
    """The outcome of one inscription on a panel's list.

    The times are None if the speaker never had the floor. `seq` is the entry that last gave the
    floor, 0 for none. `changeover_ms` is the changeover before the floor was first given, None if
    something else came between. `reading` names a person who had the seat in place of the speaker.
    """

    inscription: Inscription
    position: int | None
    state: str
    given_at: datetime | None
    ended_at: datetime | None
    used_ms: int
    seq: int
    changeover_ms: int | None = None
    limit_ms: int = 0
    reading: ReaderCredit | None = None

    @property
    def name(self) -> str:
        """The name in public documents."""
        spoke = self.state == DELIVERED
        return public_name(self.inscription.registration, in_public=spoke)

    @property
    def listed_name(self) -> str:
        """The name in a list that shows the category in a column of its own."""
        name, registration = self.name, self.inscription.registration
        return str(NOT_PUBLISHED) if name == unnamed(registration) else name

    @property
    def read_by(self) -> str:
        """The person who read for the speaker, if a reader had the floor; otherwise ""."""
        return str(self.reading) if self.reading is not None and self.given_at else ""

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(STATE_LABELS.get(self.state, self.state))


@dataclass(frozen=True, slots=True)
class DiscussionVoice:
    """One panellist's contribution to a discussion: an intervention without a turn on the list.

    `opening` is the entry that opened the discussion; `spoke_ms` is how long the media engine heard
    the panellist in it.
    """

    segment: Segment
    name: str
    opening: int
    opened_at: datetime
    spoke_ms: int


@dataclass(frozen=True, slots=True)
class ChairTurn:
    """A chair's intervention; `giving` is the entry that gave the floor, `used_ms` its length."""

    segment: Segment
    name: str
    giving: int
    given_at: datetime
    used_ms: int


@dataclass(frozen=True, slots=True)
class PanelOutcome:
    """The outcomes of all inscriptions on a panel's list, and who was heard in its discussions."""

    segment: Segment
    turns: tuple[SpeakerOutcome, ...]
    voices: tuple[DiscussionVoice, ...] = ()

    @property
    def delivered(self) -> list[SpeakerOutcome]:
        """The speakers who delivered their statement, in the order of the floor."""
        heard = [turn for turn in self.turns if turn.state == DELIVERED]
        return sorted(heard, key=lambda turn: turn.seq)

    @property
    def not_reached(self) -> list[SpeakerOutcome]:
        """The speakers who were not reached for lack of time."""
        return [turn for turn in self.turns if turn.state == NOT_REACHED]


def panel_outcomes(hearing: Hearing) -> list[PanelOutcome]:
    """Return the outcomes for each panel of the hearing."""
    return [_panel(segment) for segment in panels(hearing)]


def _panel(segment: Segment) -> PanelOutcome:
    held: dict[str, list[Intervention]] = {}
    floor = floor_of(segment.meeting_id)
    for intervention in floor.history:
        held.setdefault(intervention.slot, []).append(intervention)
    lines = listing(segment).lines
    turns = (_turn(line, held.get(line.inscription.pk.hex, [])) for line in lines)
    return PanelOutcome(segment, tuple(turns), tuple(_voices(segment, floor)))


def chair_turns(hearing: Hearing) -> list[ChairTurn]:
    """Return the interventions of the chairs of the hearing's segments, in order."""
    segments = Segment.objects.filter(meeting__hearing=hearing).prefetch_related("members")
    by_id = {segment.id.hex: segment for segment in segments.select_related("meeting")}
    return [
        ChairTurn(
            segment=segment,
            name=_names(segment).get(held.slot, str(NOT_PUBLISHED)),
            giving=held.giving,
            given_at=clock.from_ms(held.given_at),
            used_ms=held.used_ms,
        )
        for meeting in hearing.meetings.order_by("ordinal")
        for held in floor_of(meeting.pk).history
        if held.role == CHAIR and held.reason in DELIVERING
        if (segment := by_id.get(held.segment))
    ]


def _names(segment: Segment) -> dict[str, str]:
    return {member.id.hex: member.name for member in segment.members.all()}


def _voices(segment: Segment, floor: Floor) -> Iterator[DiscussionVoice]:
    """Yield who was heard in each discussion of a panel, those who spoke longest first."""
    names = _names(segment)
    for talk in floor.discussions:
        if talk.segment != segment.id.hex:
            continue
        heard = floor.voiced_ms.get(talk.opening, {}).items()
        for slot, spoke_ms in sorted(heard, key=lambda voice: (-voice[1], voice[0])):
            if spoke_ms:
                yield DiscussionVoice(
                    segment=segment,
                    name=names.get(slot, str(NOT_PUBLISHED)),
                    opening=talk.opening,
                    opened_at=clock.from_ms(talk.opened_at),
                    spoke_ms=spoke_ms,
                )


def _turn(line: ListedSpeaker, held: Sequence[Intervention]) -> SpeakerOutcome:
    return SpeakerOutcome(
        inscription=line.inscription,
        position=line.position,
        state=line.state,
        reading=line.reading,
        given_at=clock.from_ms(held[0].given_at) if held else None,
        ended_at=clock.from_ms(held[-1].ended_at) if held else None,
        used_ms=sum(intervention.used_ms for intervention in held),
        seq=held[-1].giving if held else 0,
        changeover_ms=held[0].changeover_ms if held else None,
        limit_ms=held[0].limit_ms if held else 0,
    )


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Five figures for each kind of participant; `rows` are pairs of a label and its figures."""

    title: str
    kind: str
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def columns() -> list[str]:
    """Return the labels of the five figures."""
    return [
        _("Registered"),
        _("Asked for the floor"),
        _("Delivered"),
        _("Not reached"),
        _("Statements in writing"),
    ]


@dataclass(frozen=True, slots=True)
class ParticipationFigures:
    """The figures of the whole hearing, and their breakdowns."""

    total: tuple[int, ...]
    breakdowns: tuple[Breakdown, ...]


def figures(hearing: Hearing, outcomes: Sequence[PanelOutcome]) -> ParticipationFigures:
    """Return participation by category, track, region, gender and language: two queries.

    A registration counts once as registered, and once for each panel in the other columns.
    """
    taking_part = list(
        Registration.objects.filter(Registration.taking_part(), hearing=hearing).select_related(
            "organization", "category"
        )
    )
    turns = [turn for outcome in outcomes for turn in outcome.turns if turn.position is not None]
    handed_in = list(
        Statement.objects.filter(
            Registration.taking_part("registration__"),
            hearing_id=hearing.id,
            versions__isnull=False,
        )
        .distinct()
        .select_related("registration__organization", "registration__category", "inscription")
    )
    kinds: list[tuple[str, str, Callable[[Registration, Inscription | None], str]]] = [
        (_("By category"), _("Category"), lambda who, _place: who.category.label),
        (_("By track"), _("Track"), lambda who, _place: hearing.track_label(who.track)),
        (
            _("By region"),
            _("Region"),
            lambda who, _place: regions.name_of(who.organization.country),
        ),
        (_("By gender, where given"), _("Gender"), _gender),
        (_("By language"), _("Language"), _language),
    ]
    whole = _counts(taking_part, turns, handed_in, lambda _who, _place: "")
    breakdowns = [
        Breakdown(title, kind, tuple(_counts(taking_part, turns, handed_in, of)))
        for title, kind, of in kinds
    ]
    unsaid = regions.name_of("")
    return ParticipationFigures(
        total=whole[0][1] if whole else (0,) * len(columns()),
        # A breakdown is left out if no one stated a region or gender.
        breakdowns=tuple(
            breakdown for breakdown in breakdowns if [row[0] for row in breakdown.rows] != [unsaid]
        ),
    )


def _gender(who: Registration, _place: Inscription | None) -> str:
    return str(who.get_gender_display()) if who.gender else regions.name_of("")


def _language(who: Registration, place: Inscription | None) -> str:
    return language_name(place.language if place else who.language)


def _counts(
    taking_part: Iterable[Registration],
    turns: Sequence[SpeakerOutcome],
    handed_in: Iterable[Statement],
    kind: Callable[[Registration, Inscription | None], str],
) -> list[tuple[str, tuple[int, ...]]]:
    def by_state(*states: str) -> Counter[str]:
        return Counter(
            kind(turn.inscription.registration, turn.inscription)
            for turn in turns
            if not states or turn.state in states
        )

    counted = [
        Counter(kind(registration, None) for registration in taking_part),
        by_state(),
        by_state(DELIVERED),
        by_state(NOT_REACHED),
        Counter(kind(statement.registration, statement.inscription) for statement in handed_in),
    ]
    labels = sorted(
        {label for counts in counted for label in counts},
        key=lambda label: (
            -counted[0][label],
            label,
        ),
    )
    return [(label, tuple(counts[label] for counts in counted)) for label in labels]
