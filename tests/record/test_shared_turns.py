"""Shared turns: one transaction for all who wait, an answer for each, and errors kept apart."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from hemicycle.record import writer
from hemicycle.record.models import Entry
from hemicycle.record.shared_turns import SharedTurn

pytestmark = pytest.mark.postgresql("locks")

WHO = writer.Actor("a" * 32, "secretariat")
BODY = {"format": "hemicycle-record-1"}
THREADS = 6


class Kept:
    """Writes an entry for each number, and remembers which were written together."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.first = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, hearing: UUID, asks: Sequence[int]) -> list[int]:
        if not self.first.is_set():
            self.first.set()
            assert self.go_on.wait(30)
        with writer.writing(hearing, actor=WHO) as record:
            for ask in asks:
                if ask < 0:
                    raise ValueError(ask)
                record.append("record.begun", BODY)
        self.turns.append(list(asks))
        return [ask * 10 for ask in asks]


@pytest.fixture
def hearing(transactional_db: None) -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    return hearing


def at_once(hearing: UUID, kept: Kept, asks: Sequence[int]) -> list[int | Exception]:
    """Ask for all numbers, the first holding the turn until the others wait; return the answers."""
    share = SharedTurn[int, int](kept)

    def ask(number: int) -> int | Exception:
        try:
            return share(hearing, number)
        except ValueError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        asked = [threads.submit(ask, asks[0])]
        assert kept.first.wait(30)
        asked += [threads.submit(ask, number) for number in asks[1:]]
        while len(share._waiting[hearing]) < len(asks) - 1:
            threading.Event().wait(0.01)
        kept.go_on.set()
        return [one.result() for one in asked]


def test_all_that_wait_are_done_in_one_turn_and_answered_each(hearing: UUID) -> None:
    kept = Kept()
    assert at_once(hearing, kept, range(1, 7)) == [10, 20, 30, 40, 50, 60]
    assert [sorted(turn) for turn in kept.turns] == [[1], [2, 3, 4, 5, 6]]
    assert Entry.objects.filter(hearing=hearing).count() == 6


def test_a_fault_reaches_its_own_caller_alone(hearing: UUID) -> None:
    kept = Kept()
    answers = at_once(hearing, kept, [1, 2, -3, 4])
    assert [str(answer) for answer in answers] == ["10", "20", "-3", "40"]
    assert Entry.objects.filter(hearing=hearing).count() == 3


def test_inside_a_transaction_nobody_else_is_taken_along(hearing: UUID) -> None:
    kept = Kept()
    kept.first.set()
    share = SharedTurn[int, int](kept)
    with transaction.atomic():
        assert share(hearing, 7) == 70
        transaction.set_rollback(True)
    assert not Entry.objects.filter(hearing=hearing).exists()
    assert share(hearing, 8) == 80
    assert kept.turns == [[7], [8]]
