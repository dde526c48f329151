"""The effects of a change: of time, of connections, and of the booths themselves."""

from dataclasses import replace

from hemicycle.engine.booths.state import (
    BoothEffect,
    Booths,
    BoothState,
    ReportFact,
    SendEvent,
    SetCough,
    SwitchChannel,
    SwitchVoice,
)
from hemicycle.procedure.channels import settle
from hemicycle.procedure.commands import ReportBooth

RETURN_MS = 60_000
"""How long the microphone is kept for an interpreter who has lost the connection."""

COUGH_MS = 20_000
ENDING_MS = 15_000
PAUSE_MS = 1_500
"""A booth that is silent for longer is no longer speaking, in ms."""

type Transition = tuple[Booths, tuple[BoothEffect, ...]]
type Outgoing = list[SendEvent | ReportFact]


def transition(before: Booths, after: Booths, outgoing: Outgoing, now: int) -> Transition:
    """Apply timeouts and connection changes to `after`; return the new state and its effects."""
    booths: dict[str, BoothState] = {}
    for language, booth in after.booths.items():
        settled, more = _settled(after, booth, now)
        booths[language] = settled
        outgoing += more
    then = replace(after, booths=booths)
    for language, booth in booths.items():
        if report := _report(then, booth, now):
            outgoing.append(ReportFact(report))
            live = (report.person, report.output) if report.live else None
            booths[language] = replace(booth, reported=live)
    then = replace(then, booths=booths)
    return then, (*_voices(before, then), *_coughs(before, then), *_ears(before, then), *outgoing)


def _settled(state: Booths, booth: BoothState, now: int) -> tuple[BoothState, list[SendEvent]]:
    outgoing: list[SendEvent] = []
    for rule in (_connection, _lapse, _breath):
        booth, what = rule(state, booth, now)
        outgoing += [handover(booth, what)] if what else []
    return booth, outgoing


def _connection(state: Booths, booth: BoothState, now: int) -> tuple[BoothState, str]:
    """Note that the holder has lost the connection, is back, or has been away for too long."""
    if not booth.holder:
        return booth, ""
    if state.voice_of(booth.language, booth.holder):
        if booth.left_at is None:
            return booth, ""
        return replace(booth, left_at=None, restored=False), "back"
    if booth.left_at is None:
        return replace(booth, left_at=now, offer=None, coughing_since=None), "lost"
    if now - booth.left_at < RETURN_MS:
        return booth, ""
    return replace(booth, holder="", since=0, left_at=None, restored=False), ""


def _lapse(state: Booths, booth: BoothState, now: int) -> tuple[BoothState, str]:
    """Drop an offer that has expired, or whose maker or partners are all disconnected."""
    if booth.offer is None:
        return booth, ""
    if booth.offer.until <= now:
        return replace(booth, offer=None), "expired"
    heard = {
        session.person
        for session in state.sessions.values()
        if state.voice_of(booth.language, session.person)
    }
    stands = booth.offer.person in heard and len(heard) > 1
    return (booth, "") if stands else (replace(booth, offer=None), "vanished")


def _breath(state: Booths, booth: BoothState, now: int) -> tuple[BoothState, str]:
    """End a cough after `COUGH_MS`, and a booth's work on the previous speaker."""
    if booth.coughing_since is not None and now - booth.coughing_since >= COUGH_MS:
        booth = replace(booth, coughing_since=None)
    late = state.holding != 0 and now - state.given_at >= ENDING_MS
    if booth.ended_at is not None and (late or not speaks(state, booth, now)):
        booth = replace(booth, ended_at=None)
    return booth, ""


def speaks(state: Booths, booth: BoothState, now: int) -> bool:
    """Return whether the booth is live and was heard to speak recently."""
    return bool(state.voice(booth.language)) and now - booth.spoke_at < PAUSE_MS


def _report(state: Booths, booth: BoothState, now: int) -> ReportBooth | None:
    live = bool(state.voice(booth.language))
    said = (booth.holder, booth.output) if live else None
    if said == booth.reported or booth.restored:
        return None
    person, output = said or booth.reported or ("", "")
    return ReportBooth(booth.language, person, output, live, now)


def _voices(before: Booths, after: Booths) -> list[SwitchVoice]:
    changed = [
        language for language in after.languages if after.voice(language) != before.voice(language)
    ]
    return [SwitchVoice(language, after.voice(language) or None) for language in changed]


def _coughs(before: Booths, after: Booths) -> list[SetCough]:
    was, now = _coughing(before), _coughing(after)
    return [
        SetCough(session, session in now)
        for session in sorted(was ^ now)
        if session in after.sessions
    ]


def _coughing(state: Booths) -> set[str]:
    coughing = [
        booth.language for booth in state.booths.values() if booth.coughing_since is not None
    ]
    return {session for language in coughing if (session := state.voice(language))}


def _ears(before: Booths, after: Booths) -> list[SwitchChannel]:
    old, new = settle(before.situation()), settle(after.situation())
    return [
        SwitchChannel(session.session, new[session.booth].channel)
        for session in after.sessions.values()
        if session.use == "listen" and session.booth
        if session.session not in before.sessions
        or old[session.booth].channel != new[session.booth].channel
    ]


def handover(booth: BoothState, what: str, name: str = "") -> SendEvent:
    """Return the event that informs a booth about an offer or the holder's connection."""
    return SendEvent(f"booth:{booth.language}", "handover", {"what": what, "name": name})
