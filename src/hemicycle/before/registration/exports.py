"""Registrations as a table for other programs."""

from collections.abc import Iterator
from datetime import UTC

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import search
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.times import sortable

Row = list[str]


def head() -> Row:
    """Return the headings of the columns, in the reader's language."""
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
        _("Title or function"),
        _("E-mail"),
        _("Alias"),
        _("Language"),
        _("Panels and places"),
        _("Co-signers"),
        _("Access needs"),
        _("Evidence of eligibility"),
        _("On the public list"),
    ]


def rows(found: QuerySet[Registration]) -> Iterator[Row]:
    """Yield a row for each registration, with three queries per 500."""
    for registration in found.iterator(chunk_size=500):
        yield _row(registration)


def _row(registration: Registration) -> Row:
    consented = [c for c in registration.co_signers.all() if c.state == CoSigner.State.CONSENTED]
    live = getattr(registration, "on_lists", ())
    return [
        registration.reference,
        str(registration.arrival),
        sortable(registration.arrived_at, UTC, seconds=True),
        registration.hearing.track_label(registration.track),
        registration.category.label,
        registration.get_status_display(),
        registration.organization.name,
        registration.hearing.place_name(registration.organization.country)
        if registration.organization.country
        else "",
        registration.person.name,
        registration.person.title,
        registration.person.email,
        registration.alias,
        registration.language,
        "; ".join(f"{row.segment.title} ({row.place})" for row in live),
        "; ".join(co_signer.organization_name for co_signer in consented),
        registration.access_needs,
        registration.eligibility,
        _("yes") if registration.consents_to_list else _("no"),
    ]


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    found = search.find(hearing, search.read(asked, facts_of(hearing)))
    return TableToExport("registrations", head(), rows(found), found.count())


TABLE = TableKind("registrations", gettext_lazy("Registrations"), "registration:office", _read)
