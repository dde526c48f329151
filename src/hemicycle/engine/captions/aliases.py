"""Captions under aliases: what people say of somebody who must not be named is written otherwise.

While a protected speaker has the floor, and a little longer, all of their names, every address and
every telephone number are replaced. Their name is replaced whoever speaks.
"""

from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.mentions import replaced
from hemicycle.procedure.state import Floor

TRAIL_MS = 15_000
"""So long after a turn captions may still be of it."""


def public_text(text: str, floor: Floor, config: HearingConfig, now_ms: float) -> str:
    """A line of captions as the public reads it."""
    slots = [past.slot for past in floor.history[-1:] if now_ms - past.ended_at < TRAIL_MS]
    if floor.holder is not None:
        slots.insert(0, floor.holder.slot)
    own = (config.own_names[slot] for slot in slots if slot in config.own_names)
    return replaced(text, *own, *config.hidden_names)
