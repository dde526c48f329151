"""Questions that participants put to the panellists beforehand."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import public_words
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import GuidingQuestion, PanelMember, Segment


class Question(models.Model):
    """A question for panellists, sorted by guiding question, drawn by the moderator.

    From `drawn` on, the state is the meeting's: it follows the floor's events, and their undoing.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("received")
        SORTED = "sorted", _("ready for the moderator")
        SET_ASIDE = "set-aside", _("set aside")
        DRAWN = "drawn", _("put to the panel")
        ANSWERED = "answered", _("answered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField()
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="questions"
    )
    segment = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    guiding_question = models.ForeignKey(
        GuidingQuestion, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    to = models.ForeignKey(
        PanelMember, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    text = models.TextField(_("question"))
    language = models.CharField(max_length=16, default="en")
    names_asker = models.BooleanField(default=True, help_text="whether the public is told who asks")
    state = models.CharField(max_length=16, choices=State, default=State.SUBMITTED)
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    submitted_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("submitted_at", "id")
        indexes = (models.Index(fields=("hearing_id", "state"), name="question_by_state"),)

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def public_asker(self) -> str:
        """The public name of the asker; "" if they do not wish to be named."""
        return self.registration.public_organization if self.names_asker else ""

    @property
    def public_text(self) -> str:
        """The question as the public reads it: under an alias, the asker's names are replaced."""
        return public_words.public_text(self.registration, self.text)
