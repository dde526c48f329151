"""Queries of statements: submitted, missing, and how long they take to speak."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration import public_words
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.names import search_key
from hemicycle.before.registration.speaking_time import limit_s as limit_of
from hemicycle.before.statements import titles
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.documents.reading.words import minutes
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.words import Words, spellings


@dataclass(frozen=True)
class StatementDetails:
    """A statement with its versions; `limit_words` is how many words fit into its time limit."""

    statement: Statement
    versions: tuple[StatementVersion, ...]
    hearing: Hearing

    @cached_property
    def latest(self) -> StatementVersion | None:
        """The newest version, which is the valid one."""
        return self.versions[-1] if self.versions else None

    @cached_property
    def text(self) -> str:
        """The text of the newest version that could be read."""
        return next((version.text for version in reversed(self.versions) if version.text), "")

    @cached_property
    def public_text(self) -> str:
        """The text as the public reads it: with aliases instead of names."""
        return public_words.public_text(self.statement.registration, self.text)

    @cached_property
    def public_title(self) -> str:
        """The title as the public reads it, in the reader's language if there is one."""
        return public_words.public_text(self.statement.registration, self.statement.title)

    @property
    def other_titles(self) -> list[Words]:
        """The title in languages other than the reader's, as the public reads it."""
        title = self.public_title
        return title.others() if isinstance(title, Words) else []

    @property
    def words_read(self) -> str:
        """The version number and a fingerprint of the title, which identify the words that were
        read.
        """
        title = titles.fingerprint(self.statement)
        number = self.latest.number if self.latest else 0
        return f"{number}.{title}" if title else str(number)

    @cached_property
    def is_under_alias(self) -> bool:
        """Whether the author or a co-signer has an alias."""
        registration = self.statement.registration
        return bool(registration.alias) or any(row.alias for row in registration.co_signers.all())

    @property
    def is_unreadable(self) -> bool:
        """Whether the text of the newest version could not be read."""
        return self.latest is not None and self.latest.state != StatementVersion.State.READ

    @property
    def is_late(self) -> bool:
        """Whether no version was received before the deadline for statements."""
        return bool(self.versions) and self.hearing.is_late_statement(self.versions[0].received_at)

    @property
    def dated_versions(self) -> list[tuple[StatementVersion, bool]]:
        """The versions, the newest first, each with whether it was received after the deadline."""
        late = self.hearing.is_late_statement
        return [(version, late(version.received_at)) for version in reversed(self.versions)]

    @property
    def changed_since_release(self) -> bool:
        """Whether the newest version was received after the statement was released."""
        released = self.statement.released_at
        return bool(self.latest and released and self.latest.handed_in_at > released)

    @property
    def limit_words(self) -> int:
        """The number of words that fit into the limit at the pace that interpreters ask for."""
        place = self.statement.inscription
        limit_s = limit_of(self.hearing, place) if place else self.hearing.floor_time_limit_s
        return self.hearing.words_per_minute * limit_s // 60

    @property
    def over_words(self) -> int:
        """The number of words above the limit; 0 if the text fits or is not spoken."""
        if self.latest is None or self.statement.inscription_id is None:
            return 0
        return max(0, self.latest.words - self.limit_words)

    @property
    def takes_ms(self) -> int:
        """The time in ms that it takes to speak the newest version."""
        words = self.latest.words if self.latest else 0
        return round(60_000 * minutes(words, self.hearing.words_per_minute))


def statements_of(hearing: Hearing) -> QuerySet[Statement]:
    """Query the hearing's statements with people, versions and co-signers: three queries."""
    related = (
        "registration__organization",
        "registration__person",
        "registration__category",
        "inscription__segment",
        "inscription__speaker",
        "listing",
    )
    versions = Prefetch("versions", StatementVersion.objects.order_by("number"))
    rows = Statement.objects.filter(hearing_id=hearing.id, versions__isnull=False).distinct()
    return rows.select_related(*related).prefetch_related(versions, "registration__co_signers")


def details_of(hearing: Hearing, statements: Iterable[Statement]) -> list[StatementDetails]:
    """Wrap statements with their versions for pages, without further queries."""
    return [
        StatementDetails(statement, tuple(statement.versions.all()), hearing)
        for statement in statements
    ]


def own(registration: Registration) -> list[StatementDetails]:
    """Return a participant's statements."""
    rows = statements_of(registration.hearing).filter(registration=registration)
    return details_of(registration.hearing, rows)


def missing(hearing: Hearing) -> QuerySet[Inscription]:
    """Query places on the lists without a statement, in the order of arrival: one query."""
    rows = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        hearing_id=hearing.id,
        state=Inscription.State.INSCRIBED,
    )
    with_version = Statement.objects.filter(
        inscription__isnull=False, versions__isnull=False
    ).values("inscription")
    related = ("segment", "speaker", "registration__organization", "registration__hearing")
    return rows.exclude(pk__in=with_version).select_related(*related)


def states(inscriptions: Sequence[Inscription]) -> Mapping[UUID, str]:
    """Return, for each inscription, the state of its statement as a word of `ui.states`."""
    found = dict.fromkeys((place.id for place in inscriptions), "missing")
    rows = StatementVersion.objects.filter(statement__inscription__in=inscriptions)
    for inscription, state in rows.order_by("number").values_list(
        "statement__inscription", "state"
    ):
        found[inscription] = "handed_in" if state == StatementVersion.State.READ else "unreadable"
    return found


def matching(
    rows: list[StatementDetails], words: str, *, by_real_names: bool
) -> list[StatementDetails]:
    """Return the statements that contain all of `words` in text or names, in any case or accents.

    Without `by_real_names`, an author with an alias is found only by the alias.
    """
    wanted = search_key(words).split()
    return [row for row in rows if all(word in _haystack(row, by_real_names) for word in wanted)]


def _haystack(handed: StatementDetails, by_real_names: bool) -> str:
    registration = handed.statement.registration
    names = (registration.organization.name, registration.person.name)
    if registration.alias:
        names = (registration.alias, *(names if by_real_names else ()))
    text = handed.text if by_real_names else handed.public_text
    title = handed.statement.title if by_real_names else handed.public_title
    return search_key(*names, registration.reference, *spellings(title), text)


def title_head() -> list[str]:
    """Return the heads of a table's columns with the title in two languages."""
    return [_("Title"), _("Language of the title"), _("Other title"), _("Its language")]


def title_cells(title: str) -> list[str]:
    """Return a title as it was given, its language, and the title in its other language."""
    if not isinstance(title, Words):
        return [title, "", "", ""]
    tag, other = next(iter(title.translations.items()), ("", ""))
    return [title.original, title.original_language, other, tag]
