"""Inscriptions: places on the lists of speakers, and how they are taken and withdrawn.

Before a panel opens, these rows are its list. From then on each act is made on the floor, whose
events `speakers.projections` writes back to the rows, so that list and floor always agree.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration import entry_types, panel_room
from hemicycle.before.registration.list_phase import ListPhase, floor_in, listed, phase_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import ListRefused, Reason
from hemicycle.before.registration.standing import PlaceState as State
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import Floor, Refused
from hemicycle.procedure import commands as c
from hemicycle.record import floor as floors
from hemicycle.record import writer
from hemicycle.record.compiled import CompiledQuery, insert
from hemicycle.record.writer import Actor, Writer
from hemicycle.ui.refusals import sentence_of

SPENT = frozenset({"delivered", "not_reached"})
"""States of a slot whose turn is over: it can no longer be withdrawn or replaced."""


def inscribe(*, registration: Registration, segment: Segment, actor: Actor) -> Inscription:
    """Put a registration on a panel's list, at the next place of arrival.

    A place that was lost by a refusal is given back when the refusal is reversed. Raises
    `ListRefused` if the panel is full or over, its list is closed, or it has the registration
    already.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        _check_room(registration, segment)
        floor = floor_in(record, segment.meeting_id)
        row = _refused_before(registration, segment, floor)
        kind = entry_types.SPEAKER_INSCRIBED if row is None else entry_types.SPEAKER_REINSTATED
        return _put(record, floor, row or _at_the_end(registration, segment), registration, kind)


class ListEnd:
    """The end of a panel's list for one track, and the floor.

    Both are queried at once and read later, under the lock. It is valid until somebody is added to
    the list.
    """

    def __init__(self, segment: Segment, track: str) -> None:
        self._segment = segment
        self._taken = _last_place.ask(segment=segment.id, track=track)
        self._floor = floors.ask(segment.meeting_id)

    def inscribe(self, record: Writer, registration: Registration) -> Inscription:
        """Put a registration of this turn on the list; the caller has checked for room."""
        row = _new(registration, self._segment, self._taken())
        floor = self._floor()
        known = record.floors.get(self._segment.meeting_id, floor)
        return _put(record, known, row, registration, entry_types.SPEAKER_INSCRIBED)


def _put(
    record: Writer, floor: Floor, row: Inscription, registration: Registration, kind: str
) -> Inscription:
    segment = row.segment
    phase = phase_of(segment, floor)
    if phase is ListPhase.OVER:
        raise ListRefused(_("This panel is over and its list no longer accepts speakers."))
    if phase is ListPhase.OPEN and not floor.list_open:
        raise ListRefused(_("The list of speakers of this panel is closed."))
    row.seq = record.append(kind, _place_body(row)).seq
    row.state = State.UNPROVED if registration.lacks_proof else State.INSCRIBED
    row.arrival = row.arrival or row.seq
    if kind == entry_types.SPEAKER_INSCRIBED:
        insert(row)
    else:
        row.save(update_fields=("seq", "state"))
    if phase is ListPhase.OPEN and registration.takes_part:
        ask(segment, c.AddSlot(listed(registration.hearing, row)), record.actor)
    return row


def join_floor(record: Writer, registration: Registration) -> None:
    """Put a registration that now takes part at the end of the lists that are open on the floor.

    A list that is closed there accepts nobody: the place stays, and is not called.
    """
    for row in on_lists(registration):
        floor = floor_in(record, row.segment.meeting_id)
        is_open = phase_of(row.segment, floor) is ListPhase.OPEN and floor.list_open
        if is_open and row.id.hex not in floor.slots:
            ask(row.segment, c.AddSlot(listed(registration.hearing, row)), record.actor)


def _check_room(registration: Registration, segment: Segment) -> None:
    on_list = Inscription.objects.filter(segment=segment, state=State.INSCRIBED)
    if on_list.filter(registration=registration).exists():
        raise ListRefused(
            _("You are already on the list of speakers of this panel."), Reason.INSCRIBED_ALREADY
        )
    if panel_room.is_full(segment, registration):
        raise panel_room.refusal(segment, registration)


