"""Captions under aliases: names of people who must not be named are replaced.

While a protected speaker has the floor, and a little longer, all of their names, every address and
every telephone number are replaced. Their name is always replaced, also while others speak.
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
    raiser = floor.point_raiser
    slots += [slot.id for slot in floor.slots.values() if raiser and slot.person == raiser]
    own = (config.own_names[slot] for slot in slots if slot in config.own_names)
    return replaced(text, *own, *config.hidden_names)
