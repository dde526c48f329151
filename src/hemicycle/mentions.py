"""Finds where a text names its author, and replaces the names by an alias.

A statement or a question often begins with its author's name and organization. If the author has an
alias, the public reads the text with these replaced: names by the alias; e-mail addresses,
telephone numbers, the organization's domain and the names of colleagues by an omission. Other hints
at a person, such as the place or the story, cannot be found by a search: a person has to read the
text.

How names are found (`find`):

- word by word, ignoring case, accents, strokes (Ł, ø, ı), vowel signs and the varying spellings of
  Arabic letters, also where ä, ø or đ is spelled ae, oe or dj, and across a hyphen at the end of a
  line or an invisible one;
- inflected: with endings of up to three more letters, or a changed last letter (two in Cyrillic),
  for names in scripts that have capitals; in Arabic with particles and the article before a word,
  and in the accusative;
- in any order (surname first); in scripts without spaces, or where words take particles, as a
  sequence of characters; also a Chinese surname before a form of address;
- single words of a person's name only if they are capitalized as in the name, so that a person
  called Hope does not lose the word hope; in scripts without capitals at least two words of the
  name, unless it has only one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final, Literal

type Kind = Literal["name", "contact", "colleague"]

OMISSION: Final = "[…]"
"""The replacement for an address, a number, or the name of a colleague."""

_MARKS = "\u0300-\u036f\u0483-\u0489\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}{_UNSEEN}])*")
_BROKEN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}{_UNSEEN}]|[-‐]\s*\n\s*(?=[^\W_]))*")
"""A word like `_TOKEN`, or one that continues after a hyphen at the end of a line."""
_LEFT_OUT = re.compile(rf"[{_UNSEEN}]|[-‐]\s*\n\s*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]{2,4}")
_TWO_SURNAMES = ("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "皇甫")
_ADDRESSED = "(?:先生|女士|小姐|太太|博士|教授|老师|老師|律师|律師|医生|代表|大使|主任|主席|部长)"
_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj"})
_APOSTROPHES = re.compile("['’ʼ`]")
_ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None, "ٱ": "ا"})
_ARABIC_LETTER = re.compile("[\u0620-\u064a]")
_ARABIC_FRONT = re.compile("^[وف]?(?:لل|[بكل]?ال|[بكل](?=..))?")
_CYRILLIC_LETTER = re.compile("[\u0400-\u04ff]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TELEPHONE = re.compile(
    r"(?:\+|(?<!\d)00)\d[\d\s().\-/]{6,}\d"
    r"|(?<!\w)(?:tel|phone|fax|mobile|тел|هاتف|电话|電話)\w*\W{0,4}\d[\d\s().\-/]{4,}\d",
    re.IGNORECASE,
)
_SHARED_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "yahoo.com"),
        *("icloud.com", "proton.me", "protonmail.com", "gmx.net", "web.de", "mail.ru", "yandex.ru"),
        *("qq.com", "163.com"),
    }
)
"""Domains of mail providers, which do not identify an organization."""

_ENDING = re.compile("[\n.!?؟。！？]")
_TITLES = frozenset(
    """the and mrs miss mister sir dame lady prof professor doctor hon honourable madam ambassador
    minister president speaker herr frau monsieur madame senor senora von van der den del bin ibn
    """.split()  # noqa: SIM905 - words read better as words
)
"""Folded words of names that are too common to identify anyone."""
_LEAST_SINGLE: Final = 3
"""The number of letters that a word of a name needs to be searched alone."""
OTHERS_SHORTEST: Final = 5
"""The same number in texts by others, where short names such as Mark and Hope are also words."""
_APART: Final = 3
"""The number of characters that may be between two words of a name."""
_JOINED: Final = 6
"""Two mentions with at most this many characters between them become one alias."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that a text may contain: its author, organizations, mailbox, and the author's
    colleagues.

    `former` are earlier speakers whom the author replaced. A word of the person's name is searched
    alone if it has at least `shortest` letters. With `hides_contacts`, every address and telephone
    number is a mention; without it, only those of these names.
    """

    person: str = ""
    organizations: tuple[str, ...] = ()
    email: str = ""
    colleagues: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    shortest: int = _LEAST_SINGLE
    hides_contacts: bool = True


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text, from `start` to `end`, that names a person or an organization."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text or of a name: its place, its spelling, and its form for comparison."""

    start: int
    end: int
    written: str
    folded: str

    @property
    def has_case(self) -> bool:
        return self.written.lower() != self.written.upper()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The form for comparison, and a second form with two letters instead of one that many
        keyboards lack.
        """
        spelled = unicodedata.normalize("NFC", self.written).casefold().translate(_DIGRAPHS)
        other = _fold(spelled)
        return (self.folded,) if other == self.folded else (self.folded, other)

    @property
    def is_capital(self) -> bool:
        return self.written[:1] != self.written[:1].lower()


# ── Finding ───────────────────────────────────────────────────────────────────────────────────


def find(text: str, names: Names) -> list[Mention]:
    """Return all mentions in a text, in order and without overlaps."""
    found = list(_contacts(text, names))
    for words in _readings(text):
        for name in (names.person, *names.former):
            found += _persons(text, words, name, names.shortest)
        for name in names.organizations:
            found += _organizations(text, words, name)
        for name in names.colleagues:
            found += _whole(text, words, name, "colleague")
    return _apart(found)


def _readings(text: str) -> list[list[_Word]]:
    """Return the words of a text, and a second time with words joined that were broken at the end
    of a line.
    """
    words, whole = _words(text), _words(text, _BROKEN)
    return [words] if len(words) == len(whole) else [words, whole]


def _words(text: str, token: re.Pattern[str] = _TOKEN) -> list[_Word]:
    return [
        _Word(hit.start(), hit.end(), word, _fold(word))
        for hit in token.finditer(text)
        for word in (_LEFT_OUT.sub("", hit.group()),)
    ]


def _fold(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return bare.translate(_STROKES).translate(_ARABIC)


def _contacts(text: str, names: Names) -> Iterator[Mention]:
    for pattern in (_EMAIL, _TELEPHONE) if names.hides_contacts else ():
        for hit in pattern.finditer(text):
            yield Mention(hit.start(), hit.end(), "contact")
    if names.email and not names.hides_contacts:
        for hit in re.finditer(rf"(?<![\w.+-]){re.escape(names.email)}(?!\w)", text, re.IGNORECASE):
            yield Mention(hit.start(), hit.end(), "contact")
    domain = names.email.rpartition("@")[2].casefold()
    if domain and domain not in _SHARED_DOMAINS:
        bare = rf"(?<![\w.-])(?:https?://)?(?:www\.)?{re.escape(domain)}(?:/\S*)?(?!\w)"
        for hit in re.finditer(bare, text, re.IGNORECASE):
            yield Mention(hit.start(), hit.end(), "contact")


def _persons(text: str, words: Sequence[_Word], name: str, shortest: int) -> Iterator[Mention]:
    yield from _whole(text, words, name, "name")
    yield from _addressed(text, name)
    together = _APOSTROPHES.sub("", name)
    if together != name:
        yield from _persons(text, words, together, shortest)
    parts = _words(name)
    if len(parts) < 2:
        return
    for part in parts:
        long = len(part.folded) >= shortest and part.folded not in _TITLES
        if part.is_capital and long:
            yield from _runs(words, [part], "name")
    if not any(part.has_case for part in parts):
        for pair in pairwise(parts):
            yield from _runs(words, list(pair), "name")


def _addressed(text: str, name: str) -> Iterator[Mention]:
    """Yield each place of a Chinese surname before a form of address, such as 王女士."""
    if _HAN.fullmatch(name):
        surname = name[: 2 if name.startswith(_TWO_SURNAMES) else 1]
        for hit in re.finditer(surname + _ADDRESSED, text):
            yield Mention(hit.start(), hit.start() + len(surname), "name")


def _organizations(text: str, words: Sequence[_Word], name: str) -> Iterator[Mention]:
    yield from _whole(text, words, name, "name")
    initials = "".join(part.written[0] for part in _words(name) if part.is_capital)
    if len(initials) >= _LEAST_SINGLE and initials.isalpha():
        for hit in re.finditer(rf"(?<!\w){re.escape(initials)}(?!\w)", text):
            yield Mention(hit.start(), hit.end(), "name")


def _whole(text: str, words: Sequence[_Word], name: str, kind: Kind) -> Iterator[Mention]:
    """Yield each place of the whole name, in its order or reversed."""
    if _UNSPACED.search(name):
        run = r"[\s·・]*".join(map(re.escape, "".join(name.split())))
        for hit in re.finditer(run, text, re.IGNORECASE):
            yield Mention(hit.start(), hit.end(), kind)
        return
    parts = _words(name)
    if parts:
        yield from _runs(words, parts, kind)
        yield from _runs(words, [*parts[1:], parts[0]], kind)
        yield from _runs(words, [parts[-1], *parts[:-1]], kind)


def _runs(words: Sequence[_Word], parts: Sequence[_Word], kind: Kind) -> Iterator[Mention]:
    many = len(parts)
    for first in range(len(words) - many + 1):
        run = words[first : first + many]
        near = all(later.start - word.end <= _APART for word, later in pairwise(run))
        if near and all(map(_is_same, parts, run)) and (many > 1 or _same_case(parts[0], run[0])):
            yield Mention(run[0].start, run[-1].end, kind)


def _same_case(part: _Word, word: _Word) -> bool:
    """Whether a single word is capitalized as in the name, or written in capitals throughout."""
    return not part.is_capital or word.is_capital


def _is_same(part: _Word, word: _Word) -> bool:
    """Whether a word of the text is this word of the name, possibly inflected."""
    if _ARABIC_LETTER.search(part.folded):
        told = word.folded
        accusative = told.removesuffix("ا")
        return _bare(part.folded) in {told, _bare(told), accusative, _bare(accusative)}
    return any(
        name == told or _is_inflected(part, word, name, told)
        for name in part.spellings
        for told in word.spellings
    )


def _is_inflected(part: _Word, word: _Word, name: str, told: str) -> bool:
    if len(name) < 4 or not part.has_case or not _same_case(part, word):
        return False
    common = _common(name, told)
    changes = 2 if _CYRILLIC_LETTER.search(name) else 1
    least = len(name) - (changes if len(name) >= 5 else 0)
    return common >= least and len(told) - common <= 3


def _bare(word: str) -> str:
    return _ARABIC_FRONT.sub("", word) or word


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning of two words."""
    alike = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        alike += 1
    return alike


