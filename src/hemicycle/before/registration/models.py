"""Registrations: who asked to take part, how, and what was decided."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.before.registration import standing
from hemicycle.before.registration.standing import PlaceStanding, RegistrationStanding
from hemicycle.hearing.people.models import Organization, Person, TrackKind
from hemicycle.hearing.people.public_identity import PublicIdentity, public_identity
from hemicycle.hearing.setup import retention
from hemicycle.hearing.setup.models import Category, Hearing, Segment


class Draft(models.Model):
    """An unfinished form. It has no effect until it is submitted, and expires.

    A browser stores one under its own key; a draft whose link was sent to a mailbox (`sent_to`) has
    another key, which only that mailbox knows.
    """

    key = models.CharField(primary_key=True, max_length=64, help_text="hash of the key in its link")
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="drafts")
    track = models.CharField(max_length=64, help_text="key of the track")
    data = models.JSONField(default=dict, help_text='{"field": ["value", …]}')
    sent_to = models.EmailField(blank=True, help_text="the mailbox to which its link went")
    saved_at = models.DateTimeField(db_index=True)


class Registration(RegistrationStanding, models.Model):
    """One person's request to take part for one organization.

    It takes a place at once, and keeps it if it is confirmed from its mailbox (`confirming`).
    `form_key` makes sending a form twice the same as sending it once. `arrival` is the number of
    the accepting entry in the hearing's record: the order of arrival, fixed by the commit.
    `organization_key` and `search_key` are the folded names, for limits and for searching;
    `loose_key` is shared by organizations with nearly the same name.
    """

    Status = standing.RegistrationStatus
    LIVE = standing.LIVE
    PLACED = (Status.SUBMITTED, Status.ACCEPTED)
    """Statuses that take one of the places of their category and of their organization."""

    SELDOM = (Status.WAITING, Status.LAPSED)
    """Statuses that figures leave out if their count is zero."""

    class Gender(models.TextChoices):
        WOMAN = "woman", _("woman")
        MAN = "man", _("man")
        OTHER = "other", _("another")
        UNSAID = "unsaid", _("I prefer not to say")

    class Vouch(models.TextChoices):
        NONE = "", _("no one")
        LIST = "list", _("the secretariat’s list of missions")
        INVITATION = "invitation", _("the mission’s invitation")
        SECRETARIAT = "secretariat", _("the secretariat")

    class Way(models.TextChoices):
        FORM = "", _("the form on this site")
        TELEPHONE = "telephone", _("telephone")
        MAIL = "mail", _("e-mail")
        LETTER = "letter", _("letter or fax")
        DESK = "desk", pgettext_lazy("how a registration came", "in person")
        FILE = "file", pgettext_lazy("how a registration came", "an imported file")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="registrations")
    track = models.CharField(max_length=64, help_text="key of the track")
    kind = models.CharField(max_length=16, choices=TrackKind, help_text="of its track")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="registrations"
    )
    organization_key = models.CharField(max_length=400)
    loose_key = models.CharField(max_length=400)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="registration")
    reference = models.CharField(max_length=16, unique=True, help_text="said aloud, written down")
    form_key = models.CharField(max_length=64, unique=True, help_text="hash of the form's key")
    link_number = models.PositiveIntegerField(default=1, help_text="counts personal links issued")
    link_hash = models.CharField(max_length=64, unique=True, help_text="of the personal link")
    status = models.CharField(max_length=16, choices=Status, default=Status.SUBMITTED)
    arrival = models.BigIntegerField(help_text="seq of the entry that accepted it")
    arrived_at = models.DateTimeField(help_text="when the server had received the whole form")
    confirm_by = models.DateTimeField(
        null=True, help_text="until when its place is kept without a confirmation"
    )
    confirmed_at = models.DateTimeField(
        null=True, help_text="when it was confirmed from its mailbox or by `vouched_by`"
    )
    vouched_by = models.CharField(
        max_length=16, blank=True, choices=Vouch, help_text="what proves that a mission sent it"
    )
    way = models.CharField(
        max_length=16, blank=True, choices=Way, help_text="how it came to the secretariat"
    )
    is_late = models.BooleanField(
        default=False, help_text="the secretariat admitted it after the deadline"
    )
    is_unwritten = models.BooleanField(
        default=False,
        help_text="it was imported, and nothing is sent to it until the secretariat says so",
    )
    contact_email = models.EmailField(
        _("contact’s e-mail address"),
        blank=True,
        help_text="who answers for the organization, also if another person speaks for it",
    )
    eligibility = models.TextField(_("eligibility"), blank=True)
    access_needs = models.TextField(_("access needs"), blank=True)
    wishes_to_intervene = models.BooleanField(_("wishes to intervene"), default=False)
    language = models.CharField(_("language of the intervention"), max_length=16, default="en")
    rank = models.PositiveSmallIntegerField(_("protocol rank"), default=9)
    gender = models.CharField(_("gender"), max_length=16, blank=True, choices=Gender)
    alias = models.CharField(
        _("alias"), max_length=200, blank=True, help_text="stands for every name in public"
    )
    consents_to_list = models.BooleanField(_("may be named on the public list"), default=False)
    keep_until = models.DateField(help_text="personal data is deleted after this day")
    search_key = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the registration that has its places, since the secretariat merged both",
    )
    former_speakers = models.ManyToManyField(
        Person,
        related_name="+",
        help_text="who was registered before being replaced: earlier texts may name them",
    )

    class Meta:
        ordering = ("arrival",)
        constraints = (
            models.UniqueConstraint(
                fields=("hearing", "arrival"), name="registration_arrival_once"
            ),
        )
        indexes = (
            models.Index(fields=("hearing", "track", "status"), name="registration_by_status"),
            models.Index(
                fields=("hearing", "organization_key"), name="registration_by_organization"
            ),
            models.Index(fields=("hearing", "loose_key"), name="registration_by_likeness"),
        )

    is_covered = False
    """Whether the alias stands in place of its names, in memory (`covering`)."""

    def __str__(self) -> str:
        return self.reference

    def save(self, **options: Any) -> None:
        """Save the row. A row with covered names must not be saved (`covering`)."""
        assert not self.is_covered, "a covered registration is not saved"
        super().save(**options)

    @staticmethod
    def taking_part(path: str = "") -> Q:
        """Return the condition for rows whose registration takes part.

        `path` leads to the registration ("slot__"), which is accepted and confirmed and, if it
        speaks for a mission, verified to come from it. With `takes_part` this is the only
        definition of who is listed, called, seated, written to as a speaker, and published.
        """
        accepted = Q(
            **{
                f"{path}status": Registration.Status.ACCEPTED,
                f"{path}confirmed_at__isnull": False,
            }
        )
        unproved = Q(**{f"{path}kind": TrackKind.MISSIONS, f"{path}vouched_by": ""})
        return accepted & ~unproved

    @staticmethod
    def placed() -> Q:
        """Return the condition for registrations that take one of the places of their category.

        One that is not proved to come from its mission takes no place.
        """
        unproved = Q(kind=TrackKind.MISSIONS, vouched_by="")
        return Q(status__in=Registration.PLACED) & ~unproved

    def public_identity(self, speaker: Person | None = None) -> PublicIdentity:
        """Return the public identity, with name and title of `speaker` if one is given.

        Reads `organization`.
        """
        return public_identity(
            alias=self.alias,
            name=speaker.name if speaker else "",
            title=speaker.title if speaker else "",
            organization=self.organization.name,
            country=self.organization.country,
        )

    @property
    def public_organization(self) -> str:
        """The public name of the organization: the alias if there is one."""
        return self.public_identity().first

    @property
    def keep_until_moment(self) -> datetime | None:
        """`keep_until` as a moment in the hearing's zone; None while the hearing has no dates."""
        return retention.day_shown(self.keep_until, self.hearing.zone)


