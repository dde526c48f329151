"""Sentences as weighted terms, so that likeness can be measured.

A term is the beginning of a word, which serves for stems in the languages that inflect at
the end; for Chinese it is a pair of neighbouring characters. Rare terms weigh more.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

Vector = dict[str, float]

_STEM = 6
_WORD = re.compile(r"[^\W\d_]{3,}|\d{2,}")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff]+")
_STOP_WORDS_OF_SIX_LANGUAGES = """
    about above across after against all also and any are because been before being between both
    but can cannot could did does each for from had has have her here him his how into its itself
    just many may might more most much must need not now only other our ours out over own same
    shall she should since some such than that the their them then there these they this those
    through too under until upon very was way ways were what when where which while who whom why
    will with within would you your including
    aux avec ces cette dans des doit donc elle elles est etre être ils leur leurs les mais nos
    notre nous ont par pas plus pour que qui sans ses son sont sur tous tout toute toutes une vos
    al como con cual cuando del desde donde ella ellos entre era este esta estas estos han hay las
    los más muy nos nuestra nuestro para pero por porque que ser sin sobre son sus también todo
    todos una unos
    или как для что это при так они его ему все был была быть мы вы наш наши нас
    على إلى هذا هذه التي الذي الذين كان كانت وقد قد لقد ومن وفي وإلى وعلى نحن أن إن
"""
_STOP_WORDS = frozenset(_STOP_WORDS_OF_SIX_LANGUAGES.split())


def terms(text: str) -> list[str]:
    """The terms of `text`, with repetitions."""
    words = _WORD.findall(_IDEOGRAPHS.sub(" ", text.lower()))
    stems = [word[:_STEM] for word in words if word not in _STOP_WORDS]
    pairs = [run[i : i + 2] for run in _IDEOGRAPHS.findall(text) for i in range(len(run) - 1)]
    return stems + pairs


def weights(texts: Sequence[Iterable[str]]) -> dict[str, float]:
    """How telling each term is among `texts`: the logarithm of how few of them have it."""
    having = Counter(term for text in texts for term in set(text))
    return {term: math.log((1 + len(texts)) / (1 + n)) + 1 for term, n in having.items()}


def vector(text: Iterable[str], weight: dict[str, float]) -> Vector:
    """Terms with their weights, of length one (or empty); unknown terms are left out."""
    raw = {t: (1 + math.log(n)) * weight[t] for t, n in Counter(text).items() if t in weight}
    length = math.sqrt(sum(value * value for value in raw.values()))
    return {term: value / length for term, value in raw.items()}


def likeness(one: Vector, other: Vector) -> float:
    """Cosine, from 0 (no term shared) to 1 (the same terms in the same shares)."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(value * large[term] for term, value in small.items() if term in large)
