"""Written statements: the submitted versions, their texts, and who may read them when."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.models import Person
from hemicycle.ui.words import Translated, WordsCharField

MOST_TITLE = 300


class Statement(Translated):
    """A participant's statement: for one place on a list, or as a contribution in writing.

    Its `title` is as confidential as its text, and may contain names as the text may.

    The public sees it under the public name of its registration (`Registration.public_identity`).
    It is confidential until delivered (`release`); whether the public may read it then is a
    separate consent, which can be withdrawn.
    """

    class Release(models.TextChoices):
        EMBARGOED = "embargoed", _("confidential until delivered")
        DELIVERED = "delivered", _("delivered")
        NOT_REACHED = "not_reached", _("not delivered for lack of time")
        WRITTEN = "written", _("in writing only")

    class Naming(models.TextChoices):
        NAMED = "named", _("under the participant’s public name")
        WITHHELD = "withheld", _("not at all")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="statements"
    )
    inscription = models.OneToOneField(
        Inscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="statement"
    )
    title = WordsCharField(_("title"), max_length=MOST_TITLE, blank=True)
    consents_to_publish = models.BooleanField(_("may be published"), default=False)
    release = models.CharField(max_length=16, choices=Release, default=Release.EMBARGOED)
    released_at = models.DateTimeField(null=True, blank=True)
    is_released_by_hand = models.BooleanField(
        default=False, help_text="by the secretariat, although the floor did not release it"
    )
    naming = models.CharField(
        _("how the public sees it"), max_length=8, choices=Naming, default=Naming.NAMED
    )
    is_held = models.BooleanField(
        default=False, help_text="its text waits for a person to read it under the alias"
    )
    published_at = models.DateTimeField(null=True, blank=True, help_text="when it first was public")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration",),
                condition=Q(inscription__isnull=True),
                name="statement_one_in_writing",
            ),
        )

    @property
    def is_public(self) -> bool:
        """Whether anyone may read the statement now, perhaps under an alias."""
        return (
            self.consents_to_publish
            and self.release != self.Release.EMBARGOED
            and self.naming != self.Naming.WITHHELD
            and not self.is_held
        )

    @property
    def is_public_by_name(self) -> bool:
        """Whether anyone may read the statement and its file: none of its authors has an alias."""
        registration = self.registration
        hidden = registration.alias or any(row.alias for row in registration.co_signers.all())
        return self.is_public and not hidden


class StatementVersion(models.Model):
    """One file as submitted, and the text found in it."""

    class State(models.TextChoices):
        READ = "read", _("text read")
        UNREADABLE = "unreadable", _("text could not be read")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="statements/", max_length=255)
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State)
    problem = models.CharField(max_length=32, blank=True, help_text="code of why it was not read")
    text = models.TextField(blank=True)
    words = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=16, blank=True, help_text="BCP 47, where it is plain")
    received_at = models.DateTimeField(help_text="when we had all of it: this is compared")
    handed_in_at = models.DateTimeField(help_text="when it was read and became a version")
    handed_in_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("statement", "number"), name="version_number_once"),
        )


class Video(models.Model):
    """A submitted video for a place on a list; the newest valid one is played.

    `play` says when. A video that was withdrawn, replaced or erased no longer has a file.
    """

    class Play(models.TextChoices):
        ABSENT = "absent", _("when the speaker is not connected")
        ALWAYS = "always", _("in any case")
        NEVER = "never", _("not at all")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    inscription = models.ForeignKey(Inscription, on_delete=models.CASCADE, related_name="videos")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="videos/", max_length=255, blank=True)
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    duration_ms = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    has_sound = models.BooleanField()
    play = models.CharField(_("play it"), max_length=8, choices=Play, default=Play.ABSENT)
    handed_in_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("inscription", "number"), name="video_number_once"),
        )


class Listing(models.Model):
    """A statement in the public library, which exists as long as anyone may read the statement.

    `library.publication` writes and deletes these rows. The search index depends on them
    (`library.search_index`): a migration that makes SQLite rebuild this table must create the
    index's trigger again.
    """

    statement = models.OneToOneField(Statement, on_delete=models.CASCADE, related_name="listing")
    hearing_id = models.UUIDField(db_index=True)
    language = models.CharField(max_length=16, blank=True, help_text="BCP 47")
    listed_at = models.DateTimeField(help_text="when what the public reads last changed")
