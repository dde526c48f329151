"""Where the slices above join in; their `AppConfig.ready` appends to these lists."""

from collections.abc import Callable
from uuid import UUID

from hemicycle.hearing.people.models import Person

Send = Callable[[Person, UUID | None, str, str], None]
"""(person, hearing, subject, body): owe the person a message, in the current transaction."""

SEND: list[Send] = []

NAME_HEARING: list[Callable[[UUID], str]] = []
"""(hearing): its name, for the page on which somebody signs in."""


def hearing_name(hearing_id: UUID | None) -> str:
    """What the hearing is called; "" where there is none."""
    names = (name(hearing_id) for name in NAME_HEARING) if hearing_id else iter(())
    return next(filter(None, names), "")
