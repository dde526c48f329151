"""The booths of a hearing: who has the microphone, what they hear, and their messages. Pure.

A booth has two or three interpreters. At most one of them has its microphone, and while they are
connected only their own action gives it to somebody else:

* A press takes the microphone of a silent booth. If the partner has it, an *offer* is needed, which
  either side makes (to give it, or to ask for it) and the other accepts, declines, or lets expire
  after half a minute. Accepting is one step from one live voice to the other; there is no state in
  between, so no listener hears one.
* A holder who loses the connection keeps the microphone for a minute: the booth is silent, and an
  event informs the partner, who may take it at once. If nobody has taken it when the holder is
  back, they are live again without a press. After a restart of the engine the same holds for the
  interpreter who was live by the record.
* A cough silences the voice while the key is held, and never for longer than `COUGH_MS`, because
  the release of a key can be lost on its way.
* A booth continues for a while after its speaker has ended. It is *ending* while it is heard to
  speak, until it pauses, or until the next speaker has spoken for `ENDING_MS`.

Every event is a function from the old state of the booths to the new one, and the effects follow
from the difference between the two alone (`effects`). What each channel carries is not an effect:
the plan compares `carries` with what is carried out. Times are ms since the Unix epoch.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hemicycle.engine.booths.effects import Outgoing, Transition, handover, speaks, transition
from hemicycle.engine.booths.state import (
    DESKS,
    BoothMessage,
    Booths,
    BoothSession,
    BoothState,
    MicrophoneOffer,
    ReportFact,
    SendEvent,
    refuse,
)
from hemicycle.procedure import channels
from hemicycle.procedure.channels import FLOOR, Carried
from hemicycle.procedure.commands import ReportSignal
from hemicycle.procedure.state import Booth as Reported

OFFER_MS = 30_000
SIGNAL_MS = 15_000
SIGNAL_AGAIN_MS = 3_000
"""A signal that is repeated within this time, in ms, is the same press."""

SPEAKING_DB = -45.0
"""A voice louder than this (dBFS) counts as speaking."""

ANOTHER = "und"
"""The tag for a language that is none of the hearing's (BCP 47: undetermined)."""

LONGEST_MESSAGE = 500
MOST_MESSAGES = 200

SEAT_MESSAGES = 6
SEAT_MESSAGES_MS = 30_000
"""A seat sends at most `SEAT_MESSAGES` messages within this time, in ms."""

KEPT_OF_A_SEAT = 20
KEPT_MS = 3_600_000
"""A message to or from a seat is kept for this time, in ms, if it is one of the seat's last
`KEPT_OF_A_SEAT`.
"""

type ControlMessage = Mapping[str, Any]


def begin(
    languages: tuple[str, ...], now: int, record: Mapping[str, Reported] | None = None
) -> Booths:
    """Return the booths of a hearing. An interpreter who is live by the `record` is live again
    after reconnecting.
    """
    return Booths(
        {language: _restored(language, (record or {}).get(language), now) for language in languages}
    )


def _restored(language: str, known: Reported | None, now: int) -> BoothState:
    booth = BoothState(language, known.output if known else language)
    if known is None or not known.live:
        return booth
    return replace(
        booth,
        holder=known.person,
        since=known.since,
        left_at=now,
        reported=(known.person, known.output),
        restored=True,
    )


def session_began(state: Booths, arrived: BoothSession, now: int) -> Transition:
    """Add a session. A session for a booth that the hearing does not have belongs to no booth."""
    if arrived.booth and arrived.booth not in state.booths:
        arrived = replace(arrived, booth="")
    after = replace(state, sessions={**state.sessions, arrived.session: arrived})
    outgoing: Outgoing = [
        SendEvent(arrived.session, "message", sent.data()) for sent in _history(state, arrived)
    ]
    if state.corrected and arrived.booth:
        outgoing.append(SendEvent(arrived.session, "spoken", {"language": state.corrected}))
    return transition(state, after, outgoing, now)


