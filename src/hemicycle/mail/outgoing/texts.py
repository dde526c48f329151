"""Letters by kind: each has a text with placeholders in braces, which a secretariat may rewrite.

An app declares its letters in `letters.py`. A text contains `{link}` where the link will be. The
built-in text is made from translated sentences, and a hearing's own text (`Wording`) replaces it. A
paragraph is left out if all its placeholders are empty, so that "Reason: {reason}" appears only if
there is a reason.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from itertools import product
from types import MappingProxyType
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import audiences, frame
from hemicycle.mail.outgoing.actions import queue
from hemicycle.mail.outgoing.models import Enclosure, Message, Wording
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.record.compiled import CompiledQuery
from hemicycle.ui import times
from hemicycle.ui.languages import base, speaking, spoken

PLACE = re.compile(r"\{([a-z_]+)\}")
LONGEST_SUBJECT, LONGEST_BODY = 300, 20_000

type Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """A letter's text, with fields in braces or filled in, its language, and its audience."""

    subject: str
    body: str
    language: str = ""
    audience: str = ""
    """A `models.LetterAudience`; empty for a text for everyone."""


@dataclass(frozen=True, slots=True)
class Field:
    """A placeholder in a letter's text; a changed text must keep it if it is `required`."""

    name: str
    meaning: str | Promise
    required: bool = False


HEARING = Field("hearing", gettext_lazy("the hearing’s short title"))
GREETING = Field("greeting", gettext_lazy("“Dear …,” with the name of the recipient"))


@dataclass(frozen=True, slots=True)
class Letter:
    """A kind of letter.

    `text` makes the built-in text in the active language. `example` returns the values of the
    latest real case, or None if there has been none. For a letter to lists, `common` returns the
    values that are the same for all members, and `personal` the values of one member, or None for a
    member who must not get the letter. A `registered` letter is for lists of people who have
    registered. A letter with `is_chosen` false has a page of its own, and the form of letters to
    lists does not offer it.
    """

    key: str
    purpose: Message.Purpose
    label: str | Promise
    text: Callable[[], Text]
    fields: tuple[Field, ...]
    example: Callable[[Hearing], Values | None] | None = None
    common: Callable[[Hearing], Values] | None = None
    personal: Callable[[Hearing, Addressee], Values | None] | None = None
    registered: bool = False
    is_chosen: bool = True
    papers: tuple[str, ...] = ()

    @property
    def places(self) -> dict[str, Field]:
        """The placeholders that its text may have, by name."""
        return {field.name: field for field in (HEARING, GREETING, *self.fields)}


_letters: dict[str, Letter] = {}


def declare(letter: Letter) -> Letter:
    """Register a kind of letter and return it. Raises `ValueError` if the key is in use."""
    if letter.key in _letters:
        raise ValueError(f"the letter {letter.key!r} is declared twice")
    _letters[letter.key] = letter
    return letter


def known_letters() -> Mapping[str, Letter]:
    """Return all registered letters, by key."""
    return MappingProxyType(_letters)


