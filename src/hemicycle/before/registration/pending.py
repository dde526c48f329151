"""Changes that another mailbox has to confirm first: a corrected address, and another speaker.

Somebody may mistype an address, or name a person who does not know about it. So the registration,
its speaker and the personal link stay as they are until the other mailbox has answered: a letter
with a link to a page with one button is sent to it. A change that is not confirmed in time expires
without effect.
"""

from datetime import timedelta

from django.urls import reverse

from hemicycle.before.registration import (
    changes,
    entry_types,
    links,
    page_letters,
    pending_letters,
    refusals,
    signals,
)
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import PendingChange, Registration
from hemicycle.hearing.people.secrets import hash_secret, new_secret
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer

Kind = PendingChange.Kind
DAYS = 7
"""How many days the link in the letter can be used."""


def ask(
    *,
    registration: Registration,
    kind: PendingChange.Kind,
    email: str,
    name: str = "",
    title: str = "",
    actor: Actor,
) -> PendingChange:
    """Ask `email` to confirm a change; it replaces an earlier pending change of the same kind.

    If the same change is asked for again within five minutes, no second letter is sent.

    Raises `RegistrationRefused` for a registration that is no longer active.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        now = clock.from_ms(record.now)
        lately = now - timedelta(seconds=changes.RESEND_PAUSE_S)
        same = current.pending_changes.filter(kind=kind, email=email, name=name, title=title)
        if asked := same.filter(asked_at__gt=lately).first():
            return asked
        secret, secret_hash = new_secret()
        current.pending_changes.filter(kind=kind).delete()
        change = PendingChange.objects.create(
            registration=current,
            kind=kind,
            name=name,
            title=title,
            email=email,
            secret_hash=secret_hash,
            asked_at=now,
            expires_at=now + timedelta(days=DAYS),
        )
        body = {"registration": current.id.hex, "kind": kind.value}
        record.append(entry_types.CHANGE_ASKED, body)
        pending_letters.ask(change, links.absolute(reverse("registration:change", args=(secret,))))
    return change


def cancel(*, registration: Registration, kind: PendingChange.Kind, actor: Actor) -> None:
    """Cancel a pending change, so that its link no longer works."""
    with writer.writing(registration.hearing_id, actor=actor) as record:
        if registration.pending_changes.filter(kind=kind).delete()[0]:
            body = {"registration": registration.id.hex, "kind": kind.value}
            record.append(entry_types.CHANGE_CANCELLED, body)


def find(secret: str) -> PendingChange | None:
    """Return the change that a link confirms, with its registration; None if done or expired."""
    related = ("registration__hearing", "registration__organization", "registration__person")
    found = PendingChange.objects.select_related(*related).filter(
        secret_hash=hash_secret(secret), expires_at__gt=clock.now()
    )
    return found.first()


def confirm(*, change: PendingChange) -> Registration | None:
    """Carry out a change that its mailbox confirms; None if it was withdrawn in the meantime.

    Raises `RegistrationRefused` for a registration that is no longer active.
    """
    registration = change.registration
    with writer.writing(registration.hearing_id, actor=actor_of(registration)) as record:
        if not PendingChange.objects.filter(pk=change.pk).delete()[0]:
            return None
        current = changes.current_of(registration)
        if change.kind == Kind.SPEAKER:
            return changes.replace_speaker(
                registration=current,
                name=change.name,
                email=change.email,
                title=change.title,
                actor=record.actor,
            )
        if not current.is_live:
            raise refusals.withdrawn()
        _move(record, current, change.email)
    return current


def _move(record: Writer, registration: Registration, email: str) -> None:
    """Give a registration another address and link."""
    before = registration.person.email
    registration.person.email = email
    registration.person.save(update_fields=("email",))
    registration.search_key = changes.search_key(registration, *registration.organization.names)
    links.renew(registration)
    registration.save(update_fields=("search_key", "link_number", "link_hash"))
    body = {"registration": registration.id.hex, "link": registration.link_number}
    record.append(entry_types.EMAIL_CHANGED, body)
    signals.registration_corrected.send(record, registration)
    page_letters.address_changed(registration, before)


def lapse() -> int:
    """Delete the changes that nobody confirmed in time; return how many."""
    return PendingChange.objects.filter(expires_at__lte=clock.now()).delete()[0]
