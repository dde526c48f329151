"""Process a stored message. Safe to repeat: only the last step changes anything.

All slow work (parsing, scanning, DNS queries, reading a document) comes first and writes no row.
Then a transaction of the hearing's record reads the message again. If it is still unprocessed, the
transaction carries out its request, writes the entry and queues the answer: all of these or none.
"""

import logging
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import F

from hemicycle.hearing.jobs.stored_files import StoreAway, raise_away
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming import addresses, answers, config, entry_types, handlers, matching
from hemicycle.mail.incoming.checks import authentication, clamav
from hemicycle.mail.incoming.handlers import Case, HandlingResult, MailRefused, NeedsPerson
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.mail.incoming.reading.read import read
from hemicycle.mail.outgoing.actions import bounced
from hemicycle.record import clock, writer
from hemicycle.ui.languages import speaking

log = logging.getLogger(__name__)

State = Mail.State
MOST_ATTEMPTS = 3
BY_ITSELF = writer.Actor.system("mailroom")
LONGEST_TEXT = 100_000
MATTERS = ("too_large", "virus", "unreadable", "several_senders", "encrypted", "empty")
"""Problems for which a message waits; the first one found is given as the reason."""


def process_stored(most: int = 100, *, failed_too: bool = True) -> int:
    """Process up to `most` stored messages, the oldest first; return their number.

    With `failed_too` false, messages of which an attempt has failed are left out.
    """
    waiting = Mail.objects.filter(state=State.STORED).order_by("received_at", "id")
    if not failed_too:
        waiting = waiting.filter(attempts=0)
    ids = list(waiting.values_list("pk", flat=True)[:most])
    for pk in ids:
        try:
            process(pk)
        except Exception:
            log.exception("Message %s is left as it is", pk)
    return len(ids)


def process(pk: UUID) -> None:
    """Process one message; after repeated failures it waits for a person."""
    mail = Mail.objects.filter(pk=pk, state=State.STORED).first()
    if mail is None:
        return
    Mail.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    try:
        _process(mail)
    except clamav.ScannerUnavailable as error:
        log.warning("Message %s could not be scanned: %s", pk, error)
        if mail.attempts + 1 >= MOST_ATTEMPTS:
            _give_up(pk, "unscanned")
    except StoreAway as away:  # no attempt is counted: it waits until the store is back
        log.warning("Message %s waits for the store of the files: %s", pk, away)
        Mail.objects.filter(pk=pk).update(attempts=max(1, mail.attempts))
    except Exception:
        log.exception("Message %s could not be processed (attempt %d)", pk, mail.attempts + 1)
        if mail.attempts + 1 >= MOST_ATTEMPTS:
            _give_up(pk, "error")


def _give_up(pk: UUID, why: str) -> None:
    mail = Mail.objects.get(pk=pk)
    mail.hearing_id = mail.hearing_id or _likeliest_hearing()
    if mail.hearing_id is None:
        return
    _settle(mail, State.WAITING, why)


def _process(mail: Mail) -> None:
    mail.hearing_id = mail.hearing_id or _likeliest_hearing()
    if mail.hearing_id is None:
        return  # it is processed when a hearing has been convened here
    parsed = fill(mail)
    sorted_out = _sort_out(mail, parsed)
    if sorted_out is not None:
        _settle(mail, *sorted_out, bounces=parsed.bounces)
        return
    hearing = Hearing.objects.get(pk=mail.hearing_id)
    try:
        take = _prepare(hearing, mail, parsed)
        _settle(mail, State.DONE, "taken", take=take)
    except NeedsPerson as waits:
        mail.draft = waits.draft
        _settle(mail, State.WAITING, waits.why)
    except MailRefused as refused:
        raise_away(refused)
        mail.draft = {**mail.draft, "said": refused.sentence}
        _settle(mail, State.WAITING, "not_taken")


def _likeliest_hearing() -> UUID | None:
    """Return the hearing for mail to an unknown address: the latest that has not ended."""
    rows = Hearing.objects.exclude(status=Hearing.Status.ENDED).order_by("-meetings__starts_at")
    return (
        rows.values_list("pk", flat=True).first()
        or Hearing.objects.values_list("pk", flat=True).first()
    )


def fill(mail: Mail) -> ParsedMail:
    """Parse a message, check it, and write the results into its row (unsaved)."""
    raw = mail.raw()
    settings = config.current()
    parsed = read(raw, None if mail.source == Mail.Source.IMAP else mail.sender)
    mail.message_id = parsed.message_id
    mail.from_name, mail.from_address = parsed.from_name, parsed.from_address
    mail.subject, mail.text = parsed.subject, parsed.text[:LONGEST_TEXT]
    mail.automatic = parsed.automatic
    kept = {"too_large"} & {*mail.problems}  # noted when the message was fetched
    mail.problems = sorted({*parsed.problems} | kept)
    mail.attachments = [
        {
            "name": file.name,
            "type": file.media_type[:100],
            "size": len(file.data),
            "problem": file.problem,
        }
        for file in parsed.attachments
    ]
    mail.content_key = content_key(parsed)
    mail.authentic = authentication.results(mail, raw, parsed.results, settings)
    if settings.clamd and _infected(mail, raw, settings.clamd):
        mail.problems = sorted({*mail.problems, "virus"})
    return parsed


