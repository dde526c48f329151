"""Stored choices of what is seen and heard of a person in a meeting."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.engine import protection
from hemicycle.engine.protection import Protection
from hemicycle.hearing.setup.models import Hearing


class OnAirChoice(models.Model):
    """The choice of one participant, panellist or moderator, which is stored nowhere else.

    `owner` is the id of the registration or of the panel member. Without a row, only a person with
    an alias is protected (`choices.SUGGESTED`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="on_air_choices")
    owner = models.UUIDField(unique=True, help_text="id of the registration or panel member")
    camera = models.CharField(_("camera"), max_length=8, choices=choices.CAMERAS)
    voice = models.CharField(_("voice"), max_length=8, choices=choices.VOICES)

    def __str__(self) -> str:
        return f"{self.camera}, {self.voice}"

    @property
    def protection(self) -> Protection:
        """Return the choice as a `Protection` for the media engine."""
        return protection.read({"camera": self.camera, "voice": self.voice})