def session_ended(state: Booths, session: str, now: int) -> Transition:
    """Remove a session; do nothing for an unknown one."""
    after = replace(
        state, sessions={id: present for id, present in state.sessions.items() if id != session}
    )
    return transition(state, after, [], now)


def page_closed(state: Booths, language: str, person: str, now: int) -> Transition:
    """Take the microphone from somebody who has closed the booth's page: they come back silent.

    A person who is still connected by another page stays live, and so does one who was only cut
    off.
    """
    booth = state.booths.get(language)
    if booth is None or booth.holder != person or state.voice(language):
        return state, ()
    return transition(state, _gives(state, booth, "", now), [], now)


def session_linked(state: Booths, session: str, up: bool, now: int) -> Transition:
    """Note that a session's connection is up (again) or was lost."""
    if session not in state.sessions:
        return state, ()
    changed = replace(state.sessions[session], up=up)
    return transition(state, replace(state, sessions={**state.sessions, session: changed}), [], now)


def spoken(state: Booths, holding: int, language: str, now: int) -> Transition:
    """Note who has the floor: `holding` identifies the holding (0: the floor is free).

    `language` is the language of its speaker according to the list.
    """
    if (holding, language) == (state.holding, state.speaks):
        return state, ()
    if holding == state.holding:
        return transition(state, replace(state, speaks=language), [], now)
    booths = dict(state.booths)
    for tag, booth in state.booths.items():
        if state.holding and booth.ended_at is None and speaks(state, booth, now):
            booths[tag] = replace(booth, ended_at=now)
    fresh = replace(
        state, booths=booths, holding=holding, speaks=language, corrected="", given_at=now
    )
    outgoing: Outgoing = [SendEvent("all", "spoken", {"language": ""})] if state.corrected else []
    return transition(state, fresh, outgoing, now)


def sounded(state: Booths, levels: Mapping[str, float], now: int) -> Transition:
    """Note how loud the sessions are (dBFS), which shows which booths still speak."""
    booths = {
        language: replace(booth, spoke_at=now)
        if levels.get(state.voice(language), -120.0) > SPEAKING_DB
        else booth
        for language, booth in state.booths.items()
    }
    return transition(state, replace(state, booths=booths), [], now)


def tick(state: Booths, now: int) -> Transition:
    """End expired offers and signals, and forget old messages.

    Call it a few times a second.
    """
    kept = forgotten(state.messages, now)
    after = state if kept == state.messages else replace(state, messages=kept)
    return transition(state, after, [], now)


def handle(state: Booths, session: str, message: ControlMessage, now: int) -> Transition:
    """Carry out a session's control (docs/media.md, Controls). Raises `BoothRefused`."""
    actor = state.sessions.get(session)
    verb = VERBS.get(str(message.get("do")))
    if actor is None or verb is None:
        refuse("not_for_booths")
    if verb is not _say and not actor.booth:
        refuse("no_booth")
    ready, lapsed = tick(state, now)
    after, outgoing = verb(ready, actor, message, now)
    then, effects = transition(ready, after, outgoing, now)
    return then, lapsed + effects


def carries(state: Booths) -> dict[str, Carried]:
    """Return what each language channel carries now, in the hearing's order."""
    return channels.carries(state.situation())


# The microphone.


