"""The archive's tables: registrations, lists, interventions, questions, as CSV.

What the public's tables leave out is left out here: registrations that no longer stand or did not
consent to being listed, addresses, access needs, questions that were never put to a panel.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.choices import country_name
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.people.models import Track
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.webcast import recordings
from hemicycle.outcome.summary.account import PanelAccount, Turn
from hemicycle.outcome.summary.naming import public_name
from hemicycle.ui.spreadsheets import Value, as_csv

type Table = tuple[list[str], list[list[Value]]]

PUT = (Question.State.DRAWN, Question.State.ANSWERED)


def tables(hearing: Hearing, accounts: Sequence[PanelAccount], *, public: bool) -> dict[str, bytes]:
    """Each table's file name and content; times are in the hearing's zone."""
    zone = hearing.zone
    made: dict[str, Table] = {
        "registrations.csv": _registrations(hearing, zone, public=public),
        "lists.csv": _lists(accounts, public=public),
        "interventions.csv": _interventions(accounts, zone, public=public),
        "questions.csv": _questions(hearing, zone, public=public),
    }
    return {name: as_csv(head, rows) for name, (head, rows) in made.items()}


def _registrations(hearing: Hearing, zone: ZoneInfo, *, public: bool) -> Table:
    rows = Registration.objects.filter(hearing=hearing).select_related(
        "organization", "category", "person"
    )
    found = list(rows.prefetch_related("co_signers").order_by("arrival"))
    if public:
        found = [each for each in found if each.is_live and _is_named(each)]
    columns: list[tuple[str, Callable[[Registration], Value]]] = [
        ("Arrival", lambda one: one.arrival),
        ("Track", lambda one: str(Track(one.track).label)),
        ("Category", lambda one: one.category.label),
        ("Organization", lambda one: _told(one, one.organization.name, public)),
        ("Country", lambda one: _told(one, country_name(one.organization.country), public, "")),
        ("Joined by", lambda one: _told(one, _joined_by(one), public, "")),
    ]
    if not public:
        columns += [
            ("Reference", lambda one: one.reference),
            ("Received", lambda one: _local(one.arrived_at, zone)),
            ("Status", lambda one: str(one.get_status_display())),
            ("Alias", lambda one: one.alias),
            ("Name", lambda one: one.person.name),
            ("Title", lambda one: one.person.title),
            ("E-mail", lambda one: one.person.email),
            ("Language", lambda one: one.language),
            ("Access needs", lambda one: one.access_needs),
            ("Eligibility", lambda one: one.eligibility),
        ]
    return [head for head, _value in columns], [
        [value(each) for _head, value in columns] for each in found
    ]


def _told(one: Registration, value: str, public: bool, instead: str | None = None) -> str:
    """What tells who somebody is; in public, of one under an alias, the alias or `instead`."""
    if not public or not one.alias:
        return value
    return one.alias if instead is None else instead


def _is_named(registration: Registration) -> bool:
    return registration.consents_to_list or registration.track == Track.MISSIONS


def _joined_by(registration: Registration) -> str:
    agreed = (
        each.organization_name
        for each in registration.co_signers.all()
        if each.state == CoSigner.State.CONSENTED
    )
    return "; ".join(agreed)


def _lists(accounts: Sequence[PanelAccount], *, public: bool) -> Table:
    head = ["Panel", "Position", "Organization", "Track", "Category", "Place of arrival", "State"]
    rows: list[list[Value]] = [
        [
            each.segment.title,
            turn.position,
            _who(turn, public=public),
            str(Track(turn.inscription.track).label),
            turn.inscription.registration.category.label,
            turn.inscription.place,
            turn.became,
        ]
        for each in accounts
        for turn in each.turns
        if turn.position is not None or not public
    ]
    return head, rows


def _who(turn: Turn, *, public: bool) -> str:
    return turn.name if public else turn.inscription.registration.organization.name


def _interventions(accounts: Sequence[PanelAccount], zone: ZoneInfo, *, public: bool) -> Table:
    head = ["Panel", "Organization", "Language", "Given", "Ended", "Seconds used", "Entry"]
    rows: list[list[Value]] = [
        [
            each.segment.title,
            _who(turn, public=public),
            turn.inscription.language,
            _local(turn.given_at, zone),
            _local(turn.ended_at, zone),
            round(turn.used_ms / 1000),
            turn.seq,
        ]
        for each in accounts
        for turn in each.spoke
    ]
    return head, rows


def _questions(hearing: Hearing, zone: ZoneInfo, *, public: bool) -> Table:
    found = Question.objects.filter(hearing_id=hearing.id).select_related(
        "registration__organization", "registration__category", "segment", "guiding_question"
    )
    if public:
        found = found.filter(state__in=PUT, registration__status__in=Registration.LIVE)
    head = ["Panel", "Guiding question", "Question", "From", "State", "Put", "Answered"]
    rows: list[list[Value]] = [
        [
            each.segment.title if each.segment else "",
            each.guiding_question.number if each.guiding_question else None,
            each.text,
            asker(each) if public else each.registration.organization.name,
            str(each.get_state_display()),
            _local(each.drawn_at, zone),
            _local(each.answered_at, zone),
        ]
        for each in found.order_by("submitted_at", "id")
    ]
    return head, rows


def media(hearing: Hearing) -> bytes:
    """Where each meeting can be watched, and the files of its recording where there are any."""
    rows: list[list[Value]] = []
    for meeting in hearing.meetings.all():
        title = meeting.title or f"{meeting.starts_at.astimezone(hearing.zone):%Y-%m-%d %H:%M}"
        where = reverse("webcast:watch", args=(hearing.slug, meeting.id))
        rows.append([title, "page", "", f"{settings.BASE_URL}{where}"])
        rows.extend(
            [title, "file", file["id"], urljoin(settings.BASE_URL, file["url"])]
            for file in recordings.downloads(hearing, meeting, recordings.known(meeting))
        )
    return as_csv(["Meeting", "Kind", "What", "Address"], rows)


def asker(question: Question) -> str:
    """Who asked, as the public is told: a question is read out without its asker's name."""
    return public_name(question.registration, in_public=False)


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
