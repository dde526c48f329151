"""A first draft of the President's summary, from statements and the record.

Nothing is invented. A sentence of the draft is a count that its sources recount, or the
words of one statement, quoted or turned into the reporting voice, with every statement
that said much the same beside it as a source. A person edits from there.
"""

from hemicycle.outcome.summary.drafting.draft import draft
from hemicycle.outcome.summary.drafting.model import (
    Citation,
    DraftCoverage,
    DraftPart,
    DraftSection,
    DraftSentence,
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
    "SourceIntervention",
    "SourceMaterial",
    "SourcePanel",
    "SourceQuestion",
    "SourceStatement",
    "SummaryDraft",
    "draft",
]
