"""Facts that clocks, connections, seats and the media engine report, and their effects.

A report without news leaves no entry. Facts change only the fields that no undo restores.
"""

from dataclasses import replace
from typing import Any, Literal

from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import Signal, due, unattended, used_ms
from hemicycle.procedure.deciding import Events, decides
from hemicycle.procedure.effects import Changes, Impossible, handles, holding, needed, without
from hemicycle.procedure.refusals import Stale, refuse
from hemicycle.procedure.state import Booth, FeedStop, Floor, Link, Seat

# Decisions.


@decides(c.Tick)
def _tick(floor: Floor, command: c.Tick, now: int) -> Events:
    lowered = tuple(e.SlotReadied(slot, ready=False) for slot in unattended(floor, now))
    signals = due(floor, now)
    if not signals:
        return lowered
    holder = floor.holder or refuse("free")
    made: dict[str, e.Event] = {
        "warned": e.FloorWarned(holder.slot, holder.limit_ms),
        "expired": e.FloorExpired(holder.slot, holder.limit_ms),
        "cut": e.MicrophoneClosed(holder.slot, "limit", holder.limit_ms),
    }
    return (*(made[signal] for signal in signals), *lowered)


@decides(c.Join)
def _join(floor: Floor, command: c.Join, now: int) -> Events:
    if command.person in floor.removed:
        refuse("barred")
    joined = e.ParticipantJoined(command.connection, command.person, command.slot)
    seat = floor.seats.get(command.connection)
    known = seat is not None and (seat.person, seat.slot) == (command.person, command.slot)
    return () if known else (joined,)


@decides(c.Leave)
def _leave(floor: Floor, command: c.Leave, now: int) -> Events:
    known = command.connection in floor.seats
    return (e.ParticipantLeft(command.connection),) if known else ()


@decides(c.Ready)
def _ready(floor: Floor, command: c.Ready, now: int) -> Events:
    known = (command.slot in floor.ready) == command.ready
    return () if known else (e.SlotReadied(command.slot, command.ready),)


@decides(c.ReportMicrophone)
def _report_microphone(floor: Floor, command: c.ReportMicrophone, now: int) -> Events:
    if (command.slot in floor.heard) == command.open:
        return ()
    if command.open:
        return (e.MicrophoneOpened(command.slot, command.at_ms),)
    closed = e.MicrophoneClosed(command.slot, "engine", at_ms=command.at_ms)
    after = replace(floor, heard=floor.heard - {command.slot})
    return (closed, *_stopped_without_line(after, command.slot, command.at_ms or now))


@decides(c.ReportLink)
def _report_link(floor: Floor, command: c.ReportLink, now: int) -> Events:
    changed = e.LinkChanged(
        command.connection, command.person, command.slot, command.state, command.at_ms
    )
    if not _says_something_new(floor, command):
        return ()
    after = replace(floor, links=_links_after(floor, changed, now))
    return (changed, *_stopped_without_line(after, command.slot, command.at_ms or now))


def _stopped_without_line(floor: Floor, slot: str, at: int) -> Events:
    """Return the stop of the clock that the rules demand when the holder has lost the line.

    It is an act, as if pressed: the moderator can continue, or undo it.
    """
    holder = floor.holder
    if floor.rules.without_line != "stop" or holder is None or holder.slot != slot:
        return ()
    if holder.running_since is None or floor.cut or floor.has_line(slot):
        return ()
    return (e.FloorInterrupted(slot, "technical", used_ms(floor, at)),)


def _says_something_new(floor: Floor, command: c.ReportLink) -> bool:
    known = floor.links.get(command.connection)
    if command.state == "down":
        return known is not None
    if command.person in floor.removed:
        return False  # a removed person has no link; the engine is about to close it
    if known is None:
        return command.state != "lost"
    state = "lost" if command.state == "lost" else "up"
    return (known.person, known.slot, known.state) != (command.person, command.slot, state)


