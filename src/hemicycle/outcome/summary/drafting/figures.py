"""Who took part, in numbers that the sources of each sentence recount."""

from collections import Counter
from collections.abc import Iterable, Sequence

from hemicycle.outcome.summary.drafting.model import (
    Citation,
    DraftSection,
    DraftSentence,
    SourceIntervention,
    SourceMaterial,
    SourceStatement,
)
from hemicycle.outcome.summary.drafting.reported_speech import language_name, listed

HEADING = "Participation"


def participation(material: SourceMaterial) -> DraftSection:
    """The figures of the hearing, then of each panel."""
    said = [*_statements(material.statements), *_floor(material.interventions, "the hearing")]
    for panel in material.panels:
        taken = [
            intervention
            for intervention in material.interventions
            if intervention.panel == panel.id
        ]
        said.extend(_floor(taken, f"“{panel.title}”"))
    return DraftSection(None, None, HEADING, tuple(said))


def _statements(statements: Sequence[SourceStatement]) -> list[DraftSentence]:
    if not statements:
        return []
    delivered = sum(statement.delivered for statement in statements)
    waiting = sum(statement.not_reached for statement in statements)
    return [
        _count(
            statements,
            f"{_number(len(statements), 'written statement is', 'written statements are')} "
            f"weighed here{_became(len(statements), delivered, waiting)}.",
        ),
        _count(statements, f"By category: {_shares(s.category for s in statements)}."),
        _count(
            statements, f"By language: {_shares(language_name(s.language) for s in statements)}."
        ),
    ]


def _became(count: int, delivered: int, waiting: int) -> str:
    """What became of statements, as the end of a sentence."""
    came = (
        (delivered, "delivered"),
        (waiting, "not delivered for lack of time"),
        (count - delivered - waiting, "sent in writing only"),
    )
    told = [
        f"{number:,} {'was' if number == 1 else 'were'} {how}" for number, how in came if number
    ]
    return f", of which {listed(told)}" if told else ""


def _count(statements: Sequence[SourceStatement], text: str) -> DraftSentence:
    return DraftSentence(
        text, tuple(Citation(statement.id) for statement in statements), len(statements)
    )


def _floor(interventions: Sequence[SourceIntervention], where: str) -> list[DraftSentence]:
    if not interventions:
        return []
    seconds = round(sum(intervention.used_ms for intervention in interventions) / 1000)
    taken = _number(len(interventions), "intervention was", "interventions were")
    shares = _shares(intervention.track for intervention in interventions)
    text = f"In {where}, {taken} made from the floor ({shares}), {_length(seconds)} in all."
    sources = tuple(Citation(seq=intervention.seq) for intervention in interventions)
    return [DraftSentence(text, sources, len(interventions))]


def _length(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    told = [_number(hours, "hour", "hours")] if hours else []
    if minutes or not hours:
        told.append(_number(minutes, "minute", "minutes"))
    return listed(told) if seconds >= 60 else _number(seconds, "second", "seconds")


def _shares(kinds: Iterable[str]) -> str:
    counted = Counter(kinds)
    shares = sorted(counted.items(), key=lambda share: (-share[1], share[0]))
    return "; ".join(f"{kind}, {number:,}" for kind, number in shares)


def _number(count: int, singular: str, many: str) -> str:
    return f"{count:,} {singular if count == 1 else many}"
