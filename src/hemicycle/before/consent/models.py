"""Consents, given or withdrawn, for each use."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import PanelMember


class Use(models.TextChoices):
    """What may be done with a participant's name, words, voice and picture."""

    LIST = "list", _("Your name on the public list of speakers")
    WEBCAST = "webcast", _("Your voice and picture in the live webcast")
    RECORDING = "recording", _("Your voice and picture in the recording")
    STATEMENT = "statement", _("The text of your statement in the public library")
    QUESTION = "question", _("The name of your organization beside your questions")
    TRANSCRIPT = "transcript", _("Captions of what you say")
    PHOTOGRAPH = "photograph", _("Photographs of you")
    STATES = "states", _("The name of your organization on lists for Member States")


class LastWord(models.Model):
    """The last decision about one use, with its time and its entry of the record."""

    use = models.CharField(max_length=12, choices=Use)
    is_given = models.BooleanField()
    changed_at = models.DateTimeField()
    seq = models.BigIntegerField(help_text="the entry that says so")

    class Meta:
        abstract = True


class Consent(LastWord):
    """The last decision of a registration about one use; no row while the default applies."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="consents"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "use"), name="one_consent_a_use"),
        )


class SeatConsent(LastWord):
    """The last decision of a panellist or moderator about one use; a row for each seat."""

    member = models.ForeignKey(PanelMember, on_delete=models.CASCADE, related_name="consents")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("member", "use"), name="one_seat_consent_a_use"),
        )
