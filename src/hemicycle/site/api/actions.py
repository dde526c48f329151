"""The secretariat's actions on tokens: create and revoke."""

import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from hemicycle import security_log
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer
from hemicycle.security_log import SecurityEvent
from hemicycle.site.api import entry_types
from hemicycle.site.api.models import Scope, Token

PREFIX = "hem_"
MOST_DAYS = 730
MOST_TOKENS = 50


class AccessRefused(Exception):
    """A refused action: `sentence` says why, `field` names the form field. Nothing was changed."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def make_token(
    *,
    hearing: Hearing,
    owner: Person,
    name: str,
    scopes: list[Scope],
    days: int,
    actor: writer.Actor,
) -> tuple[Token, str]:
    """Create a token that expires after `days` (1-730); return it with its secret.

    Only the hash of the secret is stored. Raises `AccessRefused` if `scopes` is empty, if `days` is
    out of range, and if there are too many tokens already.
    """
    if not scopes:
        raise AccessRefused(_("Choose at least one permission for the token."), "scopes")
    if not 1 <= days <= MOST_DAYS:
        says = _("A token lasts from 1 to %(most)d days.") % {"most": MOST_DAYS}
        raise AccessRefused(says, "days")
    secret = PREFIX + secrets.token_urlsafe(32)
    with writer.writing(hearing.id, actor=actor) as record:
        now = clock.from_ms(record.now)
        standing = Token.objects.filter(hearing=hearing, revoked_at=None, expires_at__gt=now)
        if standing.count() >= MOST_TOKENS:
            says = _("There are already %(most)d tokens. Revoke one that is no longer used.")
            raise AccessRefused(says % {"most": MOST_TOKENS})
        made = Token.objects.create(
            hearing=hearing,
            owner=owner,
            name=name,
            scopes=[scope.value for scope in scopes],
            secret_hash=hash_secret(secret),
            hint=secret[: len(PREFIX) + 6],
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        body = {
            "token": made.id.hex,
            "scopes": made.scopes,
            "expires_at": clock.to_ms(made.expires_at),
        }
        record.append(entry_types.TOKEN_MADE, body)
        security_log.note(
            SecurityEvent.TOKEN_MADE, hearing=hearing.id, person=owner.id, actor=actor.id
        )
    return made, secret


def revoke_token(*, token: Token, actor: writer.Actor) -> None:
    """Revoke a token. Does nothing if it is already revoked."""
    with writer.writing(token.hearing_id, actor=actor) as record:
        now = clock.from_ms(record.now)
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            record.append(entry_types.TOKEN_REVOKED, {"token": token.id.hex})
            security_log.note(
                SecurityEvent.TOKEN_REVOKED,
                hearing=token.hearing_id,
                person=token.owner_id,
                actor=actor.id,
            )
