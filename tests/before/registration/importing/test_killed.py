"""An import whose worker is killed in the middle loses no row and enters none twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from hemicycle.before.registration.actions import enter
from hemicycle.before.registration.importing import columns, entering, reading
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.jobs import queue, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from hemicycle.record.models import Entry, Head
from hemicycle.record.verify import verify
from tests.support.jobs import work_off
from tests.support.killed import KILLED, is_killed_at
from tests.support.lists import reference_world

pytestmark = pytest.mark.postgresql("transactions")

ROWS = 23


def import_until(where: str) -> None:
    """Run the import, in a child process, which is killed at the point `where`."""
    patch = pytest.MonkeyPatch()
    patch.setattr(entering, "STEP", 5)
    if where == "within a step":  # five rows are entered, two are not committed
        patch.setattr(entering, "enter", killed_at(8, enter))
    else:  # a step is committed, and its job does not know it
        patch.setattr(queue, "advance", killed_at(2, queue.advance))
    workers.run_next()


def killed_at[**P, R](number: int, act: Callable[P, R]) -> Callable[P, R]:
    """Return a function that ends this process in place of the call of that number."""
    calls = count(1)

    def counted(*given: P.args, **named: P.kwargs) -> R:
        if next(calls) == number:
            os._exit(KILLED)
        return act(*given, **named)

    return counted


def run_until_killed(where: str) -> None:
    assert is_killed_at(0, lambda _steps: import_until(where))
    Job.objects.filter(state=Job.State.RUNNING).update(held_until=clock.now())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_where_it_was() -> None:
    with reference_world(datetime.now(UTC).date() + timedelta(days=30)) as world:
        rows = "".join(f"Body {n},FR,Person {n},p{n}@example.org,1\n" for n in range(ROWS))
        head = "Organization,Country,Name,E-mail,Panel\n"
        data = (head + rows).encode()
        table = reading.read(hearing=world.hearing, file_name="x.csv", data=data)
        category = str(world.hearing.categories.get(key="civil-society").pk)
        table.options = {"track": "stakeholders", "category": category, "language": "en"}
        table.columns = columns.matched(table.head, "stakeholders")
        table.save()
        job = entering.begin(table=table, by=world.secretary, actor=world.office)
    run_until_killed("within a step")
    assert Registration.objects.count() == 5
    run_until_killed("after a step")
    assert Registration.objects.count() == 15
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (Job.State.RUNNING, 10, ROWS)
    assert entering.begin(table=table, by=world.secretary, actor=world.office) == job
    work_off()
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.attempts) == (Job.State.DONE, ROWS, ROWS, 3)
    found = Registration.objects.order_by("arrival").values_list("organization__name", flat=True)
    assert list(found) == [f"Body {n}" for n in range(ROWS)]
    places = Inscription.objects.order_by("arrival").values_list("place", flat=True)
    assert list(places) == list(range(1, ROWS + 1))
    assert set(table.rows.values_list("outcome", flat=True)) == {"entered"}
    hearing = world.hearing.pk
    entries = Entry.objects.filter(hearing=hearing).order_by("seq").values()
    ids = {"hearing": hearing.hex}
    heads = Head.objects.filter(hearing=hearing).values()
    report = verify([{**row, **ids} for row in entries], [{**row, **ids} for row in heads])
    assert report.broken is None
