"""The no-objection list: frozen as a numbered edition, circulated, and closed.

An edition holds the registrations that qualify at that moment, with their data at that moment. It
never changes, except that an alias replaces a name as soon as there is one. Each mission gets its
own copy, whose link accepts objections until the deadline, including its last second. After the
deadline, `close` accepts, in one transaction, every line without objection, or whose objections
were all set aside.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from django.db.models import Max
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import entry_types, letters, objections
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import Edition, EditionCopy, EditionLine
from hemicycle.before.accreditation.steps import AccreditationCase, cases
from hemicycle.before.consent import queries as consents
from hemicycle.before.consent.models import Use
from hemicycle.before.registration import links, review
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person, TrackKind
from hemicycle.hearing.people.public_identity import PublicIdentity, public_identity
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import lists
from hemicycle.record import clock, writer
from hemicycle.record.chain import canonical
from hemicycle.ui import territories
from hemicycle.ui.words import original

Status = Registration.Status
RELATED = ("hearing", "person", "organization", "category")
MOST_RECIPIENTS = 2000


def qualifying(hearing: Hearing) -> list[AccreditationCase]:
    """Return the cases for the next list, in the order of category and organization."""
    rows = Registration.objects.filter(
        hearing=hearing,
        status=Status.SUBMITTED,
        confirmed_at__isnull=False,
        category__no_objection=True,
    )
    ordered = rows.select_related(*RELATED).order_by(
        "category__ordinal", "organization_key", "arrival"
    )
    return [case for case in cases(list(ordered)) if case.step == "to-be-listed"]


def freeze(*, hearing: Hearing, deadline: datetime, actor: writer.Actor) -> Edition:
    """Make the next edition from all qualifying cases.

    Raises `RegistrationRefused` for a deadline that has passed, and where nobody qualifies.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        if deadline <= clock.from_ms(record.now):
            raise unfit(_("This time has passed. Choose a time in the future."), "day")
        found = qualifying(hearing)
        if not found:
            raise unfit(_("No registration qualifies for a list now."))
        last = Edition.objects.filter(hearing=hearing).aggregate(last=Max("number"))["last"] or 0
        ident = uuid4()
        lines = [_line(case.registration, ordinal) for ordinal, case in enumerate(found, start=1)]
        edition = Edition.objects.create(
            id=ident,
            hearing=hearing,
            number=last + 1,
            frozen_at=clock.from_ms(record.now),
            deadline=deadline,
            digest=digest(lines),
            link_hash=hash_secret(links.derive(ident, 1)),
        )
        for line in lines:
            line.edition = edition
        EditionLine.objects.bulk_create(lines)
        body = {
            "edition": ident.hex,
            "number": edition.number,
            "lines": len(lines),
            "deadline": clock.to_ms(deadline),
            "digest": edition.digest,
        }
        record.append(entry_types.EDITION_FROZEN, body)
    return edition


def _line(registration: Registration, ordinal: int) -> EditionLine:
    told = _told(registration)
    return EditionLine(
        registration=registration,
        ordinal=ordinal,
        organization=told.first,
        country=told.country,
        category=original(registration.category.label),
    )


def _told(registration: Registration) -> PublicIdentity:
    """What States read: under an alias the alias, unless its bearer agreed to more."""
    if not consents.is_given(registration, Use.STATES):
        return registration.public_identity()
    body = registration.organization
    return public_identity(alias="", organization=body.name, country=body.country)


def follow(registration: Registration) -> None:
    """Update how existing lists show a registration, for example under an alias.

    The digest stays that of the list as it was frozen.
    """
    told = _told(registration)
    EditionLine.objects.filter(registration=registration).update(
        organization=told.first, country=told.country
    )


