"""People and organizations, the roles they hold, and the links that sign them in."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.ui.words import Translated, WordsCharField, original, spellings


class TrackKind(models.TextChoices):
    """The form with which people register on a track: as a State's delegation, or as others."""

    MISSIONS = "member-states", _("Member States and observers")
    STAKEHOLDERS = "stakeholders", _("Stakeholders")


class Role(models.TextChoices):
    """The role of a person in a hearing, which decides what they see and may do."""

    SECRETARIAT = "secretariat", _("Secretariat")
    MODERATOR = "moderator", _("Moderator")
    PANELLIST = "panellist", _("Panellist")
    INTERPRETER = "interpreter", _("Interpreter")
    CAPTIONER = "captioner", _("Captioner")
    TECHNICIAN = "technician", _("Technician")
    MISSION = "mission", _("Permanent mission")
    STAKEHOLDER = "stakeholder", _("Stakeholder")
    SPEAKER = "speaker", _("Speaker")


class Duty(models.TextChoices):
    """A part of the secretariat's work, in the order in which pages list them."""

    REGISTRATION = "registration", _("registration")
    LISTS = "lists", _("lists of speakers")
    DOCUMENTS = "documents", _("documents")
    MEDIA = "media", pgettext_lazy("a duty", "media")
    LETTERS = "letters", pgettext_lazy("a duty", "letters")
    PROTECTED = "protected", _("protected data")


WHOLE_OFFICE = frozenset(Duty)
"""The duties needed for the hearing itself: its programme, its people, its record."""


class Organization(Translated):
    """A State's mission, an observer, or any body that takes part.

    Pages show `name` in the reader's language if the organization gave it in that language, too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = WordsCharField(_("name"), max_length=400)
    name_key = models.CharField(
        max_length=400, db_index=True, help_text="case-folded, for matching"
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text="ISO 3166-1 alpha-2"
    )
    website = models.URLField(_("website"), blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Its name in every language that it gave; the original spelling comes first."""
        return spellings(self.name)

    @property
    def names_by_language(self) -> dict[str, str]:
        """Its names by BCP 47 tag, without a name whose language is unknown."""
        others = {tag: texts["name"] for tag, texts in self.translations.items()}
        own = {self.original_language: original(self.name)} if self.original_language else {}
        return own | others


class Person(AbstractBaseUser):
    """A person who takes part or works for a hearing. No one has a password.

    Addresses are not unique: a form does not prove who owns one, so each registration has its own
    person, and only a link sent to the address signs them in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(_("name"), max_length=400)
    email = models.EmailField(_("e-mail address"), blank=True, db_index=True)
    title = models.CharField(_("title or function"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=16, default="en", help_text="BCP 47")
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text="IANA name; empty: not known"
    )
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(
        default=False, help_text="may convene a hearing without a role in another one"
    )
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"

    session_began: datetime | None = None
    """When the session of the request began; None for a person who was not read for a request."""

    def __str__(self) -> str:
        return self.name


class InForce(models.Manager["Appointment"]):
    """The appointments that give access: those that are not waiting to be accepted."""

    def get_queryset(self) -> models.QuerySet["Appointment"]:
        """Leave out pending rows by default, so that no query includes them by mistake."""
        return super().get_queryset().filter(is_pending=False)


class Appointment(models.Model):
    """A role that a person has in one hearing.

    A person who already works for another hearing accepts the role by a letter. Until then,
    `is_pending` is set. Afterwards, the role is valid only in sessions that began at or after
    `accepted_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments")
    hearing_id = models.UUIDField(db_index=True)
    role = models.CharField(max_length=16, choices=Role)
    duties = models.JSONField(
        null=True, blank=True, help_text="values of Duty, of the secretariat's; null: all of them"
    )
    is_pending = models.BooleanField(default=False)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InForce()
    every = models.Manager["Appointment"]()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "hearing_id", "role"), name="appointment_held_once"
            ),
        )

    @property
    def held_duties(self) -> frozenset[Duty]:
        """The duties of the appointment: none without the secretariat's role."""
        if self.role != Role.SECRETARIAT:
            return frozenset()
        return WHOLE_OFFICE if self.duties is None else frozenset(map(Duty, self.duties))

    @property
    def duty_labels(self) -> list[str]:
        """The names of these duties, in their usual order."""
        return [str(duty.label) for duty in Duty if duty in self.held_duties]


class SignInLink(models.Model):
    """A link that signs a person in once. Only the hash of its secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    hearing_id = models.UUIDField(null=True, blank=True, db_index=True)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    next_url = models.CharField(max_length=400, default="/")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class SignInSession(models.Model):
    """A session of a person, stored for a while after its end so that new networks are noticed.

    Times are those of the machine, not a rehearsal's. `network` is the network from which the
    session was used, never a whole address; `proof` names what was shown at its start.
    """

    class Proof(models.TextChoices):
        LINK = "link", _("sign-in link")
        PASSKEY = "passkey", _("passkey")
        TOTP = "totp", _("authenticator app")
        RECOVERY_CODE = "recovery-code", _("recovery code")
        INSTITUTION = "institution", _("your institution’s sign-in")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(  # noqa: DJ001 - unique, and many sessions have ended
        max_length=40, unique=True, null=True
    )
    proof = models.CharField(max_length=16, choices=Proof, default=Proof.LINK)
    device = models.CharField(_("device"), max_length=300, blank=True)
    network = models.CharField(_("network"), max_length=50, blank=True)
    began_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)


class Tally(models.Model):
    """How often a visitor did something in a period of time (`hearing.people.limits`)."""

    key = models.CharField(max_length=32, primary_key=True, help_text="keyed hash of who and what")
    used = models.PositiveIntegerField()
    until_ms = models.BigIntegerField(help_text="when the stretch ends")
