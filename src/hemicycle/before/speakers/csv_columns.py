"""A list of speakers as a table for exports, with everything that the office's page shows."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import panel_rules, queries
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList, waiting_for
from hemicycle.before.speakers.signals import list_columns
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.ui.languages import labelled
from hemicycle.ui.spreadsheets import Value
from hemicycle.ui.times import sortable


def head() -> list[str]:
    """Return the heads of the columns, in the reader's language."""
    return [
        _("Position"),
        _("Organization"),
        _("Speaker"),
        _("Title or function"),
        _("Reader"),
        _("Joined by"),
        _("Track"),
        _("Category"),
        _("Place by order of arrival"),
        _("Language"),
        _("Protocol rank"),
        _("State"),
        _("Admitted late"),
        _("Expected from"),
        _("Expected to"),
        _("Forecast"),
        _("Moved"),
        *(str(column.label) for column in list_columns.send()),
        _("Reference"),
        _("Entry of the record"),
    ]


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    segment = panel_rules.panels(hearing).get(pk=UUID(str(asked["segment"])))
    count = segment.inscriptions.count() + len(waiting_for(segment))
    return TableToExport(f"speakers-{segment.ordinal}", head(), _rows(segment), count)


def _rows(segment: Segment) -> Iterator[list[Value]]:
    yield from rows(queries.listing(segment))


TABLE = TableKind("speakers", gettext_lazy("Lists of speakers"), "speakers:office", _read)


def rows(listing: SpeakerList) -> list[list[Value]]:
    """Return one row for each line, then the withdrawn ones, then the waiting list.

    Times are in the hearing's zone.
    """
    hearing = listing.segment.meeting.hearing
    more = said_above(listing.lines)
    waiting = waiting_for(listing.segment)
    return [
        *(_row(line, hearing, more) for line in listing.lines),
        *(_waiting_row(row.registration, hearing, len(more)) for row in waiting),
    ]


def _waiting_row(registration: Registration, hearing: Hearing, more: int) -> list[Value]:
    return [
        None,
        registration.organization.name,
        registration.person.name,
        registration.person.title,
        *("", ""),
        hearing.track_label(registration.track),
        registration.category.label,
        None,
        registration.language,
        registration.rank,
        Registration.Status.WAITING.value,
        _yes(registration.is_late),
        *("", "", "", ""),
        *[""] * more,
        registration.reference,
        registration.arrival,
    ]


def _yes(holds: bool) -> str:
    return _("yes") if holds else ""


def said_above(lines: Sequence[ListedSpeaker]) -> list[Mapping[UUID, str]]:
    """Return the values that apps above add for the inscriptions, column by column."""
    inscriptions = [line.inscription for line in lines]
    return [column.states(inscriptions) for column in list_columns.send()]


def _row(line: ListedSpeaker, hearing: Hearing, more: list[Mapping[UUID, str]]) -> list[Value]:
    row, zone = line.inscription, hearing.zone
    expected = line.expected
    return [
        line.position,
        line.organization,
        row.speaker.name,
        row.speaker.title,
        str(line.reading or ""),
        "; ".join(line.joined_by),
        hearing.track_label(row.track),
        row.registration.category.label,
        row.place,
        row.language,
        row.rank,
        line.state,
        _yes(row.is_late),
        sortable(expected.earliest, zone) if expected else "",
        sortable(expected.latest, zone) if expected else "",
        expected.status if expected else "",
        "; ".join(labelled(move.by, move.reason) for move in line.moves),
        *(states.get(row.pk, "") for states in more),
        row.registration.reference,
        row.arrival,
    ]
