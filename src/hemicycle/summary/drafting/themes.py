"""Points made in a panel: sentences that say much the same, gathered across statements."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from hemicycle.summary.drafting.model import Question
from hemicycle.summary.drafting.sentences import Said
from hemicycle.summary.drafting.terms import Vector, likeness, terms, vector, weights

MUCH_THE_SAME = 0.6
_ON_THE_QUESTION = 0.12
# A term that more sentences than this share tells nothing about which are alike.
_COMMON = 150


@dataclass(frozen=True, slots=True)
class Point:
    """A point: the sentence that says it best, and all that say much the same, the best
    first, at most one from each statement. `question` is the guiding question it answers."""

    best: Said
    said: tuple[Said, ...]
    vector: Vector
    question: int | None
    relevance: float


def points(said: Sequence[Said], questions: Sequence[Question]) -> list[Point]:
    """All points made in `said`, the most widely shared first."""
    words = [terms(one.core) for one in said]
    asked = [terms(question.text) for question in questions]
    weight = weights(words)
    vectors = [vector(text, weight) for text in words]
    among_questions = weights(asked)
    targets = [
        vector(text, {t: w * among_questions[t] for t, w in weight.items() if t in among_questions})
        for text in asked
    ]
    return [_point(group, said, vectors, questions, targets) for group in _groups(said, vectors)]


def _groups(said: Sequence[Said], vectors: Sequence[Vector]) -> list[list[int]]:
    alike = _alike(vectors)
    # Who has most like it leads; a tie goes to who came first. Each sentence is used once.
    leaders = sorted(range(len(said)), key=lambda i: (-len(_statements(alike[i], said)), i))
    used: set[int] = set()
    groups = []
    for leader in leaders:
        if leader in used:
            continue
        group = _one_each(leader, [i for i in alike[leader] if i not in used], said)
        # What a statement says twice is said once here.
        used.update(group, alike[leader])
        groups.append(group)
    return groups


def _statements(group: Sequence[int], said: Sequence[Said]) -> set[str]:
    return {said[index].statement for index in group}


def _one_each(leader: int, followers: Sequence[int], said: Sequence[Said]) -> list[int]:
    group, seen = [leader], {said[leader].statement}
    for index in followers:
        if said[index].statement not in seen:
            seen.add(said[index].statement)
            group.append(index)
    return group


def _alike(vectors: Sequence[Vector]) -> dict[int, list[int]]:
    """For each sentence the others much like it, the most alike first."""
    having: dict[str, list[int]] = defaultdict(list)
    for index, terms_of in enumerate(vectors):
        for term in terms_of:
            having[term].append(index)
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for index, mine in enumerate(vectors):
        for other in _sharing(index, mine, having):
            same = likeness(mine, vectors[other])
            if same >= MUCH_THE_SAME:
                found[index].append((-same, other))
                found[other].append((-same, index))
    return defaultdict(list, {i: [other for _, other in sorted(all_)] for i, all_ in found.items()})


def _sharing(index: int, mine: Vector, having: dict[str, list[int]]) -> list[int]:
    # Alike sentences share several terms, or one that nearly fills both.
    shared = Counter[int]()
    for term in mine:
        if len(having[term]) <= _COMMON:
            shared.update(other for other in having[term] if other > index)
    enough = min(2, len(mine))
    return [other for other, count in shared.items() if count >= enough]


def _point(
    group: list[int],
    said: Sequence[Said],
    vectors: Sequence[Vector],
    questions: Sequence[Question],
    targets: Sequence[Vector],
) -> Point:
    mine = vectors[group[0]]
    scores = [likeness(mine, target) for target in targets]
    relevance = max(scores, default=0.0)
    answered = questions[scores.index(relevance)].number if scores else None
    return Point(
        best=said[group[0]],
        said=tuple(said[index] for index in group),
        vector=mine,
        question=answered if relevance >= _ON_THE_QUESTION else None,
        relevance=relevance,
    )
