"""Letters to imported registrations are sent once the secretariat releases them.

Until then no letter about them is sent automatically (`Registration.is_unwritten`). Then each gets
the receipt with its personal link, which is held for some minutes and can be stopped. The flag is
cleared in the transaction that queues the letter, so nobody gets two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from uuid import UUID, uuid4

from django.db.models import Count, Min, QuerySet

from hemicycle.before.registration import inscriptions, letters, signals, waiting
from hemicycle.before.registration.importing.entering import Outcome, key_of, table_of
from hemicycle.before.registration.models import Inscription, Registration, RegistrationImport
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing import holding
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.redaction import without_links
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import writer
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import speaking

KIND = "registration-receipts"
STEP = 50


def unwritten(table: RegistrationImport) -> QuerySet[Registration]:
    """Return the registrations of a table that have had no letter, in the order of arrival."""
    rows = Registration.objects.filter(
        import_rows__table=table,
        import_rows__outcome=Outcome.ENTERED,
        is_unwritten=True,
        status__in=Registration.LIVE,
        person__erased_at=None,
    )
    return rows.select_related("hearing", "person", "organization", "category").order_by("arrival")


@dataclass(frozen=True, slots=True)
class ReceiptSample:
    """The receipts in one language: how many there are, the first of them, and its recipient."""

    language: str
    count: int
    text: Text
    person: Person


def samples(table: RegistrationImport, *, with_aliases: bool) -> list[ReceiptSample]:
    """Return what would be sent, by language, without links, which the office must not see.

    Without `with_aliases`, no letter to a person with an alias is shown.
    """
    rows = unwritten(table).exclude(person__email="")
    shown = rows if with_aliases else rows.filter(alias="")
    counts = rows.order_by("person__language").values_list("person__language")
    found = []
    for language, count in counts.annotate(number=Count("pk", distinct=True)):
        if first := shown.filter(person__language=language).first():
            found.append(ReceiptSample(language, count, _sample(first), first.person))
    return found


def _sample(registration: Registration) -> Text:
    text = letters.receipt_sent(registration, *_places(registration))
    return replace(text, body=without_links(text.body))


def _places(registration: Registration) -> tuple[list[Inscription], list[str]]:
    with speaking(registration.person.language):
        words = [wait.words for wait in waiting.waits_of(registration)]
    return inscriptions.on_lists(registration), words


def begin(*, table: RegistrationImport, by: Person, actor: Actor) -> Job:
    """Queue a job that writes to all registrations of a table that have had no letter.

    The same request again returns the same job.
    """
    return queue.begin(
        KIND,
        key=key_of(table),
        asker=f"person:{by.id.hex}",
        total=unwritten(table).count(),
        data={"actor": [actor.id, actor.role]},
    )


def run(job: Job) -> None:
    """Queue the receipts, a step at a time."""
    table, actor = table_of(job), Actor(*job.data["actor"])
    left = list(unwritten(table).values_list("pk", flat=True))
    total, done = max(job.total, job.done + len(left)), job.done
    for ids in batched(left, STEP):
        _release(table, ids, actor)
        done += len(ids)
        queue.advance(job, done=done, total=total)


RELEASING = kinds.JobKind(KIND, run, most_waiting=20)


def _release(table: RegistrationImport, ids: Sequence[UUID], actor: Actor) -> None:
    with writer.writing(table.hearing_id, actor=actor) as record:
        rows = list(unwritten(table).filter(pk__in=ids))
        Registration.objects.filter(pk__in=[row.pk for row in rows]).update(is_unwritten=False)
        for registration in rows:
            registration.is_unwritten = False
            held, words = _places(registration)
            text = letters.receipt_text(registration)
            once = f"{_key(table)}{registration.pk.hex}:{uuid4().hex}"
            with speaking(registration.person.language):
                letters.receipt(registration, held, words, text, once=once, held=True)
            signals.registration_released.send(record, registration)


# ── While they are held ───────────────────────────────────────────────────────────────────────
def _key(table: RegistrationImport) -> str:
    return f"imported:{table.pk.hex}:"


def _letters(table: RegistrationImport) -> QuerySet[Message]:
    return Message.objects.filter(hearing_id=table.hearing_id, once__startswith=_key(table))


def held(table: RegistrationImport) -> tuple[int, datetime | None]:
    """Return how many of a table's letters are held, and when the first of them is sent."""
    rows = holding.held(_letters(table)).order_by()
    return rows.count(), rows.aggregate(first=Min("due_at"))["first"]


def stop(*, table: RegistrationImport, actor: Actor) -> int:
    """Stop the letters that are still held; return how many. They can be released later."""
    with writer.writing(table.hearing_id, actor=actor):
        found = dict(holding.held(_letters(table)).values_list("pk", "once"))
        number = holding.stop(Message.objects.filter(pk__in=found))
        people = [UUID(str(once).split(":")[2]) for once in found.values()]
        Registration.objects.filter(pk__in=people).update(is_unwritten=True)
    return number


def send_now(table: RegistrationImport) -> int:
    """Send the letters that are held; return how many."""
    return holding.release(_letters(table))
