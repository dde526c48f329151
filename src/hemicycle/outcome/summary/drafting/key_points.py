"""Key points: clusters of sentences of the same meaning, across statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hemicycle.outcome.summary.drafting.embeddings import Vectors, neighbours, same_point, vectors
from hemicycle.outcome.summary.drafting.model import SourceQuestion
from hemicycle.outcome.summary.drafting.sentences import SourceSentence

ON_THE_QUESTION = 0.25
"""The least similarity of a point to the guiding question under which it is put."""
_UNDER_ITS_HEADING = 0.3
"""The bonus to that similarity if all who made the point did so under the question's own heading.
"""
_HEADING = 0.5
"""The least similarity of a statement's heading to the guiding question for which it stands."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyPoint:
    """A point: the sentence that says it best, and all that say nearly the same, the best
    first, at most one from each statement. `question` is the guiding question that it answers."""

    best: SourceSentence
    said: tuple[SourceSentence, ...]
    vector: Vectors
    question: int | None
    relevance: float


def single_point(said: SourceSentence) -> KeyPoint:
    """Make a key point of a single sentence."""
    return KeyPoint(said, (said,), np.empty(0, dtype=np.float32), None, 0.0)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The vectors of all sentences, and the guiding question of each heading above them.

    `asked` has a row for each question; `under` maps a heading to the index of its question.
    """

    questions: Sequence[SourceQuestion]
    asked: Vectors
    of: Mapping[SourceSentence, Vectors]
    under: Mapping[str, int]


def embed(said: Sequence[SourceSentence], questions: Sequence[SourceQuestion]) -> Embeddings:
    """Embed all sentences of a draft at once."""
    headings = list(dict.fromkeys(sentence.heading for sentence in said if sentence.heading))
    asked = [question.text for question in questions]
    short = [question.short or question.text for question in questions]
    found = vectors([*asked, *short, *headings, *(sentence.core for sentence in said)])
    count = len(questions)
    whole, brief, rest = found[:count], found[count : 2 * count], found[2 * count :]
    under = _under(headings, rest[: len(headings)], whole, brief)
    return Embeddings(questions, whole, dict(zip(said, rest[len(headings) :], strict=True)), under)


def _under(
    headings: Sequence[str], found: Vectors, whole: Vectors, brief: Vectors
) -> dict[str, int]:
    if not len(whole) or not headings:
        return {}
    near = np.round(np.maximum(found @ whole.T, found @ brief.T), 4)
    best = zip(headings, near.argmax(axis=1), near.max(axis=1), strict=True)
    return {heading: int(place) for heading, place, score in best if score >= _HEADING}


def points(said: Sequence[SourceSentence], embeddings: Embeddings) -> list[KeyPoint]:
    """Cluster sentences into key points, the most widely shared first."""
    if not said:
        return []
    vectors = np.stack([embeddings.of[sentence] for sentence in said])
    near = np.round(vectors @ embeddings.asked.T, 4)
    groups = _joined(_groups(said, vectors), said, vectors)
    return [_point(group, said, vectors, near, embeddings) for group in groups]


def _groups(said: Sequence[SourceSentence], vectors: Vectors) -> list[list[int]]:
    found = list(neighbours(vectors, [sentence.core for sentence in said]))
    near = [others for others, _nearness in found]
    # The sentence with the most similar sentences leads; among equals, the one with the greatest
    # sum of similarities. Each sentence is used once.
    leaders = sorted(
        range(len(said)), key=lambda i: (-len(_statements(near[i], said)), -found[i][1], i)
    )
    used: set[int] = set()
    groups = []
    for leader in leaders:
        if leader in used:
            continue
        group = _one_each(leader, [i for i in near[leader] if i not in used], said)
        # A statement counts once for a point, even if it makes the point twice.
        used.update(group, near[leader])
        groups.append(group)
    return groups


def _joined(
    groups: list[list[int]], said: Sequence[SourceSentence], vectors: Vectors
) -> list[list[int]]:
    """Merge groups of the same meaning, since a point made in many languages has several leaders.

    A group's mean vector represents its meaning better than any one of its sentences does.
    """
    if not groups:
        return []
    middles = np.stack([vectors[group].sum(axis=0) for group in groups])
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
    near = same_point(middles, [said[group[0]].core for group in groups])
    order = sorted(range(len(groups)), key=lambda i: -len(groups[i]))
    into: dict[int, int] = {}
    for index in order:
        into[index] = next((i for i in into if into[i] == i and near[index, i]), index)
    return [
        _one_each(
            group[0],
            [*group[1:], *(i for j in into if into[j] == index != j for i in groups[j])],
            said,
        )
        for index, group in enumerate(groups)
        if into[index] == index
    ]


def _statements(group: Sequence[int], said: Sequence[SourceSentence]) -> set[str]:
    return {said[index].statement for index in group}


def _one_each(leader: int, followers: Sequence[int], said: Sequence[SourceSentence]) -> list[int]:
    group, seen = [leader], {said[leader].statement}
    for index in followers:
        if said[index].statement not in seen:
            seen.add(said[index].statement)
            group.append(index)
    return group


def _point(
    group: list[int],
    said: Sequence[SourceSentence],
    vectors: Vectors,
    near: Vectors,
    embeddings: Embeddings,
) -> KeyPoint:
    scores = near[group[0]].copy()
    for index in group:
        if (place := embeddings.under.get(said[index].heading)) is not None:
            scores[place] += _UNDER_ITS_HEADING / len(group)
    relevance = float(scores.max(initial=0.0))
    answered = embeddings.questions[int(scores.argmax())].number if len(scores) else None
    return KeyPoint(
        best=said[group[0]],
        said=tuple(said[index] for index in group),
        vector=vectors[group[0]],
        question=answered if relevance >= ON_THE_QUESTION else None,
        relevance=relevance,
    )
