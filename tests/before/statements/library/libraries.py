"""A library with statements in six languages: delivered, not reached, or only in writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement
from hemicycle.procedure import commands as c
from tests.support.lists import World, reference_world

TEXTS = {
    "River Watch": "Clean water is the first right of every child.",
    "Eau pour tous": "L'eau (water) est un droit pour les victimes protégées et pour les enfants.",
    "دار الأمان": "نطالب بحماية النساء والفتيات من الاتجار بالأشخاص في كل مكان.",
    "光明": "我们必须保护受害者,并追究责任。",
    "Голос": "Борьба с торговлей людьми начинается с защиты детей и женщин.",
    "Casa Abierta": "Las niñas y las víctimas de la trata necesitan los refugios.",
    "Safe Harbour": "The platforms must report each of the traffickers to the police.",
    "Estmere": "Our police found that a trafficker crossed the river in the night.",
    "Paper Only": "This contribution is on paper, and in writing only.",
}
LATE = ("Safe Harbour", "Estmere")
"""Speakers who are not reached."""
LANGUAGES = {
    "دار الأمان": "ar",
    "光明": "zh",
    "Голос": "ru",
    "Casa Abierta": "es",
    "Eau pour tous": "fr",
}


@dataclass
class FilledLibrary:
    """The library's hearing, its people, and their statements."""

    world: World
    registrations: dict[str, Registration]
    statements: dict[str, Statement]


@contextmanager
def filled_library() -> Iterator[FilledLibrary]:
    """Yield a library in the reference hearing until the end of the block."""
    with reference_world() as world:
        yield filled(world)


def filled(world: World, texts: dict[str, str] = TEXTS) -> FilledLibrary:
    """Hold the meetings of a hearing, and return its library; everyone consents to publication."""
    registrations = {name: _register(world, name) for name in texts}
    statements = {
        name: _hand_in(world, registrations[name], name, text) for name, text in texts.items()
    }
    world.open_panel()
    for name in texts:
        if name not in LATE and name != "Paper Only":
            world.press(c.GiveFloor(world.inscription(registrations[name]).id.hex))
            world.clock.advance(60_000)
            world.press(c.EndFloor())
    for panel in (0, 1):
        if panel:
            world.open_panel(panel)
        world.press(c.CloseSegment(), panel)
        world.press(c.CloseMeeting(), panel)
    for statement in statements.values():
        statement.refresh_from_db()
    return FilledLibrary(world, registrations, statements)


def _register(world: World, name: str) -> Registration:
    language = LANGUAGES.get(name, "en")
    if name == "Estmere":
        return world.mission(name, 0, language=language)
    panels = () if name == "Paper Only" else (0,)
    return world.ngo(name, *panels, language=language)


def _hand_in(world: World, registration: Registration, name: str, text: str) -> Statement:
    taken = actions.hand_in(
        registration=registration,
        inscription=None if name == "Paper Only" else world.inscription(registration),
        file_name="statement.txt",
        data=text.encode(),
        by=registration.person,
        actor=actor_of(registration),
    )
    statement = taken.version.statement
    actions.set_consent(statement=statement, publish=True, actor=actor_of(registration))
    return statement
