"""Erasure of a person's own rows, and entries of the security log about sessions.

The log uses the signals of Django and allauth, so that no new way of signing in can be added
without being logged.
"""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from hemicycle import security_log
from hemicycle.hearing.people import (
    private_links,  # noqa: F401 - registers the path converter `<secret:…>`
    sessions,
)
from hemicycle.hearing.people.models import Appointment, Person, SignInLink, SignInSession
from hemicycle.record import clock
from hemicycle.record.signals import identity_erased
from hemicycle.record.writer import Writer
from hemicycle.security_log import SecurityEvent


@identity_erased.connect
def erase_person(person: UUID, record: Writer, is_complete: bool) -> list[str]:
    """Blank the person and delete their ways of signing in.

    A person who serves another hearing or is an administrator is left unchanged.
    """
    Appointment.every.filter(person_id=person, hearing_id=record.hearing).delete()
    SignInLink.objects.filter(person_id=person).delete()
    serves_site = Person.objects.filter(pk=person, is_administrator=True).exists()
    if not (serves_site or Appointment.every.filter(person_id=person).exists()):
        sessions.end(SignInSession.objects.filter(person_id=person))
        SignInSession.objects.filter(person_id=person).delete()
        SocialAccount.objects.filter(user_id=person).delete()
        Authenticator.objects.filter(user_id=person).delete()
        blank: dict[str, Any] = {"name": "", "title": "", "time_zone": "", "is_active": False}
        if is_complete:
            blank |= {"email": "", "erased_at": clock.now()}
        Person.objects.filter(pk=person).update(**blank)
    return [person.hex]


@receiver(user_logged_in, dispatch_uid="people.log_signed_in")
def log_signed_in(sender: object, user: Person, **more: Any) -> None:
    """Log that a session has begun."""
    security_log.note(SecurityEvent.SIGNED_IN, person=user.id)


@receiver(user_logged_out, dispatch_uid="people.log_signed_out")
def log_signed_out(sender: object, user: Person | None, **more: Any) -> None:
    """Log that a person has ended their session; nothing for a visitor without one."""
    if user is not None:
        security_log.note(SecurityEvent.SIGNED_OUT, person=user.id)


@receiver(user_login_failed, dispatch_uid="people.log_login_failed")
def log_login_failed(sender: object, **more: Any) -> None:
    """Log a failed sign-in, without what was typed."""
    security_log.note(SecurityEvent.SIGN_IN_FAILED)


@receiver(authenticator_added, dispatch_uid="people.log_credential_added")
def log_credential_added(
    sender: object, user: Person, authenticator: Authenticator, **more: Any
) -> None:
    """Log that a passkey or another way of signing in was added."""
    security_log.note(SecurityEvent.CREDENTIAL_ADDED, person=user.id, what=authenticator.type)


@receiver(authenticator_removed, dispatch_uid="people.log_credential_removed")
def log_credential_removed(
    sender: object, user: Person, authenticator: Authenticator, **more: Any
) -> None:
    """Log that a passkey or another way of signing in was removed."""
    security_log.note(SecurityEvent.CREDENTIAL_REMOVED, person=user.id, what=authenticator.type)