def _refused_before(
    registration: Registration, segment: Segment, floor: Floor
) -> Inscription | None:
    if registration.status != Registration.Status.ACCEPTED:
        return None
    refused = Inscription.objects.filter(
        registration=registration, segment=segment, state=State.REFUSED
    )
    # The floor never takes back a slot that it has released: the return needs a new slot.
    return next((row for row in refused if row.id.hex not in floor.slots), None)


_last_place = CompiledQuery(
    lambda segment, track: (
        Inscription.objects.filter(segment=segment, track=track)
        .order_by("-place")
        .values_list("place")[:1]
    ),
    segment=UUID,
    track=str,
)


def _at_the_end(registration: Registration, segment: Segment) -> Inscription:
    taken = _last_place(segment=segment.id, track=registration.track)
    return _new(registration, segment, taken)


def _new(registration: Registration, segment: Segment, taken: Sequence[tuple[int]]) -> Inscription:
    """Return the next place of arrival, unsaved; `taken` holds the last one, if there is one."""
    last = taken[0][0] if taken else 0
    proved = registration.is_mission and not registration.lacks_proof
    return Inscription(
        hearing_id=registration.hearing_id,
        segment=segment,
        registration=registration,
        track=registration.track,
        delegation=registration.organization_key if proved else "",
        speaker_id=registration.person_id,
        language=registration.language,
        rank=registration.rank,
        arrival=0,
        place=last + 1,
        is_late=registration.is_late,
    )


def _place_body(row: Inscription) -> dict[str, Any]:
    return {
        "inscription": row.id.hex,
        "registration": row.registration_id.hex,
        "segment": row.segment_id.hex,
        "track": row.track,
        "place": row.place,
    }


def withdraw(
    *, inscription: Inscription, actor: Actor, cause: State = State.WITHDRAWN
) -> Inscription:
    """Withdraw a place; a second withdrawal changes nothing.

    `cause` distinguishes a speaker's own withdrawal from the refusal of the registration. Raises
    `ListRefused` once the speaker has spoken, or the panel is over.
    """
    segment = inscription.segment
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        inscription.refresh_from_db()
        if inscription.state != State.INSCRIBED:
            return inscription
        floor = floor_in(record, segment.meeting_id)
        phase = phase_of(segment, floor)
        if phase is ListPhase.OVER:
            raise ListRefused(_("This panel is over, so you can no longer withdraw from it."))
        if phase is ListPhase.OPEN and inscription.id.hex in floor.slots:
            ask(segment, c.WithdrawSlot(inscription.id.hex), actor)
            inscription.refresh_from_db()
        else:
            body = {"inscription": inscription.id.hex, "cause": cause.value}
            record.append(entry_types.SPEAKER_WITHDRAWN, body)
        if inscription.state != cause:  # the floor does not distinguish a refusal from a withdrawal
            inscription.state = cause
            inscription.save(update_fields=["state"])
    return inscription


def replace_speaker(
    *, inscription: Inscription, person: Person, language: str = "", actor: Actor
) -> Inscription:
    """Let another person speak in this place, or the same person in another language.

    The place stays. Raises `ListRefused` if the speaker has the floor, or the turn is over.
    """
    segment = inscription.segment
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        floor = floor_in(record, segment.meeting_id)
        phase = phase_of(segment, floor)
        if phase is ListPhase.OVER:
            raise ListRefused(_("This panel is over, so its speakers can no longer be replaced."))
        if phase is ListPhase.OPEN and inscription.id.hex in floor.slots:
            languages = (language,) if language else ()
            slot = inscription.id.hex
            ask(segment, c.ReplaceSpeaker(slot, person.id.hex, languages), actor)
            inscription.refresh_from_db()
            return inscription
        if language and language != inscription.language:
            body = {"inscription": inscription.id.hex, "language": language}
            record.append(entry_types.SPEAKER_LANGUAGE_CHANGED, body)
            inscription.language = language
        inscription.speaker = person
        inscription.save(update_fields=["speaker", "language"])
    return inscription


