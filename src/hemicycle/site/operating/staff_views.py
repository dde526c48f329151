"""The operations page: the state of the site, its queues and faults, and what to do about them.

It also says which process runs on which machine. It is for administrators who monitor a site
without Prometheus. Its checks are the quick ones of `hemicycle doctor`, and those of `/readyz`.
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.access import for_administrators
from hemicycle.record import clock
from hemicycle.site.operating import checks, doctor, queues, running
from hemicycle.site.operating.doctor import Diagnosis, Health, carried_out
from hemicycle.site.operating.ready_checks import ReadyChecks
from hemicycle.ui import commands

TITLES: Final[dict[str, Promise]] = {
    "ready": gettext_lazy("Pages, database and key"),
    "disk": gettext_lazy("Room on the disk"),
    "clock": gettext_lazy("Clocks"),
    "replication": gettext_lazy("Standbys of the database"),
    "media": gettext_lazy("Sound and picture"),
    "recordings": gettext_lazy("Recordings"),
    "turn": gettext_lazy("Relays for blocked networks"),
    "processes": gettext_lazy("Processes"),
    "versions": gettext_lazy("Versions side by side"),
    "outbox": gettext_lazy("Letters to be sent"),
    "mailroom": gettext_lazy("Letters that came in"),
    "jobs": gettext_lazy("Work in the background"),
    "backup": gettext_lazy("Backup"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding, as a row of the page."""

    title: str
    found: str
    advice: SafeString
    health: Health

    @property
    def tone(self) -> str:
        """The style of the mark."""
        return {Health.FAULT: "bad", Health.WARNING: "warn"}.get(self.health, "ok")

    @property
    def icon(self) -> str:
        """The icon of the mark."""
        return {Health.FAULT: "stop", Health.WARNING: "alert"}.get(self.health, "check")

    @property
    def word(self) -> str:
        """The text of the mark."""
        if self.health is Health.FAULT:
            return _("Fault")
        return _("Needs attention") if self.health is Health.WARNING else _("In order")


@never_cache
@for_administrators
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the present state of the site."""
    rows = [_row(finding) for finding in _findings()]
    wrong = [row for row in rows if row.health is not Health.OK]
    context = {
        "wrong": sorted(wrong, key=lambda row: row.health is not Health.FAULT),
        "well": [row for row in rows if row.health is Health.OK],
        "has_fault": any(row.health is Health.FAULT for row in wrong),
        "undecided": queues.undecided().number,
        "at": clock.now(),
        "processes": running.processes(),
        "media": running.media(),
        "edges": running.edges(),
    }
    return render(request, "operating/page.html", context)


def _findings() -> list[Diagnosis]:
    missing = [Diagnosis("ready", Health.FAULT, _(text)) for text in ReadyChecks().found()]
    found = missing or [doctor.ok("ready", _("this process can do its work"))]
    for name, check in checks.AT_ONCE.items():
        found += carried_out(name, check)
    return found


def _row(finding: Diagnosis) -> Row:
    title = str(TITLES[finding.check])
    sentence = finding.found[:1].upper() + finding.found[1:].rstrip(".") + "."
    return Row(title, sentence, commands.marked(finding.advice), finding.health)
