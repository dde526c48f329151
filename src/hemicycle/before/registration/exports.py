"""Registrations as a table for other programs."""

from collections.abc import Iterator
from datetime import UTC

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration.choices import country_name
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.ui.times import sortable

Row = list[str]


def head() -> Row:
    """The heads of the columns, in the reader's language."""
    return [
        _("Reference"),
        _("Arrival"),
        _("Received (UTC)"),
        _("Track"),
        _("Category"),
        _("Status"),
        _("Organization"),
        _("Country"),
        _("Name"),
        _("Title"),
        _("E-mail"),
        _("Language"),
        _("Panels and places"),
        _("Co-signers"),
        _("Access needs"),
        _("Evidence of eligibility"),
        _("On the public list"),
    ]


def rows(found: QuerySet[Registration]) -> Iterator[Row]:
    """A row for each registration: three queries per 500."""
    for each in found.iterator(chunk_size=500):
        yield _row(each)


def _row(each: Registration) -> Row:
    consented = [c for c in each.co_signers.all() if c.state == CoSigner.State.CONSENTED]
    live = getattr(each, "on_lists", ())
    return [
        each.reference,
        str(each.arrival),
        sortable(each.arrived_at, UTC, seconds=True),
        each.get_track_display(),
        each.category.label,
        each.get_status_display(),
        each.organization.name,
        country_name(each.organization.country) if each.organization.country else "",
        each.person.name,
        each.person.title,
        each.person.email,
        each.language,
        "; ".join(f"{row.segment.title} ({row.place})" for row in live),
        "; ".join(co_signer.organization_name for co_signer in consented),
        each.access_needs,
        each.eligibility,
        _("yes") if each.consents_to_list else _("no"),
    ]
