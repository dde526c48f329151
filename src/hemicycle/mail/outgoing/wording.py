"""The secretariat's own text of a letter: change it, preview it with real data, withdraw it."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import get_language, ngettext

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import frame
from hemicycle.mail.outgoing.delivery.mail import mailbox_for
from hemicycle.mail.outgoing.models import LetterAudience, Letterhead, Recipient, Wording
from hemicycle.mail.outgoing.redaction import without_links
from hemicycle.mail.outgoing.texts import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    Letter,
    Text,
    fill,
    known_letters,
    text_of,
)
from hemicycle.record import clock, writer
from hemicycle.ui.languages import OFFICIAL, base, language_name, speaking


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would look; `is_real` is true if its values are from a real case."""

    text: Text
    is_real: bool


@dataclass(frozen=True, slots=True)
class AudienceText:
    """The text that applies to one audience, and a preview."""

    key: str
    label: str
    source: str
    """"own" for a text for it, "general" for the hearing's text for everyone, or "built-in"."""
    preview: Preview


def by_audience(hearing: Hearing, letter: Letter, language: str) -> list[AudienceText]:
    """Return the text of each audience in that language."""
    own = own_audiences(hearing, letter, language)
    found = []
    for audience in LetterAudience:
        text = text_of(letter, hearing.id, language, audience.value)
        source = "own" if audience.value in own else "general" if "" in own else "built-in"
        shown = preview(hearing, letter, language, text)
        found.append(AudienceText(audience.value, str(audience.label), source, shown))
    return found


def own_audiences(hearing: Hearing, letter: Letter, language: str) -> set[str]:
    """Return the audiences with a text of their own; "" if there is one for everyone."""
    rows = Wording.objects.filter(hearing_id=hearing.id, letter=letter.key, language=language)
    return set(rows.values_list("audience", flat=True))


def languages_of(hearing: Hearing) -> list[str]:
    """Return the hearing's languages (or the six) for letters, then others that letters use."""
    own = _hearing_languages(hearing)
    return [*own, *sorted(used(hearing).keys() - set(own))]


def _hearing_languages(hearing: Hearing) -> list[str]:
    found = [base(tag) for tag in hearing.languages or OFFICIAL]
    return list(dict.fromkeys([*found, "en"]))


def used(hearing: Hearing) -> Counter[str]:
    """Count the texts and letterheads of letters, and the lines of lists, by language."""
    found: Counter[str] = Counter()
    for rows in (
        Wording.objects.filter(hearing_id=hearing.id),
        Letterhead.objects.filter(hearing_id=hearing.id),
        Recipient.objects.filter(recipients__hearing_id=hearing.id),
    ):
        languages = rows.exclude(language="").order_by().values_list("language")
        for language, number in languages.annotate(Count("pk")):
            found[base(language)] += number
    return found


def notices(hearing: Hearing, changed: Collection[str]) -> Iterator[str]:
    """Yield a notice for each language that letters use and that is no longer the hearing's."""
    if "languages" not in changed:
        return
    own = _hearing_languages(hearing)
    for language, number in sorted(used(hearing).items()):
        if language not in own:
            said = ngettext(
                "%(language)s is not among the languages of this hearing, but letters use it: "
                "%(n)s text, letterhead or recipient. Nothing was deleted.",
                "%(language)s is not among the languages of this hearing, but letters use it: "
                "%(n)s texts, letterheads or recipients. Nothing was deleted.",
                number,
            )
            yield said % {"language": language_name(language), "n": number}


def reworded(hearing: Hearing) -> dict[str, set[str]]:
    """Return the languages in which the hearing has texts of its own, by letter."""
    rows = Wording.objects.filter(hearing_id=hearing.id).values_list("letter", "language")
    found: dict[str, set[str]] = {}
    for letter, language in rows:
        found.setdefault(letter, set()).add(language)
    return found


def change(
    *,
    hearing: Hearing,
    letter: Letter,
    language: str,
    text: Text,
    actor: writer.Actor,
    audience: str = "",
) -> None:
    """Save the hearing's own text for an audience or everyone; letters queued later use it."""
    with writer.writing(hearing.id, actor=actor) as record:
        Wording.objects.update_or_create(
            hearing_id=hearing.id,
            letter=letter.key,
            language=language,
            audience=audience,
            defaults={
                "subject": " ".join(text.subject.split())[:LONGEST_SUBJECT],
                "body": text.body.replace("\r\n", "\n")[:LONGEST_BODY],
                "changed_at": clock.now(),
            },
        )
        body = {"letter": letter.key, "language": language, "audience": audience}
        record.append("letter.reworded", body)


def restore(
    *,
    hearing: Hearing,
    letter: Letter,
    language: str,
    actor: writer.Actor,
    audience: str = "",
) -> None:
    """Delete the text: the built-in text applies, or for an audience the text for everyone."""
    with writer.writing(hearing.id, actor=actor) as record:
        own = Wording.objects.filter(hearing_id=hearing.id, letter=letter.key, language=language)
        if own.filter(audience=audience).delete()[0]:
            body = {"letter": letter.key, "language": language, "audience": audience}
            record.append("letter.restored", body)


def preview(
    hearing: Hearing,
    letter: Letter,
    language: str,
    text: Text | None = None,
    *,
    is_real: bool = True,
) -> Preview:
    """Return the letter for the latest real case with links shortened, or with names of fields."""
    with speaking(language):
        values = letter.example(hearing) if letter.example and is_real else None
        shown = {name: f"⟨{field.meaning}⟩" for name, field in letter.places.items()}
        shown["greeting"] = frame.greeting(shown.get("name", ""))
        given = {**shown, "hearing": str(hearing), **(values or {})}
        filled = fill(text or text_of(letter, hearing.id, language), given)
        body = frame.framed(filled.body, hearing, mailbox_for(letter.purpose, hearing))
    return Preview(Text(filled.subject, without_links(body)), values is not None)


def sample(hearing: Hearing, letter: Letter, text: Text) -> Text:
    """Return a written letter as it would be sent, with its frame and with links shortened."""
    with speaking(text.language):
        body = frame.framed(text.body, hearing, mailbox_for(letter.purpose, hearing))
    return Text(text.subject, without_links(body), text.language)


def letter_of(key: str) -> Letter | None:
    """Return the kind of letter with that key."""
    return known_letters().get(key)


def reader() -> str:
    """Return the language of the page."""
    return get_language() or "en"
