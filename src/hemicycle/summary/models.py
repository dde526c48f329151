"""The President's summary: drafted from the record, edited by people, each sentence sourced."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearings.models import GuidingQuestion, Hearing, Segment


class Summary(models.Model):
    """The summary of one hearing. `revision` counts saved changes, so two editors cannot collide."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.OneToOneField(Hearing, on_delete=models.CASCADE, related_name="summary")
    drafted_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)


class Section(models.Model):
    """A part of the summary: a panel, and a guiding question within it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="sections")
    ordinal = models.PositiveSmallIntegerField()
    heading = models.CharField(_("heading"), max_length=400)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL)
    guiding_question = models.ForeignKey(
        GuidingQuestion, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ("ordinal",)


class Sentence(models.Model):
    """A sentence and where it comes from: statements, or entries of the record."""

    class Origin(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        EDITED = "edited", _("edited")
        WRITTEN = "written", _("written by hand")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="sentences")
    ordinal = models.PositiveSmallIntegerField()
    text = models.TextField(_("text"))
    sources = models.JSONField(
        default=list, help_text='[{"statement", "sentence"} or {"seq"}]'
    )
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.DRAFTED)

    class Meta:
        ordering = ("ordinal",)
