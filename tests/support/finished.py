"""The reference hearing after its panels: statements are submitted, one speaker was not reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hemicycle.before.questions import actions as questions
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements.models import Statement
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support.lists import World, reference_world

if TYPE_CHECKING:
    from hemicycle.hearing.people.models import Person

MAIN = (
    "Madam President,\n\n"
    "We call for a trust fund that pays for the legal aid and shelter of survivors. "
    "Nobody who escapes should be prosecuted for what they were forced to do. "
    "Civil society must take part in protecting and empowering the victims. "
)
OWN = {
    "Estmere": "Our labour inspectors visit forty farms and twelve ships in each month.",
    "Normere": "We urge all States to publish figures on trafficking every second year.",
    "Open Doors": "Online platforms should be obliged to report recruitment by traffickers.",
    "Safe Harbour": "Technology companies must train their moderators to recognize traffickers.",
    "دار الأمان": "Shelters for women and girls need funding that lasts longer than one year.",
    "Late Voices": "Domestic workers need a telephone line that answers in their own language.",
    "Paper Only": "Prosecutors must cooperate across borders within days rather than within years.",
}


@dataclass
class Finished:
    """A hearing whose meetings are closed, and its registrations by name."""

    world: World
    registrations: dict[str, Registration]

    def statement(self, name: str) -> Statement:
        """Return the statement of an organization."""
        return Statement.objects.get(registration=self.registrations[name])

    @property
    def person(self) -> Person:
        """A person whose words are in the summary."""
        return self.registrations["Open Doors"].person


@contextmanager
def finished_hearing(
    differing: Mapping[str, Mapping[str, Any]] | None = None,
    prepare: Callable[[World], object] = lambda world: None,
) -> Iterator[Finished]:
    """Yield the reference hearing after both panels.

    Panel 1 hears four of five speakers, and panel 2 its only one. One organization contributes in
    writing only. `differing` has changes to registrations, by the names in these tests. `prepare`
    is called with the hearing before the first registration.
    """
    with reference_world() as world:
        prepare(world)
        ways: dict[str, tuple[Callable[..., Registration], tuple[int, ...], dict[str, Any]]] = {
            "Estmere": (world.mission, (0,), {}),
            "Normere": (world.mission, (0,), {}),
            "Open Doors": (world.ngo, (0,), {"question": "Who pays for the shelters?"}),
            "Safe Harbour": (world.ngo, (1,), {}),
            "دار الأمان": (world.ngo, (0,), {}),
            "Late Voices": (world.ngo, (0,), {}),
            "Paper Only": (world.ngo, (), {"consents_to_list": "yes"}),
        }
        there = {
            name: _register(register, name, panels, {**own, **(differing or {}).get(name, {})})
            for name, (register, panels, own) in ways.items()
        }
        for name, registration in there.items():
            place = registration.inscriptions.first()
            statements.hand_in(
                registration=registration,
                inscription=place,
                file_name=f"{name}.txt",
                data=((differing or {}).get(name, {}).get("words", "") + MAIN + OWN[name]).encode(),
                by=registration.person,
                actor=world.office,
            )
        _hold(world, there)
        yield Finished(world, there)


def _register(
    register: Callable[..., Registration], name: str, panels: tuple[int, ...], own: dict[str, Any]
) -> Registration:
    own.pop("words", "")  # belongs to the statement, which is submitted later
    return register(own.pop("organization", name), *panels, **own)


def _hold(world: World, there: dict[str, Registration]) -> None:
    question = there["Open Doors"].questions.get()
    questions.sort(
        question=question,
        segment=world.panels[0],
        guiding_question=None,
        actor=world.office,
    )
    world.open_panel(0)
    for _turn in range(4):
        _hear(world, 0)
    world.press(c.DrawQuestion(question.id.hex))
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())
    world.open_panel(1)
    _hear(world, 1)
    world.press(c.CloseSegment(), 1)
    world.press(c.CloseMeeting(), 1)


def _hear(world: World, panel: int) -> None:
    """Skip the panellists, and give the next speaker the floor for two and a half minutes."""
    meeting = world.panels[panel].meeting_id
    while (slot := floor_of(meeting).next_slot()) and slot.role != "speaker":
        world.press(c.Skip(slot.id), panel)
    world.clock.advance(20_000)
    world.press(c.GiveFloor(), panel)
    world.clock.advance(150_000)
    world.press(c.EndFloor(), panel)
    assert clock.now_ms() == world.clock()
