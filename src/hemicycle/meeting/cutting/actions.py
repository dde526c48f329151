"""Order cuts and record their results."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.cutting import entry_types, signals, stretches
from hemicycle.meeting.cutting.models import Cut, CutReason
from hemicycle.meeting.cutting.stretches import TRAIL_MS, FloorStretch
from hemicycle.meeting.media_machines import leases, recording_folders
from hemicycle.record import clock, writer
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Actor, Writer

MEDIA = Actor.system("media")
LONGEST_TRAIL_MS = 60_000
HOUR_MS = 3_600_000
LONGEST_MS = 24 * HOUR_MS


class CutRefused(Exception):
    """The part cannot be cut; `str()` says why, in the reader's language."""


def order_slots(
    *,
    hearing: Hearing,
    slots: set[str],
    reason: CutReason,
    actor: Actor,
    trail_ms: int = TRAIL_MS,
    only_text: bool = False,
    person: str = "",
) -> list[Cut]:
    """Cut everything that these slots have said out of every recording; return the orders.

    With `person`, also cut points of order that this person raised without a place on a list.
    Repeating the call changes nothing.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        found = [*stretches.of_slots(hearing, slots), *stretches.of_person(hearing, person)]
        return [order(record, hearing, one, reason, trail_ms, only_text=only_text) for one in found]


def order_time(
    *,
    hearing: Hearing,
    meeting: Meeting,
    from_ms: int,
    to_ms: int,
    reason: CutReason,
    actor: Actor,
    trail_ms: int = TRAIL_MS,
) -> Cut:
    """Cut a stretch of time (ms since the Unix epoch) out of a meeting's recording.

    Returns the existing order if there is one for the same times. Raises `CutRefused`.
    """
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise CutRefused(_("The end is before the start. Correct one of the times."))
    with writer.writing(hearing.id, actor=actor) as record:
        same = Cut.objects.filter(meeting=meeting, from_ms=from_ms, to_ms=to_ms, slot="")
        if (known := same.first()) is not None:
            return known
        stretch = FloorStretch(meeting, "", 0, from_ms, to_ms)
        return order(record, hearing, stretch, reason, trail_ms)


def order_all(*, hearing: Hearing, actor: Actor) -> list[Cut]:
    """Cut everything out of all recordings of a hearing; return the new orders."""
    with writer.writing(hearing.id, actor=actor) as record:
        known = set(
            Cut.objects.filter(hearing=hearing, reason=CutReason.RETENTION).values_list(
                "meeting", flat=True
            )
        )
        made = []
        for meeting in hearing.meetings.all():
            floor = floor_of(meeting.id)
            if floor.phase != "not_opened" and meeting.id not in known:
                # A meeting that nobody closed may have continued after its last event, for example
                # when a hearing ended early.
                ends = floor.at + HOUR_MS if floor.phase == "closed" else clock.now_ms()
                stretch = FloorStretch(meeting, "", 0, 0, ends)
                made.append(order(record, hearing, stretch, CutReason.RETENTION, 0))
        return made


def order(
    record: Writer,
    hearing: Hearing,
    stretch: FloorStretch,
    reason: CutReason,
    trail_ms: int = TRAIL_MS,
    *,
    only_text: bool = False,
) -> Cut:
    """Order one cut, or return the existing order."""
    meeting = stretch.meeting
    if stretch.giving:
        known = Cut.objects.filter(
            meeting=meeting, slot=stretch.slot, giving=stretch.giving, only_text=only_text
        )
        if (found := known.first()) is not None:
            return found
    cut = Cut(
        hearing=hearing,
        meeting=meeting,
        slot=stretch.slot,
        giving=stretch.giving,
        from_ms=stretch.from_ms,
        to_ms=stretch.to_ms,
        trail_ms=min(trail_ms, LONGEST_TRAIL_MS),
        only_text=only_text,
        reason=reason,
        ordered_at=clock.now(),
    )
    if stretch.giving and not only_text:
        cut.id = id_of(meeting.id, stretch.slot, stretch.giving)
    body = {
        "cut": cut.id.hex,
        "meeting": meeting.id.hex,
        "slot": cut.slot,
        "from_ms": cut.from_ms,
        "to_ms": cut.to_ms or 0,
        "trail_ms": cut.trail_ms,
        "reason": str(cut.reason),
        "only_text": cut.only_text,
    }
    cut.seq = record.append(entry_types.CUT, body).seq
    cut.save(force_insert=True)
    signals.cut_ordered.send(record, cut)
    return cut


def id_of(meeting: UUID, slot: str, giving: int) -> UUID:
    """Return the id of the cut of one holding of the floor, derived from the holding itself."""
    return uuid5(meeting, f"{slot}:{giving}")


def close_open() -> None:
    """Set the end of each open cut whose speaker no longer has the floor."""
    for cut in Cut.objects.filter(to_ms=None).select_related("hearing", "meeting"):
        floor = floor_of(cut.meeting_id)
        held = {one.giving: one.to_ms for one in stretches.of_meeting(cut.meeting, floor)}
        # If the giving of the floor was undone, cut everything said until then.
        end = held.get(cut.giving, max(floor.at, cut.from_ms))
        if end is not None:
            changed: dict[str, Any] = {"to_ms": end, "done_at": None, "done_in": []}
            Cut.objects.filter(pk=cut.pk, to_ms=None).update(**changed)


# ── The media engine ──────────────────────────────────────────────────────────────────────────
def ordered(machine: str = "", folder: str = "") -> list[dict[str, Any]]:
    """Return the cuts that an engine must still make in its folder (docs/media.md)."""
    close_open()
    cuts = Cut.objects.filter(done_at=None).order_by("ordered_at", "id")
    if machine:
        hearings = {cut.hearing_id for cut in cuts}
        for hearing in hearings - recording_folders.machines_of(hearings).keys():
            settle(hearing)
    with override("en"):
        return [
            {
                "hearing": cut.hearing_id.hex,
                "meeting": cut.meeting_id.hex,
                "order": _told(cut),
            }
            for cut in cuts
            if folder not in cut.done_in
            if recording_folders.cuts_here(cut.hearing_id, machine, folder)
        ]


def _told(cut: Cut) -> dict[str, Any]:
    return {
        "cut": cut.id.hex,
        "from_ms": cut.from_ms,
        "to_ms": cut.to_ms,
        "trail_ms": cut.trail_ms,
        "reason": str(cut.reason),
        "title": str(CutReason(cut.reason).label),
        "only_text": cut.only_text,
    }


def report(
    *,
    hearing: UUID,
    order: Mapping[str, Any],
    done: bool,
    machine: str = "",
    folder: str = "",
    epoch: int | None = None,
) -> None:
    """Record the result of a cut that the engine reports. An order that has changed stays open.

    `epoch` is None for an engine that does not run the hearing. Raises `StaleEpoch`.
    """
    asked = Cut.objects.filter(hearing=hearing, pk=UUID(hex=order["cut"]), done_at=None)
    with writer.writing(hearing, actor=MEDIA) as record:
        if epoch is not None:
            leases.check_epoch(hearing, epoch)
        cut = asked.select_related("hearing", "meeting").first()
        if cut is None or cut.to_ms != order["to_ms"]:
            return
        if cut.has_no_room == done:
            cut.has_no_room = not done
            cut.save(update_fields=["has_no_room"])
        if done and cut.to_ms is not None:
            cut.done_in = sorted({*cut.done_in, folder})
            cut.save(update_fields=["done_in"])
            if not machine or recording_folders.of(hearing) <= set(cut.done_in):
                _done(record, cut)


def settle(hearing: UUID, *, actor: Actor = MEDIA) -> int:
    """Record as done those cuts that were made in each folder with recordings; return their number.

    Used when a folder of a hearing no longer exists, or when no machine has recordings of it.
    """
    waiting = Cut.objects.filter(hearing=hearing, done_at=None).exclude(to_ms=None)
    with writer.writing(hearing, actor=actor) as record:
        folders = recording_folders.of(hearing)
        made = [
            cut
            for cut in waiting.select_related("hearing", "meeting")
            if folders <= set(cut.done_in)
        ]
        for cut in made:
            _done(record, cut)
    return len(made)


def _done(record: Writer, cut: Cut) -> None:
    cut.done_at = clock.now()
    cut.save(update_fields=["done_at"])
    body = {"cut": cut.id.hex, "slot": cut.slot, "from_ms": cut.from_ms, "to_ms": cut.to_ms or 0}
    record.append(entry_types.CUT_DONE, body)
    signals.cut_done.send(record, cut)
