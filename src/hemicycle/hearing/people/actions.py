"""Give and remove roles; issue, use and revoke sign-in links.

An action on a hearing is entered in its record, in the same transaction.
"""

from collections.abc import Collection
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle import security_log
from hemicycle.hearing.people import officers, second_factor, sessions, signals
from hemicycle.hearing.people.models import (
    WHOLE_OFFICE,
    Appointment,
    Duty,
    Person,
    Role,
    SignInLink,
)
from hemicycle.hearing.people.private_allauth import Authenticator
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.people.secrets import hash_secret, new_secret
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor
from hemicycle.security_log import SecurityEvent
from hemicycle.ui.languages import listed

ISSUED_FOR = timedelta(days=7)
ASKED_FOR = timedelta(hours=2)
RESET_FOR = timedelta(days=1)
MOST_ASKED = 5
"""The most links that one person may ask for within `ASKED_FOR`."""
GIVEN = (
    *(Role.SECRETARIAT, Role.MODERATOR, Role.PANELLIST),
    *(Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN),
)
"""Roles that the secretariat gives; participants get theirs by registering."""
ADMINISTRATOR = "administrator"
"""How the security log names an administrator, which is not a role in a hearing."""
OF_MEETINGS = tuple(role for role in GIVEN if role != Role.SECRETARIAT)
"""Roles in the meetings of a hearing, which end with it; the secretariat's role does not."""


def staff_member(*, name: str, email: str, title: str = "", language: str = "en") -> Person:
    """Return the person who already works here under that address, or a new one.

    It is never a person who registered with the address: anyone can register with any address.
    """
    known = staff_at(email).first()
    if email and known:
        return known
    return Person.objects.create(name=name, email=email, title=title, language=language)


def staff_at(address: str) -> QuerySet[Person]:
    """Return the staff and administrators with an address, including disabled people."""
    works = Q(appointments__role__in=GIVEN) | Q(is_administrator=True)
    return Person.objects.filter(works, email__iexact=address, erased_at=None).distinct()


def make_administrator(*, name: str, email: str, language: str = "en", actor: Actor) -> Person:
    """Make the person who works here under that address, or a new one, an administrator."""
    with transaction.atomic():
        person = staff_member(name=name, email=email, language=language)
        if not person.is_administrator:
            person.is_administrator = True
            person.save(update_fields=["is_administrator"])
            _log(SecurityEvent.APPOINTED, person, None, ADMINISTRATOR, actor)
    return person


def end_administrator(*, person: Person, actor: Actor) -> None:
    """Remove the right to convene hearings; a person without a role loses all access."""
    with transaction.atomic():
        person.is_administrator = False
        person.save(update_fields=["is_administrator"])
        _log(SecurityEvent.DISMISSED, person, None, ADMINISTRATOR, actor)
        if not Appointment.every.filter(person=person).exists():
            end_access(person)


def disable(*, person: Person, actor: Actor) -> None:
    """Refuse a person every sign-in, and end their sessions, links and keys; their roles stay."""
    with transaction.atomic():
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_access(person)
        security_log.note(
            SecurityEvent.CREDENTIALS_RESET, person=person.id, actor=actor.id, reason="disabled"
        )


def enable(*, person: Person, actor: Actor) -> None:
    """Allow a person who was disabled to ask for a sign-in link again."""
    with transaction.atomic():
        person.is_active = True
        person.save(update_fields=["is_active"])
        security_log.note(
            SecurityEvent.CREDENTIALS_RESET, person=person.id, actor=actor.id, reason="enabled"
        )


def appoint(
    *,
    person: Person,
    hearing_id: UUID,
    role: Role,
    duties: Collection[Duty] = WHOLE_OFFICE,
    actor: Actor,
) -> Appointment:
    """Give a person a role in a hearing, as secretariat with `duties`.

    If the person has the role already, nothing changes.

    A secretariat knows the address of a colleague, but cannot be sure whose it is. So a person who
    works for another hearing receives a letter, and the role is not valid until its link is used.
    """
    with writer.writing(hearing_id, actor=actor) as record:
        elsewhere = Appointment.every.filter(person=person).exclude(hearing_id=hearing_id)
        is_own = actor.role == "system" or actor.id == person.id.hex
        appointment, new = Appointment.every.get_or_create(
            person=person,
            hearing_id=hearing_id,
            role=role,
            defaults={
                "is_pending": not is_own and elsewhere.exists(),
                "duties": officers.stored(duties) if role == Role.SECRETARIAT else None,
            },
        )
        if new:
            record.append("role.given", {"person": person.id.hex, "role": role.value})
            _log(SecurityEvent.APPOINTED, person, hearing_id, role.value, actor)
            if appointment.duties is not None:
                officers.note_duties(record, appointment)
            if appointment.is_pending:
                path = issue_link(
                    person=person, hearing_id=hearing_id, role=role.value, actor=actor
                )
                _send_appointment(appointment, path)
    return appointment


