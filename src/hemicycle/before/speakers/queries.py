"""Queries of the lists of speakers, for pages, exports and the room.

Every query function takes the same number of queries, however long the list is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from django.db.models import F, Q

from hemicycle.before.readers.queries import ReaderCredit, readings
from hemicycle.before.registration import covering
from hemicycle.before.registration.demand import Demand, demand, panellists, presentations_ms
from hemicycle.before.registration.list_phase import ListPhase, listed, phase_of, slots_of
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.before.registration.names import search_key
from hemicycle.before.registration.standing import PlaceStanding, RegistrationStanding
from hemicycle.before.speakers.models import Move
from hemicycle.before.speakers.ordering import arranged
from hemicycle.before.speakers.panel_rules import floor_rules, panels
from hemicycle.before.speakers.rules import rule_or_default
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.people.public_identity import PublicIdentity
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.hearing.setup.public_delay import public_floor
from hemicycle.procedure import Floor, Listed, Slot
from hemicycle.procedure.forecast import PRIOR, Expectation, Habits, Outlook, forecast, foresee
from hemicycle.procedure.state import CHAIR
from hemicycle.record import clock
from hemicycle.record.floor import floor_of, other_floors
from hemicycle.record.models import Entry, Note
from hemicycle.ui.languages import language_name

MINUTE_MS = 60_000
PANEL_TRACK = "panel"
"""The floor's name for the track of panellists, who are not on any list."""

WORDS = {"will_not_be_reached": "unreachable"}
"""Statuses of the forecast that have another name on pages."""


