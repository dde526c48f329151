"""Captions under aliases: names of people who must not be named are replaced.

While a protected speaker is heard (with the floor, for a point of order or in a discussion), and a
little longer, all of their names, every address and every telephone number are replaced. Their name
is always replaced, also while others speak.
"""

from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.mentions import replaced
from hemicycle.procedure.state import Floor

TRAIL_MS = 15_000
"""For this long after a turn, in ms, captions may still belong to it."""


def public_text(text: str, floor: Floor, config: HearingConfig, now_ms: float) -> str:
    """Return a line of captions as the public may read it."""
    slots = [past.slot for past in floor.history[-1:] if now_ms - past.ended_at < TRAIL_MS]
    if floor.holder is not None:
        slots.insert(0, floor.holder.slot)
    for talk in floor.discussions[-1:]:
        if talk.ended_at is None or now_ms - talk.ended_at < TRAIL_MS:
            slots += floor.voiced_ms.get(talk.opening, {})
    own = [config.own_names[slot] for slot in slots if slot in config.own_names]
    for heard in floor.heard_points[-1:]:
        raiser = floor.points[heard.point]
        lasts = heard.ended_at is None or now_ms - heard.ended_at < TRAIL_MS
        if lasts and raiser in config.raiser_names:
            own.insert(0, config.raiser_names[raiser])
    return replaced(text, *own, *config.hidden_names)
