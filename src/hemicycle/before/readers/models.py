"""Readers: people who take somebody's seat and read in their place."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing


class ProxyReader(models.Model):
    """A person named to read from one slot, with their own link.

    `slot` is the inscription or the seat on a panel. Once `confirmed_at` is set, the slot's seat
    and microphone are the reader's. Taking the seat back deletes the row, and the link with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="readers")
    slot = models.UUIDField(unique=True, help_text="id of the inscription or panel member")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="reader")
    voice = models.CharField(
        _("voice"), max_length=8, choices=choices.VOICES, help_text="of the reader, on the air"
    )
    may_be_named = models.BooleanField(
        _("may be named in public"), default=False, help_text="as the reader agreed"
    )
    link_hash = models.CharField(max_length=64, unique=True, help_text="of the reader's link")
    named_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id.hex
