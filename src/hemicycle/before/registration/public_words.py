"""Participants' texts as the public reads them, with names replaced by aliases (`mentions`).

Every text of a participant that becomes public passes through `public_text`. It replaces the names
of an author who has an alias, and of co-signers who have one.
"""

from collections.abc import Collection, Iterator
from uuid import UUID

from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.registration.queries import under_alias
from hemicycle.hearing.setup import programme_words
from hemicycle.mentions import OTHERS_SHORTEST, Bearer, Names, PublicPiece, pieces, replaced
from hemicycle.ui.words import mapped


def names_of(registration: Registration) -> Names:
    """Return the names that a participant's texts may contain.

    It takes two queries, for colleagues and predecessors.
    """
    colleagues = (
        Registration.objects.filter(
            hearing=registration.hearing_id, organization_key=registration.organization_key
        )
        .exclude(pk=registration.pk)
        .exclude(person__name="")
        .values_list("person__name", flat=True)
    )
    return Names(
        person=registration.person.name,
        organizations=registration.organization.names,
        email=registration.person.email,
        colleagues=tuple(colleagues),
        former=_former(registration),
    )


def _former(registration: Registration) -> tuple[str, ...]:
    former = registration.former_speakers.all()
    return tuple(person.name for person in former if person.name)


def _co_signer(row: CoSigner) -> Bearer:
    names = Names(organizations=(row.organization_name,), email=row.email, hides_contacts=False)
    return Bearer(names, row.alias)


def bearers_of(registration: Registration) -> list[Bearer]:
    """Return who must not be named in a participant's texts: the author and co-signers with an
    alias.

    It reads `co_signers`.
    """
    found = [_co_signer(row) for row in registration.co_signers.all() if row.alias]
    if registration.alias:
        found.insert(0, Bearer(names_of(registration), registration.alias))
    return found


def public_text(registration: Registration, text: str) -> str:
    """Return a participant's text as the public reads it: with names replaced by aliases.

    A text in several languages stays one text in these languages.
    """
    if not text:
        return text
    bearers = bearers_of(registration)
    return mapped(text, lambda own: replaced(own, *bearers))


def public_pieces(registration: Registration, text: str) -> list[PublicPiece]:
    """Return the text of `public_text` in pieces, for a page that marks replaced words."""
    return pieces(text, *bearers_of(registration))


# ── Words of others, which may name anybody ───────────────────────────────────────────────────


def bearers_in(hearing: UUID) -> list[Bearer]:
    """Return the people and organizations that texts of others must not name.

    It takes a fixed number of queries.

    The name of an organization is left out if another of its speakers has no alias: replaced by the
    alias, that open speaker's turn would identify the hidden person.
    """
    registered = Registration.objects.filter(hearing=hearing).select_related(
        "person", "organization"
    )
    hidden = registered.exclude(alias="").prefetch_related("former_speakers")
    openly = set(registered.filter(alias="").values_list("organization_key", flat=True))
    found = [_of_participant(row, openly) for row in hidden]
    asked = CoSigner.objects.filter(registration__hearing=hearing).exclude(alias="")
    found += [_co_signer(row) for row in asked if row.organization_key not in openly]
    return [*found, *programme_words.bearers(hearing)]


def _of_participant(registration: Registration, openly: set[str]) -> Bearer:
    is_shared = registration.organization_key in openly
    names = Names(
        person=registration.person.name,
        organizations=() if is_shared else registration.organization.names,
        email=registration.person.email,
        former=_former(registration),
        shortest=OTHERS_SHORTEST,
        hides_contacts=False,
    )
    return Bearer(names, registration.alias)


def bearers_by_slot(hearing: UUID) -> Iterator[tuple[UUID, Bearer]]:
    """Yield the speakers who must not be named while they have the floor, by slot."""
    rows = Registration.objects.filter(hearing=hearing, inscriptions__isnull=False)
    related = rows.exclude(alias="").select_related("person", "organization").distinct()
    for registration in related.prefetch_related("former_speakers", "inscriptions"):
        bearer = Bearer(names_of(registration), registration.alias)
        yield from ((place.pk, bearer) for place in registration.inscriptions.all())


def bearers_by_person(hearing: UUID, people: Collection[UUID]) -> Iterator[tuple[UUID, Bearer]]:
    """Yield those of `people` who must not be named while they are heard themselves."""
    for person, registration in under_alias(hearing, people):
        yield person, Bearer(names_of(registration), registration.alias)


def without_names(hearing: UUID, text: str) -> str:
    """Return a text of the secretariat as the public may read it: with aliases instead of names."""
    return replaced(text, *bearers_in(hearing)) if text else text
