"""How texts and searches are split into words, identically for every database."""

import itertools
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hemicycle.before.statements.library.search_query import LONGEST, MOST, SearchTerm, read
from hemicycle.before.statements.library.snippets import SnippetPart, passage
from hemicycle.before.statements.library.tokenizer import cut, fold, stem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Clean water, first!", ["clean", "water", "first"]),
        ("l'État protégé", ["l", "etat", "protege"]),
        ("Straße ŒUVRE ﬁn", ["strasse", "œuvre", "fin"]),
        ("ёлка Ёлка", ["елка", "елка"]),
        ("الأُمَّة إلى الآن", ["الامه", "الي", "الان"]),
        ("مـــاء", ["ماء"]),
        ("٢٠٢١ and 2021", ["2021", "and", "2021"]),
        ("保护受害者", ["保护", "护受", "受害", "害者", "者"]),
        ("2021年的水", ["2021", "年的", "的水", "水"]),
        ("", []),
        ("–—…!?", []),
    ],
)
def test_a_text_is_cut_into_folded_words(text: str, words: list[str]) -> None:
    assert [token.word for token in cut(text)] == words


def test_places_of_tokens_point_into_the_text() -> None:
    text = "Le droit à l'eau"
    assert [text[token.start : token.end] for token in cut(text)] == [
        "Le",
        "droit",
        "à",
        "l",
        "eau",
    ]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "trafficking", "traffickers"),
        ("fr", "protégées", "protéger"),
        ("es", "víctimas", "víctima"),
        ("ru", "торговлей", "торговля"),
        ("ar", "والاتجار", "الاتجار"),
        ("", "дети", "детей"),
    ],
)
def test_forms_of_one_word_share_a_stem(language: str, one: str, other: str) -> None:
    first, second = (next(cut(word, language)).stem for word in (one, other))
    assert first
    assert first == second


def test_a_very_long_word_is_shortened() -> None:
    assert fold("a" * 10_000) == "a" * 60


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("", []),
        ('"" !', []),
        ("l'eau", [SearchTerm(("l", "eau"))]),
        ("“clean water”", [SearchTerm(("clean", "water"))]),
        ("wat*", [SearchTerm(("wat",), begins=True)]),
        ("受害者", [SearchTerm(("受害", "害者"))]),
        ("水", [SearchTerm(("水",), begins=True)]),
        ("2021年", [SearchTerm(("2021",), frozenset({"2021"})), SearchTerm(("年",), begins=True)]),
    ],
)
def test_what_is_typed_becomes_parts(typed: str, parts: list[SearchTerm]) -> None:
    assert list(read(typed).parts) == parts


def test_a_search_has_an_end() -> None:
    assert len(read(" ".join(f"w{n}" for n in range(500))).parts) == MOST
    assert len(read("x" * 5000).text) == LONGEST


@pytest.fixture
def hasty() -> Iterator[None]:
    """Make Python switch between threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_stem_at_once() -> None:
    """A stemmer that two threads shared once made the page of a booth fail."""
    words = ["".join(parts) for parts in itertools.product(("", "ال", "وال"), ARABIC, ENDS)]
    stem.cache_clear()
    alone = [stem(word, "ar") for word in words]
    for _round in range(5):
        stem.cache_clear()
        with ThreadPoolExecutor(4) as pool:
            turns = [words[n:] + words[:n] for n in range(4)]
            found = list(pool.map(lambda turn: [stem(word, "ar") for word in turn], turns))
        assert found == [alone[n:] + alone[:n] for n in range(4)]


ARABIC = ("منظمة", "مكافحة", "اتجار", "ضحايا", "حماية", "يعملون", "استغلال", "حقوق")
ENDS = ("", "ات", "ون", "هم", "ها", "ين")


def shown(text: str, typed: str, language: str = "en") -> str:
    pieces = passage(text, read(typed), language)
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in pieces)


def test_a_passage_marks_what_was_sought() -> None:
    assert shown("Clean water for all.", "WATER") == "Clean [water] for all."
    assert shown("The traffickers fled.", "trafficking") == "The [traffickers] fled."
    assert shown("我们保护受害者。", "受害者") == "我们保护[受害者]。"
    assert shown("我们保护受害者。", "护") == "我们保[护]受害者。"
    assert shown("Droit à l'eau, l'air", "l'eau", "fr") == "Droit à [l'eau], l'air"
    assert shown("مكافحة الاتجار", "اتجار", "ar") == "مكافحة [الاتجار]"


def test_a_passage_is_around_the_first_hit_and_short() -> None:
    text = f"{'before ' * 100}needle {'after ' * 100}"
    told = shown(text, "needle")
    assert "[needle]" in told
    assert told.startswith("… before")
    assert told.endswith("after …")
    assert len(told) < 300


def test_a_passage_is_plain_text_in_pieces() -> None:
    pieces = passage("<b>water</b>", read("water"), "")
    assert pieces == [SnippetPart("<b>"), SnippetPart("water", hit=True), SnippetPart("</b>")]
