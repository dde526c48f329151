"""An import whose worker is killed in the middle loses no row and enters none twice."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from hemicycle.before.registration.importing import columns, entering, reading
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock
from hemicycle.record.models import Entry, Head
from hemicycle.record.verify import verify
from tests.support import database
from tests.support.jobs import work_off
from tests.support.lists import reference_world

pytestmark = pytest.mark.postgresql("transactions")

KILLED = """
import os, signal, sys
import django
django.setup()
from hemicycle.before.registration.importing import entering
from hemicycle.hearing.jobs import queue, workers

entering.STEP = 5
calls = 0

def dying(act, at):
    def wrapped(*given, **named):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*given, **named)
    return wrapped

if sys.argv[1] == "within a step":  # five rows are entered, two are not committed
    entering.enter = dying(entering.enter, 8)
else:  # a step is committed, and its job does not know it
    queue.advance = dying(queue.advance, 2)
workers.run_next()
"""
ROWS = 23


def run_until_killed(where: str) -> None:
    """Run the import in a process that kills itself at the point `where`."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, where],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "hemicycle.site.settings",
            "HEMICYCLE_DATABASE_URL": url,
            "HEMICYCLE_DEBUG": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
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
