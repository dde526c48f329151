"""Shapes of requests: queries and bodies, each field with its meaning."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from hemicycle.site.api.cursors import MOST
from hemicycle.site.api.resources.base import ApiShape, RequestShape

Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class PageIn(RequestShape):
    """The requested page of a list."""

    cursor: Annotated[str, StringConstraints(max_length=120)] = Field(
        "", description="The cursor: `next` of the previous page. Empty for the first page."
    )
    limit: int = Field(50, ge=1, le=MOST, description="The maximum number of items on a page.")


TrackKey = Annotated[str, StringConstraints(max_length=64, pattern=r"^[-\w]*$")]


class RegistrationsIn(PageIn):
    """Filters and page of registrations."""

    q: Words = Field("", description="Words in the names of people and organizations, any script.")
    track: TrackKey = Field("", description="Only of this track, by its key.")
    status: Literal["", "submitted", "accepted", "refused", "withdrawn"] = Field(
        "", description="Only in this state."
    )
    category: Annotated[str, StringConstraints(max_length=64, pattern=r"^[-\w]*$")] = Field(
        "", description="Only of this category, by its key."
    )
    panel: UUID | None = Field(
        None, description="Registrations that ask for the floor in this panel."
    )


class EntriesIn(PageIn):
    """The requested entries of the record."""

    kind: Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_.]*$")] = Field(
        "", description="Only of this kind, such as `floor.given`."
    )
    after: int = Field(0, ge=0, lt=2**62, description="Only entries after this one.")


class FormatIn(RequestShape):
    """The format of a table."""

    format: Literal["csv", "xlsx"] = Field("csv", description="As CSV (UTF-8) or as a workbook.")


class ImportIn(RequestShape):
    """The options of an import of registrations."""

    track: TrackKey = Field(
        "",
        description="The key of the track that the rows belong to; if empty, the hearing's last.",
    )
    dry_run: bool = Field(
        True,
        description="Only report what would happen: nothing is saved and no letters are sent.",
    )


class DecisionIn(RequestShape):
    """A decision about a registration."""

    outcome: Literal["accepted", "refused"]
    reason: Reason = Field("", description="Included in the letter. Required for a refusal.")


class ReceiptIn(ApiShape):
    """A complete receipt as it was issued: with a signature or, later, with a proof."""

    model_config = ConfigDict(extra="allow")

    format: str
    entry: dict[str, object]
    previous: str
