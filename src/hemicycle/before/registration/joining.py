"""Adding and removing the organizations that join an intervention."""

from collections.abc import Iterable
from uuid import uuid4

from hemicycle.before.registration import (
    changes,
    co_signer_letters,
    entry_types,
    links,
    names,
    refusals,
)
from hemicycle.before.registration.cleaned import NamedCoSigner
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer

State = CoSigner.State


def drawn_up(
    registration: Registration, named: NamedCoSigner, *, is_brought: bool = False
) -> CoSigner:
    """Return an unsaved co-signer that has not been asked yet."""
    ident = uuid4()
    return CoSigner(
        id=ident,
        registration=registration,
        organization_name=named.organization,
        organization_key=names.name_key(named.organization),
        email=named.email,
        is_brought=is_brought,
        link_hash=hash_secret(links.derive(ident, 1)),
    )


def set_co_signers(
    *, registration: Registration, named: Iterable[NamedCoSigner], actor: Actor
) -> int:
    """Let exactly these organizations join; return how many were added or removed.

    Those that are already named with the same address keep their answers. A new one is asked by
    letter once the registration is confirmed. One that is removed gets a letter if it was asked and
    has not declined. Raises `RegistrationRefused` once the meeting has started, and for a
    registration that is no longer active or has not asked for the floor.
    """
    wanted = {names.name_key(one.organization): one for one in named}
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        if changes.has_begun(current, clock.from_ms(record.now)):
            raise refusals.meeting_begun()
        if wanted and not current.wishes_to_intervene:
            raise refusals.no_floor_to_join()
        held = {row.organization_key: row for row in current.co_signers.all()}
        gone = [row for key, row in held.items() if not _stays(row, wanted.get(key))]
        for row in gone:
            _remove(record, current, row)
        stays = held.keys() - {row.organization_key for row in gone}
        new = [drawn_up(current, one) for key, one in wanted.items() if key not in stays]
        CoSigner.objects.bulk_create(new)
        if current.is_confirmed:
            ask_all(record, current, new)
    return len(gone) + len(new)


def _stays(row: CoSigner, wanted: NamedCoSigner | None) -> bool:
    return wanted is not None and wanted.email.casefold() == row.email.casefold()


def _remove(record: Writer, registration: Registration, row: CoSigner) -> None:
    body = {"registration": registration.id.hex, "co_signer": row.id.hex}
    record.append(entry_types.CO_SIGNER_REMOVED, body)
    row.registration = registration
    if row.state in {State.ASKED, State.CONSENTED}:
        co_signer_letters.removed(row)
    row.delete()


def ask_all(record: Writer, registration: Registration, named: list[CoSigner]) -> None:
    """Ask organizations by letter whether they join."""
    if not named:
        return
    held = registration.inscriptions.filter(state="inscribed")
    rows = held.order_by("segment__ordinal").select_related("segment")
    panels = [row.segment for row in rows]
    for co_signer in named:
        co_signer.registration = registration
        co_signer.state = State.ASKED
        co_signer.save(update_fields=("state",))
        body = {"registration": registration.id.hex, "co_signer": co_signer.id.hex}
        record.append(entry_types.CO_SIGNER_ASKED, body)
        co_signer_letters.ask(co_signer, panels)
