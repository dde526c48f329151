"""Actions on statements: submission, consent to publication, naming, release.

A file is read before the hearing's transaction, in a separate process, so that nobody waits for it;
the worker reads files that were sent from a page (`uploads`). Files that cannot be statements (a
decompression bomb, a picture, a file that is too large) are refused here too. A document without
readable text (encrypted, scanned) is stored as it was received, and its sender is notified.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hemicycle.before.registration import quota, refusals
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.statements import entry_types, letters, projections, titles
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.documents.reading import Extracted, Limits, UnreadableDocument, extract
from hemicycle.hearing.jobs.stored_files import StoredFirst, stored_first
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer

Release = Statement.Release
MOST_VERSIONS = 20
KEPT_ANYWAY = frozenset({"encrypted", "no_text", "damaged", "timeout", "memory"})
"""Why a document may have no readable text: the file is kept, and the text is asked for."""

TEXT_NAME = "statement.txt"
NOT_STORED = gettext_noop("The file could not be saved. Try again in a few minutes.")
LIMITS = Limits()


class StatementRefused(refusals.RegistrationRefused):
    """Raised for a statement that cannot be accepted. `sentence` says why; nothing changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(refusals.Reason.STATEMENT_UNFIT, sentence, "file")


Read = tuple[Extracted | None, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class HandInResult:
    """The stored version; `problem` says why its text could not be read, else ""."""

    version: StatementVersion
    problem: str = ""


def hand_in(
    *,
    registration: Registration,
    inscription: Inscription | None,
    file_name: str,
    data: bytes,
    by: Person | None,
    actor: writer.Actor,
    already: Read | None = None,
    received_at: datetime | None = None,
    title: titles.GivenTitle | None = None,
    stored: StoredFirst | None = None,
) -> HandInResult:
    """Store a file as the newest version of a participant's statement, under `title` if given.

    If the same file is sent twice in a row, it is one version. `already` is the result of
    `read_file`, and `stored` that of `store`, for a caller that holds the hearing's lock.
    `received_at` is when the whole file had been received (default: now); it is compared with the
    deadline for statements. Raises `StatementRefused` with a sentence for a file that is not a
    statement or exceeds the quota, for a late one if the hearing accepts none, for a place of
    another registration, after `MOST_VERSIONS` versions, and for a registration that is no longer
    active.
    """
    if too_much := quota.excess(registration, len(data)):
        raise StatementRefused(too_much)
    read, problem = already or read_file(file_name, data)
    digest = sha256(data).hexdigest()
    with (
        nullcontext(stored) if stored else store(file_name, data) as own,
        writer.writing(registration.hearing_id, actor=actor) as record,
    ):
        registration.refresh_from_db(fields=["status", "alias"])
        registration.hearing.refresh_from_db(fields=["statements_close_at", "late_statements"])
        received_at = received_at or clock.from_ms(record.now)
        check_in_time(registration.hearing, received_at, actor)
        if not registration.is_live:
            raise StatementRefused(_("This registration is no longer valid."))
        if inscription is not None and inscription.registration_id != registration.id:
            raise StatementRefused(
                _("This place on the list of speakers belongs to another participant.")
            )
        statement = _statement(registration, inscription)
        versions = list(statement.versions.all())
        if versions and versions[-1].sha256 == digest:
            return HandInResult(versions[-1], problem[1])
        if len(versions) >= MOST_VERSIONS:
            raise StatementRefused(
                _("This statement already has %(n)d versions, which is the maximum.")
                % {"n": MOST_VERSIONS}
            )
        version = _version(statement, len(versions) + 1, file_name, data, digest)
        _fill(version, read, problem[0])
        version.handed_in_at = clock.from_ms(record.now)
        version.received_at, version.handed_in_by = received_at, by
        version.file = own.take()
        version.save(force_insert=True)
        record.append(entry_types.HANDED_IN, _told(registration, statement, version))
        if title is not None:
            titles.assign(record, statement, title)
        if registration.alias:
            hold(record, statement)
        projections.catch_up(record, statement)
        publication.follow(record, statement.id)
    return HandInResult(version, problem[1])


def set_title(*, statement: Statement, title: titles.GivenTitle, actor: writer.Actor) -> None:
    """Change or remove the title of a statement that was submitted.

    Raises `StatementRefused` if the participant could not submit a version either.
    """
    with writer.writing(statement.hearing_id, actor=actor) as record:
        statement.refresh_from_db()
        registration = statement.registration
        check_in_time(registration.hearing, clock.from_ms(record.now), actor)
        if not registration.is_live:
            raise StatementRefused(_("This registration is no longer valid."))
        if not titles.assign(record, statement, title):
            return
        if registration.alias:
            hold(record, statement)
        publication.follow(record, statement.id)


def check_in_time(hearing: Hearing, received_at: datetime, actor: writer.Actor) -> None:
    """Raise `StatementRefused` for a late statement if the hearing accepts none.

    The secretariat can still add one for a participant.
    """
    if actor.role != Role.SECRETARIAT and not hearing.takes_statement(received_at):
        raise StatementRefused(
            _(
                "The deadline for statements has passed, and late ones are not accepted. Write to "
                "the secretariat."
            )
        )


def read_file(file_name: str, data: bytes) -> Read:
    """Return the text, or the code and the sentence that say why there is none.

    Raises `StatementRefused` for a file that cannot be a statement.
    """
    try:
        return extract(data, name=file_name, limits=LIMITS), ("", "")
    except UnreadableDocument as error:
        if error.code not in KEPT_ANYWAY:
            raise StatementRefused(sentence_of(error)) from error
        return None, (error.code, sentence_of(error))


def sentence_of(error: UnreadableDocument) -> str:
    """Return what is wrong with a file and how to correct it, in the reader's language."""
    values = {**error.values}
    if "kind" in values:
        values["kind"] = _(values["kind"])
    return _(error.template) % values


def _statement(registration: Registration, inscription: Inscription | None) -> Statement:
    statement, _created = Statement.objects.get_or_create(
        registration=registration,
        inscription=inscription,
        defaults={"hearing_id": registration.hearing_id},
    )
    return statement


def _version(
    statement: Statement, number: int, file_name: str, data: bytes, digest: str
) -> StatementVersion:
    return StatementVersion(
        statement=statement,
        number=number,
        file_name=PurePath(file_name.replace("\0", "")).name[:255] or TEXT_NAME,
        size=len(data),
        sha256=digest,
    )


def _fill(version: StatementVersion, read: Extracted | None, problem: str) -> None:
    version.state = StatementVersion.State.READ if read else StatementVersion.State.UNREADABLE
    version.problem = problem
    if read:
        version.media_type = read.media_type
        version.text = read.text.replace("\0", "")
        version.words = read.words
        version.language = read.language_guess or ""


@contextmanager
def store(file_name: str, data: bytes) -> Iterator[StoredFirst]:
    """Store a file under a generated name before its row; delete it if the row is not saved.

    Raises `StatementRefused` if it cannot be stored.
    """
    suffix = PurePath(file_name.replace("\0", "")).suffix.lower()[:8]
    name = f"{uuid4().hex}{suffix if suffix.isascii() else ''}"
    with ExitStack() as until_saved:
        try:
            stored = until_saved.enter_context(
                stored_first(StatementVersion, name, ContentFile(data))
            )
        except OSError as error:  # a full disk, an unreachable store
            raise StatementRefused(_(NOT_STORED)) from error
        yield stored


def _told(
    registration: Registration, statement: Statement, version: StatementVersion
) -> dict[str, object]:
    return {
        "statement": statement.id.hex,
        "registration": registration.id.hex,
        "inscription": statement.inscription_id.hex if statement.inscription_id else "",
        "version": version.id.hex,
        "number": version.number,
        "words": version.words,
        "sha256": version.sha256,
        "received": clock.to_ms(version.received_at),
        "late": registration.hearing.is_late_statement(version.received_at),
    }


def set_consent(*, statement: Statement, publish: bool, actor: writer.Actor) -> None:
    """Allow the publication of a statement once it is released, or withdraw that consent."""
    with writer.writing(statement.hearing_id, actor=actor) as record:
        statement.refresh_from_db(fields=["consents_to_publish"])
        if statement.consents_to_publish == publish:
            return
        statement.consents_to_publish = publish
        statement.save(update_fields=["consents_to_publish"])
        record.append(
            entry_types.CONSENT_CHANGED, {"statement": statement.id.hex, "publish": publish}
        )
        letters.published(statement)
        publication.follow(record, statement.id)


def set_naming(*, statement: Statement, naming: str, actor: writer.Actor) -> None:
    """Set whether the public sees a statement under its author's public name, or not at all."""
    with writer.writing(statement.hearing_id, actor=actor) as record:
        statement.refresh_from_db(fields=["naming"])
        if statement.naming == naming:
            return
        statement.naming = Statement.Naming(naming)
        statement.save(update_fields=["naming"])
        told = {"statement": statement.id.hex, "naming": statement.naming.value}
        record.append(entry_types.NAMING_CHANGED, told)
        publication.follow(record, statement.id)


def hold(record: writer.Writer, statement: Statement) -> None:
    """Hide the words of an author with an alias from the public until a person has read them."""
    if statement.is_held:
        return
    statement.is_held = True
    statement.save(update_fields=["is_held"])
    record.append(entry_types.WORDS_HELD, {"statement": statement.id.hex})


def follow_alias(record: writer.Writer, registration: Registration) -> None:
    """Hide the statements of an author with a new or changed alias; show them without one."""
    for statement in registration.statements.filter(versions__isnull=False).distinct():
        if registration.alias:
            hold(record, statement)
        elif statement.is_held:
            statement.is_held = False
            statement.save(update_fields=["is_held"])
    publication.follow_registration(record, registration)


def release_words(
    *, statement: Statement, number: int, actor: writer.Actor, title_read: str = ""
) -> None:
    """Publish the text of version `number`, which a person has read as the public will see it.

    `title_read` is the fingerprint of the title that they read. Raises `StatementRefused` if a
    newer version or another title has been submitted in the meantime.
    """
    with writer.writing(statement.hearing_id, actor=actor) as record:
        statement.refresh_from_db()
        newest = statement.versions.order_by("-number").values_list("number", flat=True).first()
        if newest != number:
            raise StatementRefused(
                _("A newer version has been submitted. Read it before you release its text.")
            )
        if titles.fingerprint(statement) != title_read:
            raise StatementRefused(
                _("The title has been changed. Read it before you release the text.")
            )
        if not statement.is_held:
            return
        statement.is_held = False
        statement.save(update_fields=["is_held"])
        body = {"statement": statement.id.hex, "number": number}
        record.append(entry_types.WORDS_RELEASED, body)
        letters.published(statement)
        publication.follow(record, statement.id)


def release_by_hand(
    *, statement: Statement, how: Statement.Release, reason: str, actor: writer.Actor
) -> None:
    """Release a statement that the floor did not release, or make it confidential again.

    If the floor itself releases it, nothing changes and `StatementRefused` is raised. Only the
    secretariat reads the reason, which is stored in the hearing's record.
    """
    with writer.writing(statement.hearing_id, actor=actor) as record:
        statement.refresh_from_db()
        if projections.standing(record, statement) != Release.EMBARGOED:
            raise StatementRefused(
                _(
                    "This statement has already been released automatically, during or after the "
                    "meeting."
                )
            )
        if statement.release == how:
            return
        statement.is_released_by_hand = how != Release.EMBARGOED
        statement.save(update_fields=["is_released_by_hand"])
        body = {"statement": statement.id.hex, "release": how.value, "reason": record.note(reason)}
        record.append(entry_types.RELEASED_BY_HAND, body)
        projections.release(record, statement, how)
