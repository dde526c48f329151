"""Whom a public paper names, and how."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.models import Track
from hemicycle.record.labels import describe, names_for
from hemicycle.record.models import Entry


def public_name(registration: Registration, *, in_public: bool) -> str:
    """The name by which a paper for the public calls whoever registered.

    A mission speaks for its State and is always named, and so is whoever did something `in_public`:
    spoke, or consented to be published. Others are named if they consented to being listed, and
    else told by their category. Whoever registered under an alias is never named but by it.
    """
    named = in_public or registration.consents_to_list or registration.track == Track.MISSIONS
    if named:
        return registration.public_organization
    return unnamed(registration)


def unnamed(registration: Registration) -> str:
    """How somebody is told of who is not named."""
    return f"A participant ({registration.category.label})"


def names_of_slots(bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The organizations behind the slots that entries of the floor name: one query.

    Whoever such an entry is about spoke in public, or was called to.
    """
    slots = {UUID(hex=str(body["slot"])) for body in bodies if isinstance(body.get("slot"), str)}
    rows = Inscription.objects.filter(pk__in=slots).select_related("registration__organization")
    return {row.pk.hex: row.registration.public_organization for row in rows}


def told(entries: Sequence[Entry]) -> dict[int, str]:
    """Each entry in words, with the names of those who had the floor; by seq."""
    bodies = [entry.fields() for entry in entries]
    names = names_for(bodies)
    slots = {**names.get("slot", {}), **names_of_slots(bodies)}
    return {
        entry.seq: describe(entry.kind, body, {**names, "slot": slots})
        for entry, body in zip(entries, bodies, strict=True)
    }
