"""Incoming mail: stored whole before it is acknowledged, then parsed, matched, and decided."""

import uuid

from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing.models import Message


class Purpose(models.TextChoices):
    """What a hearing's address is for."""

    INSCRIPTIONS = "inscriptions", _("inscriptions")
    STATEMENTS = "statements", _("statements")
    PUBLICATION = "publication", _("publication")
    QUESTIONS = "questions", _("questions")
    OTHER = "other", _("other mail")


class Mail(models.Model):
    """A message to one of a hearing's addresses.

    A message to several purposes or hearings has a row for each; they share a file. `hearing_id` is
    empty while its hearing is unknown. `seq` is the record's entry about its arrival. `received_at`
    is the time at which the whole message had been received; this time counts for deadlines.
    """

    class State(models.TextChoices):
        STORED = "stored", _("not reviewed yet")
        WAITING = "waiting", _("waiting for a decision")
        DONE = "done", pgettext_lazy("a message", "done")
        ASIDE = "aside", pgettext_lazy("a message", "set aside")

    class Source(models.TextChoices):
        SMTP = "smtp", "SMTP"
        LMTP = "lmtp", "LMTP"
        IMAP = "imap", "IMAP"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(null=True, blank=True)
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.OTHER)
    state = models.CharField(max_length=16, choices=State, default=State.STORED)
    why = models.CharField(max_length=32, blank=True, help_text="code of `reasons`")
    # as received
    source = models.CharField(max_length=8, choices=Source)
    sender = models.CharField(max_length=320, blank=True, help_text="of the envelope")
    recipients = models.JSONField(default=list, help_text="of the envelope")
    peer = models.CharField(max_length=64, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()
    file = models.CharField(max_length=255, help_text="in the uploads; empty once erased")
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="of reading it")
    # as parsed
    message_id = models.CharField(max_length=400, blank=True)
    from_name = models.CharField(max_length=400, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=400, blank=True)
    text = models.TextField(blank=True)
    content_key = models.CharField(max_length=64, blank=True)
    automatic = models.CharField(max_length=16, blank=True)
    authentic = models.JSONField(default=dict, help_text='{"dmarc": "pass", …}')
    attachments = models.JSONField(default=list, help_text='[{"name", "type", "size", "problem"}]')
    problems = models.JSONField(default=list, help_text="codes of what was odd about it")
    # as matched and decided
    candidates = models.JSONField(default=list, help_text='[{"registration", "confidence", …}]')
    registration_id = models.UUIDField(null=True, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    confidence = models.PositiveSmallIntegerField(default=0, help_text="0 to 100")
    draft = models.JSONField(default=dict, help_text="what was understood, to be confirmed")
    seq = models.BigIntegerField(null=True, blank=True)
    answer = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=64, blank=True, help_text="key of the note")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("received_at", "id")
        indexes = (
            models.Index(fields=("hearing_id", "state", "received_at"), name="mail_by_state"),
            models.Index(
                fields=("received_at",), condition=models.Q(state="stored"), name="mail_to_read"
            ),
            models.Index(fields=("message_id",), name="mail_by_message_id"),
            models.Index(fields=("from_address", "received_at"), name="mail_by_sender"),
        )

    def __str__(self) -> str:
        return self.subject or self.message_id

    def raw(self) -> bytes:
        """Return the whole message as received; raise `OSError` if its file is gone."""
        if not self.file:
            raise FileNotFoundError("this message was erased")
        with default_storage.open(self.file) as file:
            content: bytes = file.read()
        return content


class Mailbox(models.Model):
    """How far a mailbox has been read over IMAP; UIDs are valid within one UIDVALIDITY."""

    key = models.CharField(primary_key=True, max_length=64, help_text="hash of its address")
    validity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0, help_text="the last one that is stored here")
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=400, blank=True, help_text="the last thing that failed")
