"""Inscriptions and the lists of speakers before a meeting opens."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person, Track
from hemicycle.hearing.setup.models import Segment


class Inscription(models.Model):
    """A place on a panel's list of speakers: the one slot that every room shows.

    Its id is the slot's id on the floor, in the statement, the question and the summary. `place`
    is its place of arrival within its track, as proved by the receipt; it never changes. One that
    fell with its registration's refusal keeps it for the case that the refusal is reversed.
    """

    class State(models.TextChoices):
        INSCRIBED = "inscribed", _("on the list")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="inscriptions")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="inscriptions"
    )
    track = models.CharField(max_length=32, choices=Track)
    speaker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="inscriptions")
    language = models.CharField(_("language"), max_length=16, help_text="BCP 47")
    rank = models.PositiveSmallIntegerField(_("protocol rank"), default=9)
    arrival = models.BigIntegerField(help_text="seq of the entry that inscribed it")
    place = models.PositiveIntegerField(help_text="place of arrival within track and panel")
    state = models.CharField(max_length=16, choices=State, default=State.INSCRIBED)

    class Meta:
        ordering = ("arrival",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "segment"),
                condition=Q(state="inscribed"),
                name="inscription_once_per_panel",
            ),
            models.UniqueConstraint(
                fields=("segment", "track", "place"), name="inscription_place_once"
            ),
        )


class Move(models.Model):
    """A manual change to the order: this inscription goes before that one, by whom and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    inscription = models.ForeignKey(Inscription, on_delete=models.CASCADE, related_name="moves")
    before = models.ForeignKey(
        Inscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=64, help_text="key of the note")
    moved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    seq = models.BigIntegerField(help_text="seq of the entry that moved it")

    class Meta:
        ordering = ("seq",)
