"""Aliases of participants and of co-signers: set and changed at any time before publication."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from hemicycle.before.registration import (
    changes,
    co_signer_letters,
    entry_types,
    page_letters,
    refusals,
    signals,
)
from hemicycle.before.registration.models import (
    CoSigner,
    JoinProposal,
    PendingChange,
    Registration,
)
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.aliases import AliasRefused
from hemicycle.hearing.setup.signals import NameInUse, public_name_changed
from hemicycle.record import writer


def names_of(hearing: UUID) -> Iterator[NameInUse]:
    """Yield the names and aliases of a hearing's registrations and co-signers, in two queries."""
    rows = Registration.objects.filter(hearing=hearing)
    columns = ("id", "alias", "kind", "consents_to_list", "organization__translations")
    names_too = ("person__name", "organization__name")
    for id, alias, kind, consents, others, *names in rows.values_list(*columns, *names_too):
        is_public = not alias and (consents or kind == TrackKind.MISSIONS)
        names += [texts["name"] for texts in others.values()]
        yield from (NameInUse(name, id, is_public=is_public) for name in names)
        yield NameInUse(alias, id, is_alias=True, is_public=True)
    asked = CoSigner.objects.filter(registration__hearing=hearing)
    for id, name, alias in asked.values_list("id", "organization_name", "alias"):
        yield NameInUse(name, id)
        yield NameInUse(alias, id, is_alias=True, is_public=True)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn the refusal of an invalid alias into the one that registration forms show."""
    try:
        yield
    except AliasRefused as refused:
        reason = refusals.Reason.ALIAS_UNFIT
        raise refusals.RegistrationRefused(reason, refused.sentence, "alias") from refused


def bearers(hearing: UUID) -> Iterator[tuple[UUID | None, str]]:
    """Yield the people and addresses of a hearing's registrations and co-signers with an alias."""
    rows = Registration.objects.filter(hearing=hearing).exclude(alias="").order_by()
    for person, *addresses in rows.values_list("person_id", "person__email", "contact_email"):
        yield from ((person, address) for address in addresses)
    former = rows.exclude(former_speakers=None)
    yield from former.values_list("former_speakers", "former_speakers__email")
    speakers = rows.exclude(inscriptions=None)
    yield from speakers.values_list("inscriptions__speaker", "inscriptions__speaker__email")
    changes = PendingChange.objects.filter(registration__in=rows).order_by()
    yield from ((None, address) for address in changes.values_list("email", flat=True))
    asked = CoSigner.objects.filter(registration__hearing=hearing).exclude(alias="").order_by()
    yield from ((None, address) for address in asked.values_list("email", flat=True))


def set_alias(*, registration: Registration, alias: str, actor: writer.Actor) -> Registration:
    """Set or change the alias of a participant; "" removes it.

    Raises `RegistrationRefused`, with nothing changed, for a registration that is no longer active,
    for an alias that is the name of somebody at the hearing, and once something about the
    participant has been published that cannot be withdrawn.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        if current.alias == alias:
            return current
        own = (*current.organization.names, current.person.name)
        joins = _joins(current)
        with _refusing():
            if alias:
                owners = {current.id, *(row.id for row in joins)}
                aliases.check(alias, hearing=current.hearing_id, owners=owners, own=own)
            before = [name for name in (current.alias, *own) if name]
            current.alias = alias
            current.save(update_fields=["alias"])
            body = {"registration": current.id.hex, "alias": bool(alias)}
            record.append(entry_types.PUBLIC_NAME, body)
            signals.alias_changed.send(record, current)
            for row in joins:
                _rename(record, row, alias)
            public_name_changed.send(record, current.hearing, before, current.public_organization)
        page_letters.public_name(current)
    return current


def _joins(registration: Registration) -> list[CoSigner]:
    """Return the co-signers of the same organization, if it left a list to speak jointly.

    The record says who left the list, so a real name among the co-signers would reveal the alias.
    Organizations of one name have one alias.
    """
    left = JoinProposal.objects.filter(
        second__registration=registration, state=JoinProposal.State.JOINED
    )
    if not left.exists():
        return []
    return list(
        CoSigner.objects.filter(
            registration__hearing=registration.hearing_id,
            organization_key=registration.organization_key,
        )
    )


def _rename(record: writer.Writer, row: CoSigner, alias: str) -> None:
    row.alias = alias
    row.save(update_fields=["alias"])
    body = {
        "registration": row.registration_id.hex,
        "co_signer": row.id.hex,
        "alias": bool(alias),
    }
    record.append(entry_types.CO_SIGNER_PUBLIC_NAME, body)
    signals.alias_changed.send(record, row.registration)


def set_co_signer_alias(*, co_signer: CoSigner, alias: str, actor: writer.Actor) -> CoSigner:
    """Set or change the alias of a co-signer; "" removes it.

    Organizations of one name have one alias in all the interventions that they join. Raises
    `RegistrationRefused` with nothing changed.
    """
    hearing = co_signer.registration.hearing
    with writer.writing(hearing.id, actor=actor) as record, _refusing():
        same = list(
            CoSigner.objects.filter(
                registration__hearing=hearing, organization_key=co_signer.organization_key
            )
        )
        if all(row.alias == alias for row in same):
            return co_signer
        if alias:
            owners = {row.id for row in same}
            own = [row.organization_name for row in same]
            aliases.check(alias, hearing=hearing.id, owners=owners, own=own)
        before = [name for row in same for name in (row.alias, row.organization_name) if name]
        for row in same:
            _rename(record, row, alias)
        public_name_changed.send(record, hearing, before, same[0].public_organization)
        for row in {row.email: row for row in same}.values():  # each mailbox gets one letter
            co_signer_letters.public_name(row)
    return next(row for row in same if row.id == co_signer.id)
