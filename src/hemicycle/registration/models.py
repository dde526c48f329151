"""Registrations: who asked to take part, how, and what was decided."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hemicycle.hearings.models import Category, Hearing, Segment
from hemicycle.parties.models import Organization, Person, Track


class Draft(models.Model):
    """A form half filled in. Nothing in it counts until it is submitted; it lapses by itself."""

    key = models.CharField(primary_key=True, max_length=43)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="drafts")
    track = models.CharField(max_length=32, choices=Track)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()


class Registration(models.Model):
    """One person's request to take part for one organization.

    `form_key` makes sending a form twice the same as sending it once. `arrival` is the place of
    the accepting entry in the hearing's record: the order of arrival, fixed by the commit.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("received")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="registrations")
    track = models.CharField(max_length=32, choices=Track)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="registrations"
    )
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="registration")
    reference = models.CharField(max_length=16, unique=True, help_text="said aloud, written down")
    form_key = models.CharField(max_length=43, unique=True)
    link_hash = models.CharField(max_length=64, unique=True, help_text="of the personal link")
    status = models.CharField(max_length=16, choices=Status, default=Status.SUBMITTED)
    arrival = models.BigIntegerField(help_text="seq of the entry that accepted it")
    arrived_at = models.DateTimeField()
    eligibility = models.TextField(_("eligibility"), blank=True)
    access_needs = models.TextField(_("access needs"), blank=True)
    wishes_to_intervene = models.BooleanField(_("wishes to intervene"), default=False)
    segment = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    gender = models.CharField(_("gender"), max_length=16, blank=True)
    consents_to_list = models.BooleanField(_("may be named on the public list"), default=False)
    keep_until = models.DateField(help_text="personal data is deleted after this day")

    class Meta:
        ordering = ("arrival",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "arrival"), name="registration_arrival_once"),
        )
        indexes = (
            models.Index(fields=("hearing", "track", "status"), name="registration_by_status"),
            models.Index(fields=("hearing", "organization"), name="registration_by_organization"),
        )

    def __str__(self) -> str:
        return self.reference


class CoSigner(models.Model):
    """An organization that joins another's intervention, once it has consented by its own link."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        CONSENTED = "consented", _("consented")
        DECLINED = "declined", _("declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="co_signers"
    )
    organization_name = models.CharField(_("organization"), max_length=400)
    email = models.EmailField(_("e-mail address"))
    link_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State, default=State.ASKED)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "organization_name"), name="co_signer_asked_once"
            ),
        )


class Decision(models.Model):
    """What the secretariat decided about a registration, by whom and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="decisions"
    )
    outcome = models.CharField(max_length=16, choices=Registration.Status)
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("decided_at",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(outcome=Registration.Status.SUBMITTED), name="decision_decides"
            ),
        )
