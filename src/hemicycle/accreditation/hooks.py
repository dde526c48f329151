"""Where distribution lists join in: who gets a no-objection list, beside missions inscribed."""

from collections.abc import Callable, Iterable

from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Person

MISSIONS: list[Callable[[Hearing], Iterable[Person | str]]] = []
"""(hearing): people, or bare addresses, to whom its no-objection lists go."""
