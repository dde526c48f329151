"""Shapes of public answers. Times are in UTC; ids are random and permanent."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from hemicycle.site.api.resources.base import ResponseShape


class TrackOut(ResponseShape):
    """A way in which people register."""

    key: str
    name: str = Field(description="In the language of the request.")
    kind: Literal["member-states", "stakeholders"] = Field(
        description="Its form: that of a delegation or that of anybody else."
    )
    max_per_panel: int | None = Field(description="Places that it has on the list of a panel.")


class DeadlineOut(ResponseShape):
    """The deadline of a track for registrations."""

    track: str
    closes_at: datetime


class CategoryOut(ResponseShape):
    """A category of participants that the hearing admits."""

    key: str
    label: str
    track: str
    eligibility: str


class QuestionOut(ResponseShape):
    """A guiding question."""

    number: int
    short: str
    text: str


class MemberOut(ResponseShape):
    """A moderator or panellist."""

    role: str
    name: str
    title: str
    topic: str


class SegmentOut(ResponseShape):
    """An item of the programme; its `kind` is opening, panel, closing, break or other."""

    id: UUID
    kind: str
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    members: list[MemberOut]


class MeetingOut(ResponseShape):
    """A meeting; its `state` is upcoming, now, suspended or done."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    segments: list[SegmentOut]


class MandateOut(ResponseShape):
    """A document that the hearing rests on."""

    symbol: str
    title: str
    url: str


class HearingLineOut(ResponseShape):
    """The main fields of a hearing."""

    id: UUID
    slug: str
    status: str
    title: str
    short_title: str
    original_language: str = Field(
        description="The BCP 47 tag of the language in which its texts were written; empty if "
        "unknown. A text that does not exist in the language of the answer is in this one."
    )
    title_languages: list[str] = Field(description="The languages into which it was translated.")
    time_zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    url: str
    is_postponed: bool = Field(
        description="Whether it is postponed without new dates; its times are then no longer valid."
    )
    is_rehearsed: bool = Field(description="Whether all people and data in it are invented.")


class HearingOut(HearingLineOut):
    """A hearing with its programme."""

    theme: str
    objective: str
    format: str
    outcome: str
    convener: str
    venue: str
    hashtag: str
    languages: list[str]
    mandate: list[MandateOut]
    floor_time_limit_s: int
    words_per_minute: int
    lists_are_public: bool
    calendar_url: str
    statements_close_at: datetime | None
    tracks: list[TrackOut]
    deadlines: list[DeadlineOut]
    categories: list[CategoryOut]
    guiding_questions: list[QuestionOut]
    meetings: list[MeetingOut]


class HearingsOut(ResponseShape):
    """A page of hearings."""

    items: list[HearingLineOut]
    next: str | None


class PublicLineOut(ResponseShape):
    """A place on a published list; without a name if the speaker did not agree to be named."""

    position: int
    track: str
    organization: str | None
    joined_by: list[str]
    speaker: str | None
    reading: str | None = Field(
        description="Whether another person reads, with the name if they agreed."
    )
    state: str


class PublicListOut(ResponseShape):
    """A panel's list of speakers: the number inscribed, the number there is time for, and names."""

    segment: UUID
    title: str
    inscribed: int
    fits: int
    lines: list[PublicLineOut]


class PublicListsOut(ResponseShape):
    """The lists of speakers; they have no lines if the hearing does not publish them."""

    published: bool
    panels: list[PublicListOut]


class StatementLineOut(ResponseShape):
    """A published statement; its `release` is delivered, not_reached or written."""

    id: UUID
    organization: str = Field(
        description="The organization, or the alias that replaces every name."
    )
    speaker: str | None
    title: str = Field(description="The title as it was given first; empty without one.")
    title_language: str
    other_title: str = Field(description="The title in a second language; empty without one.")
    other_title_language: str
    segment: UUID | None
    release: str
    language: str
    words: int
    note: str = Field("Check against delivery", description="Applies to every statement.")
    url: str


class StatementOut(StatementLineOut):
    """A published statement with its text."""

    text: str
    file_url: str | None = Field(description="None under an alias, because a file contains names.")


class StatementsOut(ResponseShape):
    """A page of published statements, in the order of arrival of their authors."""

    items: list[StatementLineOut]
    next: str | None


class DocumentOut(ResponseShape):
    """A public document: its `kind` is note, programme, presentation or background."""

    id: UUID
    kind: str
    title: str
    original_language: str = Field(
        description="The language in which the title was written first: it is in this one where it "
        "does not exist in the language of the answer."
    )
    title_languages: list[str] = Field(description="The languages into which it was translated.")
    language: str = Field(description="BCP 47 tag of the file’s language; empty for several.")
    file_name: str
    size: int = Field(description="Bytes.")
    sha256: str
    url: str


class DocumentsOut(ResponseShape):
    """The public documents, by kind, then in the secretariat's order."""

    items: list[DocumentOut]


class SourceOut(ResponseShape):
    """The source of a sentence: a statement, one sentence of a statement, or an entry."""

    statement: UUID | None = None
    sentence: int | None = None
    entry: int | None = None


class SaidOut(ResponseShape):
    """A sentence of the summary, with its sources."""

    text: str
    sources: list[SourceOut]


class SectionOut(ResponseShape):
    """A part of the summary."""

    heading: str
    segment: UUID | None
    guiding_question: int | None
    sentences: list[SaidOut]


class SummaryOut(ResponseShape):
    """The published summary."""

    published_at: datetime
    revision: int
    sections: list[SectionOut]


class LinkOut(ResponseShape):
    """A link of the published chain."""

    seq: int
    digest: str
    hash: str


class ChainOut(ResponseShape):
    """A page of the chain, the oldest link first; `head` is the present end of the chain.

    `fingerprint` is the SHA-256 of the public key in DER.
    """

    head: LinkOut | None
    public_key: str
    fingerprint: str
    items: list[LinkOut]
    next: str | None


class VerdictOut(ResponseShape):
    """Whether a receipt is valid here, and what it proves."""

    holds: bool
    problem: str | None
    hearing: str | None
    entry: int | None
    at: datetime | None
    hash: str | None
    what: str | None
    track: str | None
    panel: str | None
    place: int | None
