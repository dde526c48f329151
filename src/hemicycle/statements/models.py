"""Written statements: versions, text, consent to publish, embargo until delivered."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.parties.models import Person
from hemicycle.registration.models import Registration
from hemicycle.speakers.models import Inscription


class Statement(models.Model):
    """What a participant hands in, for an intervention or as a written contribution."""

    class Release(models.TextChoices):
        EMBARGOED = "embargoed", _("until delivered")
        RELEASED = "released", _("released")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="statements"
    )
    inscription = models.OneToOneField(
        Inscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="statement"
    )
    consents_to_publish = models.BooleanField(_("may be published"), default=False)
    release = models.CharField(max_length=16, choices=Release, default=Release.EMBARGOED)


class Version(models.Model):
    """One file as handed in, and the text found in it."""

    class State(models.TextChoices):
        READ = "read", _("text read")
        UNREADABLE = "unreadable", _("text could not be read")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="statements/%Y/")
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State)
    text = models.TextField(blank=True)
    words = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=32, blank=True, help_text="why the text was not read")
    handed_in_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("statement", "number"), name="version_number_once"),
        )