@dataclass(frozen=True, slots=True)
class MoveSummary:
    """A move as pages show it; `balance` as its row stores it (`models.Move`)."""

    by: str
    at: datetime
    reason: str
    before: Inscription | None
    balance: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """When a speaker will have the floor, to the minute; `chance` is in %.

    The range holds 80 % of outcomes; it is rounded outwards, so that it does not promise more.
    """

    earliest: datetime
    expected: datetime
    latest: datetime
    chance: int
    status: str

    @classmethod
    def of(cls, one: Expectation) -> "Expected":
        """Return an expectation of the procedure, in datetimes."""
        return cls(
            earliest=clock.from_ms(one.earliest // MINUTE_MS * MINUTE_MS),
            expected=clock.from_ms(round(one.expected / MINUTE_MS) * MINUTE_MS),
            latest=clock.from_ms(-(-one.latest // MINUTE_MS) * MINUTE_MS),
            chance=one.chance,
            status=WORDS.get(one.status, one.status),
        )


@dataclass(frozen=True)
class ListedSpeaker:
    """An inscription as a line of its list.

    `position` counts the lines on the list from 1; it is None for a line that is not on the list.
    `ahead` is how many speakers come before and have not finished. `state` is that of the
    inscription, or of its slot once the panel has opened.
    """

    inscription: Inscription
    position: int | None
    ahead: int
    state: str
    moves: tuple[MoveSummary, ...] = ()
    expected: Expected | None = None
    reading: ReaderCredit | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether the place is kept although its registration does not take part yet."""
        row = self.inscription
        return row.is_kept and row.registration.is_live and not row.registration.takes_part

    @property
    def balance(self) -> Mapping[str, Any] | None:
        """What the last accepted proposal said about moving this speaker; None without a move."""
        return next((move.balance for move in reversed(self.moves) if move.balance), None)

    @property
    def organization(self) -> str:
        """The name of the organization that speaks."""
        return self.inscription.registration.organization.name

    @property
    def public_organization(self) -> str:
        """The public name of the organization, which is the alias if there is one."""
        return self.public.first

    @property
    def public_speaker(self) -> str:
        """The public name of the speaker; empty beside an alias."""
        return self.public.person

    @property
    def public(self) -> PublicIdentity:
        """The public identity of the speaker."""
        return self.inscription.registration.public_identity(self.inscription.speaker)

    @property
    def public_joined_by(self) -> list[str]:
        """The public names of the organizations that join.

        The list is empty beside an alias: the names would identify the speaker.
        """
        return [] if self.public.is_alias else [one.public_organization for one in self._joined]

    @property
    def language(self) -> str:
        """The name of the intervention's language, in the reader's language."""
        return language_name(self.inscription.language)

    @cached_property
    def joined_by(self) -> list[str]:
        """The organizations that have agreed to join the intervention."""
        return [one.organization_name for one in self._joined]

    @property
    def _joined(self) -> list[CoSigner]:
        asked = self.inscription.registration.co_signers.all()
        return [one for one in asked if one.state == CoSigner.State.CONSENTED]


@dataclass(frozen=True, slots=True)
class BareRegistration(RegistrationStanding):
    """The columns of a registration that determine its status."""

    status: str
    kind: str
    vouched_by: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BarePlace(PlaceStanding):
    """The columns of an inscription by which a list is ordered and forecast."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        *("pk", "track", "arrival", "rank", "state", "language", "speaker"),
        *("registration__" + name for name in ("status", "kind", "vouched_by", "confirmed_at")),
    )

    pk: UUID
    track: str
    arrival: int
    rank: int
    state: str
    language: str
    speaker_id: UUID
    registration: BareRegistration = field(kw_only=True)

    @classmethod
    def of(cls, *columns: Any) -> Self:
        """Return the row for the values of `COLUMNS`."""
        *own, status, kind, vouched_by, confirmed_at = columns
        registration = BareRegistration(status, kind, vouched_by, confirmed_at)
        return cls(*own, registration=registration)

    @property
    def id(self) -> UUID:
        """The same as `pk`."""
        return self.pk


@dataclass(frozen=True, slots=True)
class SpeakerList:
    """A panel's list: the lines in order, followed by withdrawn ones."""

    segment: Segment
    where: ListPhase
    lines: tuple[ListedSpeaker, ...]
    demand: Demand
    outlook: Outlook

    @property
    def on_list(self) -> tuple[ListedSpeaker, ...]:
        """The lines that are on the list."""
        return tuple(line for line in self.lines if line.position is not None)

    def line_of(self, inscription: UUID) -> ListedSpeaker | None:
        """Return the line of an inscription; None if it is not on this list."""
        return next((line for line in self.lines if line.inscription.pk == inscription), None)


def panel(hearing: Hearing, pk: UUID) -> Segment | None:
    """Return a panel of the hearing with its related rows; None for another hearing's."""
    return panels(hearing).filter(pk=pk).first()


def listing(segment: Segment, floor: Floor | None = None, *, is_bare: bool = False) -> SpeakerList:
    """Return a panel's list with its moves and forecasts.

    `floor` is the meeting's present floor; without it, the floor is read. A bare list has only the
    order and the states: call `filled` for the lines that will be shown. For thousands of speakers
    this makes a slow page quick.
    """
    rows = _bare_rows(segment) if is_bare else _rows(segment)
    moves = list(Move.objects.filter(inscription__segment=segment).select_related("moved_by"))
    floor = floor or floor_of(segment.meeting_id)
    where = phase_of(segment, floor)
    slots = slots_of(segment, floor)
    order = _order(segment, rows, moves, slots, where)
    outlook = _outlook(segment, rows, order, floor, where)
    told = {} if is_bare else _told(segment, moves, rows)
    lines = _lines(rows, order, slots, told, outlook, is_bare=is_bare)
    inscribed = sum(line.position is not None for line in lines)
    return SpeakerList(segment, where, lines, demand(segment, inscribed), outlook)


def filled(listing: SpeakerList, wanted: Collection[UUID]) -> SpeakerList:
    """Return a bare list with all data of the inscriptions that are `wanted`.

    The number of queries does not depend on the number of lines.
    """
    moves = list(
        Move.objects.filter(inscription__in=wanted, inscription__segment=listing.segment)
        .select_related("moved_by")
        .order_by("seq")
    )
    pks = {*wanted, *(move.before_id for move in moves if move.before_id)}
    rows = {row.pk: row for row in _rows(listing.segment, pks)}
    told = _told(listing.segment, moves, list(rows.values()))
    read = readings(wanted)
    ids = {pk.hex for pk in wanted}
    expected = {
        one.slot: Expected.of(one) for one in listing.outlook.expectations if one.slot in ids
    }

    def known(line: ListedSpeaker) -> ListedSpeaker:
        pk = line.inscription.pk
        if pk not in wanted or pk not in rows:
            return line
        line = replace(line, inscription=rows[pk], moves=told.get(pk, ()))
        if line.position is None:
            return line
        return replace(line, expected=expected.get(pk.hex), reading=read.get(pk))

    return replace(listing, lines=tuple(map(known, listing.lines)))


def cover(lines: Iterable[ListedSpeaker]) -> None:
    """Replace names by aliases in filled lines, and in the moves that they mention."""
    for line in lines:
        if not isinstance(cast("object", line.inscription), BarePlace):
            named = [line.inscription, *(move.before for move in line.moves if move.before)]
            covering.cover_places(named, as_organization=True)


def having(segment: Segment, words: str, *, by_real_names: bool = True) -> frozenset[UUID]:
    """Return the inscriptions in a panel that contain all of `words`, in any case and accents.

    The search covers names of organizations, speakers and those who join, addresses and references.
    It takes three queries, whatever the length of the list and the number of words. Without
    `by_real_names`, somebody with an alias is found only by the alias and the reference.
    """
    wanted = search_key(words).split()
    folded = _folded_names(segment, by_real_names=by_real_names)
    named = Q() if by_real_names else Q(registration__alias="")
    condition = Q()
    for word in wanted:
        others = [pk for pk, text in folded.items() if word in text]
        public = Q(registration__alias__icontains=word)
        public |= Q(registration__reference__icontains=word)
        found = Q(registration__search_key__contains=word) & named
        condition &= found | public | Q(pk__in=others)
    rows = Inscription.objects.filter(condition, segment=segment)
    return frozenset(rows.order_by().values_list("pk", flat=True))


def _folded_names(segment: Segment, *, by_real_names: bool) -> dict[UUID, str]:
    """Return case-folded names that are not in a registration's search key; few places have any.

    They are the organizations that join, and speakers who were replaced.
    """
    rows = Inscription.objects.filter(segment=segment).order_by()
    agreed = Q(registration__co_signers__state=CoSigner.State.CONSENTED)
    if not by_real_names:
        rows = rows.filter(registration__alias="")
        agreed &= Q(registration__co_signers__alias="")
    joined = rows.filter(agreed)
    former = rows.exclude(speaker=F("registration__person"))
    names: dict[UUID, list[str]] = defaultdict(list)
    for pk, name in joined.values_list("pk", "registration__co_signers__organization_name"):
        names[pk].append(name)
    for pk, *own in former.values_list("pk", "speaker__name", "speaker__title"):
        names[pk].extend(own)
    return {pk: search_key(*said) for pk, said in names.items()}


def list_of_speakers(segment: Segment) -> tuple[ListedSpeaker, ...]:
    """Return the speakers on a panel's list, in the order in which they are called."""
    return listing(segment).on_list


def public_list(segment: Segment) -> tuple[ListedSpeaker, ...]:
    """Return the list of speakers as the public knows it, which may be delayed."""
    return listing(segment, public_floor(segment.meeting)).on_list


def waiting_for(*segments: Segment) -> list[Waiting]:
    """Return the requests that wait for a place on full lists, by arrival: one query."""
    rows = Waiting.objects.filter(
        segment__in=segments, registration__status__in=Registration.PLACED
    )
    return list(
        rows.select_related(
            "registration__organization", "registration__person", "registration__category"
        )
    )


def slots_for_floor(segment: Segment) -> tuple[Listed, ...]:
    """Return what the floor gets when a panel opens: chairs, panellists, then the list of speakers.

    Call this inside the hearing's transaction (`writer.writing`), so that nobody joins or leaves in
    between.
    """
    rows = _rows(segment)
    moves = list(Move.objects.filter(inscription__segment=segment))
    order = _order(segment, rows, moves, (), ListPhase.BEFORE)
    return _listed(segment, rows, order)


def forecast_before(segment: Segment) -> Outlook:
    """Return the forecast for a panel that has not opened, from the times of the programme."""
    slots = slots_for_floor(segment)
    return _foreseen(segment, slots, floor_of(segment.meeting_id))


def order_under(segment: Segment, merge: dict[str, object]) -> tuple[ListedSpeaker, ...]:
    """Return the list as another rule would merge it, with its moves, as a preview."""
    rows = _rows(segment)
    moves = [(move.inscription_id, move.before_id) for move in _moves(segment)]
    order = arranged(rows, rule_or_default(merge), moves)
    return tuple(line for line in _lines(rows, order, (), {}, None) if line.position is not None)


def _rows(segment: Segment, only: Collection[UUID] | None = None) -> list[Inscription]:
    rows = Inscription.objects.filter(segment=segment).select_related(
        "speaker", "registration__organization", "registration__category"
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    return list(rows.prefetch_related("registration__co_signers"))


def _bare_rows(segment: Segment) -> list[Inscription]:
    if segment.meeting.hearing.joint_limit_s is not None:  # co-signers affect the speaking time
        return _rows(segment)
    rows = Inscription.objects.filter(segment=segment).values_list(*BarePlace.COLUMNS)
    # A bare row has only the columns for its order and state; access to others raises an error.
    return [cast("Inscription", BarePlace.of(*row)) for row in rows]


def _moves(segment: Segment) -> list[Move]:
    return list(Move.objects.filter(inscription__segment=segment))


def _order(
    segment: Segment,
    rows: list[Inscription],
    moves: list[Move],
    slots: tuple[Slot, ...],
    where: ListPhase,
) -> tuple[str, ...]:
    if where is ListPhase.BEFORE or not slots:
        rule = rule_or_default(segment.meeting.hearing.merge)
        return arranged(rows, rule, [(move.inscription_id, move.before_id) for move in moves])
    return tuple(slot.id for slot in slots if slot.state != "withdrawn")


def _listed(
    segment: Segment, rows: Iterable[Inscription], order: tuple[str, ...]
) -> tuple[Listed, ...]:
    by_id, hearing = {row.id.hex: row for row in rows}, segment.meeting.hearing
    presenting = tuple(
        Listed(
            id=member.id.hex,
            track=PANEL_TRACK,
            person=member.person_id.hex if member.person_id else "",
            role="panellist",
            limit_ms=member.limit_s * 1000,
        )
        for member in panellists(segment)
    )
    presiding = tuple(
        Listed(
            id=member.id.hex,
            track=PANEL_TRACK,
            person=member.person_id.hex if member.person_id else "",
            role=CHAIR,
            limit_ms=None if segment.chair_limit_s is None else segment.chair_limit_s * 1000,
        )
        for member in segment.members.all()
        if member.role == member.CHAIR
    )
    by_name = tuple(
        Listed(
            id=member.id.hex,
            track=PANEL_TRACK,
            person=member.person_id.hex if member.person_id else "",
        )
        for member in segment.members.all()
        if member.role == Role.SPEAKER
    )
    return (*presiding, *presenting, *(listed(hearing, by_id[one]) for one in order), *by_name)


def _outlook(
    segment: Segment,
    rows: list[Inscription],
    order: tuple[str, ...],
    floor: Floor,
    where: ListPhase,
) -> Outlook:
    if where is ListPhase.BEFORE:
        return _foreseen(segment, _listed(segment, rows, order), floor)
    if where is ListPhase.OPEN:
        return forecast(
            floor, clock.now_ms(), earlier_habits(segment.meeting.hearing_id, segment.meeting_id)
        )
    return foresee((), floor_rules(segment.meeting.hearing), 0, 0)


def earlier_habits(hearing: UUID, meeting: UUID) -> Habits:
    """Return the habits that a hearing's other meetings have shown so far; one query."""
    habits = PRIOR
    for floor in other_floors(hearing, meeting):
        habits = habits.after(floor.history, floor.passed_over)
    return habits


def _foreseen(segment: Segment, slots: tuple[Listed, ...], floor: Floor) -> Outlook:
    """Return the forecast before a panel opens.

    A panel cannot open in the past, nor before the end that is set for the segment that is open
    now.
    """
    named = sum(member.limit_s for member in panellists(segment)) * 1000
    kept = presentations_ms(segment) - named  # for panellists who have not been named yet
    starts, ends = clock.to_ms(segment.starts_at), clock.to_ms(segment.ends_at)
    free_at = floor.segment.ends_at if floor.segment and floor.segment_open else starts
    begins = max(starts, free_at, clock.now_ms())
    habits = earlier_habits(segment.meeting.hearing_id, segment.meeting_id).after(
        floor.history, floor.passed_over
    )
    return foresee(slots, floor_rules(segment.meeting.hearing), begins + kept, ends, habits)


def _lines(
    rows: list[Inscription],
    order: tuple[str, ...],
    slots: tuple[Slot, ...],
    told: dict[UUID, tuple[MoveSummary, ...]],
    outlook: Outlook | None,
    *,
    is_bare: bool = False,
) -> tuple[ListedSpeaker, ...]:
    by_id = {row.id.hex: row for row in rows}
    states = {slot.id: slot.state for slot in slots}
    expectations = outlook.expectations if outlook and not is_bare else ()
    expected = {one.slot: Expected.of(one) for one in expectations}
    read = {} if is_bare else readings(row.pk for row in rows)
    lines: list[ListedSpeaker] = []
    ahead = 0
    for one in order:
        if (row := by_id.pop(one, None)) is None:
            continue  # a panellist, who is not on the list
        state = states.get(one, row.state)
        lines.append(
            ListedSpeaker(
                row,
                len(lines) + 1,
                ahead,
                state,
                told.get(row.pk, ()),
                expected.get(one),
                read.get(row.pk),
            )
        )
        ahead += state in ("inscribed", "waiting", "speaking")
    gone = (
        ListedSpeaker(row, None, 0, _why_gone(row), told.get(row.pk, ())) for row in by_id.values()
    )
    return (*lines, *gone)


def _why_gone(row: Inscription) -> str:
    registration = row.registration
    if row.state != Inscription.State.INSCRIBED or registration.takes_part:
        return row.state
    waits = registration.is_live and not registration.is_confirmed
    return "unconfirmed" if waits else registration.status


def _told(
    segment: Segment, moves: list[Move], rows: list[Inscription]
) -> dict[UUID, tuple[MoveSummary, ...]]:
    if not moves:
        return {}
    by_id = {row.pk: row for row in rows}
    words = dict(
        Note.objects.filter(key__in={move.reason for move in moves}).values_list("key", "text")
    )
    hearing = segment.meeting.hearing_id
    times = dict(
        Entry.objects.filter(hearing=hearing, seq__in={move.seq for move in moves}).values_list(
            "seq", "at"
        )
    )
    told: dict[UUID, list[MoveSummary]] = defaultdict(list)
    for move in moves:
        told[move.inscription_id].append(
            MoveSummary(
                by=move.moved_by.name if move.moved_by else "",
                at=clock.from_ms(times[move.seq]),
                reason=words.get(move.reason, ""),
                before=by_id.get(move.before_id) if move.before_id else None,
                balance=move.balance,
            )
        )
    return {one: tuple(moved) for one, moved in told.items()}
