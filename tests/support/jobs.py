"""The worker's part in tests: it processes the files that pages have accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemicycle.hearing.jobs import workers

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client


def work_off() -> int:
    """Do all waiting jobs, as the worker does, and return their number."""
    count = 0
    while workers.run_next():
        count += 1
    return count


def outcome(client: Client, answer: Any) -> HttpResponse:
    """Return the page with the result of a file after the worker has read it."""
    assert (answer.status_code, "?job=" in answer.headers["Location"]) == (302, True)
    work_off()
    page: HttpResponse = client.get(answer.headers["Location"], follow=True)  # type: ignore[assignment]
    return page
