"""The stored personal data, for the public and for the office: both pages show one table."""

from datetime import datetime
from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup import personal_data, retention
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere
from hemicycle.record import erasure
from hemicycle.ui.revalidation import revalidated


@require_safe
@public_hearing
@revalidated
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show which data about participants is stored, why, and until when."""
    context = {"hearing": hearing, "rows": personal_data.TABLE, "kept_until": _kept_until(hearing)}
    return render(request, "hearing/privacy.html", context)


@never_cache
@for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
@require_safe
def office(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the same table to the office, with data that could not be erased yet."""
    context = {
        "hearing": hearing,
        "rows": personal_data.TABLE,
        "kept_until": _kept_until(hearing),
        "unfinished": erasure.unfinished(hearing.id),
        "copies": list(chain.from_iterable(copies_elsewhere.send(hearing))),
    }
    return render(request, "hearing/office_privacy.html", context)


def _kept_until(hearing: Hearing) -> datetime | None:
    """Return the last day on which data is kept, for pages; None if there is none."""
    return retention.day_shown(retention.keep_until_of(hearing), hearing.zone)
