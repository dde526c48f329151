"""The booths as pages see them: the event `booths` of docs/media.md."""

from collections.abc import Mapping
from typing import Any

from hemicycle.engine.booths.state import Booths, BoothSession, BoothState
from hemicycle.procedure.channels import Incoming, settle

QUIETEST = -96


def view(state: Booths, now: int, levels: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Return the data of the event: language → booth. `levels` is the loudness in dBFS."""
    heard = settle(state.situation())
    return {
        language: _booth(state, booth, heard[language], levels, now)
        for language, booth in state.booths.items()
    }


def _booth(
    state: Booths, booth: BoothState, heard: Incoming, levels: Mapping[str, float], now: int
) -> dict[str, Any]:
    live = state.voice(booth.language)
    offered = state.voice_of(booth.language, booth.offer.person) if booth.offer else ""
    return {
        "live": live,
        "on": bool(live),
        "name": state.sessions[live].name if live else "",
        "lost": bool(booth.holder and not live),
        "level": round(levels.get(live, QUIETEST)) if live else QUIETEST,
        "output": booth.output,
        "chosen": booth.incoming,
        "incoming": heard.channel,
        "from": heard.source,
        "depth": heard.depth,
        "ending": None if booth.ended_at is None else (now - booth.ended_at) // 1000,
        "slow": booth.signals.get("slow", 0) > now,
        "trouble": booth.signals.get("trouble", 0) > now,
        "members": _members(state, booth, now),
        "offer": offered,
    }


def _members(state: Booths, booth: BoothState, now: int) -> list[dict[str, Any]]:
    """Return one item for each person, in the order in which they came."""
    own = [session for session in state.sessions.values() if session.booth == booth.language]
    first = {session.person: session for session in reversed(own)}
    people = dict.fromkeys(session.person for session in own)
    return [_member(state, booth, person, first[person], now) for person in people]


def _member(
    state: Booths, booth: BoothState, person: str, first: BoothSession, now: int
) -> dict[str, Any]:
    voice = state.voice_of(booth.language, person)
    on = bool(voice) and booth.holder == person
    return {
        "session": voice or first.session,
        "name": first.name,
        "connected": bool(voice),
        "microphone": on,
        "cough": on and booth.coughing_since is not None,
        "since_s": (now - booth.since) // 1000 if on else 0,
    }
