"""Which registrations a message may come from, and how sure that is."""

import base64
import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.names import search_key
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.addresses import token_for
from hemicycle.mail.incoming.signals import Candidate, Clues, RegistrationSummary

TOKEN, REPLY, ADDRESS, DOMAIN, NAME, ORGANIZATION = 100, 95, 82, 40, 30, 25
NARROWED = 12
"""Points added for a shared address if the mail names the organization or the reference."""
MOST_GUESSED = 75
LEAST = 40
SHARED_BY = 2
"""A domain with more organizations than this is a mail provider's and identifies nobody."""


class _Row(NamedTuple):
    id: UUID
    person: UUID
    name: str
    email: str
    organization: str
    reference: str
    translations: dict[str, dict[str, str]]


def own_token(registration: Registration, key: str | bytes = b"") -> str:
    """Return the part after the plus in a participant's own address.

    It consists of the reference and 50 bits that nobody can guess.
    """
    message = f"hemicycle.before.registration.by_mail {registration.id.hex}".encode()
    digest = hmac.digest(force_bytes(key or settings.SECRET_KEY), message, sha256)
    secret = base64.b32encode(digest).decode().lower()[:10]
    return f"{registration.reference.replace('-', '').lower()}.{secret}"


def own_address(registration: Registration, purpose_address: str) -> str:
    """Return an address of the hearing that only this participant has."""
    return token_for(purpose_address, own_token(registration))


def live(hearing: UUID) -> QuerySet[Registration]:
    """Return the active registrations of a hearing."""
    return Registration.objects.filter(hearing_id=hearing, status__in=Registration.LIVE)


def known(hearing: UUID) -> QuerySet[Registration]:
    """Return the active registrations whose mailbox has been confirmed."""
    return live(hearing).filter(confirmed_at__isnull=False)


def find(clues: Clues) -> Iterable[Candidate]:
    """Return candidates: by what only the sender can know or else by what the mail says."""
    proved = [*_by_token(clues), *_by_reply(clues)]
    return proved or _by_likeness(clues)


def _by_token(clues: Clues) -> Iterator[Candidate]:
    for token in clues.tokens:
        reference = token.partition(".")[0].upper()
        if len(reference) != 8:
            continue
        spelt = f"{reference[:2]}-{reference[2:5]}-{reference[5:]}"
        for one in known(clues.hearing).filter(reference=spelt):
            if any(hmac.compare_digest(own, token) for own in _tokens(one)):
                yield Candidate(one.id, one.person_id, TOKEN, ("token",))


def _tokens(registration: Registration) -> list[str]:
    return [own_token(registration, key) for key in _keys()]


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def _by_reply(clues: Clues) -> Iterator[Candidate]:
    if clues.people:
        for one in known(clues.hearing).filter(person__in=clues.people):
            yield Candidate(one.id, one.person_id, REPLY, ("reply",))


def _by_likeness(clues: Clues) -> list[Candidate]:
    rows = _rows(clues.hearing)
    words = search_key(clues.words)
    exact = [row for row in rows if clues.address and row.email.casefold() == clues.address]
    if exact:
        return [_same_address(row, words, alone=len(exact) == 1) for row in exact]
    common = _common_domains(rows)
    guessed = (_guess(row, clues, words, common) for row in rows)
    return [candidate for candidate in guessed if candidate is not None]


def _rows(hearing: UUID) -> list[_Row]:
    values = known(hearing).values_list(
        *("id", "person_id", "person__name", "person__email"),
        *("organization__name", "reference", "organization__translations"),
    )
    return [_Row(*row) for row in values.order_by("arrival")]


def _same_address(row: _Row, words: str, *, alone: bool) -> Candidate:
    named = _is_named(row, words) or row.reference.lower() in words
    if named and not alone:
        return Candidate(row.id, row.person, ADDRESS + NARROWED, ("address", "organization"))
    return Candidate(row.id, row.person, ADDRESS, ("address",))


def _common_domains(rows: list[_Row]) -> set[str]:
    pairs = {(_domain(row.email), row.organization) for row in rows}
    counted = Counter(domain for domain, _organization in pairs)
    return {domain for domain, count in counted.items() if count > SHARED_BY}


def _guess(row: _Row, clues: Clues, words: str, common: set[str]) -> Candidate | None:
    reasons: dict[str, int] = {}
    domain = _domain(clues.address)
    if domain and domain == _domain(row.email) and domain not in common:
        reasons["domain"] = DOMAIN
    if _same_name(row.name, clues.name):
        reasons["name"] = NAME
    if _is_named(row, words):
        reasons["organization"] = ORGANIZATION
    confidence = min(sum(reasons.values()), MOST_GUESSED)
    if confidence < LEAST:
        return None
    return Candidate(row.id, row.person, confidence, tuple(reasons))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def _same_name(one: str, other: str) -> bool:
    """Whether two names have the same words, in any order: “Ruiz, Ana” is Ana Ruiz."""
    words = [set(search_key(name.replace(",", " ")).split()) for name in (one, other)]
    return words[0] == words[1] and len(words[0]) > 1


def _is_named(row: _Row, words: str) -> bool:
    others = (texts["name"] for texts in row.translations.values())
    keys = map(search_key, (row.organization, *others))
    return any(len(key) >= 5 and key in words for key in keys)


def tell(ids: Iterable[UUID]) -> Mapping[UUID, RegistrationSummary]:
    """Return how pages show registrations, by id."""
    rows = Registration.objects.filter(pk__in=list(ids)).select_related(
        "person", "organization", "hearing"
    )
    return {
        row.id: RegistrationSummary(
            row.person.name,
            row.organization.name,
            row.reference,
            reverse("registration:detail", args=(row.hearing.slug, row.id)),
            bool(row.alias),
        )
        for row in rows.order_by()
    }


def search(hearing: Hearing, words: str) -> list[Candidate]:
    """Return up to 20 active registrations with all the words in names or reference, or that id."""
    rows = live(hearing.id).order_by("arrival")
    try:
        rows = rows.filter(pk=UUID(words))
    except ValueError:
        for word in search_key(words).split()[:10]:
            rows = rows.filter(search_key__contains=word)
    return [Candidate(row.id, row.person_id, 100, ("chosen",)) for row in rows[:20]]
