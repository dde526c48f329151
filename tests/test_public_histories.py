"""Aliases are set, changed and removed in any order, and nothing leads back to the person.

Random histories have aliases of a registrant, a mission's speaker, a panellist and a moderator;
statements and questions; releases, withdrawals, replaced speakers, and the panel. After each
history, everything public is searched for the names of people with an alias, and the record is
verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from hemicycle.before.questions import actions as questions
from hemicycle.before.registration import aliases, changes
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import titles
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup import aliases as seats
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused as FloorRefused
from hemicycle.record.floor import floor_of
from hemicycle.site.rehearsal import tally
from tests.support.examples import examples
from tests.support.lists import World, reference_world
from tests.test_public_names import (
    MISSION,
    MODERATOR,
    PANELLIST,
    REGISTRANT,
    SAYS,
    Protected,
    burnt_in,
    followed,
    indexed,
    leaks,
    pages_of,
    staffed,
    titled,
)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

REGISTERED = (REGISTRANT, MISSION)
SEATED = (PANELLIST, MODERATOR)
ALIASES = ("", "Somebody Blue", "Somebody Green")
ANOTHER = Protected(
    "", "Wimbleforth Zandoria", "", "Underwarden", "wimbleforth@quillfeather.example"
)
"""Who speaks in the registrant's place after a replacement."""

type Step = tuple[str, Protected | None, int | None]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("alias"), st.sampled_from([*REGISTERED, *SEATED]), st.integers(0, 2)),
        st.tuples(
            st.sampled_from(["hand in", "release", "consent", "ask", "withdraw", "replace"]),
            st.sampled_from(REGISTERED),
            st.integers(0, 1),
        ),
        st.tuples(st.sampled_from(["open", "next", "end"]), st.none(), st.none()),
    ),
    min_size=2,
    max_size=8,
)

HELD: list[Step] = [
    *(("hand in", who, 0) for who in REGISTERED),
    ("open", None, None),
    *((press, None, None) for _ in REGISTERED for press in ("next", "end", "next", "end")),
    *((act, who, 0) for who in REGISTERED for act in ("consent", "release")),
]
"""A whole panel: everyone who may speaks, and the statements are published."""


@dataclass
class History:
    """A hearing in progress: who has an alias now, and which words must not be found."""

    world: World
    rows: dict[str, Registration]
    speaks: dict[str, Protected]
    protected: dict[str, bool] = field(default_factory=dict)

    def registered(self, who: Protected) -> Registration:
        return Registration.objects.get(pk=self.rows[who.name].pk)

    def words(self) -> list[str]:
        """Return the words that no output may contain now."""
        hidden = [who for who in (*REGISTERED, *SEATED) if self.protected.get(who.name)]
        return [word for who in hidden for named in self._of(who) for word in named.words]

    def _of(self, who: Protected) -> Iterator[Protected]:
        yield who
        if who.name in self.speaks:
            yield self.speaks[who.name]


def begun(world: World) -> History:
    """Begin with a registrant and a mission in a panel that has a panellist and a moderator."""
    staffed(world)
    PanelMember.objects.filter(segment=world.panels[0]).update(alias="")
    rows = {
        who.name: world.ngo(
            who.organization,
            0,
            speaker=who.name,
            title=who.title,
            email=who.email,
            country="UZ",
            consents_to_list="yes",
        )
        for who in REGISTERED
    }
    return History(world, rows, {})


@pytest.mark.slow
@examples(6)
@given(steps=STEPS, is_held=st.booleans(), after=STEPS)
@example(
    steps=[("alias", REGISTRANT, 1)],
    is_held=True,
    after=[("replace", REGISTRANT, 0), ("release", REGISTRANT, 0)],  # words name who was replaced
)
def test_no_history_leads_back_to_whoever_has_an_alias(
    db: None, steps: list[Step], is_held: bool, after: list[Step]
) -> None:
    with transaction.atomic(), reference_world() as world:
        history = begun(world)
        for step in [*steps, *(HELD if is_held else ()), *after]:
            with transaction.atomic():
                take(history, *step)
        hearing = SimpleNamespace(hearing=world.hearing)
        read = [*pages_of(world, Client()), *followed(hearing), *burnt_in(hearing), *indexed()]
        assert leaks(read, history.words()) == []
        assert tally.verification(world.hearing).holds
        transaction.set_rollback(True)


def take(history: History, name: str, who: Protected | None, number: int | None) -> None:
    """Take one step, unless the hearing refuses it."""
    try:
        if who is None:
            _meet(history.world, name)
        elif name == "alias":
            assert number is not None
            _call(history, who, ALIASES[number])
        else:
            _write(history, name, who, number)
    except (
        RegistrationRefused,
        FloorRefused,
        statements.StatementRefused,
        questions.QuestionRefused,
        seats.AliasRefused,
    ):
        pass  # a refused act changes nothing


def _call(history: History, who: Protected, alias: str) -> None:
    world, own = history.world, f"{alias} {who.alias.split()[-1]}" if alias else ""
    if who in REGISTERED:
        aliases.set_alias(registration=history.registered(who), alias=own, actor=world.office)
    else:
        member = PanelMember.objects.get(segment=world.panels[0], name=who.name)
        seats.set_alias(hearing=world.hearing, member=member, alias=own, actor=world.office)
    history.protected[who.name] = bool(own)


def _write(history: History, name: str, who: Protected, number: int | None) -> None:
    world, row = history.world, history.registered(who)
    newest = Statement.objects.filter(registration=row, versions__isnull=False).last()
    if name == "hand in":
        statements.hand_in(
            registration=row,
            inscription=row.inscriptions.first(),
            file_name=f"{who.organization}.txt",
            data=SAYS.format(who=who).encode(),
            by=row.person,
            actor=world.office,
            title=titled(who.name, who.organization, who.organization),
        )
    elif name == "consent" and newest:
        statements.set_consent(statement=newest, publish=not number, actor=world.office)
    elif name == "release" and newest:
        version = newest.versions.latest("number").number
        read = titles.fingerprint(newest)
        statements.release_words(
            statement=newest, number=version, title_read=read, actor=world.office
        )
    elif name == "ask":
        asks = f"{who.name} of {who.organization} asks: who pays {number}?"
        questions.put(registration=row, text=asks, segment=world.panels[0], actor=world.office)
    elif name == "withdraw" and number:
        changes.withdraw(registration=row, reason="", actor=world.office)
    elif name == "replace" and who is REGISTRANT:
        changes.replace_speaker(
            registration=row,
            name=ANOTHER.name,
            email=ANOTHER.email,
            title=ANOTHER.title,
            actor=world.office,
        )
        history.speaks[who.name] = ANOTHER


def _meet(world: World, name: str) -> None:
    floor = floor_of(world.panels[0].meeting_id)
    if name == "open":
        if floor.phase == "not_opened":
            world.open_panel()
    elif floor.segment_open:
        world.press(c.GiveFloor() if name == "next" else c.EndFloor())
        world.clock.advance(10_000)
