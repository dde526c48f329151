"""The worker makes files of long tables (docs/decisions/0053-exports.md).

A file cannot be continued in its middle: if the worker of a job is killed or has to end, the job
starts from the beginning. It is the same job, so its page stays valid.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from secrets import token_hex
from uuid import UUID

from django.core.files import File
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hemicycle.hearing.exports import tables
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.jobs import kinds, queue, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import writer
from hemicycle.record.writer import Actor
from hemicycle.ui.spreadsheets import Rows, Value, as_csv, as_xlsx

KIND = "exports"
AT_ONCE = 500
"""A table with more rows is made by the worker: 5,000 rows in a page would take seconds.

The file of a shorter table is the answer to the request, even if no worker runs.
"""
STEP = 100
"""The number of rows between two checks whether the export was cancelled."""
PASSES = {"csv": 1, "xlsx": 2}
"""How many times each row counts: a workbook is read completely before it is written."""
MAKER = Actor.system("exports")


def begin(
    hearing: Hearing, table: TableKind, kind: str, *, asked: QueryDict, count: int, by: Person
) -> Job:
    """Queue the making of a file and return its job; a second press returns the same job.

    `kind` is `csv` or `xlsx`, `asked` holds the filters of the page, and `count` is the number of
    rows that match them.
    """
    said = "\n".join([asked.urlencode(), get_language() or "", by.pk.hex])
    return queue.begin(
        KIND,
        key=f"{key_of(hearing.pk, table, kind)}{sha256(said.encode()).hexdigest()[:32]}",
        asker=f"hearing:{hearing.pk.hex}",  # deleted together with the hearing
        total=count * PASSES.get(kind, 1) + 1,
        data={"asked": asked.urlencode(), "by": by.pk.hex},
    )


def key_of(hearing: UUID, table: TableKind | None = None, kind: str = "") -> str:
    """Return the prefix of the keys of a hearing's jobs, or of the jobs for one file of a table."""
    return f"{hearing.hex}:" + (f"{table.name}.{kind}:" if table else "")


def run(job: Job) -> None:
    """Make the file, store it, and end the job."""
    hearing_id, name, _digest = job.key.split(":")
    hearing = Hearing.every.filter(pk=UUID(hex=hearing_id)).first()
    if hearing is None:
        raise kinds.JobRefused("gone", _("This hearing has been deleted."))
    table_name, kind = name.split(".")
    with writer.writing(hearing.pk, actor=MAKER):
        pass  # an erasure under way has ended now; one that begins later restarts this job
    queue.begin_again(job)
    table = tables.known()[table_name].read(hearing, QueryDict(job.data["asked"]))
    content = _made(job, kind, f"{hearing.slug}-{table.name}", table)
    queue.advance(job, done=job.total - 1, total=job.total, is_kept=False)
    file = File(BytesIO(content))
    file_name = f"{hearing.slug}-{table.name}.{kind}"
    with stored_files.stored_first(Job, token_hex(16), file) as stored:
        queue.finish_with(job, stored, name=file_name, size=len(content))


EXPORTING = kinds.JobKind(KIND, run, most_waiting=20)


def _made(job: Job, kind: str, title: str, table: TableToExport) -> bytes:
    if kind in table.papers:
        return table.papers[kind]()
    done = 0
    total = table.count * PASSES[kind] + 1

    def counted(rows: Rows) -> Iterator[Sequence[Value]]:
        nonlocal done
        for row in rows:
            yield row
            done += 1
            if done % STEP == 0:
                # There may be more rows now than were counted. Only a stored file ends the job.
                queue.advance(job, done=min(done, total - 1), total=total, is_kept=False)

    if kind == "csv":
        return as_csv(table.head, table.rows, counted)
    return as_xlsx(title, table.head, table.rows, counted)


def discard(hearing: UUID) -> None:
    """Delete the exports of a hearing; those being made begin again. Call it in a transaction.

    The order matters: an export that ends at this moment is either restarted or found as ended.
    """
    jobs = Job.objects.filter(kind=KIND, key__startswith=key_of(hearing))
    queue.restart(jobs)
    queue.forget(jobs.exclude(finished_at=None))
