"""Training sessions for new users of the platform, and their participants."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.ui.languages import language_name

ADMISSION_OPENS = timedelta(minutes=15)
"""How long before a session participants can enter, to leave time for checking devices."""


class Session(models.Model):
    """A training session; `sequence` counts its changes, for calendars (RFC 5545)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="trainings")
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("length (minutes)"))
    language = models.CharField(_("language"), max_length=16, help_text="BCP 47")
    interpretation = models.JSONField(
        _("interpretation"), default=list, blank=True, help_text="BCP 47 tags of booked booths"
    )
    capacity = models.PositiveSmallIntegerField(_("places"))
    how = models.TextField(_("what happens"), blank=True)
    sequence = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    reminded_at = models.DateTimeField(null=True, blank=True)
    room = models.OneToOneField(
        Hearing,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="training",
        help_text="made when the first person enters",
    )

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(minutes__gt=0, capacity__gt=0), name="training_is_held"
            ),
        )

    @property
    def spoken(self) -> str:
        """The name of the session's language, in the reader's language."""
        return language_name(self.language)

    @property
    def languages(self) -> list[str]:
        """The languages of the session's room: its own, then those of its interpretation."""
        return list(dict.fromkeys((self.language, *self.interpretation)))

    @property
    def interpreted(self) -> list[str]:
        """The names of the languages of interpretation, in the reader's language."""
        return [language_name(tag) for tag in self.interpretation]

    @property
    def ends_at(self) -> datetime:
        """When the session ends."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def has_begun(self) -> bool:
        """Whether the session's start has passed."""
        return clock.now() >= self.starts_at

    @property
    def is_over(self) -> bool:
        """Whether the session's end has passed."""
        return clock.now() >= self.ends_at

    @property
    def admits(self) -> bool:
        """Whether participants can enter now."""
        opens = self.starts_at - ADMISSION_OPENS
        return self.cancelled_at is None and opens <= clock.now() < self.ends_at

    @property
    def state(self) -> str:
        """The state of the session: cancelled, done, now or upcoming."""
        if self.cancelled_at:
            return "cancelled"
        if self.is_over:
            return "done"
        return "now" if self.has_begun else "upcoming"

    @property
    def shown_state(self) -> str:
        """The name of the state in `ui.states`."""
        return f"session_{self.state}" if self.state in {"cancelled", "done"} else self.state


class SignUp(models.Model):
    """A participant's place in a session, or on its waiting list.

    `seq` is the entry of the sign-up: the waiting list is in the order of the record.
    """

    class State(models.TextChoices):
        SIGNED_UP = "signed-up", _("signed up")
        WAITING_LIST = "waiting-list", _("on the waiting list")
        SIGNED_OFF = "signed-off", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="sign_ups")
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="trainings"
    )
    state = models.CharField(max_length=16, choices=State)
    seq = models.BigIntegerField()
    signed_up_at = models.DateTimeField()
    attended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("seq",)
        constraints = (
            models.UniqueConstraint(
                fields=("session", "registration"), name="training_signed_up_once"
            ),
        )
