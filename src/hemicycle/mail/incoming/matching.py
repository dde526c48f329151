"""Find the sender of a message: every app that knows people offers candidates, weighed here.

Evidence that only the participant can have (a token in the address, the id of a message that we
sent them) counts nearly as proof. Anyone can write any sender address: it counts more if the
domain's owner confirms it, and is never enough if the owner denies it. A message is processed
automatically only if a token or the domain's owner confirms it, however well everything else fits.
"""

import re
from collections.abc import Iterable
from itertools import chain
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from hemicycle.mail.incoming import addresses
from hemicycle.mail.incoming.checks import authentication
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.reading import text
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.mail.incoming.signals import Candidate, Clues, sender_candidates
from hemicycle.mail.outgoing.models import Message

SURE, CERTAIN = 80, 90
DENIED = 30
"""The highest confidence of a match if the check of the sender's domain failed."""
CONFIRMED = 10
"""The points that a match gains if that check succeeded."""
CLOSE = 10
"""Two candidates within this many points are equally good."""
MOST_SHOWN = 8
VOUCHES = frozenset({"token", "checked"})
"""Evidence that allows automatic processing: a token in the address, or the sender's domain."""
_HEX = re.compile(r"([0-9a-f]{32})@(.+)")
_WORDS = 4_000


def clues(mail: Mail, parsed: ParsedMail) -> Clues:
    """Return what a message says about its sender."""
    assert mail.hearing_id is not None
    spoken = text.own(parsed.text)[:_WORDS]
    sent_to = [*mail.recipients, *parsed.recipients]
    tokens = [token for address in sent_to if (token := addresses.split(address)[1])]
    return Clues(
        hearing=mail.hearing_id,
        address=parsed.from_address.lower(),
        name=parsed.from_name,
        tokens=tuple(dict.fromkeys(tokens)),
        people=tuple(_answered(mail.hearing_id, parsed.answers)),
        words=f"{parsed.from_name}\n{parsed.subject}\n{spoken}",
    )


def our_ids(message_ids: Iterable[str]) -> list[UUID]:
    """Return the ids of messages that we sent, out of the ids in a header."""
    host = (urlsplit(settings.BASE_URL).hostname or "localhost").lower()
    found = [_HEX.fullmatch(message_id.lower()) for message_id in message_ids]
    return [UUID(hex=match[1]) for match in found if match and match[2] == host]


def _answered(hearing: UUID, message_ids: tuple[str, ...]) -> list[UUID]:
    wanted = our_ids(message_ids)
    if not wanted:
        return []
    rows = Message.objects.filter(pk__in=wanted, hearing_id=hearing, person__isnull=False)
    return list(dict.fromkeys(rows.values_list("person_id", flat=True)))


def candidates(mail: Mail, parsed: ParsedMail) -> list[Candidate]:
    """Return the registrations a message may come from, the likeliest first, each once."""
    asked = clues(mail, parsed)
    best: dict[UUID, Candidate] = {}
    for candidate in chain.from_iterable(sender_candidates.send(asked)):
        known = best.get(candidate.registration)
        if known is None or candidate.confidence > known.confidence:
            best[candidate.registration] = candidate
    weighed = [weigh(candidate, mail.authentic) for candidate in best.values()]
    return sorted(weighed, key=lambda candidate: -candidate.confidence)[:MOST_SHOWN]


def weigh(candidate: Candidate, results: dict[str, str]) -> Candidate:
    """Return the candidate with its confidence adjusted to the check of the sender's domain."""
    confidence, reasons = candidate.confidence, candidate.reasons
    if authentication.failed(results):
        confidence, reasons = min(confidence, DENIED), (*reasons, "failed")
    elif authentication.passed(results):
        more = CONFIRMED if "address" in reasons else 0  # a colleague's address is only a guess
        confidence = max(confidence, min(confidence + more, 95))
        reasons = (*reasons, "checked")
    return Candidate(candidate.registration, candidate.person, confidence, reasons)


def chosen(found: list[Candidate], needs: int) -> tuple[Candidate | None, str]:
    """Return the candidate to act on, or None and a code of `reasons.WHY`."""
    if not found:
        return None, "unknown_sender"
    first = found[0]
    if "failed" in first.reasons:
        return None, "failed_check"
    if len(found) > 1 and first.confidence < 100 and first.confidence - found[1].confidence < CLOSE:
        return None, "several"
    if first.confidence < SURE:
        return None, "unsure"
    if first.confidence < needs or VOUCHES.isdisjoint(first.reasons):
        return None, "unchecked"
    return first, ""
