"""The state of each use for a registration."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from hemicycle.before.consent import signals
from hemicycle.before.consent.models import Consent, SeatConsent, Use
from hemicycle.before.consent.uses import TERMS, UseTerms
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.models import Hearing

IN_PUBLIC = (Use.WEBCAST, Use.RECORDING, Use.TRANSCRIPT)
"""The uses of what a person says in a meeting."""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One use as pages show it; `changed_at` is None while the default applies."""

    use: Use
    terms: UseTerms
    is_given: bool
    changed_at: datetime | None


def lines(registration: Registration) -> list[ConsentLine]:
    """Return every use that applies, in the order of `Use`."""
    rows = {Use(row.use): row for row in registration.consents.all()}
    kept = {Use.LIST: registration.consents_to_list}
    for answer in signals.standing.send(registration):
        kept.update(answer)
    applies = [use for use in Use if use != Use.STATES or is_named_to_states(registration)]
    return [_line(use, rows.get(use), kept.get(use)) for use in applies]


def is_named_to_states(registration: Registration) -> bool:
    """Whether the use `STATES` applies: there is an alias, and a no-objection list."""
    return bool(registration.alias) and registration.category.no_objection


def _line(use: Use, row: Consent | None, kept: bool | None) -> ConsentLine:
    given = row.is_given if row is not None else TERMS[use].stands_at_first
    if kept is not None:
        given = kept
    changed_at = row.changed_at if row is not None and row.is_given == given else None
    return ConsentLine(use, TERMS[use], given, changed_at)


def is_given(registration: Registration, use: Use) -> bool:
    """Whether a use is permitted; False for one that does not apply."""
    return any(line.is_given for line in lines(registration) if line.use == use)


def names_asker(registration: Registration) -> bool:
    """Whether the participant's questions may be shown with their name."""
    return not registration.consents.filter(use=Use.QUESTION, is_given=False).exists()


def withheld(slots: Iterable[str], *uses: Use) -> dict[str, set[Use]]:
    """Return the slots for which one of `uses` was withdrawn, with those uses, in two queries."""
    ids = [UUID(hex=slot) for slot in slots]
    places = Consent.objects.filter(
        is_given=False, use__in=uses, registration__inscriptions__in=ids
    ).values_list("registration__inscriptions", "use")
    seats = SeatConsent.objects.filter(is_given=False, use__in=uses, member__in=ids)
    found: dict[str, set[Use]] = {}
    for slot, use in (*places, *seats.values_list("member", "use")):
        if slot in ids:
            found.setdefault(slot.hex, set()).add(Use(use))
    return found


def keeps_out(
    hearing: UUID, person: str, slot: str = "", *, uses: Iterable[Use] = IN_PUBLIC
) -> bool:
    """Whether a use was withdrawn for a slot or, without a slot, by a person on no list."""
    if slot:
        return bool(withheld([slot], *uses))
    return Consent.objects.filter(
        is_given=False,
        use__in=uses,
        registration__hearing=hearing,
        registration__person=UUID(hex=person),
    ).exists()


def overview(hearing: Hearing) -> Iterator[tuple[Registration, list[ConsentLine]]]:
    """Yield the registrations of a hearing that take part, each with its uses."""
    found = Registration.objects.filter(Registration.taking_part(), hearing=hearing)
    related = found.select_related("person", "organization", "category")
    for registration in related.prefetch_related("consents").order_by("organization__name", "pk"):
        yield registration, lines(registration)


def slots_of(registration: Registration) -> set[str]:
    """Return the slots of a registration, also of earlier speakers."""
    own = Inscription.objects.filter(Q(registration=registration))
    return {slot.hex for slot in own.values_list("id", flat=True)}
