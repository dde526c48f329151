"""The President's summary: drafted from the record, edited by people, each sentence sourced."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import GuidingQuestion, Hearing, Segment


class Summary(models.Model):
    """The summary of one hearing, which cannot change while it is published.

    `revision` counts saved changes. `language` is that of the draft, and so of the original: a BCP
    47 tag without region or script.
    While `messages_published_at` is set, the newest version of the key messages is public.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.OneToOneField(Hearing, on_delete=models.CASCADE, related_name="summary")
    language = models.CharField(_("language"), max_length=16)
    drafted_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    messages_published_at = models.DateTimeField(null=True, blank=True)


class Section(models.Model):
    """A part of the summary: a panel, and a guiding question within it.

    `key` names its subject, so that drafting again finds it: "letter", "messages", "participation",
    the segment ("" for contributions in writing) and the guiding question, or "recommendations" and
    the guiding question.
    """

    LETTER = "letter"
    MESSAGES = "messages"
    PARTICIPATION = "participation"
    RECOMMENDATIONS = "recommendations:"

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

    @property
    def is_recommendations(self) -> bool:
        """Whether its sentences are rows of the table of recommendations."""
        return self.key.startswith(self.RECOMMENDATIONS)

    @property
    def is_letter(self) -> bool:
        """Whether its sentences are the paragraphs of the cover letter."""
        return self.key == self.LETTER


class Sentence(models.Model):
    """A sentence and its sources: statements, or entries of the record.

    `revision` counts the changes, so that a save can name the revision on which it is based. A
    removed sentence stays, so that it can be restored and is not drafted again. `drafted_as` is the
    text of the draft, "" for a sentence written by hand. `once_cited` has the ids of statements
    that an edit removed from the sources: their words may still be in the text.
    """

    class Origin(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        EDITED = "edited", _("edited")
        WRITTEN = "written", _("written by hand")
        OFFERED = "offered", _("suggested by a language model")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="sentences")
    ordinal = models.PositiveSmallIntegerField()
    text = models.TextField(_("text"))
    addressee = models.CharField(
        _("who should act"), max_length=200, blank=True, help_text="of a recommendation"
    )
    sources = models.JSONField(default=list, help_text='[{"statement", "sentence"} or {"seq"}]')
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.DRAFTED)
    drafted_as = models.TextField(blank=True)
    once_cited = models.JSONField(default=list, help_text="statements among its earlier sources")
    revision = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("ordinal",)

    @property
    def is_shown(self) -> bool:
        """Whether the document shows it, since it was neither removed nor blanked."""
        return self.removed_at is None and self.erased_at is None

    @property
    def is_touched(self) -> bool:
        """Whether a person changed it, so that drafting again keeps it."""
        removed, erased = self.removed_at is not None, self.erased_at is not None
        return removed or erased or self.origin != self.Origin.DRAFTED


class SentenceTranslation(models.Model):
    """A sentence in another language. `language` is a BCP 47 tag without region or script.

    `of_text` and `of_addressee` are the words that it translates: if the sentence has changed since
    then, the translation is out of date. `revision` counts the changes, as that of a sentence does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=16)
    text = models.TextField(_("text"))
    addressee = models.CharField(_("who should act"), max_length=200, blank=True)
    of_text = models.TextField(blank=True)
    of_addressee = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("sentence", "language"), name="summary_translated_once"
            ),
        )

    def follows(self, sentence: Sentence) -> bool:
        """Whether it translates the current words of the sentence."""
        return (self.of_text, self.of_addressee) == (sentence.text, sentence.addressee)


class Presence(models.Model):
    """A person who has the form of a sentence open, until the last heartbeat is too old.

    `seen_at` is the time of the last heartbeat. `language` is that of the translation in the form,
    "" for the sentence itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="present")
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    language = models.CharField(max_length=16, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("sentence", "person", "language"), name="summary_present_once"
            ),
        )


class SummaryTranslation(models.Model):
    """The summary in another language. `revision` counts the saved changes.

    While it is published, its newest published version is public, without later changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=16)
    revision = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("summary", "language"), name="summary_language_once"),
        )


class SummaryVersion(models.Model):
    """A snapshot of the summary, or of a translation of it, saved for comparison.

    `content` lists the sections with their sentences: [{"key", "heading", "panel", "sentences":
    [{"id", "text", "addressee", "sources", "origin"}]}]. In a translation, a sentence also has the
    "language" in which it is shown, and "is_foot" if it is the foot of the letter. A published
    translation `follows` the version of the original that was public then. A version of the key
    messages has only their section, each sentence with its language.
    """

    class Reason(models.TextChoices):
        KEPT = "kept", _("saved by hand")
        DRAFTED = "drafted", _("before it was drafted again")
        PUBLISHED = "published", _("as published")
        MESSAGES = "messages", _("key messages, as published")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="versions")
    language = models.CharField(max_length=16, blank=True, help_text="empty for the original")
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    reason = models.CharField(max_length=16, choices=Reason)
    label = models.CharField(_("name"), max_length=120, blank=True)
    kept_at = models.DateTimeField()
    content = models.JSONField()
    pdf = models.BinaryField(null=True)
    docx = models.BinaryField(null=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=("summary", "language", "number"), name="summary_version_once"
            ),
        )


class Circulation(models.Model):
    """One circulation of the published summary or the key messages, as its version's reason says.

    `digest` is the SHA-256 of the PDF, `digests` has that of each translation, by language.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="circulations")
    version = models.ForeignKey(SummaryVersion, on_delete=models.PROTECT)
    circulated_at = models.DateTimeField()
    seq = models.PositiveBigIntegerField(help_text="the entry of the record that tells of it")
    digest = models.CharField(max_length=64)
    digests = models.JSONField(default=dict, help_text='{"fr": "…"}')

    class Meta:
        ordering = ("-circulated_at",)

    def digest_of(self, language: str) -> str:
        """Return the SHA-256 of the PDF in a language, "" for the original's."""
        return str(self.digests.get(language, "")) if language else self.digest


class SummaryRecipient(models.Model):
    """A recipient of a circulation. The message is deleted when the person is erased.

    `language` is that of the translation to which the letter leads, "" for the original.
    """

    class Group(models.TextChoices):
        MISSIONS = "missions", _("Member States and observers")
        PARTICIPANTS = "participants", _("participants")
        PANELS = "panels", _("panellists and moderators")
        CO_SIGNERS = "co-signers", _("co-signers")
        LIST = "list", _("distribution list")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    circulation = models.ForeignKey(
        Circulation, on_delete=models.CASCADE, related_name="recipients"
    )
    group = models.CharField(max_length=16, choices=Group)
    name = models.CharField(max_length=400)
    language = models.CharField(max_length=16, blank=True)
    address = models.EmailField(blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    message_id = models.UUIDField(null=True, help_text="the message in the outbox")

    class Meta:
        ordering = ("group", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("circulation", "address"),
                condition=~models.Q(address=""),
                name="summary_sent_once",
            ),
        )
