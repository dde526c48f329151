"""The archive's tables: registrations, lists, interventions, questions, as CSV.

The tables for the public leave out registrations that are no longer valid or did not consent to
being listed, addresses, access needs, and questions that were never put to a panel.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.webcast import recordings
from hemicycle.outcome.summary.participation import PanelOutcome, SpeakerOutcome
from hemicycle.outcome.summary.public_names import public_name, unnamed
from hemicycle.ui.spreadsheets import Value, as_csv
from hemicycle.ui.times import sortable

type Table = tuple[list[str], list[list[Value]]]

PUT = (Question.State.DRAWN, Question.State.ANSWERED)


def tables(hearing: Hearing, outcomes: Sequence[PanelOutcome], *, public: bool) -> dict[str, bytes]:
    """Return the content of each table by its file name; times are in the hearing's zone."""
    zone = hearing.zone
    made: dict[str, Table] = {
        "registrations.csv": _registrations(hearing, zone, public=public),
        "lists.csv": _lists(hearing, outcomes, public=public),
        "interventions.csv": _interventions(outcomes, zone, public=public),
        "questions.csv": _questions(hearing, zone, public=public),
    }
    return {name: as_csv(head, rows) for name, (head, rows) in made.items()}


def _registrations(hearing: Hearing, zone: ZoneInfo, *, public: bool) -> Table:
    rows = Registration.objects.filter(hearing=hearing).select_related(
        "organization", "category", "person"
    )
    found = list(rows.prefetch_related("co_signers").order_by("arrival"))
    if public:
        found = [
            registration
            for registration in found
            if registration.takes_part and _is_named(registration)
        ]
    columns: list[tuple[str, Callable[[Registration], Value]]] = [
        ("Arrival", lambda row: row.arrival),
        ("Track", lambda row: hearing.track_label(row.track)),
        ("Category", lambda row: row.category.label),
        ("Organization", lambda row: _told(row, row.organization.name, public)),
        (
            "Country",
            lambda row: _told(row, _based_in(row), public, ""),
        ),
        ("Joined by", lambda row: _told(row, _joined_by(row, public=public), public, "")),
    ]
    if not public:
        columns += [
            ("Reference", lambda row: row.reference),
            ("Received", lambda row: sortable(row.arrived_at, zone, seconds=True)),
            ("Status", lambda row: str(row.get_status_display())),
            ("Alias", lambda row: row.alias),
            ("Name", lambda row: row.person.name),
            ("Title", lambda row: row.person.title),
            ("E-mail", lambda row: row.person.email),
            ("Language", lambda row: row.language),
            ("Access needs", lambda row: row.access_needs),
            ("Eligibility", lambda row: row.eligibility),
        ]
    return [head for head, _value in columns], [
        [value(registration) for _head, value in columns] for registration in found
    ]


def _told(registration: Registration, value: str, public: bool, instead: str | None = None) -> str:
    """Return an identifying value; for the public, if there is an alias, `instead` or the alias."""
    if not public or not registration.alias:
        return value
    return registration.alias if instead is None else instead


def _is_named(registration: Registration) -> bool:
    return registration.consents_to_list or registration.is_mission


def _based_in(row: Registration) -> str:
    return row.hearing.place_name(row.organization.country)


def _joined_by(registration: Registration, *, public: bool) -> str:
    agreed = (
        co_signer.public_organization if public else co_signer.organization_name
        for co_signer in registration.co_signers.all()
        if co_signer.state == CoSigner.State.CONSENTED
    )
    return "; ".join(agreed)


def _lists(hearing: Hearing, outcomes: Sequence[PanelOutcome], *, public: bool) -> Table:
    head = ["Panel", "Position", "Organization", "Track", "Category", "Place of arrival", "State"]
    rows: list[list[Value]] = [
        [
            outcome.segment.title,
            turn.position,
            _who(turn, public=public),
            hearing.track_label(turn.inscription.track),
            turn.inscription.registration.category.label,
            turn.inscription.place,
            turn.state_label,
        ]
        for outcome in outcomes
        for turn in outcome.turns
        if turn.position is not None or not public
    ]
    return head, rows


def _who(turn: SpeakerOutcome, *, public: bool) -> str:
    return turn.name if public else turn.inscription.registration.organization.name


def _interventions(outcomes: Sequence[PanelOutcome], zone: ZoneInfo, *, public: bool) -> Table:
    head = [
        "Panel",
        "Organization",
        "Language",
        "Given",
        "Ended",
        "Seconds used",
        "Entry",
        "Read by",
    ]
    rows: list[list[Value]] = [
        [
            outcome.segment.title,
            _who(turn, public=public),
            turn.inscription.language,
            sortable(turn.given_at, zone, seconds=True),
            sortable(turn.ended_at, zone, seconds=True),
            round(turn.used_ms / 1000),
            turn.seq,
            turn.read_by,
        ]
        for outcome in outcomes
        for turn in outcome.delivered
    ]
    return head, rows


def _questions(hearing: Hearing, zone: ZoneInfo, *, public: bool) -> Table:
    found = Question.objects.filter(hearing_id=hearing.id).select_related(
        "registration__organization", "registration__category", "segment", "guiding_question"
    )
    if public:
        found = found.filter(Registration.taking_part("registration__"), state__in=PUT)
    head = ["Panel", "Guiding question", "Question", "From", "State", "Put", "Answered"]
    rows: list[list[Value]] = [
        [
            question.segment.title if question.segment else "",
            question.guiding_question.number if question.guiding_question else None,
            question.public_text if public else question.text,
            asker(question) if public else question.registration.organization.name,
            str(question.get_state_display()),
            sortable(question.drawn_at, zone, seconds=True),
            sortable(question.answered_at, zone, seconds=True),
        ]
        for question in found.order_by("submitted_at", "id")
    ]
    return head, rows


def media(hearing: Hearing) -> bytes:
    """Return a table of each meeting's watch page and the files of its recording, if any."""
    rows: list[list[Value]] = []
    for meeting in hearing.meetings.all():
        title = meeting.title or sortable(meeting.starts_at, hearing.zone)
        where = reverse("webcast:watch", args=(hearing.slug, meeting.id))
        rows.append([title, "page", "", f"{settings.BASE_URL}{where}"])
        rows.extend(
            [title, "file", file["id"], urljoin(settings.BASE_URL, file["url"])]
            for file in recordings.downloads(hearing, meeting, recordings.known(meeting))
        )
    return as_csv(["Meeting", "Kind", "What", "Address"], rows)


def asker(question: Question) -> str:
    """Return the public name of the asker, or a description if the asker is not to be named."""
    if not question.names_asker:
        return unnamed(question.registration)
    return public_name(question.registration, in_public=False)
