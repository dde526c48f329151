"""A person can be erased at any moment of a hearing; record and archives still verify.

Random histories: three registrants submit, ask, consent, withdraw and speak, and a summary is
drafted. Each of them may be erased at any moment, even while they have the floor.
`site/test_erased_everywhere` checks every kind of data once; here, the moment varies.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings as django
from django.db import transaction
from django.test import TestCase
from hypothesis import example, given
from hypothesis import strategies as st

from hemicycle.before.questions import actions as questions
from hemicycle.before.registration import changes, review
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import titles
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions as summaries
from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused as FloorRefused
from hemicycle.record import erasure, verify
from hemicycle.record.floor import floor_of
from hemicycle.site.rehearsal import tally
from tests.support.everything import in_files, in_tables
from tests.support.examples import examples
from tests.support.lists import World, reference_world

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

NAMES = ("Wimbleforth", "Quillfeather", "Zandoria")
"""Words that occur in all that one of the three says or is called, and nowhere else."""

type Step = tuple[str, int]

ACTS = ("hand in", "ask", "consent", "release", "withdraw", "revoke", "remove", "erase", "erase")
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(ACTS),
            st.integers(0, len(NAMES) - 1),
        ),
        st.tuples(st.sampled_from(("open", "next", "next", "end", "draft")), st.just(0)),
    ),
    min_size=4,
    max_size=14,
)
SPOKEN: list[Step] = [("hand in", 0), ("ask", 0), ("open", 0), *(("next", 0),) * 4]


@dataclass
class History:
    """A hearing in progress, and the people who have been erased."""

    world: World
    rows: list[Registration]
    erased: set[int] = field(default_factory=set)

    @property
    def marks(self) -> list[str]:
        """The words of erased people, which must not be found any more."""
        return [NAMES[number] for number in sorted(self.erased)]


def begun(world: World) -> History:
    rows = [
        world.ngo(
            f"Organization {number}",
            0,
            speaker=f"Ms {name}",
            email=f"{name.lower()}@relief.example.org",
            consents_to_list="yes",
        )
        for number, name in enumerate(NAMES)
    ]
    return History(world, rows)


def take(history: History, name: str, number: int) -> None:
    """Take one step, unless the hearing refuses it. Erased people act no more."""
    world = history.world
    try:
        if name in {"open", "next", "end", "draft"}:
            _meet(world, name)
        elif number not in history.erased:
            _act(history, name, number)
    except (
        RegistrationRefused,
        FloorRefused,
        statements.StatementRefused,
        questions.QuestionRefused,
        summaries.SummaryRefused,
    ):
        pass  # a refused act changes nothing


def _meet(world: World, name: str) -> None:
    floor = floor_of(world.panels[0].meeting_id)
    if name == "draft":
        summaries.draft(hearing=world.hearing, actor=world.office)
    elif name == "open":
        if floor.phase == "not_opened":
            world.open_panel()
    elif floor.segment_open:
        world.press(c.GiveFloor() if name == "next" else c.EndFloor())
        world.clock.advance(10_000)


def _act(history: History, name: str, number: int) -> None:
    world, word = history.world, NAMES[number]
    row = Registration.objects.get(pk=history.rows[number].pk)
    statement = Statement.objects.filter(registration=row, versions__isnull=False).last()
    if name == "hand in":
        statements.hand_in(
            registration=row,
            inscription=row.inscriptions.first(),
            file_name=f"{word}.txt",
            data=f"{word} calls for a fund that pays for the legal aid of survivors.".encode(),
            by=row.person,
            actor=world.office,
            title=GivenTitle(f"{word} on legal aid", "en", f"{word} : l’aide", "fr"),
        )
    elif name == "ask":
        asks = f"{word} asks: who pays for it?"
        questions.put(registration=row, text=asks, segment=world.panels[0], actor=world.office)
    elif name == "consent" and statement:
        statements.set_consent(statement=statement, publish=True, actor=world.office)
    elif name == "release" and statement:
        newest = statement.versions.latest("number").number
        statements.release_words(
            statement=statement,
            number=newest,
            title_read=titles.fingerprint(statement),
            actor=world.office,
        )
    elif name == "withdraw":
        changes.withdraw(registration=row, reason=f"{word} is ill", actor=world.office)
    elif name == "revoke":
        review.revoke_link(
            registration=row, reason=f"{word} lost it", send_new=False, actor=world.office
        )
    elif name == "remove":
        world.press(c.RemoveParticipant(row.person_id.hex), note=f"{word} shouted")
    elif name == "erase":
        erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
        history.erased.add(number)


def check_erased(history: History) -> None:
    """Check that no table or file contains words of erased people, and that the record verifies."""
    assert in_tables(history.marks) == set()
    assert in_files(history.marks) == set()
    assert not erasure.unfinished(history.world.hearing.id).exists()
    assert tally.verification(history.world.hearing).holds


def check_archives(history: History, folder: Path) -> None:
    """Check that both archives verify and contain no words of erased people."""
    for public in (True, False):
        made = folder / ("public" if public else "whole")
        export.write_folder(history.world.hearing, made, public=public)
        report = verify.verify_export(made)
        assert report.holds, report.broken
        held = b"".join(path.read_bytes() for path in made.rglob("*") if path.is_file())
        names = " ".join(str(path) for path in made.rglob("*"))
        for mark in history.marks:
            assert mark.casefold().encode() not in held.lower()
            assert mark.casefold() not in names.casefold()


@pytest.mark.slow
@examples(4)
@given(steps=STEPS)
@example(steps=[*SPOKEN, ("erase", 0), ("end", 0), ("next", 0)])
@example(steps=[*SPOKEN, ("remove", 0), ("revoke", 1), ("erase", 0), ("erase", 1)])
@example(steps=[*SPOKEN, ("end", 0), ("draft", 0), ("withdraw", 1), ("erase", 1), ("erase", 0)])
def test_whoever_is_erased_is_gone_and_all_verifies(db: None, steps: list[Step]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
        reference_world() as world,
    ):
        patch.setattr(django, "MEDIA_ROOT", f"{folder}/uploads")
        patch.setattr(django, "ERASED_LIST", Path(folder, "erased.jsonl"))
        history = begun(world)
        for name, number in steps:
            with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
                take(history, name, number)
            if name == "erase":
                check_erased(history)
        if history.erased:
            check_erased(history)
            check_archives(history, Path(folder))
        transaction.set_rollback(True)