def _microphone(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    booth, on = state.booths[actor.booth], _flag(message, "on")
    if not on:
        mine = booth.holder == actor.person
        return (_gives(state, booth, "", now) if mine else state), []
    if booth.holder == actor.person and state.voice(booth.language):
        return state, []
    if state.voice(booth.language):
        refuse("microphone_taken")
    _can_be_heard(state, actor)
    return _gives(state, booth, actor.person, now), []


def _offer(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    """Give the microphone to the partner, or ask them for it."""
    booth = state.booths[actor.booth]
    if not state.voice(booth.language):
        refuse("booth_silent")
    partners = _partners(state, actor)
    if not partners:
        refuse("no_partner")
    if booth.offer and booth.offer.person not in (actor.person, ""):
        refuse("already_offered")
    if booth.holder != actor.person:
        _can_be_heard(state, actor)
    offered = replace(booth, offer=MicrophoneOffer(actor.person, now + OFFER_MS))
    what = "offered" if booth.holder == actor.person else "asked"
    return _with(state, offered), [handover(booth, what, actor.name)]


def _accept(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    """Take the offered microphone, or give it to the partner who asked."""
    booth = state.booths[actor.booth]
    if booth.offer is None:
        if booth.holder == actor.person:
            return state, []  # pressed twice
        refuse("no_offer")
    if booth.offer.person == actor.person:
        refuse("own_offer")
    asked = booth.offer.person != booth.holder
    if asked and booth.holder != actor.person:
        refuse("not_holder")
    receiver = booth.offer.person if asked else actor.person
    if not state.voice_of(booth.language, receiver):
        refuse("partner_lost" if asked else "microphone_unconnected")
    return _gives(state, booth, receiver, now), [handover(booth, "accepted", actor.name)]


def _decline(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    """Decline an offer, or withdraw one's own; do nothing if there is none."""
    booth = state.booths[actor.booth]
    if booth.offer is None:
        return state, []
    what = "withdrawn" if booth.offer.person == actor.person else "declined"
    return _with(state, replace(booth, offer=None)), [handover(booth, what, actor.name)]


def _cough(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    booth, on = state.booths[actor.booth], _flag(message, "on")
    if booth.holder != actor.person:
        return state, []
    since = (booth.coughing_since or now) if on else None
    return _with(state, replace(booth, coughing_since=since)), []


def _gives(state: Booths, booth: BoothState, person: str, now: int) -> Booths:
    given = replace(
        booth,
        holder=person,
        since=now if person else 0,
        left_at=None,
        offer=None,
        coughing_since=None,
        restored=False,
    )
    return _with(state, given)


def _can_be_heard(state: Booths, actor: BoothSession) -> None:
    if not state.voice_of(actor.booth, actor.person):
        refuse("microphone_unconnected")


def _partners(state: Booths, actor: BoothSession) -> list[BoothSession]:
    return [
        other
        for other in state.sessions.values()
        if other.booth == actor.booth
        and other.person != actor.person
        and state.voice_of(other.booth, other.person)
    ]


# Outgoing and incoming.


def _output(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    booth = state.booths[actor.booth]
    if state.voice(booth.language) and booth.holder != actor.person:
        refuse("not_holder")
    into = booth.language if message.get("to") == "A" else _language(state, message.get("to"))
    others = [
        other
        for other in state.booths.values()
        if other is not booth and other.output == into and state.voice(other.language)
    ]
    if others and into != booth.language:
        refuse("output_taken")
    return _with(state, replace(booth, output=into)), []


def _incoming(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    booth, chosen = state.booths[actor.booth], message.get("from")
    channel = FLOOR if chosen == FLOOR else _language(state, chosen)
    if code := channels.why_not(state.situation(), booth.language, channel):
        refuse(code)
    return _with(state, replace(booth, incoming=channel)), []


def _corrects(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    """Note which language the speaker really speaks: one of the hearing's, or `ANOTHER`.

    It holds until the floor changes; "" removes it.
    """
    tag = message.get("language") or ""
    language = tag if tag in ("", ANOTHER) else _language(state, tag)
    return replace(state, corrected=language), [SendEvent("all", "spoken", {"language": language})]


def _language(state: Booths, tag: Any) -> str:
    """Return the hearing's spelling of a tag; raise `BoothRefused` if it has no such language."""
    found = [known for known in state.languages if known.casefold() == str(tag).casefold()]
    if not found:
        refuse("no_language")
    return found[0]


# Signals and messages.


def _signal(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    booth, what = state.booths[actor.booth], message.get("what")
    if what not in ("slow", "trouble"):
        refuse("not_for_booths")
    if booth.signals.get(what, 0) - SIGNAL_MS + SIGNAL_AGAIN_MS > now:
        return state, []
    data = {"booth": booth.language, "what": what, "name": actor.name}
    audiences = ("moderator", "technician", "holder", "booths")
    outgoing: Outgoing = [ReportFact(ReportSignal(booth.language, what))]
    outgoing += [SendEvent(audience, "signal", data) for audience in audiences]
    changed = replace(booth, signals={**booth.signals, what: now + SIGNAL_MS})
    return _with(state, changed), outgoing


def _say(
    state: Booths, actor: BoothSession, message: ControlMessage, now: int
) -> tuple[Booths, Outgoing]:
    to, text = str(message.get("to")), message.get("text")
    sender = actor.room
    if to not in _recipients(state, actor):
        refuse("no_recipient")
    if _is_seat(sender) and _count(state, sender, now) >= SEAT_MESSAGES:
        refuse("too_often")
    if not isinstance(text, str) or not text.strip():
        refuse("no_text")
    if len(text) > LONGEST_MESSAGE:
        refuse("long_text")
    number = state.message_count + 1
    sent = BoothMessage(str(number), sender, actor.name, to, text.strip(), now)
    kept = forgotten((*state.messages, sent), now)[-MOST_MESSAGES:]
    outgoing: Outgoing = [
        SendEvent(room, "message", sent.data()) for room in dict.fromkeys((to, sender))
    ]
    return replace(state, messages=kept, message_count=number), outgoing


def _history(state: Booths, actor: BoothSession) -> list[BoothMessage]:
    """Return the messages to and from the room of this session."""
    return [sent for sent in state.messages if actor.room in (sent.to, sent.sender)]


def _is_seat(room: str) -> bool:
    return room.startswith("seat:")


def _recipients(state: Booths, actor: BoothSession) -> set[str]:
    """Return the rooms to which a session may write: from a seat only the technician."""
    if _is_seat(actor.room):
        return {"technician"}
    rooms = {*DESKS, *(f"booth:{language}" for language in state.languages)}
    if actor.role == "technician":
        rooms |= {one.room for one in state.sessions.values() if _is_seat(one.room)}
        rooms |= {sent.sender for sent in state.messages if _is_seat(sent.sender)}
    return rooms


def _count(state: Booths, sender: str, now: int) -> int:
    recent = (sent for sent in state.messages if now - sent.at < SEAT_MESSAGES_MS)
    return sum(sent.sender == sender for sent in recent)


def forgotten(messages: tuple[BoothMessage, ...], now: int) -> tuple[BoothMessage, ...]:
    """Return the messages without those of seats that are old or beyond a seat's limit."""
    counted: Counter[str] = Counter()
    kept = []
    for sent in reversed(messages):
        seat = next((room for room in (sent.sender, sent.to) if _is_seat(room)), "")
        counted[seat] += 1
        if not seat or (now - sent.at < KEPT_MS and counted[seat] <= KEPT_OF_A_SEAT):
            kept.append(sent)
    return tuple(reversed(kept))


def _with(state: Booths, booth: BoothState) -> Booths:
    return replace(state, booths={**state.booths, booth.language: booth})


def _flag(message: ControlMessage, name: str) -> bool:
    value = message.get(name)
    if not isinstance(value, bool):
        refuse("not_for_booths")
    return value


type Verb = Callable[[Booths, BoothSession, ControlMessage, int], tuple[Booths, Outgoing]]

VERBS: dict[str, Verb] = {
    "microphone": _microphone,
    "offer": _offer,
    "accept": _accept,
    "decline": _decline,
    "cough": _cough,
    "output": _output,
    "incoming": _incoming,
    "spoken": _corrects,
    "signal": _signal,
    "say": _say,
}
"""The controls of the booths, by name."""
