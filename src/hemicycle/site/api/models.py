"""Tokens of the API, webhooks, and the deliveries to each of them."""

import uuid
from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import WHOLE_OFFICE, Duty, Person
from hemicycle.hearing.setup.models import Hearing


class Scope(models.TextChoices):
    """A permission of a token beyond public data."""

    REGISTRATIONS_READ = "registrations:read", _("read registrations")
    REGISTRATIONS_WRITE = "registrations:write", _("decide and import registrations")
    LISTS_READ = "lists:read", _("read the lists of speakers")
    STATEMENTS_READ = "statements:read", _("read statements, confidential ones too")
    QUESTIONS_READ = "questions:read", _("read questions")
    RECORD_READ = "record:read", _("read the entries of the record")


_WITH_NAMES = {Duty.REGISTRATION, Duty.PROTECTED}

NEEDS: dict[str, Collection[Duty]] = {
    Scope.REGISTRATIONS_READ: _WITH_NAMES,
    Scope.REGISTRATIONS_WRITE: _WITH_NAMES,
    Scope.LISTS_READ: {Duty.LISTS, Duty.PROTECTED},
    Scope.STATEMENTS_READ: {Duty.DOCUMENTS, Duty.PROTECTED},
    Scope.QUESTIONS_READ: {Duty.DOCUMENTS, Duty.PROTECTED},
    Scope.RECORD_READ: WHOLE_OFFICE,
}
"""The duties that a token's owner needs for each scope: the same as for the office's pages."""


class Token(models.Model):
    """A program's key to one hearing. It acts in the name of the secretariat's member who made it.

    Only the hash is stored; `hint` is the beginning of the token, by which people recognize it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="tokens")
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(_("what it may do"), default=list)
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)


class Webhook(models.Model):
    """An address that receives the entries of a hearing's record, of all kinds or of some.

    `position` is the number of the last entry for which deliveries were created, so that none is
    missed or created twice. `number` counts its secrets; `failing_since` is when the present series
    of failures began.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    kinds = models.JSONField(_("kinds of entry"), default=list, help_text="empty for all")
    position = models.BigIntegerField()
    number = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)


class Delivery(models.Model):
    """One entry for one webhook, and the receiver's last answer.

    The id of the delivery is the id of the message. All attempts have the same id, so that a
    receiver recognizes a repeated message. `status` is the HTTP status of the answer; it is None if
    there was no answer, and `problem` then says why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("still to be sent")
        DELIVERED = "delivered", _("accepted by the receiver")
        FAILED = "failed", _("no longer attempted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    problem = models.CharField(max_length=32, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("-seq",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "seq"), name="delivery_once_per_entry"),
        )
        indexes = (
            models.Index(
                fields=("next_at",),
                condition=models.Q(state="waiting"),
                name="delivery_due",
            ),
        )