def _infected(mail: Mail, raw: bytes, at: str) -> bool:
    """Return whether the scanner finds malware in the message. Raises `ScannerUnavailable`."""
    found = clamav.scan(raw, at)
    if found:
        log.warning("ClamAV found %s in message %s", found, mail.pk)
    return bool(found)


def content_key(parsed: ParsedMail) -> str:
    """Return a key that copies of a message share, whatever servers added in transit."""
    digest = sha256()
    for part in (parsed.from_address.lower(), parsed.subject, parsed.text):
        digest.update(part.encode("utf-8", "replace") + b"\0")
    for file in parsed.attachments:
        digest.update(file.name.encode("utf-8", "replace") + b"\0" + sha256(file.data).digest())
    return digest.hexdigest()


def _sort_out(mail: Mail, parsed: ParsedMail) -> tuple[State, str] | None:
    """Return the state and reason of a message that no handler should see; None for any other."""
    if matching.our_ids([parsed.message_id]) or answers.is_ours(mail, _own_addresses()):
        return State.ASIDE, "loop"
    if parsed.automatic:
        return State.ASIDE, parsed.automatic
    again = _came_before(mail)
    if again:
        return again
    for problem in MATTERS:
        if problem in mail.problems:
            return State.WAITING, problem
    return None


def _own_addresses() -> frozenset[str]:
    return frozenset(addresses.read())


def _came_before(mail: Mail) -> tuple[State, str] | None:
    if not mail.message_id:
        return None
    same = Mail.objects.filter(
        hearing_id=mail.hearing_id, message_id=mail.message_id, received_at__lte=mail.received_at
    ).exclude(pk=mail.pk)
    if mail.purpose != Purpose.OTHER:
        same = same.filter(purpose=mail.purpose)
    keys = set(same.exclude(state=State.STORED).values_list("content_key", flat=True))
    if mail.content_key in keys:
        return State.ASIDE, "duplicate"
    return (State.WAITING, "changed") if keys else None


def _prepare(hearing: Hearing, mail: Mail, parsed: ParsedMail) -> handlers.Take:
    """Find the sender, and let the handler of the message's purpose prepare the action."""
    found = matching.candidates(mail, parsed)
    mail.candidates = [
        {
            "registration": candidate.registration.hex,
            "confidence": candidate.confidence,
            "reasons": list(candidate.reasons),
        }
        for candidate in found
    ]
    handler = handlers.handler_for(Purpose(mail.purpose))
    if handler is None:
        raise NeedsPerson("other")
    best, why = matching.chosen(found, handler.needs)
    if best is not None:
        mail.registration_id, mail.confidence = best.registration, best.confidence
        mail.person_id = best.person
    elif handler.needs_registration:
        raise NeedsPerson(why)
    with speaking(answers.language_of(mail)):  # the answer quotes a refusal
        return handler.receive(Case(hearing, mail, parsed, mail.registration_id))


def _settle(
    mail: Mail,
    state: State,
    why: str,
    *,
    take: handlers.Take | None = None,
    bounces: tuple[Any, ...] = (),
) -> None:
    """Store the decision in the hearing's transaction, unless another one was stored first."""
    assert mail.hearing_id is not None
    with writer.writing(mail.hearing_id, actor=BY_ITSELF) as record:
        now = Mail.objects.select_for_update().get(pk=mail.pk)
        if now.state != State.STORED:
            return
        mail.state, mail.why, mail.attempts = state, why, now.attempts
        entry = record.append(entry_types.RECEIVED, _body(mail))
        mail.seq = entry.seq
        mail.decided_at = clock.from_ms(record.now)
        with speaking(answers.language_of(mail)):
            outcome = take(record) if take else None
        for bounce in bounces:
            bounced(bounce.message_id.partition("@")[0], bounce.status, bounce.diagnostic)
        _answer(mail, outcome)
        mail.save()
        if mail.purpose != Purpose.OTHER:
            _drop_copies(mail)


def _body(mail: Mail) -> dict[str, Any]:
    return {
        "mail": mail.id.hex,
        "purpose": str(mail.purpose),
        "received": clock.to_ms(mail.received_at),
        "state": str(mail.state),
        "why": mail.why,
        "registration": mail.registration_id.hex if mail.registration_id else "",
        "confidence": mail.confidence,
    }


def _answer(mail: Mail, outcome: HandlingResult | None) -> None:
    assert mail.hearing_id is not None
    hearing = Hearing.objects.get(pk=mail.hearing_id)
    if outcome is not None:
        mail.answer = answers.give(hearing, mail, outcome)
    elif mail.state == State.WAITING and mail.why == "not_taken":
        mail.answer = answers.refused(hearing, mail, str(mail.draft.get("said", "")))
    elif mail.state == State.WAITING:
        mail.answer = answers.waits(hearing, mail)


def _drop_copies(mail: Mail) -> None:
    """Set aside earlier copies in the mailbox for other mail, so that nobody has to read them."""
    if not mail.message_id:
        return
    Mail.objects.filter(
        hearing_id=mail.hearing_id,
        message_id=mail.message_id,
        content_key=mail.content_key,
        purpose=Purpose.OTHER,
        state=State.WAITING,
    ).exclude(pk=mail.pk).update(state=State.ASIDE, why="duplicate")
