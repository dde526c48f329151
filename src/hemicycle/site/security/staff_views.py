"""The part of the security log that concerns one hearing, for its secretariat."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.security_log import SecurityEvent
from hemicycle.site.security.labels import EVENTS
from hemicycle.site.security.log_files import lines_in

PER_PAGE = 50
MOST_SHOWN = 2000
ANYWHERE = frozenset(
    {
        *(SecurityEvent.SIGNED_IN, SecurityEvent.SIGN_IN_FAILED, SecurityEvent.SIGNED_OUT),
        *(SecurityEvent.CREDENTIAL_ADDED, SecurityEvent.CREDENTIAL_REMOVED),
        SecurityEvent.CREDENTIALS_RESET,
    }
)
"""Events that name no hearing: shown in each hearing for which the person works."""


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """An event in readable form, as a row of the page."""

    at: datetime
    event: str
    says: str
    person: str
    actor: str
    network: str
    details: str


@require_safe
@for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the events of the hearing in this machine's log, the latest first."""
    found = list(islice(_events(hearing), MOST_SHOWN))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"hearing": hearing, "page_obj": page, "rows": _rows(list(page.object_list))}
    return render(request, "security/log.html", context)


def _events(hearing: Hearing) -> Iterator[dict[str, Any]]:
    staff = Appointment.objects.filter(hearing_id=hearing.id).values_list("person_id", flat=True)
    people = {person.hex for person in staff}
    for line in lines_in(Path(settings.SECURITY_LOG_DIR)):
        named = line.get("hearing")
        ours = line.get("event") in ANYWHERE and line.get("person") in people
        if named == hearing.id.hex or (not named and ours):
            yield line


def _rows(lines: list[dict[str, Any]]) -> list[SecurityRow]:
    ids = {line[key] for line in lines for key in ("person", "actor") if key in line}
    people = Person.objects.in_bulk([id for id in ids if not id.startswith("system:")])
    names = {person.id.hex: person.name for person in people.values()}
    return [
        SecurityRow(
            at=datetime.fromisoformat(line["at"]),
            event=line["event"],
            says=str(EVENTS.get(line["event"], line["event"])),
            person=_name(line.get("person", ""), names),
            actor=_name(line.get("actor", ""), names),
            network=line.get("network", ""),
            details=_details(line),
        )
        for line in lines
    ]


def _name(id: str, names: dict[str, str]) -> str:
    if id.startswith("system:"):
        return _("the system (%(part)s)") % {"part": id.removeprefix("system:")}
    return (names.get(id) or _("erased person")) if id else ""


def _details(line: dict[str, Any]) -> str:
    """Return the codes of the line, as in the file."""
    told = (line.get(name) for name in ("what", "role", "reason", "count"))
    return " · ".join(str(value) for value in told if value is not None)