class Inscription(PlaceStanding, models.Model):
    """A place on a panel's list of speakers: the one slot that every page, paper and screen shows.

    Its id is the slot's id on the floor, in the statement, the question and the summary. `place` is
    its place of arrival within its track; it never changes. An inscription that was withdrawn by a
    refusal of its registration keeps its place in case the refusal is reversed. `seq` is the entry
    that its receipt proves; `arrival` is the same, or an earlier entry for a request that came by
    mail. `delegation` is the mission's key, so that the database itself refuses a second
    inscription of one delegation in one panel. An inscription without proof that it comes from the
    mission is `UNPROVED`: it keeps its place of arrival and blocks nobody (`registration.proving`).
    """

    State = standing.PlaceState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="inscriptions")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="inscriptions"
    )
    track = models.CharField(max_length=64, help_text="key of the track")
    delegation = models.CharField(max_length=400, blank=True)
    speaker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="inscriptions")
    language = models.CharField(_("language"), max_length=16, help_text="BCP 47")
    rank = models.PositiveSmallIntegerField(_("protocol rank"), default=9)
    seq = models.BigIntegerField(help_text="seq of the entry that inscribed it")
    arrival = models.BigIntegerField(help_text="seq of the entry that it is ordered by")
    place = models.PositiveIntegerField(help_text="place of arrival within track and panel")
    state = models.CharField(max_length=16, choices=State, default=State.INSCRIBED)
    is_late = models.BooleanField(
        default=False, help_text="the secretariat admitted it after the deadline"
    )

    class Meta:
        ordering = ("arrival",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "segment"),
                condition=Q(state="inscribed"),
                name="inscription_once_per_panel",
            ),
            models.UniqueConstraint(
                fields=("segment", "delegation"),
                condition=Q(state="inscribed") & ~Q(delegation=""),
                name="inscription_once_per_delegation",
            ),
            models.UniqueConstraint(
                fields=("segment", "track", "place"), name="inscription_place_once"
            ),
        )


