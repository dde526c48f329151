"""The signals by which the room asks the apps above."""

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal

booth_of_interpreter = Signal[[Hearing, Person], str]("booth_of_interpreter")
"""Sent with (hearing, person) when an interpreter asks for a pass; returns the booth's language.

The result is "" for a person without a booth. Only `meeting.interpretation` receives it.
"""
