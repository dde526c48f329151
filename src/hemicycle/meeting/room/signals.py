"""What the room asks the apps above."""

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal

booth_of_interpreter = Signal[[Hearing, Person], str]("booth_of_interpreter")
"""Sent with (hearing, person) when an interpreter asks for a pass: the language of their booth.

"" for a person without one. `meeting.interpretation` is the one receiver.
"""
