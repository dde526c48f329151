"""Documents of a hearing: its note, its programme, presentations and background papers."""

import uuid
from pathlib import PurePath

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.ui.languages import language_name
from hemicycle.ui.words import Translated, WordsCharField


class MeetingDocument(Translated):
    """A file of the hearing: added by the office, or handed in by a panellist (`person`).

    A panellist's file is for the office and the technicians. It is public only if its owner agrees
    and the office publishes it, and never under an alias, since a file names its author.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Concept note")
        PROGRAMME = "programme", _("Programme")
        PRESENTATION = "presentation", _("Presentation")
        BACKGROUND = "background", _("Background paper")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    ordinal = models.PositiveSmallIntegerField(_("order"), default=1)
    title = WordsCharField(_("title"), max_length=400)
    language = models.CharField(
        _("language"), max_length=16, blank=True, help_text="BCP 47; empty: several languages"
    )
    file = models.FileField(upload_to="documents/", max_length=255)
    file_name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    is_public = models.BooleanField(_("public"), default=False)
    added_at = models.DateTimeField()
    member = models.ForeignKey(
        PanelMember,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="documents",
        help_text="the seat of the panellist who handed it in",
    )
    person = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="the panellist who handed it in",
    )
    agrees = models.BooleanField(
        default=False, help_text="whether the panellist agrees that it becomes public"
    )

    class Meta:
        ordering = ("ordinal", "added_at", "id")

    def __str__(self) -> str:
        return self.title

    @property
    def language_label(self) -> str:
        """The name of its language, in the reader's language."""
        if self.language:
            return language_name(self.language)
        return str(pgettext_lazy("of a document", "several languages"))

    @property
    def has_alias(self) -> bool:
        """Whether the panellist who handed it in has an alias. Reads `member`."""
        return self.member is not None and bool(self.member.alias)

    @property
    def is_protected(self) -> bool:
        """Whether title and file may name a person whose name is protected. Reads `member`.

        This includes a person who has lost the seat, and with it any alias.
        """
        return self.person_id is not None and (self.member is None or self.has_alias)

    @property
    def shown_name(self) -> str:
        """The file's name; under an alias only its kind, since the name may be the author's."""
        if not self.has_alias:
            return self.file_name
        return self.kind + PurePath(self.file_name).suffix.lower()

    @property
    def may_be_public(self) -> bool:
        """Whether the document may be published. Reads `member`."""
        if self.person_id is None:
            return True
        return self.agrees and self.member is not None and not self.has_alias
