"""The address of a table's file: it returns a short file, or the page of the job for a long one."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.exports import making
from hemicycle.hearing.exports.tables import TableKind
from hemicycle.hearing.jobs import pages, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import downloads
from hemicycle.ui.spreadsheets import csv_response, xlsx_response

RESPONSES = {"csv": csv_response, "xlsx": xlsx_response}


def answer(
    request: HttpRequest, hearing: Hearing, table: TableKind, kind: str, **where: str
) -> HttpResponseBase:
    """Return the file of a table as `csv` or `xlsx`; `where` adds to the filters of the address.

    The caller checks the role. For a long table, a POST queues a job, whose page has the same
    address.
    """
    if token := request.GET.get("job", ""):
        return _page(request, hearing, table, kind, token)
    asked = request.GET.copy()
    for name, value in where.items():
        asked[name] = value
    found = table.read(hearing, asked)
    if found.count <= making.AT_ONCE:
        name = f"{hearing.slug}-{found.name}"
        if kind in found.papers:
            return downloads.to_save(BytesIO(found.papers[kind]()), f"{name}.{kind}")
        return RESPONSES[kind](name, found.head, found.rows)
    if request.method != "POST":
        context = _context(hearing, table, kind) | {"count": found.count}
        return render(request, "exports/ask.html", context)
    assert isinstance(request.user, Person)
    job = making.begin(hearing, table, kind, asked=asked, count=found.count, by=request.user)
    return HttpResponseRedirect(f"{request.path}?{urlencode({'job': job.token})}")


def _context(hearing: Hearing, table: TableKind, kind: str) -> dict[str, Any]:
    return {
        "hearing": hearing,
        "table": table,
        "kind": kind.upper(),
        "back": reverse(table.page, args=(hearing.slug,)),
    }


def _page(
    request: HttpRequest, hearing: Hearing, table: TableKind, kind: str, token: str
) -> HttpResponseBase:
    job = _job(making.key_of(hearing.pk, table, kind), token)
    context = _context(hearing, table, kind)
    if job is None and pages.is_part(request):
        return pages.reloaded()
    if job is None:
        messages.info(request, _("This file has been deleted. Export the table again."))
        return HttpResponseRedirect(context["back"])
    if request.method == "POST":
        queue.cancel(job)
        return HttpResponseRedirect(request.get_full_path())
    if "file" in request.GET and job.file:
        return downloads.kept(job.file, job.file_name)
    return _progress(request, job, context) or _ended(request, job, context)


def _job(key: str, token: str) -> Job | None:
    try:
        return Job.objects.filter(kind=making.KIND, key__startswith=key, token=UUID(token)).first()
    except ValueError:
        return None


def _progress(request: HttpRequest, job: Job, context: dict[str, Any]) -> HttpResponse | None:
    more = {
        **context,
        "title": _("Exporting"),
        "lead": f"{context['table'].title} · {context['kind']}",
        "cancelling": _("If you cancel, no file is kept."),
    }
    return pages.progress(request, job, layout="office.html", **more)


def _ended(request: HttpRequest, job: Job, context: dict[str, Any]) -> HttpResponse:
    assert job.finished_at is not None
    context |= {"job": job, "deleted_at": job.finished_at + queue.KEPT_FOR}
    return render(request, "exports/ended.html", context)
