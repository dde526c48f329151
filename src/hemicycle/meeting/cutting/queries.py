"""Queries about cuts: for the secretariat's page, for chapters, and for the person concerned."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.cutting import stretches
from hemicycle.meeting.cutting.models import Cut
from hemicycle.meeting.media_machines import recording_folders
from hemicycle.meeting.state.display_names import display_names
from hemicycle.procedure.state import Floor, Slot
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui.times import sortable


@dataclass(frozen=True, slots=True)
class CutRow:
    """A cut as pages show it; `begins` and `ends` are in the hearing's time zone."""

    cut: Cut
    who: str
    begins: str
    ends: str

    @property
    def reason(self) -> str:
        """The label that the recording shows instead of the part."""
        return str(self.cut.get_reason_display())


def rows(hearing: Hearing) -> list[CutRow]:
    """Return the cuts of a hearing, the newest first."""
    found = list(hearing.cuts.select_related("meeting", "hearing").order_by("-ordered_at", "-seq"))
    names = _names([floor_of(meeting.id) for meeting in hearing.meetings.all()])
    return [_row(cut, names.get(cut.slot, "")) for cut in found]


def _row(cut: Cut, who: str) -> CutRow:
    begins, ends = (
        sortable(None if ms is None else clock.from_ms(ms), cut.hearing.zone, seconds=True)
        for ms in (cut.from_ms, cut.to_ms)
    )
    return CutRow(cut, who, begins, ends)


def late(before: datetime) -> Counter[str]:
    """Return, by media machine, how many cuts ordered before a time have not been made."""
    cuts = Cut.objects.filter(done_at=None, ordered_at__lt=before).exclude(to_ms=None)
    folders = recording_folders.machines_of({cut.hearing_id for cut in cuts})
    return Counter(
        machine
        for cut in cuts
        for folder, machine in folders[cut.hearing_id].items()
        if folder not in cut.done_in
    )


def rows_of(hearing: Hearing, slots: set[str]) -> list[CutRow]:
    """Return the cuts of these slots, first to last."""
    found = (
        hearing.cuts.filter(slot__in=slots).select_related("meeting", "hearing").order_by("from_ms")
    )
    return [_row(cut, "") for cut in found]


def would_go_of_slots(hearing: Hearing, slots: set[str]) -> list[CutRow]:
    """Return the cuts that `order_slots` would make, first to last; order nothing."""
    names = _names([floor_of(meeting.id) for meeting in hearing.meetings.all()])
    return [
        _row(_unsaved(stretch), names.get(stretch.slot, ""))
        for stretch in stretches.of_slots(hearing, slots)
    ]


def would_go_of_time(meeting: Meeting, from_ms: int, to_ms: int) -> list[CutRow]:
    """Return the cut that `order_time` would make, with the names of its speakers; times in ms."""
    floor = floor_of(meeting.id)
    names = _names([floor])
    heard = (
        held.slot
        for held in stretches.of_meeting(meeting, floor)
        if held.from_ms < to_ms and (held.to_ms is None or held.to_ms > from_ms)
    )
    who = "; ".join(names[slot] for slot in dict.fromkeys(heard) if slot in names)
    return [_row(_unsaved(stretches.FloorStretch(meeting, "", 0, from_ms, to_ms)), who)]


def _unsaved(stretch: stretches.FloorStretch) -> Cut:
    meeting = stretch.meeting
    return Cut(
        hearing=meeting.hearing, meeting=meeting, from_ms=stretch.from_ms, to_ms=stretch.to_ms
    )


def speakers(hearing: Hearing) -> list[tuple[str, str]]:
    """Return the people who were heard, as (slot, name), in the order of their first turn."""
    floors = {meeting: floor_of(meeting.id) for meeting in hearing.meetings.all()}
    names = _names(list(floors.values()))
    held = (
        stretch.slot
        for meeting, floor in floors.items()
        for stretch in stretches.of_meeting(meeting, floor)
        if stretch.slot
    )
    return [(slot, names.get(slot, "")) for slot in dict.fromkeys(held)]


def _names(floors: list[Floor]) -> dict[str, str]:
    slots: dict[str, Slot] = {}
    for floor in floors:
        for past in floor.past:
            slots |= past.slots
        slots |= floor.slots
    shown = display_names(slots.values())
    return {
        id: " · ".join(filter(None, (name.name, name.organization))) for id, name in shown.items()
    }


def cut_from(meeting: Meeting) -> list[Cut]:
    """Return the parts that are cut, or will be cut, from a meeting's recording, first to last."""
    return list(meeting.cuts.filter(only_text=False).order_by("from_ms"))
