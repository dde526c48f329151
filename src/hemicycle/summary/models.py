"""The President's summary: drafted from the record, edited by people, each sentence sourced."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearings.models import GuidingQuestion, Hearing, Segment


class Summary(models.Model):
    """The summary of one hearing. `revision` counts saved changes; once published it is fixed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.OneToOneField(Hearing, on_delete=models.CASCADE, related_name="summary")
    drafted_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)


class Section(models.Model):
    """A part of the summary: a panel, and a guiding question within it.

    `key` names what it is about, so that drafting again finds it: the segment ("" for what was
    handed in in writing) and the guiding question, or "participation".
    """

    PARTICIPATION = "participation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=80)
    ordinal = models.PositiveSmallIntegerField()
    heading = models.TextField(_("heading"))
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL)
    guiding_question = models.ForeignKey(
        GuidingQuestion, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ("ordinal",)
        constraints = (
            models.UniqueConstraint(fields=("summary", "key"), name="summary_section_once"),
        )


class Sentence(models.Model):
    """A sentence and where it comes from: statements, or entries of the record.

    `revision` counts its changes: whoever saves says which one they had seen. One that was removed
    stays, so that it can be brought back and is not drafted again. `drafted_as` are the words of
    the draft, "" for a sentence written by hand.
    """

    class Origin(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        EDITED = "edited", _("edited")
        WRITTEN = "written", _("written by hand")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="sentences")
    ordinal = models.PositiveSmallIntegerField()
    text = models.TextField(_("text"))
    sources = models.JSONField(default=list, help_text='[{"statement", "sentence"} or {"seq"}]')
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.DRAFTED)
    drafted_as = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("ordinal",)

    @property
    def is_touched(self) -> bool:
        """Whether a person's hand was on it, so that drafting again leaves it alone."""
        removed, erased = self.removed_at is not None, self.erased_at is not None
        return removed or erased or self.origin != self.Origin.DRAFTED
