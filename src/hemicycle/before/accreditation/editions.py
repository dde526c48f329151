"""The no-objection list: frozen as a numbered edition, corrected, discarded, and closed.

An edition holds the registrations that qualify at that moment, with their data at that moment. Its
lines never change, except that an alias replaces a name as soon as there is one. Before an edition
is circulated (`circulation`), lines can be left out and the edition can be discarded. A circulated
edition is corrected by a later one that replaces it. After the deadline, `close` accepts, in one
transaction, every line that has no objections or whose objections were all set aside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db.models import F, Max
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import entry_types
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import Edition, EditionLine, LeftOut, Objection
from hemicycle.before.accreditation.steps import AccreditationCase, cases
from hemicycle.before.consent import queries as consents
from hemicycle.before.consent.models import Use
from hemicycle.before.registration import links, review
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.public_identity import PublicIdentity, public_identity
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads
from hemicycle.record import clock, writer
from hemicycle.record.chain import canonical
from hemicycle.ui.words import original

Status = Registration.Status
RELATED = ("hearing", "person", "organization", "category")
FAR = 1_000_000
"""Larger than any ordinal of a list: added to ordinals to make room while lines are renumbered."""


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

    Raises `RegistrationRefused` for a deadline that has passed, and if nobody qualifies.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        _check_deadline(deadline, record)
        found = [case.registration for case in qualifying(hearing)]
        return _make(record, hearing, deadline, found)


def _check_deadline(deadline: datetime, record: writer.Writer) -> None:
    if deadline <= clock.from_ms(record.now):
        raise unfit(_("This time has passed. Choose a time in the future."), "day")


def _make(
    record: writer.Writer,
    hearing: Hearing,
    deadline: datetime,
    registrations: Sequence[Registration],
    replaces: Edition | None = None,
) -> Edition:
    if not registrations:
        raise unfit(_("No registration qualifies for a list now."))
    last = Edition.objects.filter(hearing=hearing).aggregate(last=Max("number"))["last"] or 0
    ident = uuid4()
    lines = [_line(row, ordinal) for ordinal, row in enumerate(registrations, start=1)]
    edition = Edition.objects.create(
        id=ident,
        hearing=hearing,
        number=last + 1,
        frozen_at=clock.from_ms(record.now),
        deadline=deadline,
        digest=digest(lines),
        link_hash=hash_secret(links.derive(ident, 1)),
        replaces=replaces,
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
    refer(record, edition)
    return edition


def reference_key(edition: Edition) -> str:
    """Return the key under which the reference of a list is stored."""
    return f"edition:{edition.id.hex}"


def refer(record: writer.Writer, edition: Edition) -> None:
    """Give a list its reference, if the hearing has references and the list has none yet."""
    letterheads.take(record, edition.hearing, reference_key(edition), "no-objection")


def correct(
    *, edition: Edition, deadline: datetime, with_new: bool, actor: writer.Actor
) -> Edition:
    """Make a corrected list, which replaces a circulated one once it is circulated itself.

    It holds the lines that still stand, with their current data, and, if `with_new` is set, the
    registrations that qualify now. Raises `RegistrationRefused` for a list that is not before the
    missions or is already being corrected, and for a deadline that has passed or is earlier than
    that of the circulated list.
    """
    hearing = edition.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        edition.refresh_from_db()
        if not edition.is_out:
            raise unfit(_("You can correct a list only while it is with the missions."))
        if correction_of(edition):
            raise unfit(_("A corrected list has already been created. Circulate or discard it."))
        _check_deadline(deadline, record)
        if deadline < edition.deadline:
            sentence = _("A corrected list cannot give the missions less time than the first one.")
            raise unfit(sentence, "day")
        chosen = Registration.objects.filter(
            listings__edition=edition, status__in=(Status.SUBMITTED, Status.ACCEPTED)
        )
        kept = {row.id: row for row in chosen.select_related(*RELATED)}
        new = [case.registration for case in qualifying(hearing)] if with_new else []
        together = kept | {row.id: row for row in new}
        ordered = sorted(together.values(), key=_place)
        return _make(record, hearing, deadline, ordered, replaces=edition)


def _place(registration: Registration) -> tuple[int, str, int]:
    return (
        registration.category.ordinal,
        registration.organization_key,
        registration.arrival,
    )


def correction_of(edition: Edition) -> Edition | None:
    """Return the list that replaces this one, or will replace it; None if there is none."""
    return edition.corrections.filter(discarded_at=None).first()


def leave_out(*, edition: Edition, line: UUID, reason: str, actor: writer.Actor) -> None:
    """Remove a line from a list that has not been circulated; only the secretariat reads why.

    The lines after it move up, and the record gets the new digest. Raises `RegistrationRefused`
    without a reason, for a circulated list, for its only line, and for a line with an objection,
    since the list has then been sent by other means.
    """
    if not reason.strip():
        raise unfit(_("Give the reason. Only the secretariat reads it."), "reason")
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        _check_draft(edition)
        found = edition.lines.filter(pk=line).first()
        if found is None:
            raise unfit(_("This organization is not on the list."), "line")
        if found.objections.exists():
            sentence = _(
                "There is an objection to this organization. Settle the objection instead."
            )
            raise unfit(sentence, "line")
        if edition.lines.count() == 1:
            sentence = _("This is the only organization on the list. Discard the list instead.")
            raise unfit(sentence, "line")
        left_out = LeftOut(edition=edition, registration_id=found.registration_id)
        left_out.at, left_out.reason = clock.from_ms(record.now), record.note(reason)
        left_out.save()
        found.delete()
        later = edition.lines.filter(ordinal__gt=found.ordinal)
        # In two steps: a database may check each row's ordinal before it has moved the next.
        later.update(ordinal=F("ordinal") + FAR)
        edition.lines.filter(ordinal__gt=FAR).update(ordinal=F("ordinal") - FAR - 1)
        lines = list(edition.lines.order_by("ordinal"))
        edition.digest = digest(lines)
        edition.save(update_fields=["digest"])
        body = {
            "edition": edition.id.hex,
            "registration": found.registration_id.hex,
            "reason": left_out.reason,
            "lines": len(lines),
            "digest": edition.digest,
        }
        record.append(entry_types.LINE_LEFT_OUT, body)


def discard(*, edition: Edition, reason: str, actor: writer.Actor) -> None:
    """Discard a list that has not been circulated; its registrations qualify for the next one.

    Its number is not used again. Raises `RegistrationRefused` without a reason, for a circulated
    list, and for one with objections, since it has then been sent by other means.
    """
    if not reason.strip():
        raise unfit(_("Give the reason. Only the secretariat reads it."), "reason")
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        _check_draft(edition)
        if Objection.objects.filter(line__edition=edition).exists():
            raise unfit(_("There are objections to this list: it cannot be discarded."))
        edition.discarded_at = clock.from_ms(record.now)
        edition.save(update_fields=["discarded_at"])
        body = {"edition": edition.id.hex, "reason": record.note(reason)}
        record.append(entry_types.EDITION_DISCARDED, body)


def _check_draft(edition: Edition) -> None:
    if not edition.is_draft:
        raise unfit(_("This list has been circulated or discarded. It cannot be changed."))


@dataclass(frozen=True, slots=True)
class ListChanges:
    """The changes that a corrected list makes; `corrected` has pairs of a line before and after."""

    added: list[EditionLine]
    removed: list[EditionLine]
    corrected: list[tuple[EditionLine, EditionLine]]

    @property
    def counts(self) -> dict[str, int]:
        """The number of lines of each kind of change."""
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "corrected": len(self.corrected),
        }


def changes(edition: Edition) -> ListChanges | None:
    """Compare a corrected list with the one that it replaces; None if it replaces none."""
    if edition.replaces_id is None:
        return None
    rows = EditionLine.objects.select_related("edition__hearing").order_by("ordinal")
    before = {line.registration_id: line for line in rows.filter(edition=edition.replaces_id)}
    now = {line.registration_id: line for line in rows.filter(edition=edition)}
    pairs = [(before[key], line) for key, line in now.items() if key in before]
    return ListChanges(
        added=[line for key, line in now.items() if key not in before],
        removed=[line for key, line in before.items() if key not in now],
        corrected=[(old, new) for old, new in pairs if _shown(old) != _shown(new)],
    )


def _shown(line: EditionLine) -> tuple[str, str, str]:
    return (line.organization, line.country, line.category)


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
    """Return what States read: the alias, if there is one and its bearer did not agree to more."""
    if not consents.is_given(registration, Use.STATES):
        return registration.public_identity()
    body = registration.organization
    return public_identity(alias="", organization=body.name, country=body.country)


def follow(registration: Registration) -> None:
    """Update how lists show a registration that has changed, for example its alias.

    The digest stays that of the list as it was frozen.
    """
    told = _told(registration)
    EditionLine.objects.filter(registration=registration).update(
        organization=told.first, country=told.country
    )


def digest(lines: Iterable[EditionLine]) -> str:
    """Return the SHA-256 of an edition's lines as canonical JSON, as the record has it."""
    said = [
        [line.ordinal, line.registration_id.hex, line.organization, line.country, line.category]
        for line in lines
    ]
    return sha256(canonical({"lines": said})).hexdigest()


def close(*, edition: Edition, decided_by: Person, actor: writer.Actor) -> int:
    """Accept everyone on the list without standing objection; return the number accepted.

    Raises `RegistrationRefused` before the deadline has passed, and for a list that is closed.
    """
    hearing = edition.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        edition.refresh_from_db()
        if edition.closed_at or not edition.is_over:
            raise unfit(_("A list can be closed only once, after its deadline."))
        if not edition.is_standing or (edition.is_draft and edition.replaces_id):
            raise unfit(_("This list is no longer valid, or it has not been circulated."))
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
