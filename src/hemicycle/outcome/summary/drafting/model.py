"""The data of drafting: source material in, draft out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class DraftPart(StrEnum):
    """The parts of a summary; the body consists of participation and the panels."""

    BODY = "body"
    MESSAGES = "messages"
    RECOMMENDATIONS = "recommendations"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class SourcePanel:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SourceQuestion:
    """A guiding question of the hearing; `short` is its heading in few words, if it has one."""

    number: int
    text: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatement:
    """A written statement.

    `speaker` is the name shown for its author (the alias of a protected speaker), `category` the
    words for their kind ("civil society"). `not_reached` means that the author was registered to
    speak and not reached for lack of time, `unnamed` that `speaker` is a description instead of a
    name. Statements of one `participant` count as one when participants are counted; without a
    `participant` each counts separately.
    """

    id: str
    text: str
    panel: str
    speaker: str
    category: str
    language: str
    delivered: bool
    not_reached: bool = False
    unnamed: bool = False
    participant: str = ""


@dataclass(frozen=True, slots=True)
class SourceIntervention:
    """An intervention: `seq` is the entry that ended it, its time is in milliseconds."""

    seq: int
    panel: str
    track: str
    used_ms: int


@dataclass(frozen=True, slots=True)
class SourceDiscussion:
    """A discussion of a panel; `seq` is the entry that opened it.

    `spoke_ms` is the total time for which its speakers were heard, in milliseconds.
    """

    seq: int
    panel: str
    spoke_ms: int


@dataclass(frozen=True, slots=True)
class SourceMaterial:
    panels: tuple[SourcePanel, ...]
    questions: tuple[SourceQuestion, ...]
    statements: tuple[SourceStatement, ...]
    interventions: tuple[SourceIntervention, ...] = ()
    discussions: tuple[SourceDiscussion, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A source: a statement, one sentence of it (counted from zero), or an entry of the record."""

    statement: str = ""
    sentence: int = -1
    seq: int = -1

    def as_json(self) -> dict[str, Any]:
        if self.seq >= 0:
            return {"seq": self.seq}
        whole = {"statement": self.statement}
        return whole if self.sentence < 0 else {**whole, "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of the draft.

    `count` is the number at its beginning if it reports figures or speakers, so that it can be
    recounted; zero if it reports one statement. In a recommendation `addressee` is who should act
    according to its source; "" if the source does not say.
    """

    text: str
    sources: tuple[Citation, ...]
    count: int = 0
    addressee: str = ""


@dataclass(frozen=True, slots=True)
class DraftSection:
    """Sentences under one heading.

    `panel` and `question` are its subject, None for the whole hearing and for points outside the
    guiding questions; `part` is the part of the summary.
    """

    panel: str | None
    question: int | None
    heading: str
    sentences: tuple[DraftSentence, ...]
    part: DraftPart = DraftPart.BODY


@dataclass(frozen=True, slots=True)
class DraftCoverage:
    """Which statements the draft reflects, and which not yet, by id, in the order given.
    `without_text` are the statements in `not_yet` that have no sentence to reflect."""

    reflected: tuple[str, ...]
    not_yet: tuple[str, ...]
    without_text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryDraft:
    sections: tuple[DraftSection, ...]
    coverage: DraftCoverage
