"""The languages in which notes are read: one table of words for each, and CLDR's calendar names.

A table (`fr.toml`) has lists of words and phrases. They are pieces of regular expressions: a space
matches any white space, and `fold` is applied to them and to the text that is searched. `PIECES`
describes each list.
"""

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
CODES = ("en", "ar", "de", "es", "fr", "pt", "ru", "zh")
PIECES = {
    "common": "words that hardly any text of the language lacks",
    "hearing": "nouns that name a hearing",
    "event": "nouns that name the hearing if they stand in the title",
    "other": "nouns that name another event, or the paper of one",
    "bare": "titles that say only that it is one",
    "call": "nouns of calling a hearing, before it in a title",
    "held": "verbs whose subject is the hearing",
    "closing": "just before the last day for something",
    "closing_after": "just after it",
    "deadline": "nouns for it, up to a clause before it",
    "opening": "just before the first day of a period",
    "since": "before a day from which something goes on",
    "instead": "just before a day that is not the hearing's: \"not\", \"instead of\"",
    "shown": "recordings and broadcasts, whose day is not the hearing's",
    "opens": "nouns for the opening of a list or period, up to a clause before its day",
    "begins": "words for the hour at which a hearing begins, at the start of a sentence",
    "ends": "just before the hour at which it ends",
    "paper": "nouns of laws, decisions and letters, whose date is not the hearing's",
    "past": "verbs of what was done on a day",
    "was_set": "before a day that a hearing had before it was moved",
    "moved_to": "before the day that it has instead",
    "cancelled": "a hearing that is not held",
    "postponed": "a hearing that is held later, on a day not yet known",
    "moved": "a hearing that is held on another day",
    "beside": "before hours at which nobody sits: doors, desks, breaks",
    "register": "verbs and nouns of registering to attend or speak",
    "written": "verbs and nouns of sending something written",
    "speak": "verbs of speaking in a hearing, and nouns of it",
    "asks": "verbs of telling a secretariat something",
    "attend": "verbs of being there without speaking",
    "training": "a rehearsal with a deadline of its own",
    "media": "accreditation of journalists",
    "access": "what people need to take part",
    "questions": "sending questions for a panel",
    "foreign": "acts whose last day binds no participant",
    "states": "delegations of States",
    "stakeholders": "everyone else who takes part",
    "ours": "what the convener does by a day",
    "convenes": "verbs whose subject is the convener",
    "by": "before the convener, after a verb in the passive",
    "body": "first words of the names of bodies",
    "room": "words of which most names of places have one",
    "in": "before a place",
    "place_end": "words that end the name of a place",
    "online": "a hearing without a place",
    "to": "between the ends of a range",
    "and": "between the items of a list",
    "morning": "beside an hour before noon",
    "afternoon": "beside an hour after noon",
    "hour": "beside the number of an hour",
    "send": "verbs of sending to a mailbox",
    "opening_item": "an item of the programme that opens it",
    "closing_item": "an item that closes it",
    "break_item": "a pause",
    "panel": "a panel's name with its number",
    "watch": "words for following a meeting from elsewhere",
    "floor": "words beside the time that a speaker has",
    "other_time": "words beside the time of anything else",
    "guiding": "headings of guiding questions",
    "help": "headings of questions about the page",
    "spoken": "beside the languages of a meeting",
    "category": "people and bodies that take part",
    "open_to": "beside those who may take part",
    "who": "headings above a list of them",
    "contact": "verbs and nouns of asking for information",
}  # fmt: skip
LABELS = (
    "date", "time", "venue", "convener", "deadline", "register", "written", "title", "zone",
    "participants", "languages", "mandate", "webcast", "sender", "due",
)  # fmt: skip

_FOLDED = str.maketrans(
    {
        **{
            chr(zero + number): str(number)
            for zero in (0x660, 0x6F0, 0xFF10)
            for number in range(10)
        },
        **dict.fromkeys("\u00a0\u202f\u2009\u3000\u200e\u200f\u2066\u2067\u2068\u2069", " "),
        **dict(zip("أإآٱёЁ：，（）；．～〜﹣／", "ااااеЕ:,();.---/", strict=True)),
        **dict.fromkeys("’ʼ‘", "'"),
    }
)


def fold(text: str) -> str:
    """Return a text of the same length in which variants of characters are the same.

    Digits become 0 to 9, all spaces a plain space, full-width characters plain ones; alef and ё
    each get one form.
    """
    return text if text.isascii() else text.translate(_FOLDED)


