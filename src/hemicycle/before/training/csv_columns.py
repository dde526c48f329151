"""Sign-ups and attendance of training sessions, as a table for exports."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.training.models import SignUp
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.spreadsheets import Value
from hemicycle.ui.times import sortable


def head() -> list[str]:
    """Return the heads of the columns, in the reader's language."""
    return [
        _("Session"),
        _("Language"),
        _("Organization"),
        _("Name"),
        _("E-mail"),
        _("Reference"),
        _("State"),
        _("Signed up"),
        _("Attended"),
    ]


def rows(hearing: Hearing) -> Iterable[list[Value]]:
    """Yield a row for each sign-up, session by session; times in the hearing's zone. One query."""
    related = ("session", "registration__person", "registration__organization")
    found = _sign_ups(hearing).select_related(*related)
    for sign_up in found.order_by("session__starts_at", "session_id", "seq"):
        yield _row(sign_up, hearing.zone)


def _sign_ups(hearing: Hearing) -> QuerySet[SignUp]:
    return SignUp.objects.filter(session__hearing=hearing)


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    return TableToExport("training", head(), rows(hearing), _sign_ups(hearing).count())


TABLE = TableKind("training", gettext_lazy("Training sessions"), "training:office", _read)


def _row(sign_up: SignUp, zone: ZoneInfo) -> list[Value]:
    registration = sign_up.registration
    return [
        sortable(sign_up.session.starts_at, zone),
        sign_up.session.language,
        registration.organization.name,
        registration.person.name,
        registration.person.email,
        registration.reference,
        str(sign_up.get_state_display()),
        sortable(sign_up.signed_up_at, zone),
        sortable(sign_up.attended_at, zone),
    ]
