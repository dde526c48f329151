"""Models of accreditation: evidence, approvals, the no-objection list."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Organization, Person
from hemicycle.hearing.setup.models import Category, Hearing
from hemicycle.record import clock


class Evidence(models.Model):
    """A piece of evidence that an applicant belongs to a category: words, a link or a file."""

    class Form(models.TextChoices):
        WORDS = "words", _("words")
        LINK = "link", _("link")
        FILE = "file", _("file")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="evidence"
    )
    form = models.CharField(max_length=8, choices=Form)
    text = models.TextField(blank=True, help_text="the words, or the address of the link")
    file = models.FileField(upload_to="evidence/", max_length=255, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("registration", "sha256"), name="evidence_given_once"),
        )


class FocalPoint(models.Model):
    """A person who approves the registrations of one category, or of one organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="focal_points")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.CASCADE)
    organization = models.CharField(_("organization"), max_length=400, blank=True)
    organization_key = models.CharField(max_length=400, blank=True)
    named_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("named_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(category=None) ^ Q(organization_key=""), name="focal_point_of_one"
            ),
            models.UniqueConstraint(
                fields=("category",),
                condition=Q(dismissed_at=None),
                name="focal_point_one_per_category",
            ),
            models.UniqueConstraint(
                fields=("hearing", "organization_key"),
                condition=Q(dismissed_at=None) & ~Q(organization_key=""),
                name="focal_point_one_per_organization",
            ),
        )

    @property
    def whose(self) -> str:
        """What they approve for: the category's label, or the organization's name."""
        return self.category.label if self.category else self.organization


class Approval(models.Model):
    """A question to a focal point about one registration; its link takes one answer."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("not approved")
        REVOKED = "revoked", _("link revoked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="approvals"
    )
    focal_point = models.ForeignKey(FocalPoint, on_delete=models.PROTECT, related_name="approvals")
    link_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")

    class Meta:
        ordering = ("asked_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("registration",),
                condition=Q(state="asked"),
                name="approval_asked_one_at_a_time",
            ),
        )

    @property
    def has_lapsed(self) -> bool:
        """Whether the link expired without an answer."""
        return self.state == self.State.ASKED and clock.now() > self.expires_at

    @property
    def is_open(self) -> bool:
        """Whether the question can be answered now."""
        return self.state == self.State.ASKED and not self.has_lapsed

    @property
    def shown(self) -> str:
        """The state as pages show it."""
        return "lapsed" if self.has_lapsed else self.state


class Edition(models.Model):
    """A frozen no-objection list: numbered, with the deadline for objections.

    `digest` is the SHA-256 of its lines, and is on the record, to prove what was circulated.
    `link_hash` opens its page to the missions. A corrected list `replaces` an earlier one, from the
    moment when it is circulated (`replaced_at` of the earlier one). `act` is part of the keys of
    the letters of its last circulation or withdrawal.
    """

    STANDING = Q(discarded_at=None, replaced_at=None, withdrawn_at=None)
    """The lists that count: not discarded, replaced or withdrawn."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveSmallIntegerField()
    frozen_at = models.DateTimeField()
    deadline = models.DateTimeField(_("objections until"))
    digest = models.CharField(max_length=64)
    link_hash = models.CharField(max_length=64, unique=True)
    circulated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    replaced_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    act = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "number"), name="edition_number_once"),
            models.UniqueConstraint(
                fields=("replaces",),
                condition=Q(discarded_at=None),
                name="edition_corrected_once",
            ),
        )

    @property
    def is_standing(self) -> bool:
        """Whether the list counts: it was not discarded, replaced or withdrawn."""
        return not (self.discarded_at or self.replaced_at or self.withdrawn_at)

    @property
    def is_draft(self) -> bool:
        """Whether the list counts and is not circulated yet: it can be changed and discarded."""
        return self.is_standing and not (self.circulated_at or self.closed_at)

    @property
    def is_out(self) -> bool:
        """Whether the list is before the missions: it counts, is circulated, and is not closed."""
        return self.is_standing and bool(self.circulated_at) and not self.closed_at

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed; the second of the deadline itself is still in time."""
        return clock.now().replace(microsecond=0) > self.deadline

    @property
    def state(self) -> str:
        """The name of its state in `ui.states`."""
        ends = (
            (self.discarded_at, "list_discarded"),
            (self.withdrawn_at, "list_withdrawn"),
            (self.replaced_at, "list_replaced"),
            (self.closed_at, "list_closed"),
        )
        if ended := next((name for at, name in ends if at), ""):
            return ended
        if self.is_over:
            return "ended"
        return "circulated" if self.circulated_at else "frozen"


class EditionLine(models.Model):
    """A registration's line in an edition, as it was circulated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="lines")
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="listings"
    )
    ordinal = models.PositiveIntegerField()
    organization = models.CharField(max_length=400)
    country = models.CharField(max_length=2, blank=True)
    category = models.CharField(max_length=200)

    class Meta:
        ordering = ("edition", "ordinal")
        constraints = (
            models.UniqueConstraint(
                fields=("edition", "ordinal"), name="edition_line_ordinal_once"
            ),
            models.UniqueConstraint(fields=("edition", "registration"), name="edition_line_once"),
        )


class LeftOut(models.Model):
    """A registration that was left out of a list before it was circulated, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="left_out")
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("edition", "registration"), name="left_out_once"),
        )


class EditionCopy(models.Model):
    """A mission's own copy of a list: the link in its letter, by which that mission objects."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="copies")
    mission = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.EmailField(blank=True)
    language = models.CharField(max_length=16, default="en", help_text="BCP 47")
    link_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("edition", "address", "id")


class Objection(models.Model):
    """A mission's objection to one line, settled by a decision.

    The mission made it through its `copy` of the list, or the secretariat entered it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be settled")
        UPHELD = "upheld", _("upheld")
        SET_ASIDE = "set-aside", _("set aside")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    line = models.ForeignKey(EditionLine, on_delete=models.CASCADE, related_name="objections")
    mission = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    received_at = models.DateTimeField()
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    copy = models.ForeignKey(
        EditionCopy, null=True, blank=True, on_delete=models.SET_NULL, related_name="objections"
    )
    entered_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    entered_at = models.DateTimeField()
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settlement = models.CharField(max_length=64, blank=True, help_text="key of the note")

    class Meta:
        ordering = ("entered_at", "id")
        constraints = (models.UniqueConstraint(fields=("line", "mission"), name="objection_once"),)