@decides(c.ReportVoice)
def _report_voice(floor: Floor, command: c.ReportVoice, now: int) -> Events:
    # The engine reports a voice before it reports that the microphone has closed. Reports about a
    # microphone that is not open, or about times outside the discussion, are ignored.
    last = floor.discussions[-1] if floor.discussions else None
    if last is None or command.slot not in floor.heard or command.slot not in floor.slots:
        return ()
    begin = max(command.from_ms, last.opened_at)
    end = min(command.until_ms, now if last.ended_at is None else last.ended_at)
    return (e.VoiceHeard(command.slot, begin, end),) if begin < end else ()


@decides(c.ReportSound)
def _report_sound(floor: Floor, command: c.ReportSound, now: int) -> Events:
    return (e.SoundMeasured(command.slot, command.loudness_cdb, command.peak_cdb),)


@decides(c.ReportBooth)
def _report_booth(floor: Floor, command: c.ReportBooth, now: int) -> Events:
    changed = e.BoothChanged(
        command.language, command.person, command.output, command.live, command.at_ms
    )
    booth = floor.booths.get(command.language)
    if booth is None:
        return (changed,) if command.live else ()
    said = (command.person, command.output, command.live)
    return () if said == (booth.person, booth.output, booth.live) else (changed,)


@decides(c.ReportSignal)
def _report_signal(floor: Floor, command: c.ReportSignal, now: int) -> Events:
    return (e.BoothSignalled(command.language, command.signal),)


@decides(c.ReportTechnician)
def _report_technician(floor: Floor, command: c.ReportTechnician, now: int) -> Events:
    return (e.TechnicianActed(command.act, command.person, command.connection, command.slot),)


@decides(c.StopFeed)
def _stop_feed(floor: Floor, command: c.StopFeed, now: int) -> Events:
    return () if floor.feed_stopped else (e.FeedStopped(command.person, command.note),)


@decides(c.ResumeFeed)
def _resume_feed(floor: Floor, command: c.ResumeFeed, now: int) -> Events:
    if not floor.feed_stopped:
        return ()
    if command.stop != floor.feed_seq:
        raise Stale
    return (e.FeedResumed(command.stop, command.note),)


# Changes.


@handles(e.FeedStopped)
def _feed_stopped(floor: Floor, seq: int, at: int, event: e.FeedStopped) -> Changes:
    stops = (*floor.feed_stops, FeedStop(at))
    return {"feed_seq": seq, "feed_stopped": True, "feed_stops": stops}


@handles(e.FeedResumed)
def _feed_resumed(floor: Floor, seq: int, at: int, event: e.FeedResumed) -> Changes:
    if not floor.feed_stopped:
        raise Impossible("the public feed is not stopped")
    stops = (*floor.feed_stops[:-1], replace(floor.feed_stops[-1], resumed_at=at))
    return {"feed_seq": seq, "feed_stopped": False, "feed_stops": stops}


@handles(e.ParticipantJoined)
def _joined(floor: Floor, seq: int, at: int, event: e.ParticipantJoined) -> Changes:
    seats = floor.seats.copy()
    seats[event.connection] = Seat(event.person, event.slot)
    return {"seats": seats, "left_at": without(floor, event.slot), **_reached(floor, event.slot)}


@handles(e.ParticipantLeft)
def _left(floor: Floor, seq: int, at: int, event: e.ParticipantLeft) -> Changes:
    seats = floor.seats.copy()
    left = needed(seats.pop(event.connection, None), "such connection")
    slot = left.slot
    changes: Changes = {"seats": seats, **_reached(floor, slot)}
    if slot not in floor.ready or any(seat.slot == slot for seat in seats.values()):
        return changes
    if left.person in floor.removed or floor.phase == "closed":
        return {**changes, "ready": floor.ready - {slot}}
    return {**changes, "left_at": {**floor.left_at, slot: at}}


