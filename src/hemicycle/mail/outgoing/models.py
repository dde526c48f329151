"""Letters, lists and the outbox. Without a mail server, messages stay in the outbox."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.hearing.people.models import Person
from hemicycle.record import clock


class Enclosure(models.Model):
    """A file that is sent with one or more messages; its content is stored once.

    `method` is the method of a calendar invitation (RFC 5546), on which mail programs act; such a
    file is sent as an alternative of the text, all others as attachments.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(null=True, blank=True, db_index=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=120)
    method = models.CharField(max_length=16, blank=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Recipients(models.Model):
    """A distribution list that belongs to one hearing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    name = models.CharField(_("name"), max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "made_at")

    def __str__(self) -> str:
        return self.name


class Recipient(models.Model):
    """A line of a distribution list; a mission may have no address yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    recipients = models.ForeignKey(Recipients, on_delete=models.CASCADE, related_name="lines")
    address = models.EmailField(_("e-mail address"), blank=True)
    address_key = models.CharField(max_length=254, blank=True, help_text="case-folded")
    name = models.CharField(_("name"), max_length=400, blank=True)
    organization = models.CharField(_("organization"), max_length=400, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text="ISO 3166-1")
    language = models.CharField(_("language"), max_length=16, default="en", help_text="BCP 47")

    class Meta:
        ordering = ("organization", "name", "address")
        constraints = (
            models.UniqueConstraint(
                fields=("recipients", "address_key"),
                condition=~Q(address_key=""),
                name="recipient_once_in_a_list",
            ),
        )


class Import(models.Model):
    """A table of recipients that was read and waits to be confirmed, line by line."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    recipients = models.ForeignKey(Recipients, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    rows = models.JSONField()
    read_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)


class Mailing(models.Model):
    """One letter to a whole list: chosen, previewed, and confirmed once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    letter = models.CharField(max_length=40)
    source = models.CharField(max_length=160, help_text="key of the list")
    source_name = models.CharField(max_length=400)
    enclosed = models.JSONField(default=list, help_text="kinds of paper that go with it")
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    addressees = models.PositiveIntegerField(default=0)
    leaves_at = models.DateTimeField(
        null=True, blank=True, help_text="when the first letter is sent; until then it is held"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)

    @property
    def is_held(self) -> bool:
        """Whether its letters still wait for `leaves_at`."""
        return self.leaves_at is not None and self.leaves_at > clock.now() and not self.stopped_at


class Message(models.Model):
    """A message to one person for one purpose, queued in the transaction of the action behind it.

    `claim` names the sender that has claimed it, until `claimed_until`. A message is `sending` only
    while nobody can know whether the mail server has it (see `delivery.claims`). `once` is a key
    with which a message can be queued only once.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in", _("sign-in link")
        RECEIPT = "receipt", _("receipt")
        CONFIRMATION = "confirmation", _("confirmation of an address")
        CO_SIGNER = "co-signer", _("co-signer’s consent")
        DECISION = "decision", _("decision")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        QUESTION = "question", _("question put to the panel")
        NOT_REACHED = "not-reached", _("not reached for lack of time")
        MISSING_STATEMENT = "missing-statement", _("missing statement")
        TRAINING = "training", _("training session")
        SUMMARY = "summary", _("summary")
        APPROVAL = "approval", _("focal point’s approval")
        NO_OBJECTION = "no-objection", _("no-objection list")
        INVITATION = "invitation", _("invitation")
        ANNOUNCEMENT = "announcement", _("announcement")
        CALENDAR = "calendar", _("calendar entry")
        FORECAST = "forecast", _("place and expected time")
        FLOOR_LINK = "floor-link", _("link to the floor")
        DRAFT = "draft", _("link to a draft")
        PUBLICATION = "publication", _("publication of a statement")

    class State(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEFERRED = "deferred", _("delayed")
        BOUNCED = "bounced", _("returned")
        FAILED = "failed", _("refused by the mail server")
        CANCELLED = "cancelled", pgettext_lazy("a message", "cancelled")

    WAITING = (State.QUEUED, State.DEFERRED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(null=True, blank=True, db_index=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE)
    address = models.EmailField()
    purpose = models.CharField(max_length=24, choices=Purpose)
    language = models.CharField(max_length=16, default="en")
    subject = models.CharField(max_length=400)
    body = models.TextField()
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(null=True, blank=True)
    scheduled_at = models.DateTimeField(
        null=True, blank=True, help_text="when it is to be sent, if the office chose a time"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=600, blank=True, help_text="the mail server's last words")
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    once = models.CharField(max_length=320, null=True, blank=True, unique=True)
    reference = models.CharField(max_length=120, blank=True, help_text="the office's own number")
    answers = models.CharField(max_length=400, blank=True, help_text="id of the mail it answers")
    mailing = models.ForeignKey(
        Mailing, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    enclosures = models.ManyToManyField(Enclosure, related_name="messages")

    class Meta:
        ordering = ("-queued_at",)
        indexes = (
            models.Index(fields=("hearing_id", "-queued_at"), name="message_outbox"),
            models.Index(
                fields=("due_at",),
                condition=Q(state__in=("queued", "deferred")),
                name="message_waiting",
            ),
            models.Index(fields=("claim",), condition=~Q(claim=""), name="message_claimed"),
        )

    def save(self, **options: Any) -> None:
        """Save the message; it is due when it is queued, unless another time is set."""
        self.due_at = self.due_at or self.queued_at
        super().save(**options)

    @property
    def begins_at(self) -> datetime:
        """When it should first be sent: when it was queued, or later if it was scheduled."""
        leaves = self.mailing.leaves_at if self.mailing else self.scheduled_at
        return max(self.queued_at, leaves or self.queued_at)

    @property
    def waits(self) -> bool:
        """Whether it has not been sent yet."""
        return self.state in self.WAITING

    @property
    def is_unclear(self) -> bool:
        """Whether its sender stopped before saving the mail server's answer."""
        late: datetime | None = self.claimed_until
        return self.state == self.State.SENDING and (late is None or late <= clock.now())

    @property
    def shown_state(self) -> str:
        """The state by its name in `ui.states`."""
        return "unclear" if self.is_unclear else str(self.state)


class Attempt(models.Model):
    """An attempt to deliver a message, or a later report on it."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("accepted by the mail server")
        DEFERRED = "deferred", _("delayed")
        FAILED = "failed", _("refused by the mail server")
        BOUNCED = "bounced", _("returned")
        UNCLEAR = "unclear", _("no answer")
        SETTLED = "settled", _("settled by hand")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome)
    answer = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("at", "pk")


class LetterAudience(models.TextChoices):
    """For whom a letter is worded; a text without an audience is for everyone."""

    MISSIONS = "missions", _("Missions")
    ORGANIZATIONS = "organizations", _("Organizations")
    OTHERS = "others", _("Others")


class Wording(models.Model):
    """The secretariat's own text of a letter in one language, instead of the built-in text.

    For readers of an `audience`, a text with this audience replaces the one without.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    letter = models.CharField(max_length=40)
    language = models.CharField(max_length=16)
    audience = models.CharField(max_length=16, choices=LetterAudience, blank=True)
    subject = models.CharField(_("subject"), max_length=400)
    body = models.TextField(_("text"))
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hearing_id", "letter", "language", "audience"), name="wording_once"
            ),
        )