def carry_over(
    *, appointment: Appointment, hearing_id: UUID, role: Role, actor: Actor
) -> Appointment:
    """Give the person of an appointment a role in a room of the same hearing, on the same terms.

    No letter is sent: the new role is accepted or pending as the appointment is.
    """
    person = appointment.person
    with writer.writing(hearing_id, actor=actor) as record:
        carried, new = Appointment.every.get_or_create(
            person=person,
            hearing_id=hearing_id,
            role=role,
            defaults={
                "is_pending": appointment.is_pending,
                "accepted_at": appointment.accepted_at,
            },
        )
        if new:
            record.append("role.given", {"person": person.id.hex, "role": role.value})
            _log(SecurityEvent.APPOINTED, person, hearing_id, role.value, actor)
    return carried


def _send_appointment(appointment: Appointment, path: str) -> None:
    person, hearing_id, role = appointment.person, appointment.hearing_id, Role(appointment.role)
    with speaking_to(person):
        place = signals.hearing_name(hearing_id) or "Hemicycle"
        subject = _("Your appointment: %(place)s") % {"place": place}
        body = _(
            "The secretariat of %(place)s has appointed you. Your role: %(role)s.\n\n"
            "Use this link to sign in and accept. It works once, within seven days:\n\n%(link)s\n\n"
            "Until you accept, the role gives you no access. If you do not want the role, ignore "
            "this message."
        ) % {
            "place": place,
            "role": role.label,
            "link": settings.BASE_URL + path,
        }
        body += _duties(appointment)
    signals.message_to_person.send(person, hearing_id, subject, body)


def _duties(appointment: Appointment | None) -> str:
    """Return the paragraph of a letter that names the duties of an officer; "" for another role."""
    if appointment is None or appointment.role != Role.SECRETARIAT:
        return ""
    said = _("Your duties in the secretariat: %(duties)s.")
    return "\n\n" + said % {"duties": listed(appointment.duty_labels)}


def dismiss(*, appointment: Appointment, actor: Actor) -> None:
    """Remove a role, and revoke the open links that would sign in for it.

    With the person's last role, their sessions, passkeys and all their links end too. Raises
    `LastOfficer` if the secretariat removes its last officer with all duties.
    """
    hearing_id, person, role = appointment.hearing_id, appointment.person, Role(appointment.role)
    with writer.writing(hearing_id, actor=actor) as record:
        if role == Role.SECRETARIAT == actor.role:
            officers.keep_one(appointment)
        deleted, _rows = Appointment.every.filter(pk=appointment.pk).delete()
        if deleted:
            revoke_links(person=person, hearing_id=hearing_id, role=role, actor=actor)
            record.append("role.taken", {"person": person.id.hex, "role": role.value})
            _log(SecurityEvent.DISMISSED, person, hearing_id, role.value, actor)
            signals.role_taken.send(record, person)
            has_more = Appointment.every.filter(person=person).exists()
            if not (has_more or person.is_administrator):
                end_access(person)


def end_access(person: Person) -> None:
    """End everything by which a person signs in or is signed in: sessions, factors and links."""
    sessions.end(sessions.of(person))
    Authenticator.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person).delete()
    unused = person.sign_in_links.filter(used_at=None, revoked_at=None)
    unused.update(revoked_at=clock.now())


def reset_sign_in(*, person: Person, actor: Actor) -> None:
    """Reset the second factors of a person who has lost them all, by a letter to their mailbox.

    All their ways of signing in and their sessions end, so a lost key is of no use to its finder.
    They keep their roles in all hearings. Only the operator of the site may do this, because a
    secretariat is responsible for one hearing only.
    """
    with transaction.atomic():
        end_access(person)
        security_log.note(SecurityEvent.CREDENTIALS_RESET, person=person.id, actor=actor.id)
        path = issue_link(
            person=person, next_url=reverse("hearing:mine"), actor=actor, lifetime=RESET_FOR
        )
        _send_reset(person, path)


def _send_reset(person: Person, path: str) -> None:
    with speaking_to(person):
        subject = _("Set up your sign-in again")
        body = _(
            "The administrator of this site has reset your sign-in. Your earlier passkeys, app, "
            "recovery codes, links and sessions no longer work.\n\nUse this link to sign in, then "
            "set up a passkey or an app. It works once, within one day:\n\n%(link)s\n\nIf you did "
            "not ask for this, do not use the link, and tell the secretariat."
        ) % {"link": settings.BASE_URL + path}
    signals.message_to_person.send(person, None, subject, body)


def end_roles(*, hearing_id: UUID, actor: Actor) -> None:
    """Remove the roles in the meetings of a hearing, which end with it."""
    with writer.writing(hearing_id, actor=actor):
        held = Appointment.every.filter(hearing_id=hearing_id, role__in=OF_MEETINGS)
        for appointment in held.select_related("person").order_by("role", "person__created_at"):
            dismiss(appointment=appointment, actor=actor)