class MissionAddress(models.Model):
    """An address, or a whole domain, from which a mission writes, as the secretariat knows it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="mission_addresses")
    name = models.CharField(_("mission"), max_length=400, help_text="the State or delegation")
    organization_key = models.CharField(max_length=400, help_text="the name folded")
    address = models.CharField(
        _("address or domain"), max_length=254, help_text="folded; a domain has no @"
    )

    class Meta:
        ordering = ("name", "address")
        constraints = (
            models.UniqueConstraint(
                fields=("hearing", "organization_key", "address"), name="mission_address_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.address}"


class Waiting(models.Model):
    """A registration's request for the floor in a full panel, until a place is free.

    The first to arrive is the first to move up. A refused registration keeps the row in case the
    refusal is reversed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="waits")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="waits")

    class Meta:
        ordering = ("registration__arrival",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "segment"), name="waiting_once_per_panel"
            ),
        )


class CoSigner(models.Model):
    """An organization that joins another's intervention, once it has consented by its own link.

    It is asked when the registration that names it has been confirmed.
    """

    class State(models.TextChoices):
        NAMED = "named", _("to be asked")
        ASKED = "asked", _("asked")
        CONSENTED = "consented", _("consented")
        DECLINED = "declined", _("declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="co_signers"
    )
    organization_name = models.CharField(_("organization"), max_length=400)
    organization_key = models.CharField(max_length=400, db_index=True)
    email = models.EmailField(_("e-mail address"))
    alias = models.CharField(
        _("alias"), max_length=200, blank=True, help_text="stands for every name in public"
    )
    link_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State, default=State.NAMED)
    answered_at = models.DateTimeField(null=True, blank=True)
    is_brought = models.BooleanField(
        default=False, help_text="came with a request that was joined, and so did its address"
    )

    class Meta:
        ordering = ("organization_key",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "organization_key"), name="co_signer_asked_once"
            ),
        )

    @property
    def public_organization(self) -> str:
        """The public name of the organization: the alias if there is one."""
        return public_identity(alias=self.alias, organization=self.organization_name).first

    @property
    def shows_address(self) -> bool:
        """Whether the participant who named it reads its address, or only the secretariat.

        Participants read what they entered, as long as an answer is open.
        """
        return self.state in {self.State.NAMED, self.State.ASKED} and not self.is_brought


