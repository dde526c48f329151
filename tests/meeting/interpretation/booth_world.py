"""The booths of the reference hearing, with interpreters in one of them."""

from __future__ import annotations

from dataclasses import dataclass

from hemicycle.meeting.interpretation import actions
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.record.models import Entry
from tests.support.lists import World


def assign(world: World, name: str, language: str = "fr") -> Interpreter:
    """Let the secretariat assign a new interpreter to the booth of `language`."""
    email = f"{name.lower()}@hearing.example"
    return actions.assign_new(
        hearing=world.hearing, language=language, name=name, email=email, actor=world.office
    )


@dataclass
class BoothWorld:
    """A world whose French booth has its two interpreters."""

    world: World
    ada: Interpreter
    bea: Interpreter

    @classmethod
    def of(cls, world: World) -> BoothWorld:
        """Assign Ada and Bea to the French booth, in that order."""
        return cls(world, assign(world, "Ada"), assign(world, "Bea"))

    @property
    def url(self) -> str:
        """The address of the French booth's console."""
        return f"/h/{self.world.hearing.slug}/booth/fr/"


def told(world: World, *kinds: str) -> list[tuple[str, str, str]]:
    """Return the entries of these kinds as (kind, person, booth or role), in the record's order."""
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__in=kinds).order_by("seq")
    bodies = [(row.kind, row.fields()) for row in rows]
    return [(kind, body["person"], body.get("booth") or body["role"]) for kind, body in bodies]