def digest(lines: Iterable[EditionLine]) -> str:
    """The SHA-256 of an edition's lines as canonical JSON: what the record holds of them."""
    said = [
        [line.ordinal, line.registration_id.hex, line.organization, line.country, line.category]
        for line in lines
    ]
    return sha256(canonical({"lines": said})).hexdigest()


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission to which lists go, and at which address."""

    name: str
    country: str
    address: str
    language: str
    person: Person | None = None


def recipients(hearing: Hearing) -> list[Mission]:
    """Return the missions that get lists: registered ones and those on distribution lists.

    Each address appears once.
    """
    by_address: dict[str, Mission] = {}
    for mission in (*_inscribed(hearing), *_on_lists(hearing)):
        if mission.address:
            by_address.setdefault(mission.address.casefold(), mission)
    return list(by_address.values())[:MOST_RECIPIENTS]


def _inscribed(hearing: Hearing) -> Iterator[Mission]:
    rows = Registration.objects.filter(
        Registration.taking_part(), hearing=hearing, kind=TrackKind.MISSIONS
    )
    for registration in rows.select_related("person", "organization").order_by("arrival"):
        person, body = registration.person, registration.organization
        yield Mission(body.name, body.country, person.email, person.language, person)


def _on_lists(hearing: Hearing) -> Iterator[Mission]:
    english = territories.missions("en")
    for line in lists.of_missions(hearing):
        name = line.organization or english.get(line.country, line.country)
        yield Mission(name, line.country, line.address, line.language or "en")


def circulate(*, edition: Edition, actor: writer.Actor) -> int:
    """Queue the list for every mission, once; return the number of missions.

    Raises `RegistrationRefused` where it was circulated before, is over, or no mission has an
    address.
    """
    hearing = edition.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        edition.refresh_from_db(fields=["circulated_at", "closed_at"])
        if edition.circulated_at or edition.is_over:
            raise unfit(_("This list has already been circulated, or its deadline has passed."))
        to = recipients(hearing)
        if not to:
            raise unfit(_("No mission has an address yet. Download the list and send it yourself."))
        edition.circulated_at = clock.from_ms(record.now)
        edition.save(update_fields=["circulated_at"])
        for mission in to:
            letters.circulate(_copy(edition, mission))
        related = [f"registration__{name}" for name in RELATED]
        for line in edition.lines.select_related(*related):
            letters.listed(line.registration, edition)
        body = {"edition": edition.id.hex, "recipients": len(to)}
        record.append(entry_types.EDITION_CIRCULATED, body)
    return len(to)


def _copy(edition: Edition, mission: Mission) -> EditionCopy:
    ident = uuid4()
    return EditionCopy.objects.create(
        id=ident,
        edition=edition,
        mission=objections.mission_of(mission.name, mission.country),
        person=mission.person,
        address=mission.address,
        language=mission.language,
        link_hash=hash_secret(links.derive(ident, 1)),
    )


def close(*, edition: Edition, decided_by: Person, actor: writer.Actor) -> int:
    """Accept everyone on the list without standing objection; return the number accepted.

    Raises `RegistrationRefused` before the deadline has passed, and for a list that is closed.
    """
    hearing = edition.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        edition.refresh_from_db(fields=["closed_at"])
        if edition.closed_at or not edition.is_over:
            raise unfit(_("A list can be closed only once, after its deadline."))
        free = unobjected(edition)
        edition.closed_at = clock.from_ms(record.now)
        edition.save(update_fields=["closed_at"])
        reason = _("No objection on list %(number)s.") % {"number": edition.number}
        count = review.decide(
            hearing=hearing,
            chosen=[registration.id for registration in free],
            outcome=Status.ACCEPTED,
            reason=reason,
            decided_by=decided_by,
            actor=actor,
        )
        record.append(entry_types.EDITION_CLOSED, {"edition": edition.id.hex, "accepted": count})
    return count


def unobjected(edition: Edition) -> list[Registration]:
    """Return the undecided registrations of a list without standing objection."""
    rows = Registration.objects.filter(listings__edition=edition, status=Status.SUBMITTED)
    found = cases(list(rows.select_related(*RELATED).order_by("arrival")))
    return [case.registration for case in found if not case.is_contested]
