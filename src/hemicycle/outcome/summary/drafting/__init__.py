"""A first draft of the President's summary, from statements and the record.

Nothing is invented. A sentence of the draft is a count that its sources prove, or text of one
statement, quoted or in reported speech; every statement that made the same point is a source of it.
People edit the draft from there.
"""

from hemicycle.outcome.summary.drafting.draft import draft
from hemicycle.outcome.summary.drafting.model import (
    Citation,
    DraftCoverage,
    DraftPart,
    DraftSection,
    DraftSentence,
    SourceDiscussion,
    SourceIntervention,
    SourceMaterial,
    SourcePanel,
    SourceQuestion,
    SourceStatement,
    SummaryDraft,
)

__all__ = [
    "Citation",
    "DraftCoverage",
    "DraftPart",
    "DraftSection",
    "DraftSentence",
    "SourceDiscussion",
    "SourceIntervention",
    "SourceMaterial",
    "SourcePanel",
    "SourceQuestion",
    "SourceStatement",
    "SummaryDraft",
    "draft",
]