@dataclass(frozen=True)
class Language:
    """The words of one language; a list that is missing in its table matches nothing."""

    code: str
    table: dict[str, Any] = field(compare=False)

    def pieces(self, name: str) -> str:
        """Return the words of a list as one alternation of whole words, without groups."""
        return bounded(self.code, self.table.get(name, ()))

    @cached_property
    def _compiled(self) -> dict[str, re.Pattern[str]]:
        return {}

    def pattern(self, name: str) -> re.Pattern[str]:
        """Return a list as a compiled pattern for folded text."""
        if name not in self._compiled:
            self._compiled[name] = re.compile(self.pieces(name), re.IGNORECASE)
        return self._compiled[name]

    def label(self, name: str) -> re.Pattern[str]:
        """Return a pattern of the names of a label such as "date", also with a note in brackets.

        It matches a whole folded name.
        """
        key = f"label {name}"
        if key not in self._compiled:
            names = alternatives(self.table.get("labels", {}).get(name, ()))
            self._compiled[key] = re.compile(rf"(?:{names})(?:\s*\(.*\))?", re.IGNORECASE)
        return self._compiled[key]


_NOTHING = r"(?!)"


def _spaced(word: str) -> str:
    return word.replace(" ", r"\s+").replace("'", "['’]")


def alternatives(words: list[str] | tuple[str, ...]) -> str:
    """Return words and phrases as one folded alternation; without any, one that never matches."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(_spaced(fold(word)) for word in longest) or _NOTHING


def bounded(code: str, words: list[str] | tuple[str, ...]) -> str:
    """Return an alternation of whole words.

    Chinese has no spaces between words; Arabic joins small words to the next one.
    """
    either = f"(?:{alternatives(words)})"
    if code == "zh":
        return either
    if code == "ar":
        # An object without an article ends in alef: "لقاء عاما".
        either = either.replace(r"\s+", r"ا?\s+")
        return rf"(?<!\w)[وف]?(?:بال|ال|لل|ب|ل|ك)?{either}ا?(?!\w)"
    # "Dans l'" is joined to the next word.
    return rf"(?<!\w){either}(?:(?!\w)|(?<=['’]))"


@cache
def language(code: str) -> Language:
    """Return the language of a two-letter code of `CODES`."""
    return Language(code, tomllib.loads((_HERE / f"{code}.toml").read_text()))


@cache
def names_of(what: str) -> dict[str, Any]:
    """Map the names of a kind in all languages, in lower case, to their meanings.

    CLDR's names and our additions: `months` (1 to 12), `weekdays` (Monday is 0), `languages` (their
    tags) and `cities` (their zones). `noon` (minutes of a day) and `numbers` are only our own.
    """
    names: dict[str, Any] = {}
    of_cldr = json.loads((_HERE / "cldr.json").read_text())
    for code in CODES:
        own = {**of_cldr[code].get(what, {}), **language(code).table.get(what, {})}
        for name, meaning in own.items():
            names.setdefault(fold(name).lower(), meaning)
    return names


@cache
def zone_names(kind: str) -> dict[str, str]:
    """Map the names in `zones.toml` to IANA zones; `kind` is its abbreviations, words or places."""
    table = tomllib.loads((_HERE / "zones.toml").read_text())
    return {name: zone for zone, names in table[kind].items() for name in names}


def anywhere(name: str) -> str:
    """Return a list in every language, as one alternation."""
    return "|".join(language(code).pieces(name) for code in CODES)


def search_for(name: str) -> re.Pattern[str]:
    """Return a list in every language as one pattern, for notes that mix languages."""
    return re.compile(anywhere(name), re.IGNORECASE)


_HAN = re.compile(r"[\u4e00-\u9fff]")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_CYRILLIC = re.compile(r"[а-яА-Я]")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> Language:
    """Return the language of a text: by its script and, if Latin, by its commonest words."""
    text = fold(text)
    scripts = {
        "zh": 3 * len(_HAN.findall(text)),
        "ar": len(_ARABIC.findall(text)),
        "ru": len(_CYRILLIC.findall(text)),
    }
    code = max(scripts, key=lambda name: scripts[name])
    if scripts[code] > len(re.findall(r"[a-zA-Z]", text)) / 2:
        return language(code)
    words = Counter(word.lower() for word in _WORD.findall(text))
    latin = [code for code in CODES if code not in scripts]
    return language(max(latin, key=lambda code: _share(code, words)))


def _share(code: str, words: Counter[str]) -> int:
    return sum(words[word] for word in language(code).table["common"])
