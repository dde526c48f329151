"""Publication: list statements in the library and remove them, in the causing transaction."""

from collections.abc import Iterator
from unicodedata import normalize
from uuid import UUID

from django.db.models import QuerySet

from hemicycle.before.registration import public_words
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.library import search_index
from hemicycle.before.statements.library.tokenizer import WordToken, cut
from hemicycle.before.statements.models import Listing, Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock
from hemicycle.record.writer import Writer
from hemicycle.ui.words import spellings

_RELATED = ("registration__organization", "registration__person", "inscription__speaker")


def public() -> QuerySet[Statement]:
    """Return the statements that anyone may read; the only definition for querysets."""
    return (
        Statement.objects.filter(
            Registration.taking_part("registration__"),
            consents_to_publish=True,
            versions__isnull=False,
        )
        .exclude(release=Statement.Release.EMBARGOED)
        .exclude(naming=Statement.Naming.WITHHELD)
        .exclude(is_held=True)
    )


def follow(record: Writer, *statements: UUID) -> None:
    """Update the library after an action has changed these statements."""
    Listing.objects.filter(statement__in=statements).delete()
    rows = public().filter(pk__in=statements).select_related(*_RELATED).distinct()
    for statement in rows:
        _list(statement, record.now)


def _list(statement: Statement, now: int) -> None:
    versions = list(statement.versions.order_by("-number"))
    latest = next((version for version in versions if version.text), versions[0])
    language = latest.language or statement.registration.language
    moment = clock.from_ms(now)
    row = Listing.objects.create(
        statement=statement, hearing_id=statement.hearing_id, language=language, listed_at=moment
    )
    spelled = [spelling for name in names(statement) for spelling in spellings(name)]
    head = normalize("NFC", " ".join(spelled))
    text = normalize("NFC", public_words.public_text(statement.registration, latest.text))
    tokens = [*_title_tokens(statement), *cut(text, language)]
    search_index.write(row.pk, list(cut(head)), tokens)
    Statement.objects.filter(pk=statement.pk, published_at=None).update(published_at=moment)


def _title_tokens(statement: Statement) -> Iterator[WordToken]:
    """Yield the words of the title in each of its languages, as the public reads them."""
    given = GivenTitle.of(statement)
    for title, language in (
        (given.title, given.language),
        (given.other_title, given.other_language),
    ):
        shown = public_words.public_text(statement.registration, title)
        yield from cut(normalize("NFC", shown), language)


def names(statement: Statement) -> tuple[str, ...]:
    """Return the author's public names: the alias, or organization and, if public, speaker."""
    place = statement.inscription
    public = statement.registration.public_identity(place.speaker if place else None)
    return tuple(name for name in (public.first, public.person) if name)


def follow_registration(record: Writer, registration: Registration) -> None:
    """Update the library after a registration was decided about or corrected."""
    follow(record, *registration.statements.values_list("pk", flat=True))


def withdraw(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """Remove the statements of withdrawn places, or of a registration that is no longer active.

    The row of the registration is saved afterwards.
    """
    if registration.is_live:
        follow_registration(record, registration)
    else:
        Listing.objects.filter(statement__registration=registration).delete()


def replace_speaker(
    record: Writer, registration: Registration, before: Person, after: Person
) -> None:
    """Update the library after another person was named as the speaker."""
    follow_registration(record, registration)


def tidy() -> int:
    """Repair the library after an upgrade or a manual change; return the number of repairs."""
    there = set(Listing.objects.values_list("statement", flat=True))
    due = set(public().values_list("pk", flat=True))
    Listing.objects.filter(statement__in=there - due).delete()
    rows = public().filter(pk__in=due - there).select_related(*_RELATED).distinct()
    for statement in rows:
        _list(statement, clock.now_ms())
    return len(there ^ due)