def ask(segment: Segment, command: c.Command, actor: Actor, note: str = "") -> None:
    """Send a command to the floor of the segment's meeting. Raises `ListRefused` if it refuses."""
    try:
        floors.act(
            hearing=segment.meeting.hearing_id,
            meeting=segment.meeting_id,
            command=command,
            actor=actor,
            note=note,
        )
    except Refused as refused:
        raise ListRefused(sentence_of(refused)) from refused


_CAUSES: dict[str, State] = {
    Registration.Status.REFUSED: State.REFUSED,
    Registration.Status.LAPSED: State.LAPSED,
}
"""The state of places that are lost, by the status of a registration that was not withdrawn."""


def cause_of(registration: Registration) -> State:
    """Return why the places of a withdrawn or refused registration are withdrawn."""
    return _CAUSES.get(registration.status, State.WITHDRAWN)


# ── All places of one registration ────────────────────────────────────────────────────────────
def withdraw_all(record: Writer, registration: Registration, rows: list[Inscription]) -> None:
    """Withdraw the places `rows` of a registration, except where its turn is over."""
    cause = cause_of(registration)
    for row in rows:
        if is_open(record, row):
            withdraw(inscription=row, actor=record.actor, cause=cause)


def replace_everywhere(record: Writer, registration: Registration, person: Person) -> None:
    """Let another person speak in all places of a registration whose turn is not over."""
    for row in _open_places(record, registration):
        replace_speaker(inscription=row, person=person, actor=record.actor)


def correct_language(record: Writer, registration: Registration) -> None:
    """Set the registration's language for all its places whose turn is not over."""
    for row in _open_places(record, registration):
        if row.language != registration.language:
            replace_speaker(
                inscription=row,
                person=row.speaker,
                language=registration.language,
                actor=record.actor,
            )


def count_from(record: Writer, registration: Registration, seq: int) -> None:
    """Order places by the entry of the mail that asked for them, unless their list has opened."""
    for row in _open_places(record, registration):
        floor = floor_in(record, row.segment.meeting_id)
        if phase_of(row.segment, floor) is ListPhase.BEFORE and seq < row.arrival:
            row.arrival = seq
            row.save(update_fields=["arrival"])
            body = {"inscription": row.id.hex, "arrival": seq}
            record.append(entry_types.SPEAKER_ARRIVED_EARLIER, body)


def _open_places(record: Writer, registration: Registration) -> list[Inscription]:
    return [row for row in on_lists(registration) if is_open(record, row)]


_on_lists = CompiledQuery(
    lambda registration: (
        Inscription.objects.filter(registration=registration, state=State.INSCRIBED)
        .select_related("segment__meeting")
        .order_by("segment__ordinal")
    ),
    registration=UUID,
)


def on_lists(registration: Registration) -> list[Inscription]:
    """Return the places that a registration holds, in the order of the panels; one query."""
    return ask_for_places(registration.id)()


def ask_for_places(registration: UUID) -> Callable[[], list[Inscription]]:
    """Send the query for the places of a registration; return a function that reads them."""
    return _on_lists.ask(registration=registration)


def is_open(record: Writer, row: Inscription) -> bool:
    """Whether the turn of a place is not over, so that it can be withdrawn or changed."""
    floor = floor_in(record, row.segment.meeting_id)
    if phase_of(row.segment, floor) is ListPhase.OVER:
        return False
    slot = floor.slots.get(row.id.hex)
    return slot is None or slot.state not in SPENT


def has_floor(record: Writer, registration: Registration) -> bool:
    """Whether the registration's speaker has the floor now."""
    places = {row.id.hex: row.segment.meeting_id for row in on_lists(registration)}
    holders = (floor_in(record, meeting).holder for meeting in set(places.values()))
    return any(holder is not None and holder.slot in places for holder in holders)
