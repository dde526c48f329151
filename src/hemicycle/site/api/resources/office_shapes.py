"""Shapes of the API for the secretariat, and of errors in tables. See `shapes`."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from hemicycle.site.api.resources.base import ResponseShape


class OrganizationOut(ResponseShape):
    """A participating organization; `names` has its name in each language in which it was given."""

    id: UUID
    name: str
    names: dict[str, str]
    country: str


class PersonOut(ResponseShape):
    """The registered person."""

    id: UUID
    name: str
    title: str
    email: str


class FloorRequestOut(ResponseShape):
    """An open request for the floor; `place` is its place of arrival within the track."""

    segment: UUID
    place: int | None


class CoSignerOut(ResponseShape):
    """An organization invited to join; its `state` is asked, consented or declined."""

    organization: str
    state: str


class RegistrationOut(ResponseShape):
    """A request to take part; its `status` is submitted, accepted, refused or withdrawn."""

    id: UUID
    reference: str
    arrival: int = Field(description="The entry of the record that accepted it.")
    arrived_at: datetime
    track: str
    category: str
    status: str
    organization: OrganizationOut
    person: PersonOut
    language: str
    wishes_to_intervene: bool
    requests: list[FloorRequestOut]
    co_signers: list[CoSignerOut]
    access_needs: str
    eligibility: str
    consents_to_list: bool


class RegistrationsOut(ResponseShape):
    """A page of registrations in the order of arrival."""

    items: list[RegistrationOut]
    next: str | None


class ForecastOut(ResponseShape):
    """When a speaker is expected to have the floor; `chance` is how likely that is, in per cent."""

    earliest: datetime
    expected: datetime
    latest: datetime
    chance: int
    status: str


class LineOut(ResponseShape):
    """An inscription on a list; `position` is None if it was withdrawn."""

    inscription: UUID
    registration: UUID
    position: int | None
    track: str
    place: int
    organization: str
    joined_by: list[str]
    speaker: str
    language: str
    rank: int
    state: str
    moved: int = Field(description="How often the secretariat moved it.")
    forecast: ForecastOut | None


class ListOut(ResponseShape):
    """A panel's list with forecasts."""

    segment: UUID
    title: str
    inscribed: int
    fits: int
    lines: list[LineOut]


class ListsOut(ResponseShape):
    """All lists of a hearing."""

    panels: list[ListOut]


class HandedStatementOut(ResponseShape):
    """A statement that was submitted, with the text of its newest readable version."""

    published_as: ClassVar[str] = "HandedIn"

    id: UUID
    registration: UUID
    inscription: UUID | None
    organization: str
    title: str
    title_language: str
    other_title: str
    other_title_language: str
    release: str
    consents_to_publish: bool
    versions: int
    handed_in_at: datetime | None
    is_late: bool
    language: str
    words: int
    text: str


class AllStatementsOut(ResponseShape):
    """A page of statements, including confidential ones."""

    items: list[HandedStatementOut]
    next: str | None


class AskedQuestionOut(ResponseShape):
    """A question for panellists; its `state` is submitted, sorted, set-aside, drawn or answered."""

    id: UUID
    registration: UUID
    organization: str
    segment: UUID | None
    guiding_question: int | None
    to: str | None
    language: str
    text: str
    state: str
    submitted_at: datetime


class QuestionsOut(ResponseShape):
    """A page of questions, the oldest first."""

    items: list[AskedQuestionOut]
    next: str | None


class EntryOut(ResponseShape):
    """An entry of the record: ids, numbers and closed vocabularies, never names."""

    seq: int
    kind: str
    version: int
    at: datetime
    actor: str
    role: str
    meeting: str
    body: dict[str, Any]
    digest: str
    hash: str


class EntriesOut(ResponseShape):
    """A page of entries, the oldest first."""

    items: list[EntryOut]
    next: str | None


class BadCellOut(ResponseShape):
    """An error in one row, with its column; no column if it concerns the whole row."""

    column: str
    says: str


class BadRowOut(ResponseShape):
    """A row that cannot be imported; `row` counts as in spreadsheets, the header being row 1."""

    row: int
    problems: list[BadCellOut]


class ImportedOut(ResponseShape):
    """The result of an import or of a dry run: if a row is invalid, nothing is imported."""

    dry_run: bool
    rows: int
    taken: int
    again: int = Field(description="Rows that an earlier import had already taken.")
    bad: list[BadRowOut]
    references: list[str]
