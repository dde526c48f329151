"""From material to draft: points of each panel, the best of them under each question.

What is chosen is a balance, made one sentence at a time: a point should answer the
question, be shared by many, ask for something, not repeat what stands already (maximal
marginal relevance), and bring in statements that nothing yet reflects. Whether a statement
was delivered plays no part.
"""

import math
import re
from collections.abc import Mapping, Sequence

from hemicycle.summary.drafting import figures, voice
from hemicycle.summary.drafting.model import (
    Coverage,
    Draft,
    Material,
    Question,
    Section,
    Statement,
)
from hemicycle.summary.drafting.sentences import Said, worth_citing
from hemicycle.summary.drafting.terms import likeness
from hemicycle.summary.drafting.themes import Point, points

OTHER_POINTS = "Other points"
PER_SECTION = 6
_REPEATS = 1.0
_NEWLY_REFLECTED = 0.35
_ASKS = re.compile(
    r"\b(?:call|urge|recommend|propose|ask|must|should|need|commit|request|demand)\w*\b",
    re.IGNORECASE,
)


def draft(material: Material, *, per_section: int = PER_SECTION) -> Draft:
    """A draft of the summary, the same for the same material.

    At most `per_section` sentences stand under each guiding question of each panel, and
    under "Other points". Statements of a panel that the hearing does not have count in the
    figures and the coverage only. Raises ValueError when `per_section` is below one.
    """
    if per_section < 1:
        raise ValueError("per_section must be at least 1")
    statements = {statement.id: statement for statement in material.statements}
    citable = {one.id: worth_citing(one.id, one.text) for one in material.statements}
    reflected: set[str] = set()
    sections = [figures.participation(material)]
    for panel in material.panels:
        said = [one for s in material.statements if s.panel == panel.id for one in citable[s.id]]
        found = points(said, material.questions)
        for number, heading in _headings(material.questions):
            candidates = [point for point in found if point.question == number]
            chosen = _choose(candidates, reflected, per_section)
            sentences = tuple(voice.report(point, statements) for point in chosen)
            sections.append(Section(panel.id, number, heading, sentences))
    return Draft(
        sections=tuple(section for section in sections if section.sentences),
        coverage=_coverage(material.statements, citable, reflected),
    )


def _headings(questions: Sequence[Question]) -> list[tuple[int | None, str]]:
    asked: list[tuple[int | None, str]] = [(one.number, one.text) for one in questions]
    return [*asked, (None, OTHER_POINTS)]


def _choose(candidates: Sequence[Point], reflected: set[str], most: int) -> list[Point]:
    left = list(candidates)
    worth = {id(point): _worth(point) for point in left}
    repeats = dict.fromkeys(worth, 0.0)
    chosen: list[Point] = []
    while left and len(chosen) < most:
        best = max(left, key=lambda p: worth[id(p)] - repeats[id(p)] + _news(p, reflected))
        left.remove(best)
        chosen.append(best)
        reflected.update(said.statement for said in best.said)
        for point in left:
            same = _REPEATS * likeness(point.vector, best.vector)
            repeats[id(point)] = max(repeats[id(point)], same)
    return chosen


def _worth(point: Point) -> float:
    asks = 0.15 if _ASKS.search(point.best.core) else 0.0
    return point.relevance + 0.3 * math.log(len(point.said)) + asks


def _news(point: Point, reflected: set[str]) -> float:
    new = sum(said.statement not in reflected for said in point.said)
    return _NEWLY_REFLECTED * new / len(point.said)


def _coverage(
    statements: Sequence[Statement], citable: Mapping[str, Sequence[Said]], reflected: set[str]
) -> Coverage:
    not_yet = tuple(one.id for one in statements if one.id not in reflected)
    return Coverage(
        reflected=tuple(one.id for one in statements if one.id in reflected),
        not_yet=not_yet,
        without_text=tuple(one for one in not_yet if not citable[one]),
    )
