"""Public names: who is named in a public document, and how."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.record.labels import describe, names_for
from hemicycle.record.models import Entry


def public_name(registration: Registration, *, in_public: bool) -> str:
    """Return the name that public documents use for a registration.

    A mission speaks for its State and is always named, and so is anyone who acted `in_public`, that
    is, who spoke or consented to publication. Others are named if they consented to being listed,
    and otherwise described by their category. An alias always replaces the name.
    """
    named = in_public or registration.consents_to_list or registration.is_mission
    if named:
        return registration.public_organization
    return unnamed(registration)


def unnamed(registration: Registration) -> str:
    """Describe a participant who is not named, in the active language."""
    return _("A participant (%(category)s)") % {"category": registration.category.label}


def names_of_slots(bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the organizations of the slots in floor entries, by slot: one query.

    Their names are public, since each of them spoke, or was called to speak, in public.
    """
    slots = {UUID(hex=str(body["slot"])) for body in bodies if isinstance(body.get("slot"), str)}
    rows = Inscription.objects.filter(pk__in=slots).select_related("registration__organization")
    return {row.pk.hex: row.registration.public_organization for row in rows}


def describe_entries(entries: Sequence[Entry]) -> dict[int, str]:
    """Describe each entry in words, with the names of speakers; keyed by seq."""
    bodies = [entry.fields() for entry in entries]
    names = names_for(bodies)
    slots = {**names.get("slot", {}), **names_of_slots(bodies)}
    return {
        entry.seq: describe(entry.kind, body, {**names, "slot": slots})
        for entry, body in zip(entries, bodies, strict=True)
    }