def _reached(floor: Floor, slot: str) -> Changes:
    """Note that the holder was connected at some time of the holding, if `slot` is the holder."""
    holder = floor.holder
    if holder is None or holder.slot != slot:
        return {}
    return {"reached": floor.reached | {holder.giving}}


@handles(e.SlotReadied)
def _readied(floor: Floor, seq: int, at: int, event: e.SlotReadied) -> Changes:
    one = {event.slot}
    return {
        "ready": floor.ready | one if event.ready else floor.ready - one,
        "left_at": without(floor, event.slot),
    }


@handles(e.MicrophoneOpened)
def _microphone_opened(floor: Floor, seq: int, at: int, event: e.MicrophoneOpened) -> Changes:
    talk = floor.discussion
    discusses = event.slot in floor.slots
    return {
        "heard": floor.heard | {event.slot},
        "reports_lines": True,
        **_reached(floor, event.slot),
        **(
            {"voiced_ms": _voiced(floor, talk.opening, event.slot, 0)} if talk and discusses else {}
        ),
    }


@handles(e.MicrophoneClosed)
def _microphone_closed(floor: Floor, seq: int, at: int, event: e.MicrophoneClosed) -> Changes:
    if event.cause == "engine":
        return {"heard": floor.heard - {event.slot}, **_reached(floor, event.slot)}
    return _signalled(floor, event, "cut")


@handles(e.LinkChanged)
def _link_changed(floor: Floor, seq: int, at: int, event: e.LinkChanged) -> Changes:
    links = _links_after(floor, event, at)
    return {"links": links, "reports_lines": True, **_reached(floor, event.slot)}


def _links_after(floor: Floor, event: e.LinkChanged, at: int) -> dict[str, Link]:
    links = {id: link for id, link in floor.links.items() if id != event.connection}
    if event.state != "down":
        state: Literal["up", "lost"] = "lost" if event.state == "lost" else "up"
        links[event.connection] = Link(event.person, event.slot, state, event.at_ms or at)
    return links


@handles(e.BoothChanged)
def _booth_changed(floor: Floor, seq: int, at: int, event: e.BoothChanged) -> Changes:
    booth = Booth(event.person, event.output, event.live, event.at_ms or at)
    return {"booths": {**floor.booths, event.language: booth}}


@handles(e.VoiceHeard)
def _voice_heard(floor: Floor, seq: int, at: int, event: e.VoiceHeard) -> Changes:
    if not floor.discussions:
        raise Impossible("there was no discussion")
    opening, spoke_ms = floor.discussions[-1].opening, event.until_ms - event.from_ms
    return {"voiced_ms": _voiced(floor, opening, event.slot, spoke_ms)}


def _voiced(floor: Floor, opening: int, slot: str, spoke_ms: int) -> dict[int, dict[str, int]]:
    voiced = floor.voiced_ms.get(opening, {})
    return {**floor.voiced_ms, opening: {**voiced, slot: voiced.get(slot, 0) + spoke_ms}}


@handles(e.SoundMeasured)
@handles(e.BoothSignalled)
@handles(e.TechnicianActed)
def _only_told(floor: Floor, seq: int, at: int, event: e.Event) -> Changes:
    return {}  # for readers of the record; no rule uses it


@handles(e.FloorWarned)
def _warned(floor: Floor, seq: int, at: int, event: e.FloorWarned) -> Changes:
    return _signalled(floor, event, "warned")


@handles(e.FloorExpired)
def _expired(floor: Floor, seq: int, at: int, event: e.FloorExpired) -> Changes:
    return _signalled(floor, event, "expired")


def _signalled(floor: Floor, event: Any, signal: Signal) -> Changes:
    giving = holding(floor, event.slot).giving
    signals = floor.signals.copy()
    signals[giving] = (*signals.get(giving, ()), (signal, event.limit_ms))
    return {"signals": signals}
