"""Letters and messages that Hemicycle owes people. A fresh checkout keeps them in this outbox."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.parties.models import Person


class Message(models.Model):
    """A message to one person for one purpose, queued in the transaction of the act behind it."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in", _("sign-in link")
        RECEIPT = "receipt", _("receipt")
        CO_SIGNER = "co-signer", _("co-signer's consent")
        DECISION = "decision", _("decision")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        QUESTION = "question", _("question put to the panel")
        NOT_REACHED = "not-reached", _("not reached for lack of time")
        MISSING_STATEMENT = "missing-statement", _("missing statement")
        TRAINING = "training", _("training session")
        SUMMARY = "summary", _("summary")
        APPROVAL = "approval", _("focal point’s approval")
        NO_OBJECTION = "no-objection", _("no-objection list")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(null=True, blank=True, db_index=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE)
    address = models.EmailField()
    purpose = models.CharField(max_length=24, choices=Purpose)
    language = models.CharField(max_length=16, default="en")
    subject = models.CharField(max_length=400)
    body = models.TextField()
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-queued_at",)
        indexes = (models.Index(fields=("hearing_id", "-queued_at"), name="message_outbox"),)
