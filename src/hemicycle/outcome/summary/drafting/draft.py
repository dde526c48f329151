"""Drafting: find the key points of each panel, and put the best under each question.

Sentences are chosen one at a time, by several criteria: a point should answer the question, be
shared by many, ask for something, not repeat an earlier one (maximal marginal relevance), and come
from statements that the draft does not reflect yet. Neither the language of a statement nor whether
it was delivered has any influence. The draft is in the active language.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hemicycle.outcome.summary.drafting import figures, recommendations, reported_speech
from hemicycle.outcome.summary.drafting.key_points import KeyPoint, embed, points
from hemicycle.outcome.summary.drafting.model import (
    DraftCoverage,
    DraftPart,
    DraftSection,
    SourceMaterial,
    SourceQuestion,
    SourceStatement,
    SummaryDraft,
)
from hemicycle.outcome.summary.drafting.sentences import SourceSentence, citable_sentences

PER_SECTION = 6
MESSAGES = 8
ALONE = 3
"""How many points that only one statement made are reported from it in a panel."""
_REPEATS = 1.0
_NEWLY_REFLECTED = 0.35


def other_points() -> str:
    """Return the heading of points outside the guiding questions, in the active language."""
    return _("Other points")


def key_messages() -> str:
    """Return the heading of the most widely shared points, in the active language."""
    return _("Key messages")


def draft(material: SourceMaterial, *, per_section: int = PER_SECTION) -> SummaryDraft:
    """Draft the summary; equal material gives an equal draft.

    At most `per_section` sentences are under each guiding question of each panel, and under "Other
    points". Statements of a panel that the hearing does not have are used for the figures and the
    coverage only. Raises `ValueError` if `per_section` is below one.
    """
    if per_section < 1:
        raise ValueError("per_section must be at least 1")
    return _Drafter(material, per_section).drafted()


class _Drafter:
    def __init__(self, material: SourceMaterial, per_section: int) -> None:
        self.material, self.most = material, per_section
        self.statements = {statement.id: statement for statement in material.statements}
        self.citable = {
            statement.id: citable_sentences(statement.id, statement.text)
            for statement in material.statements
        }
        self.reflected: set[str] = set()
        said = [sentence for found in self.citable.values() for sentence in found]
        self.embeddings = embed(said, material.questions)

    def drafted(self) -> SummaryDraft:
        body = [figures.participation(self.material)]
        for panel in self.material.panels:
            body.extend(self._panel(panel.id))
        everything = self._points(
            [statement.id for statement in self.material.statements if self._heard(statement)]
        )
        sections = [self._messages(everything), *body, *self._recommendations(everything)]
        return SummaryDraft(
            sections=tuple(section for section in sections if section.sentences),
            coverage=_coverage(self.material.statements, self.citable, self.reflected),
        )

    def _heard(self, statement: SourceStatement) -> bool:
        return statement.panel in {panel.id for panel in self.material.panels}

    def _points(self, ids: Sequence[str]) -> list[KeyPoint]:
        found = points([sentence for id in ids for sentence in self.citable[id]], self.embeddings)
        return [reported_speech.readable(point, self.statements) for point in found]

    def _panel(self, panel: str) -> list[DraftSection]:
        found = self._points(
            [statement.id for statement in self.material.statements if statement.panel == panel]
        )
        sections = []
        alone: Counter[str] = Counter()
        for number, heading in _headings(self.material.questions):
            asked = [point for point in found if point.question == number]
            chosen = self._choose(asked, self.most, alone)
            sentences = tuple(reported_speech.report(point, self.statements) for point in chosen)
            sections.append(DraftSection(panel, number, heading, sentences))
        return sections

    def _messages(self, found: Sequence[KeyPoint]) -> DraftSection:
        """Draft the key messages: the points most widely shared across panels."""
        shared = [point for point in found if len(point.said) > 1]
        chosen = sorted(self._choose(shared, MESSAGES), key=lambda point: -len(point.said))
        sentences = tuple(reported_speech.report(point, self.statements) for point in chosen)
        return DraftSection(None, None, key_messages(), sentences, DraftPart.MESSAGES)

    def _recommendations(self, found: Sequence[KeyPoint]) -> list[DraftSection]:
        sections = []
        for number, heading in _headings(self.material.questions):
            asked = [
                point
                for point in found
                if point.question == number and recommendations.is_request(point)
            ]
            chosen = recommendations.most_shared(asked)
            self.reflected.update(said.statement for point in chosen for said in point.said)
            rows = tuple(recommendations.row(point, self.statements) for point in chosen)
            sections.append(DraftSection(None, number, heading, rows, DraftPart.RECOMMENDATIONS))
        return sections

    def _choose(
        self, candidates: Sequence[KeyPoint], most: int, alone: Counter[str] | None = None
    ) -> list[KeyPoint]:
        """Choose the best candidates; `alone` counts the points that only one statement made."""
        left = list(candidates)
        alone = Counter() if alone is None else alone
        worth = {id(point): _worth(point) for point in left}
        repeats = dict.fromkeys(worth, 0.0)
        chosen: list[KeyPoint] = []
        while left and len(chosen) < most:
            best = max(left, key=lambda p: worth[id(p)] - repeats[id(p)] + self._news(p))
            left.remove(best)
            if len(best.said) == 1 and (alone[best.best.statement] >= ALONE):
                continue
            alone[best.best.statement] += len(best.said) == 1
            chosen.append(best)
            self.reflected.update(said.statement for said in best.said)
            for point in left:
                same = _REPEATS * round(float(point.vector @ best.vector), 4)
                repeats[id(point)] = max(repeats[id(point)], same)
        return chosen

    def _news(self, point: KeyPoint) -> float:
        new = sum(said.statement not in self.reflected for said in point.said)
        return _NEWLY_REFLECTED * new / len(point.said)


def _headings(questions: Sequence[SourceQuestion]) -> list[tuple[int | None, str]]:
    asked: list[tuple[int | None, str]] = [
        (question.number, question.text) for question in questions
    ]
    return [*asked, (None, other_points())]


def _worth(point: KeyPoint) -> float:
    asks = 0.15 if recommendations.is_request(point) else 0.0
    return point.relevance + 0.3 * math.log(len(point.said)) + asks


def _coverage(
    statements: Sequence[SourceStatement],
    citable: Mapping[str, Sequence[SourceSentence]],
    reflected: set[str],
) -> DraftCoverage:
    not_yet = tuple(statement.id for statement in statements if statement.id not in reflected)
    return DraftCoverage(
        reflected=tuple(statement.id for statement in statements if statement.id in reflected),
        not_yet=not_yet,
        without_text=tuple(id for id in not_yet if not citable[id]),
    )
