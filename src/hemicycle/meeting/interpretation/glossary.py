"""The terms that are marked in the booth's text, each with its equivalent in the booth's language.

They come from the secretariat's glossary, and from the data of the hearing: its titles,
organizations and speakers in all languages in which they have names, and the names of States. Words
are compared as the search compares them, so that case, accents and most endings do not matter. A
person with an alias, and their organization, are never among the terms.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.library.tokenizer import WordToken, cut
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.meeting.interpretation.models import Glossary
from hemicycle.ui import territories
from hemicycle.ui.words import Translated, best, direction, original, speaks

MOST, LONGEST = 2_000, 200
"""The maximum number of terms in a glossary, and of characters in a term."""

SHORTEST_TITLE = 2
"""The fewest words in a title that is marked: "Women" alone would be marked everywhere."""

type Term = Mapping[str, str]
"""What a term is, by BCP 47 tag; "" is a name in no language."""


class GlossaryRefused(ValueError):
    """A table of terms cannot be read; the message says why and how to correct it."""


# ── The table that the secretariat types or pastes ────────────────────────────────────────────


def as_table(terms: Sequence[Term], languages: Sequence[str]) -> str:
    """Return terms as a table: a line of languages, then one line for each term."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(languages)
    writer.writerows([[term.get(tag, "") for tag in languages] for term in terms])
    return out.getvalue()


def read_table(text: str, languages: Sequence[str]) -> list[dict[str, str]]:
    """Return the terms of a table. Raises `GlossaryRefused`."""
    first, _end, rest = text.strip().partition("\n")
    between = max(";\t,", key=first.count)
    tags = [_language(cell.strip(), languages) for cell in first.split(between)]
    terms = []
    try:
        for row in csv.reader(io.StringIO(rest, newline=""), delimiter=between, strict=True):
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                terms.append(_term(cells, tags))
    except csv.Error as error:
        raise GlossaryRefused(
            _("The table cannot be read: %(reason)s") % {"reason": error}
        ) from error
    if len(terms) > MOST:
        raise GlossaryRefused(_("A glossary has at most %(most)d terms.") % {"most": MOST})
    return terms


def _language(tag: str, languages: Sequence[str]) -> str:
    if found := best(tag, languages) if tag else "":
        return found
    sentence = _("The first line must name languages of this hearing, such as %(languages)s.")
    raise GlossaryRefused(sentence % {"languages": "; ".join(languages)})


def _term(cells: Sequence[str], tags: Sequence[str]) -> dict[str, str]:
    if len(cells) > len(tags):
        sentence = _("“%(term)s”: this line has more terms than the first line has languages.")
        raise GlossaryRefused(sentence % {"term": cells[0]})
    if too_long := next((cell for cell in cells if len(cell) > LONGEST), ""):
        sentence = _("“%(term)s…” is longer than %(most)d characters.")
        raise GlossaryRefused(sentence % {"term": too_long[:30], "most": LONGEST})
    return {tag: cell for tag, cell in zip(tags, cells, strict=False) if cell}


# ── Terms from the data of the hearing ────────────────────────────────────────────────────────


def lexicon(hearing: Hearing, language: str) -> "Lexicon":
    """Return all terms of a hearing for a booth, in six queries."""
    own = Glossary.objects.filter(hearing=hearing.registered_id).first()
    found = Lexicon(language)
    # The order matters: of terms with the same words, the first one added is used.
    for term in own.terms if own else ():
        found.add(term)
    for term in (*_titles(hearing), *_people(hearing)):
        found.add(term)
    for term in _states(tuple(hearing.languages)):
        found.add(term)
    return found


def _titles(hearing: Hearing) -> Iterator[Term]:
    yield from _texts(hearing, "title", "short_title", "convener", "venue", "platform")
    for category in hearing.categories.all():
        yield from _texts(category, "label")
    segments = Segment.objects.filter(meeting__hearing=hearing).select_related("meeting")
    for segment in segments:
        yield from _texts(segment.meeting, "title")
        yield from _texts(segment, "title")


def _texts(row: Translated, *names: str) -> Iterator[Term]:
    for name in names:
        texts = {row.original_language: str(original(getattr(row, name)))}
        texts |= {tag: said for tag, one in row.translations.items() if (said := one.get(name))}
        if all(len(list(cut(text))) >= SHORTEST_TITLE for text in texts.values()):
            yield texts