class JoinProposal(models.Model):
    """The secretariat's proposal that two requests for the floor become a joint intervention.

    `first` has the earlier place, which would stay; the holder of `second` would be a co-signer.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("a proposal", "waiting for answers")
        JOINED = "joined", pgettext_lazy("a proposal", "joined")
        DECLINED = "declined", pgettext_lazy("a proposal", "declined")

    class Answer(models.TextChoices):
        NONE = "", pgettext_lazy("to a proposal", "no answer yet")
        AGREED = "agreed", pgettext_lazy("to a proposal", "agreed")
        DECLINED = "declined", pgettext_lazy("to a proposal", "declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Inscription, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Inscription, on_delete=models.CASCADE, related_name="+")
    first_answer = models.CharField(max_length=8, blank=True, choices=Answer)
    second_answer = models.CharField(max_length=8, blank=True, choices=Answer)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    proposed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="proposal_once_for_a_pair"),
        )

    @property
    def places(self) -> tuple[uuid.UUID, uuid.UUID]:
        """The ids of both places, the earlier one first."""
        return self.first_id, self.second_id

    @property
    def is_possible(self) -> bool:
        """Whether both places are still on the list."""
        return self.first.is_on_list and self.second.is_on_list

    def answer_of(self, place: uuid.UUID) -> str:
        """Return what the holder of a place has answered."""
        return self.first_answer if place == self.first_id else self.second_answer

    def set_answer(self, place: uuid.UUID, answer: "JoinProposal.Answer") -> None:
        """Set the answer of the holder of a place; the row is not saved."""
        if place == self.first_id:
            self.first_answer = answer
        else:
            self.second_answer = answer


class PendingChange(models.Model):
    """A change that another mailbox has to confirm: a new address, or another speaker.

    Until then the registration, its speaker and the personal link stay as they are. Only the hash
    of the secret in the letter is stored.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("another e-mail address")
        SPEAKER = "speaker", _("another speaker")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="pending_changes"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=400, blank=True)
    title = models.CharField(_("title or function"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"))
    secret_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "kind"), name="pending_change_once_of_a_kind"
            ),
        )


class RegistrationImport(models.Model):
    """A table of registrations that the secretariat imports, and what its rows become.

    `columns` has the number of the column, from 0, for each field (`importing.columns`), `options`
    what the officer has chosen for the whole table (`importing.forms`). The file is stored until
    entering begins, so that it can be read again in another encoding.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    content = models.BinaryField(default=b"")
    head = models.JSONField(default=list, help_text="the names of the columns")
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    read_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-read_at",)


class ImportRow(models.Model):
    """A row of an imported table, and its outcome.

    `number` is the row's number in a spreadsheet, where the headings are row 1. The cells of an
    entered row are not kept. `registration` is the one that was made from the row, or that existed
    before.
    """

    class Outcome(models.TextChoices):
        LEFT = "", pgettext_lazy("a row of a table", "not yet entered")
        ENTERED = "entered", pgettext_lazy("a row of a table", "entered")
        KNOWN = "known", pgettext_lazy("a row of a table", "already registered")
        REFUSED = "refused", pgettext_lazy("a row of a table", "to be corrected")

    table = models.ForeignKey(RegistrationImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome)
    sentence = models.TextField(blank=True, help_text="why it was not entered")
    registration = models.ForeignKey(
        Registration, null=True, on_delete=models.SET_NULL, related_name="import_rows"
    )

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("table", "number"), name="import_row_once"),)


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