def _apart(found: Iterable[Mention]) -> list[Mention]:
    """Return the longest of overlapping mentions, in order."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda one: one.start)


# ── Replacing ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Bearer:
    """A person with a public alias, and the names that it replaces."""

    names: Names
    alias: str


@dataclass(frozen=True, slots=True)
class PublicPiece:
    """A piece of a public text; `is_replaced` if it stands in place of other words."""

    text: str
    is_replaced: bool = False


def pieces(text: str, *bearers: Bearer) -> list[PublicPiece]:
    """Return the text in pieces, with aliases for the bearers' names and omissions for the rest.

    A name and an organization next to each other become one alias.
    """
    out: list[PublicPiece] = []
    at, last = 0, ""
    for mention, instead in _replacements(text, bearers):
        between = text[at : mention.start]
        if last == instead != OMISSION and _is_short(between):
            at = mention.end
            continue
        out += [PublicPiece(between), PublicPiece(instead, is_replaced=True)]
        at, last = mention.end, instead
    return [piece for piece in (*out, PublicPiece(text[at:])) if piece.text]


def _replacements(text: str, bearers: Iterable[Bearer]) -> list[tuple[Mention, str]]:
    """Return all mentions in order, each with its replacement."""
    instead: dict[Mention, str] = {}
    for bearer in bearers:
        for mention in find(text, bearer.names):
            instead.setdefault(mention, bearer.alias if mention.kind == "name" else OMISSION)
    return [(mention, instead[mention]) for mention in _apart(instead)]


def replaced(text: str, *bearers: Bearer) -> str:
    """Return the same text as `pieces`, as one string."""
    return "".join(piece.text for piece in pieces(text, *bearers))


def _is_short(between: str) -> bool:
    """Whether two mentions are so close that they belong together: "Amina Otieno, River Watch"."""
    return len(between) <= _JOINED and not _ENDING.search(between)


def as_json(bearer: Bearer) -> dict[str, Any]:
    """Return a bearer as data for another process; `read` restores it."""
    return asdict(bearer)


def read(data: Mapping[str, Any]) -> Bearer:
    """Return the bearer from the data of `as_json`. Raises TypeError or KeyError for other data."""
    names: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data["names"].items()
    }
    return Bearer(Names(**names), data["alias"])