class _Braces(dict[str, str]):
    """Maps each name to itself in braces: translated sentences with %(name)s become templates."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


BRACES = _Braces()


def built_in(subject: str, *paragraphs: str) -> Text:
    """Compose a built-in text: the hearing precedes its subject, a greeting its body."""
    return composed(f"{{hearing}}: {subject}", *paragraphs)


def composed(subject: str, *paragraphs: str) -> Text:
    """Compose a built-in text without putting the hearing before its subject."""
    return Text(subject, "\n\n".join(("{greeting}", *paragraphs)))


_wordings = CompiledQuery(
    lambda hearing, letter, language, spoken: Wording.objects.filter(
        hearing_id=hearing, letter=letter, language__in=(language, spoken)
    ),
    hearing=UUID,
    letter=str,
    language=str,
    spoken=str,
)


def text_of(
    letter: Letter, hearing_id: UUID, language: str, audience: str | Callable[[], str] = ""
) -> Text:
    """Return the hearing's own text in that language, or the built-in one.

    The text for the `audience` takes precedence over the one for everyone. A function that finds
    the audience is called only if the hearing has a text for one. For a language without
    translations, English is used: the hearing's own text, or the built-in one.
    """
    instead = spoken(language)
    own = list(
        _wordings(
            hearing=hearing_id, letter=letter.key, language=base(language), spoken=base(instead)
        )
    )
    texts = {(wording.language, wording.audience): wording for wording in own}
    readers = _readers(audience) if any(wording.audience for wording in own) else ""
    for key in product((base(language), base(instead)), (readers, "")):
        if text := texts.get(key):
            return Text(text.subject, text.body, text.language, text.audience)
    return built_in_text(letter, instead)


def _readers(audience: str | Callable[[], str]) -> str:
    return audience() if callable(audience) else audience


def built_in_text(letter: Letter, language: str) -> Text:
    """Return the built-in text in that language, or in English if there is no translation."""
    return _built_in(letter.text, spoken(language))


@cache
def _built_in(text: Callable[[], Text], language: str) -> Text:
    with speaking(language):
        return replace(text(), language=language)


def fill(text: Text, values: Values) -> Text:
    """Return the text with its fields filled in, without empty paragraphs."""
    paragraphs = re.split(r"\n[ \t]*\n", text.body.replace("\r\n", "\n"))
    kept = [
        _filled(paragraph, values) for paragraph in paragraphs if not _is_void(paragraph, values)
    ]
    subject = " ".join(_filled(text.subject, values).split())
    body = "\n\n".join(part for part in kept if part.strip())
    return replace(text, subject=subject[:400], body=body)


def _filled(words: str, values: Values) -> str:
    return PLACE.sub(lambda found: str(values.get(found[1], found[0])), words)


def _is_void(paragraph: str, values: Values) -> bool:
    names = PLACE.findall(paragraph)
    return bool(names) and not any(str(values.get(name, "")).strip() for name in names)


def written(
    letter: Letter,
    *,
    hearing: Hearing,
    values: Values | Callable[[], Values],
    person: Person | None = None,
    address: str = "",
    language: str = "",
    text: Text | None = None,
) -> Text:
    """Return the letter as `send` queues it, without the frame that is added when it is sent."""
    language = language or (person.language if person else get_language() or "en")
    to = address or (person.email if person else "")
    text = text or text_of(
        letter, hearing.id, language, partial(audiences.of_address, hearing.id, to)
    )
    with speaking(text.language or language):
        greeting = frame.greeting(person.name if person else "")
    zone = person.time_zone if person else times.reader_zone()
    with speaking(language), times.reading_in(zone):
        own = values() if callable(values) else values
        return fill(text, {"hearing": str(hearing), "greeting": greeting, **own})


def send(
    letter: Letter,
    *,
    hearing: Hearing,
    values: Values | Callable[[], Values],
    person: Person | None = None,
    address: str = "",
    language: str = "",
    once: str = "",
    reference: str = "",
    enclosures: Iterable[Enclosure] = (),
    text: Text | None = None,
    held: bool = False,
    at: datetime | None = None,
) -> Message | None:
    """Queue the letter for a person or an address, in their language; see `actions.queue`.

    Without a `language` (BCP 47), the person's language is used, or the active one. Values that
    contain words, such as dates and titles, must be given as a function: it is called in the
    letter's language and with its reader's time zone, not the actor's. `text` is the hearing's text
    in that language, if the caller has already read it.
    """
    words = written(
        letter,
        hearing=hearing,
        values=values,
        person=person,
        address=address,
        language=language,
        text=text,
    )
    return queue(
        hearing_id=hearing.id,
        purpose=letter.purpose,
        subject=words.subject,
        body=words.body,
        person=person,
        address=address,
        language=words.language,
        once=once,
        reference=reference,
        enclosures=enclosures,
        is_rehearsed=hearing.is_rehearsed,
        held=held,
        at=at,
    )


def faults(letter: Letter, text: Text) -> list[str]:
    """Return the errors of a text: unknown placeholders, and missing required ones."""
    found = set(PLACE.findall(text.subject + text.body))
    unknown = sorted(found - letter.places.keys())
    lost = [name for name, field in letter.places.items() if field.required and name not in found]
    in_body = set(PLACE.findall(text.body))
    shifted = [
        name
        for name, field in letter.places.items()
        if field.required and name in found and name not in in_body
    ]
    loose = PLACE.sub("", text.subject + "\n" + text.body)
    said = [_unknown(name, letter) for name in unknown]
    said += [_("{%(name)s} is missing. Add it to the text.") % {"name": n} for n in lost]
    said += [
        _("{%(name)s} must be in the text, not only in the subject.") % {"name": n} for n in shifted
    ]
    if "{" in loose or "}" in loose:
        said.append(_("A brace is unpaired. Write fields as {name}, with both braces."))
    if not text.subject.strip() or not text.body.strip():
        said.append(_("A letter needs a subject and a text."))
    return said


def _unknown(name: str, letter: Letter) -> str:
    known = ", ".join(f"{{{name}}}" for name in letter.places)
    return _("{%(name)s} is not a field of this letter. Its fields are: %(known)s.") % {
        "name": name,
        "known": known,
    }