def _people(hearing: Hearing) -> Iterator[Term]:
    members = PanelMember.objects.filter(segment__meeting__hearing=hearing, alias="")
    for member in members:
        yield {"": member.name}
    taking_part = Registration.objects.filter(
        Registration.taking_part(), hearing=hearing.registered_id, alias=""
    )
    for row in taking_part.select_related("organization", "person"):
        yield {"": row.person.name}
        organization = row.organization
        yield organization.names_by_language or {"": str(original(organization.name))}


@lru_cache(maxsize=8)
def _states(languages: tuple[str, ...]) -> tuple[Term, ...]:
    """Return the names of Member and observer States in the hearing's languages."""
    codes = (*territories.MEMBERS, *territories.OBSERVERS)
    return tuple({tag: territories.name(code, tag) for tag in languages} for code in codes)


# ── Finding them in a text ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Entry:
    """A term in one language: its words, and its equivalent for the booth, "" if unknown."""

    words: tuple[WordToken, ...]
    is_name: bool
    said: str


@dataclass(slots=True)
class Lexicon:
    """Terms by their first word; `language` is that of the booth."""

    language: str
    _entries: dict[str, list[_Entry]] = field(default_factory=dict)

    def add(self, term: Term) -> None:
        """Add a term in all its languages."""
        said = term.get(best(self.language, term), "")
        for tag, text in term.items():
            words = tuple(cut(text, tag))
            if words and len(text) > 1:
                shown = "" if speaks(tag, self.language) or said == text else said
                # A single word is a name only if it has a capital letter: "Hope", but not "hope".
                is_name = len(words) == 1 and text[0] != text[0].lower()
                entry = _Entry(words, is_name, shown)
                for key in _keys(words[0]):
                    self._entries.setdefault(key, []).append(entry)

    def find(self, text: str, language: str = "") -> Iterator[tuple[int, int, str]]:
        """Yield the terms in a text, in order, as (start, end, equivalent in the booth's language).

        Where terms overlap, the longest one that begins first is used.
        """
        words, at = list(cut(text, language)), 0
        while at < len(words):
            found = max(
                (
                    entry
                    for key in _keys(words[at])
                    for entry in self._entries.get(key, ())
                    if _is_at(entry, words, at, text)
                ),
                key=lambda entry: len(entry.words),
                default=None,
            )
            if found is None:
                at += 1
                continue
            last = words[at + len(found.words) - 1]
            yield words[at].start, last.end, found.said
            at += len(found.words)

    def marked(self, text: str, language: str = "") -> SafeString:
        """Return the text as HTML with its terms marked.

        An equivalent in the booth's language follows only the first term that has it.
        """
        parts: list[tuple[str, SafeString]] = []
        at, told = 0, set()
        for start, end, said in self.find(text, language):
            parts.append(
                (text[at:start], self._mark(text[start:end], "" if said in told else said))
            )
            told.add(said)
            at = end
        return format_html("{}{}", format_html_join("", "{}{}", parts), text[at:])

    def _mark(self, term: str, said: str) -> SafeString:
        shown = ' <span class="term__said" lang="{}" dir="{}">({})</span>'
        after = format_html(shown, self.language, direction(self.language), said) if said else ""
        return format_html('<mark class="term">{}{}</mark>', term, after)


def _keys(word: WordToken) -> Iterable[str]:
    """Return the keys for a first word: the word itself, and its stem."""
    return {word.word, f"{word.stem}~"} if word.stem else {word.word}


def _is_at(entry: _Entry, words: Sequence[WordToken], at: int, text: str) -> bool:
    run = words[at : at + len(entry.words)]
    if len(run) < len(entry.words) or (entry.is_name and text[run[0].start].islower()):
        return False
    return all(map(_is_same, entry.words, run))


def _is_same(term: WordToken, word: WordToken) -> bool:
    if term.unspaced or word.unspaced:  # a term's last character begins a pair in the text
        return term.unspaced and word.unspaced and word.word.startswith(term.word)
    return term.word == word.word or (term.stem != "" and term.stem == word.stem)
