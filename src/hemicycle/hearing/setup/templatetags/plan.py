"""Changes of plan on pages for participants and the public."""

from dataclasses import dataclass
from datetime import datetime

from django import template

from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class ShownChanges:
    """The changes that were announced last, in words."""

    at: datetime
    sentences: list[str]


@register.simple_tag(name="plan_changes")
def shown(hearing: Hearing) -> ShownChanges | None:
    """Return the announced changes for `{% plan_changes hearing as changed %}`.

    The result is None if nothing was announced, or the hearing is over.
    """
    changes = plan_changes.announced(hearing)
    if not changes or plan_changes.is_over(hearing):
        return None
    at = clock.from_ms(hearing.plan_changes["at"])
    return ShownChanges(at, plan_changes.sentences(hearing, changes))
