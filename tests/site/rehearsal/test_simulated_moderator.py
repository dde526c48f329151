"""What the moderator of a rehearsal decides from a floor."""

from random import Random
from typing import Any, cast

from hemicycle.procedure.state import EMPTY
from hemicycle.site.rehearsal.habits import MeetingHabits
from hemicycle.site.rehearsal.simulated_moderator import SimulatedModerator


def test_who_comes_after_their_panel_is_not_recalled_in_the_next() -> None:
    habits = MeetingHabits(Random(1))
    habits.presences = {"of the first panel": "late"}
    console = cast(Any, None)  # nothing is pressed on it
    moderator = SimulatedModerator(console, habits, lambda floor: None, print)
    while habits.presences["of the first panel"] == "late":
        moderator._recall(EMPTY)
