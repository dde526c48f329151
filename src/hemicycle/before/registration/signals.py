"""Where the slices above join in. Their `AppConfig.ready` appends to these lists.

Every hook but the panes runs inside the hearing's turn (`record.writer.writing`): what it changes
and appends is committed with the act that called it, or not at all. While it runs, everyone else
waits, so a hook does only what needs the lock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.record.writer import Writer


@dataclass(frozen=True, slots=True)
class Pane:
    """A part of the personal page: heading, template, what the template needs, where it goes.

    The template finds its context under the name `pane`.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50


Submitted = Callable[[Writer, Registration, Cleaned], None]
Withdrawn = Callable[[Writer, Registration, tuple[UUID, ...]], None]
Replaced = Callable[[Writer, Registration, Person, Person], None]
Changed = Callable[[Writer, Registration], None]
MakePane = Callable[[HttpRequest, Registration], Pane | None]

ON_SUBMITTED: list[Submitted] = []
"""(writer, registration, cleaned): a registration has been received and, if asked, inscribed."""

ON_WITHDRAWN: list[Withdrawn] = []
"""(writer, registration, segment ids): the places given up; all of them when all is withdrawn.

Who asked for none gives up none, and `registration.is_live` says that they do not take part.
"""

ON_SPEAKER_REPLACED: list[Replaced] = []
"""(writer, registration, before, after): another person now speaks for the organization."""

ON_ADMITTED: list[Changed] = []
"""(writer, registration): a place fell free for a registration that waited; it is now received."""

CHECK_ACCEPTED: list[Callable[[list[Registration], str], None]] = []
"""(registrations, reason): what is about to be accepted; raises `Refused` where it may not be."""

ON_DECIDED: list[Changed] = []
"""(writer, registration): the secretariat has decided; `registration.status` says what.

A refusal has called `ON_WITHDRAWN` for the panels it gives up; this comes after, and after an
acceptance has given places back.
"""

ON_CORRECTED: list[Changed] = []
"""(writer, registration): details were corrected, perhaps the `language` of the intervention."""

PERSONAL_PANES: list[MakePane] = []
"""(request, registration): a part of the personal page, or None where there is nothing to show.

For addresses under `/my/<secret>/`, the secret is `request.resolver_match.kwargs["secret"]`.
"""

OFFICE_PANES: list[MakePane] = []
"""(request, registration): a part of the secretariat's page about one registration."""

DAILY: list[Callable[[], int]] = []
"""What housekeeping does once a day, outside any hearing's turn; each returns how much it did."""