def issue_link(
    *,
    person: Person,
    hearing_id: UUID | None = None,
    role: str = "",
    next_url: str = "/",
    actor: Actor,
    lifetime: timedelta = ISSUED_FOR,
) -> str:
    """Create a link that signs the person in once, and return its path.

    Show the path to no other person.
    """
    secret, secret_hash = new_secret()
    now = clock.now()
    with _turn(hearing_id, actor) as record:
        SignInLink.objects.create(
            person=person,
            secret_hash=secret_hash,
            hearing_id=hearing_id,
            role=role,
            next_url=next_url,
            created_at=now,
            expires_at=now + lifetime,
        )
        if record:
            record.append("link.issued", {"person": person.id.hex, "role": role})
        _log(SecurityEvent.LINK_MADE, person, hearing_id, role, actor)
    return whole("people:use-link", secret)


def send_link(
    *,
    person: Person,
    path: str,
    hearing_id: UUID | None = None,
    appointment: Appointment | None = None,
) -> None:
    """Queue a letter with the link to the person; it names the duties of an `appointment`."""
    with speaking_to(person):
        subject = _("Your sign-in link")
        body = _(
            "Use this link to sign in to %(place)s. It works once:\n\n%(link)s\n\n"
            "If you did not ask for it, ignore this message."
        ) % {
            "place": signals.hearing_name(hearing_id) or "Hemicycle",
            "link": settings.BASE_URL + path,
        }
        body += _duties(appointment)
    signals.message_to_person.send(person, hearing_id, subject, body)


def ask_for_link(*, address: str, next_url: str) -> None:
    """Send a new link to the person who works here under an address, if there is one.

    The caller must not reveal whether there is one.
    """
    now = clock.now()
    with transaction.atomic():
        for person in _staff_at(address):
            lately = person.sign_in_links.filter(created_at__gt=now - ASKED_FOR)
            if lately.count() < MOST_ASKED:
                path = issue_link(
                    person=person,
                    next_url=next_url,
                    actor=Actor(person.id.hex, "visitor"),
                    lifetime=ASKED_FOR,
                )
                send_link(person=person, path=path)


def _staff_at(address: str) -> QuerySet[Person]:
    works = Q(appointments__isnull=False) | Q(is_administrator=True)
    return Person.objects.filter(works, email__iexact=address, is_active=True).distinct()


def find_link(secret: str) -> SignInLink | None:
    """Return the link with that secret, also if it was used; None if there is none."""
    return (
        SignInLink.objects.select_related("person").filter(secret_hash=hash_secret(secret)).first()
    )


def state_of(link: SignInLink | None) -> str:
    """Return the state of the link: "open", "used", "revoked", "expired" or "unknown"."""
    if link is None:
        return "unknown"
    if link.revoked_at or not link.person.is_active:
        return "revoked"
    if link.used_at:
        return "used"
    return "expired" if link.expires_at <= clock.now() else "open"


def sign_in(*, request: HttpRequest, link: SignInLink) -> bool:
    """Use up the link and sign in, or wait for the second step; False if the link is not open."""
    actor = Actor(link.person.id.hex, link.role or "visitor")
    now = clock.now()
    with _turn(link.hearing_id, actor) as record:
        usable = SignInLink.objects.filter(
            Q(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=now, person__is_active=True)
        )
        if not usable.update(used_at=now):
            return False
        if record:
            record.append("link.used", {"person": link.person.id.hex, "role": link.role})
        _log(SecurityEvent.LINK_USED, link.person, link.hearing_id, link.role, actor)
        if link.hearing_id:
            _accept(link, link.hearing_id)
        second_factor.sign_in(request, link.person, sessions.Proof.LINK, link.next_url)
    return True


def _accept(link: SignInLink, hearing_id: UUID) -> None:
    """Accept the role that waited for this letter, for sessions that begin from now on."""
    waiting = Appointment.every.filter(
        person=link.person, hearing_id=hearing_id, role=link.role, is_pending=True
    )
    waiting.update(is_pending=False, accepted_at=sessions.now())


def revoke_links(*, person: Person, hearing_id: UUID, role: Role, actor: Actor) -> int:
    """Revoke the person's unused links for that role; return how many there were."""
    with writer.writing(hearing_id, actor=actor) as record:
        open_links = SignInLink.objects.filter(
            person=person, hearing_id=hearing_id, role=role, used_at=None, revoked_at=None
        )
        revoked = open_links.update(revoked_at=clock.now())
        if revoked:
            record.append("link.revoked", {"person": person.id.hex, "role": role.value})
            _log(SecurityEvent.LINK_REVOKED, person, hearing_id, role.value, actor)
    return revoked


def _turn(hearing_id: UUID | None, actor: Actor) -> Any:
    """Return the hearing's writer, or an empty context if the act concerns no hearing."""
    return writer.writing(hearing_id, actor=actor) if hearing_id else nullcontext()


def _log(
    event: SecurityEvent, person: Person, hearing_id: UUID | None, role: str, actor: Actor
) -> None:
    security_log.note(
        event, hearing=hearing_id, person=person.id, actor=actor.id, role=role, what="sign-in"
    )
