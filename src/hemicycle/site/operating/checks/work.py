"""Checks of the processes besides the pages, and of their queues."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.site.operating import queues, running, signs_of_life
from hemicycle.site.operating.doctor import Diagnosis, Health, ok
from hemicycle.site.operating.models import SignOfLife
from hemicycle.site.operating.queues import QueueState
from hemicycle.site.operating.running import Heard, RunningProcess

LATE = timedelta(minutes=10)
"""The longest time to wait in a queue; the alerts of `deploy/prometheus` have the same limit."""


def processes_work() -> Iterator[Diagnosis]:
    """Check that the worker and the mail process have given recent signs of life."""
    ages = signs_of_life.ages()
    for name, called in (
        (SignOfLife.Name.WORKER, _("the worker")),
        (SignOfLife.Name.MAIL, _("the mail process")),
    ):
        start = _("Start it with `hemicycle up`, or with systemctl start hemicycle-%(name)s.")
        advice = start % {"name": name.value}
        if name not in ages:
            found = _("%(process)s has not run yet") % {"process": called}
            yield Diagnosis("processes", Health.WARNING, found, advice)
        elif ages[name] > signs_of_life.SILENT_AFTER:
            found = _("%(process)s has given no sign of life for %(time)s") % {
                "process": called,
                "time": _time(ages[name]),
            }
            yield Diagnosis("processes", Health.FAULT, found, advice)
        else:
            yield ok("processes", _("%(process)s runs") % {"process": called})


def versions_can_read_the_record() -> Iterator[Diagnosis]:
    """Report processes that have met entries of the record that their version cannot read."""
    own, media = running.processes(), running.media()
    alive = [heard for heard in (*own, *media) if heard.is_alive]
    for heard in alive:
        if heard.is_behind:
            said = _("%(process)s: version %(version)s cannot read entries of the record")
            found = said % {"process": _name(heard), "version": heard.version}
            advice = _(
                "A newer version has written them: upgrade Hemicycle there. If all machines have "
                "the same version, run `hemicycle verify`."
            )
            yield Diagnosis("versions", Health.FAULT, found, advice)
    if not any(heard.is_behind for heard in alive):
        yield ok("versions", _("each process can read the record"))


def _name(heard: Heard) -> str:
    name = heard.name if isinstance(heard, RunningProcess) else _("Sound and picture")
    return f"{name} ({heard.machine})" if heard.machine else str(name)


def letters_go_out() -> Iterator[Diagnosis]:
    """Check that no letter waits for too long."""
    queue = queues.letters()
    said = ngettext("%(n)s letter waits to be sent", "%(n)s letters wait to be sent", queue.number)
    advice = _("Run `hemicycle doctor`, which tries the mail server; the outbox has its answers.")
    yield _judged("outbox", queue, said, _("no letter waits to be sent"), advice)


def incoming_is_read() -> Iterator[Diagnosis]:
    """Check that incoming letters are read."""
    queue = queues.incoming()
    said = ngettext(
        "%(n)s letter that came in has not been read",
        "%(n)s letters that came in have not been read",
        queue.number,
    )
    advice = _("Restart the mail process; its log says why a letter fails.")
    yield _judged("mailroom", queue, said, _("each letter that came in has been read"), advice)


def jobs_are_done() -> Iterator[Diagnosis]:
    """Check that no task waits for the worker for too long."""
    found = [queues.jobs(), queues.tasks()]
    queue = QueueState(sum(one.number for one in found), max(one.oldest for one in found))
    said = ngettext(
        "%(n)s task waits for the worker", "%(n)s tasks wait for the worker", queue.number
    )
    advice = _("Restart the worker. If it is busy, start another one.")
    yield _judged("jobs", queue, said, _("no task waits for the worker"), advice)


def _judged(check: str, queue: QueueState, said: str, nothing: str, advice: str) -> Diagnosis:
    if not queue.number:
        return ok(check, nothing)
    found = _("%(what)s, the oldest for %(time)s") % {
        "what": said % {"n": queue.number},
        "time": _time(queue.oldest),
    }
    return (
        Diagnosis(check, Health.WARNING, found, advice) if queue.oldest > LATE else ok(check, found)
    )


def _time(age: timedelta) -> str:
    days, minutes = age.days, age.seconds // 60
    if days:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if minutes >= 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    if minutes:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return _("less than a minute")