class Letterhead(models.Model):
    """The head and the signature of a hearing's papers in one language, or in all others.

    `picture` is a PNG or JPEG; a language without one uses the picture for all others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    language = models.CharField(max_length=16, blank=True, help_text="empty: all others")
    picture = models.BinaryField(default=b"", blank=True)
    sender = models.CharField(max_length=200, blank=True)
    lines = models.TextField(blank=True)
    signatory = models.CharField(max_length=200, blank=True)
    function = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "language"), name="letterhead_once"),
        )


class ReferenceSeries(models.Model):
    """The pattern of a hearing's references, and the last number that was given."""

    hearing_id = models.UUIDField(primary_key=True)
    pattern = models.CharField(max_length=80, blank=True)
    last = models.PositiveIntegerField(default=0)


class Reference(models.Model):
    """The reference of one thing that is sent to many: a letter to a list, an edition.

    `of` identifies the thing, such as "mailing:" and its id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    of = models.CharField(max_length=80)
    letter = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=120)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "of"), name="reference_once_for_each"),
            models.UniqueConstraint(fields=("hearing_id", "number"), name="reference_number_once"),
            models.UniqueConstraint(fields=("hearing_id", "text"), name="reference_text_once"),
        )


class Unsubscribed(models.Model):
    """An address that gets no letters to this hearing's lists, only those that it requests."""

    hearing_id = models.UUIDField(db_index=True)
    address_key = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "address_key"), name="unsubscribed_once"),
        )


class CalendarService(models.Model):
    """Whether the participants of a hearing get calendar entries by mail (iMIP)."""

    hearing_id = models.UUIDField(primary_key=True)
    on = models.BooleanField(default=False)


class CalendarEntry(models.Model):
    """A meeting in one person's calendar, as it was last sent to them.

    `uid` never changes, `sequence` grows with each change that is sent; `told` is a digest of the
    content that was sent, from which changes are detected.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    meeting_id = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calendar_entries")
    uid = models.CharField(max_length=200)
    sequence = models.PositiveIntegerField(default=0)
    told = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("meeting_id", "person"), name="calendar_entry_once"),
        )
