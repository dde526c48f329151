"""What a page shows of a job: its progress, or its result."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job

ASK_AGAIN_S = 3
"""Seconds after which a browser without scripts reloads the page."""


IN_VAIN = frozenset({Job.State.FAILED, Job.State.STOPPED})
"""States of a file's job after which the page shows the form again, with `jobs/_ended.html`."""


def job_asked_for(request: HttpRequest, *, kind: str, key: str, asker: str) -> Job | None:
    """Return the job that `?job=…` names if its kind, subject and owner match; otherwise None.

    Also return None for a POST that does not cancel the job: the form is sent with another file.
    """
    if request.method == "POST" and not _cancels(request):
        return None
    try:
        token = UUID(request.GET.get("job", ""))
    except ValueError:
        return None
    return Job.objects.filter(token=token, kind=kind, key=key, asker=asker).first()


def is_part(request: HttpRequest) -> bool:
    """Whether the request is for the part of a progress page that changes."""
    return request.headers.get("HX-Request") == "true"


def reloaded() -> HttpResponse:
    """Return an answer to a request for that part that makes the browser reload the whole page."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def progress(
    request: HttpRequest, job: Job, *, layout: str, back: str, **context: object
) -> HttpResponse | None:
    """Return the page of a running job, which reloads itself; None once the job has ended.

    `layout` is the template that the page extends, `back` the target of its link. When the job has
    ended, a request of the polling part makes the browser reload the whole page. A job in steps
    shows its progress and the time left; it needs a `title`. The button “Cancel” sends `cancel` to
    the same address. After that, nothing of a file is kept; for a job in steps, `cancelling` says
    what is kept, by default what is done so far.
    """
    if _cancels(request):
        queue.cancel(job)
        return HttpResponseRedirect(request.get_full_path())
    if job.is_finished:
        return reloaded() if is_part(request) else None
    context |= {**details(job), "layout": layout, "back": back, "seconds": ASK_AGAIN_S}
    response = render(
        request, "jobs/_progress.html" if is_part(request) else "jobs/progress.html", context
    )
    response["Cache-Control"] = "no-store"
    return response


def _cancels(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("act") == "cancel"


def details(job: Job) -> dict[str, Any]:
    """Return what `jobs/_progress.html` shows of an unfinished job."""
    return {
        "job": job,
        "place": queue.place_of(job),
        "is_left": queue.is_left(job),
        "left_ms": job.left_ms if job.total else queue.left_ms(job),
    }
