"""The rows of a hearing: the content of the letter that convenes it."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import Person, Role, TrackKind
from hemicycle.hearing.people.public_identity import PublicIdentity, public_identity
from hemicycle.hearing.setup.tracks import Track, default_tracks, track_of, tracks_of
from hemicycle.mentions import Bearer, Names, replaced
from hemicycle.procedure import state as procedure
from hemicycle.ui import territories
from hemicycle.ui.languages import in_order
from hemicycle.ui.words import (
    Translated,
    WordsCharField,
    WordsTextField,
    best,
    mapped,
    original,
)

NOBODY = "—"
"""The name of an erased person on a panel."""
REHEARSAL = _("REHEARSAL")
TRAINING = _("TRAINING")
"""The marks of a rehearsed hearing and of a training room: `Hearing.rehearsal_mark`."""


def default_merge() -> dict[str, Any]:
    """Return the default rule of merging: tracks alternate."""
    return {"kind": "alternate", "tracks": [TrackKind.MISSIONS.value, TrackKind.STAKEHOLDERS.value]}


def default_balance() -> dict[str, Any]:
    """Return the default rule of balance, without balance: speakers keep the order of arrival."""
    return {"attribute": "", "bound": 0, "shares": {}}


class Hearings(models.Manager["Hearing"]):
    """All hearings without the rooms of training sessions, which are never public."""

    def get_queryset(self) -> models.QuerySet["Hearing"]:
        """Leave training rooms out."""
        return super().get_queryset().filter(room_of=None)


class Hearing(Translated):
    """A public hearing, from the letter that convenes it to the summary that closes it.

    A row with `room_of` is the room of a training session of that hearing: the same floor, console
    and seats, with a record of its own. `objects` leaves these rows out, so that no list, page,
    export or service includes them by accident; the pages of a room use `every`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ENDED = "ended", _("ended")

    class AtLimit(models.TextChoices):
        SIGNAL = "signal", _("signal only")
        CUT = "cut", _("close the microphone")

    class LateStatements(models.TextChoices):
        ACCEPTED = "accepted", _("accepted, and marked as late")
        REFUSED = "refused", _("not accepted")

    class WithoutLine(models.TextChoices):
        RUN = "run", _("the clock runs")
        STOP = "stop", _("the clock stops")

    class OverlayPlace(models.TextChoices):
        BURNT = "burnt", _("in the picture")
        BESIDE = "beside", _("beside the picture")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    slug = models.SlugField(_("short address"), unique=True, max_length=80)
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    is_rehearsed = models.BooleanField(
        default=False, help_text="played by `hemicycle.site.rehearsal`, with invented people"
    )
    room_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="training_rooms",
        help_text="the hearing, where this is the room of one of its training sessions",
    )
    title = WordsCharField(_("title"), max_length=400)
    short_title = WordsCharField(_("short title"), max_length=120, blank=True)
    theme = WordsTextField(_("theme"), blank=True)
    objective = WordsTextField(_("objective"), blank=True)
    format = WordsTextField(_("format"), blank=True)
    outcome = WordsTextField(_("outcome"), blank=True)
    convener = WordsCharField(_("convener"), max_length=400, blank=True)
    venue = WordsCharField(_("venue"), max_length=400, blank=True)
    platform = WordsCharField(_("platform"), max_length=200, blank=True)
    webcast = WordsCharField(_("webcast"), max_length=200, blank=True)
    hashtag = models.CharField(_("hashtag"), max_length=80, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text="IANA name; only a draft has none"
    )
    mandate = models.JSONField(_("mandate"), default=list, help_text='[{"symbol", "url", "title"}]')
    languages = models.JSONField(_("languages"), default=list, help_text="BCP 47 tags")
    places = models.JSONField(
        _("where organizations may be based"),
        default=list,
        help_text='[{"code", "names"}]; empty: all States and territories',
    )
    mailboxes = models.JSONField(_("mailboxes"), default=dict, help_text='{"purpose": "address"}')
    floor_time_limit_s = models.PositiveIntegerField(_("floor time limit (seconds)"), default=180)
    high_level_limit_s = models.PositiveIntegerField(
        _("time limit of high-level speakers (seconds)"), null=True, blank=True
    )
    joint_limit_s = models.PositiveIntegerField(
        _("time limit of joint interventions (seconds)"), null=True, blank=True
    )
    warning_s = models.PositiveIntegerField(_("warning before the limit (seconds)"), default=30)
    extension_s = models.PositiveIntegerField(_("one extension (seconds)"), default=30)
    at_limit = models.CharField(
        _("at the limit"), max_length=8, choices=AtLimit, default=AtLimit.CUT
    )
    grace_s = models.PositiveIntegerField(_("grace after the limit (seconds)"), default=10)
    points_of_order = models.BooleanField(_("points of order"), default=False)
    walk_ups = models.BooleanField(_("speakers added in the room"), default=False)
    without_line = models.CharField(
        _("while the speaker is not connected"),
        max_length=8,
        choices=WithoutLine,
        default=WithoutLine.RUN,
    )
    words_per_minute = models.PositiveIntegerField(_("words a minute"), default=120)
    public_delay_s = models.PositiveSmallIntegerField(
        _("delay of the public feed (seconds)"), default=0
    )
    plate = models.CharField(
        _("name plate"), max_length=8, choices=OverlayPlace, default=OverlayPlace.BURNT
    )
    clock = models.CharField(
        _("clock"), max_length=8, choices=OverlayPlace, default=OverlayPlace.BURNT
    )
    max_per_organization = models.PositiveIntegerField(
        _("representatives per organization"), null=True, blank=True
    )
    confirmation_hours = models.PositiveIntegerField(
        _("hours to confirm a registration by e-mail"), default=24
    )
    statements_close_at = models.DateTimeField(
        _("deadline for statements"), null=True, blank=True, help_text="its second still counts"
    )
    late_statements = models.CharField(
        _("late statements"),
        max_length=8,
        choices=LateStatements,
        default=LateStatements.ACCEPTED,
    )
    list_of_speakers = models.CharField(
        _("list of speakers"), max_length=32, default="first-come", help_text="first-come, none"
    )
    tracks = models.JSONField(
        _("tracks"),
        default=default_tracks,
        help_text='[{"key", "kind", "names", "max_per_panel", "limit_seconds"}]',
    )
    merge = models.JSONField(_("merging of tracks"), default=default_merge)
    balance = models.JSONField(
        _("balance of the lists"),
        default=default_balance,
        help_text='{"attribute", "bound", "shares": {"group": per cent}}',
    )
    balance_changes = models.JSONField(
        default=list, help_text='changes since it was published: [{"at": ms, "before"}]'
    )
    announced = models.JSONField(
        default=dict, help_text="the plan as people know it: `setup.plan_changes`"
    )
    plan_changes = models.JSONField(
        default=dict, help_text='what was announced last: {"at": ms, "changes"}'
    )
    public_list = models.BooleanField(_("publish the lists of speakers"), default=False)
    retention_days = models.PositiveIntegerField(
        _("personal data kept after the hearing (days)"), default=365
    )
    witnesses = models.JSONField(
        _("witnesses of the record"), default=list, help_text='[{"name", "vkey", "url"}]'
    )
    witnesses_asked = models.PositiveIntegerField(_("witnesses required"), default=0)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="when somebody ended it, held or cancelled"
    )
    postponed_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was postponed, with no new dates yet"
    )

    objects = Hearings()
    every = models.Manager["Hearing"]()

    def __str__(self) -> str:
        return self.short_title or self.title or self.slug

    @property
    def is_room(self) -> bool:
        """Whether this is the room of a training session."""
        return self.room_of_id is not None

    @property
    def registered_id(self) -> uuid.UUID:
        """The id of the hearing in which people registered: for a room, that of its hearing."""
        return self.room_of_id or self.id

    @property
    def is_postponed(self) -> bool:
        """Whether it has no dates now: it was postponed, and has not ended since."""
        return self.postponed_at is not None and self.ended_at is None

    def is_late_statement(self, received_at: datetime) -> bool:
        """Whether a statement was received after the deadline, whose whole second still counts."""
        closes = self.statements_close_at
        return closes is not None and received_at.replace(microsecond=0) > closes

    def takes_statement(self, received_at: datetime) -> bool:
        """Whether participants can submit a statement at `received_at`, in time or late."""
        refuses = self.late_statements == self.LateStatements.REFUSED
        return not (refuses and self.is_late_statement(received_at))

    @property
    def rehearsal_mark(self) -> str:
        """The mark of a rehearsed hearing, and of a training room's pictures; else ""."""
        if self.is_room:
            return str(TRAINING)
        return str(REHEARSAL) if self.is_rehearsed else ""

    def marked(self, title: str) -> str:
        """Return a title of something in this hearing, preceded by the mark of a rehearsal."""
        return ": ".join(part for part in (self.rehearsal_mark, title) if part)

    def place_name(self, code: str) -> str:
        """Return the name of a State or territory: the hearing's own, or else the usual one."""
        language = get_language() or "en"
        by_code: dict[str, dict[str, str]] = {p["code"]: p["names"] for p in self.places}
        own = by_code.get(code, {})
        tag = best(language, own) or best(self.original_language or "en", own)
        return own[tag] if tag else territories.name(code, language)

    @property
    def place_names(self) -> dict[str, str]:
        """Where an organization may be based: names by code, sorted in the reader's language."""
        if not self.places:
            named = territories.names(get_language() or "en")
            return {code: name for code, name in named.items() if code != "EU"}
        found = {place["code"]: self.place_name(place["code"]) for place in self.places}
        return dict(in_order(found.items(), lambda item: item[1]))

    @property
    def all_tracks(self) -> tuple[Track, ...]:
        """The tracks, in the hearing's order."""
        return tracks_of(self.tracks)

    def track(self, key: str) -> Track | None:
        """Return the track with that key; None if the hearing has none."""
        return next((track_of(row) for row in self.tracks if row["key"] == key), None)

    def track_label(self, key: str) -> str:
        """Return the name of a track in the reader's language; the key if it is unknown."""
        track = self.track(key)
        return track.label if track else key

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its times; UTC if a draft has none."""
        return ZoneInfo(self.time_zone or "UTC")


def _without(text: str, *hidden: Bearer) -> str:
    """Return the text with names replaced, in each language."""
    return mapped(text, lambda said: replaced(said, *hidden)) if text else ""


class Meeting(Translated):
    """One sitting: a morning or an afternoon meeting."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="meetings")
    ordinal = models.PositiveSmallIntegerField()
    title = WordsCharField(_("title"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        ordering = ("ordinal",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "ordinal"), name="meeting_ordinal_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="meeting_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Segment(Translated):
    """An item of the programme. A panel is a segment that has a list of speakers."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("opening")
        PANEL = "panel", _("panel")
        CLOSING = "closing", _("closing")
        BREAK = "break", _("break")
        OTHER = "other", _("other item")

    class Discussion(models.TextChoices):
        OFF = "off", _("no: one person speaks at a time")
        ALLOWED = "allowed", _("when the moderator opens it")
        AT_ONCE = "at_once", _("from the start of the segment")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="segments")
    ordinal = models.PositiveSmallIntegerField(help_text="across the hearing")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    title = WordsCharField(_("title"), max_length=400)
    description = WordsTextField(_("description"), blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    presentations_s = models.PositiveIntegerField(
        _("time reserved for panellists (seconds)"), default=0
    )
    max_inscriptions = models.PositiveIntegerField(_("places on the list"), null=True, blank=True)
    places_by_track = models.JSONField(
        _("places by track"), default=dict, help_text='{"track": places}, before the track\'s own'
    )
    waiting_list = models.BooleanField(_("waiting list when full"), default=False)
    public_delay_s = models.PositiveSmallIntegerField(
        _("delay of the public feed (seconds)"),
        null=True,
        blank=True,
        help_text="empty: the hearing's",
    )
    discussion = models.CharField(
        _("discussion among panellists"),
        max_length=8,
        choices=Discussion,
        default=Discussion.OFF,
    )
    chair_limit_s = models.PositiveIntegerField(
        _("time limit of the chair (seconds)"), null=True, blank=True, help_text="empty: no limit"
    )

    class Meta:
        ordering = ("ordinal",)

    def __str__(self) -> str:
        return self.title

    def places_of(self, track: Track) -> int | None:
        """Return how many of a track's speakers the list takes; None if the track has no limit."""
        own: int | None = self.places_by_track.get(track.key)
        return track.max_per_panel if own is None else own

    @property
    def has_chair(self) -> bool:
        """Whether a person other than the moderator chairs the segment. Reads `members`."""
        return any(member.role == procedure.CHAIR for member in self.members.all())

    @property
    def public_description(self) -> str:
        """The description that the public reads. Reads `members`."""
        hidden = [bearer for member in self.members.all() if (bearer := member.bearer)]
        return _without(self.description, *hidden)


class PanelMember(Translated):
    """A moderator, panellist or chair of a segment; in a training room also a speaker.

    In an opening or a closing, the moderator is its chair, unless the segment has another chair,
    and the panellists are its speakers.
    """

    CHAIR = procedure.CHAIR

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    ordinal = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(
        max_length=16,
        choices=(
            (Role.MODERATOR, _("Moderator")),
            (Role.PANELLIST, _("Panellist")),
            (procedure.CHAIR, _("Chair")),
            (Role.SPEAKER, _("Speaker")),
        ),
        help_text="a speaker, on the list by name alone, is only in training rooms",
    )
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(_("name"), max_length=400)
    title = WordsCharField(_("title or function"), max_length=400, blank=True)
    topic = WordsCharField(_("topic"), max_length=400, blank=True)
    alias = models.CharField(
        _("alias"), max_length=200, blank=True, help_text="stands for every name in public"
    )
    limit_s = models.PositiveIntegerField(_("time limit (seconds)"), default=480)

    class Meta:
        ordering = ("ordinal",)

    @property
    def role_label(self) -> str:
        """The member's role in this segment, in words. Reads `segment` and its `members`."""
        if self.role == Role.MODERATOR and self.segment.has_chair:
            return str(self.get_role_display())
        own = ROLE_LABELS.get((self.segment.kind, self.role))
        return str(own or self.get_role_display())

    @property
    def seat_role(self) -> Role:
        """The role in which the member takes the seat: a chair has the seat of a panellist."""
        return Role.PANELLIST if self.role == procedure.CHAIR else Role(self.role)

    @property
    def public(self) -> PublicIdentity:
        """The public identity of this member; the title names an office or organization."""
        return public_identity(alias=self.alias, name=self.name, title=self.title)

    @property
    def titles(self) -> list[list[str]]:
        """The parts of the title in each language: "Director, River Watch" is two."""
        said = [original(self.title)]
        said += [texts.get("title", "") for texts in self.translations.values()]
        split = [[part.strip() for part in title.split(",")] for title in said]
        return [kept for parts in split if (kept := [part for part in parts if part])]

    @property
    def title_parts(self) -> list[str]:
        """The parts of the title in all languages, which name offices and organizations."""
        return list(dict.fromkeys(part for parts in self.titles for part in parts))

    @property
    def bearer(self) -> Bearer | None:
        """The names that texts about this seat must not contain; None without an alias."""
        if not self.alias:
            return None
        whole = [", ".join(parts) for parts in self.titles if len(parts) > 1]
        names = Names(
            person=self.name,
            organizations=tuple(dict.fromkeys([*whole, *self.title_parts])),
            email=self.person.email if self.person else "",
            former=(self.person.name,) if self.person else (),
        )
        return Bearer(names, self.alias)

    @property
    def public_topic(self) -> str:
        """The topic that the public reads. Reads `person` if there is an alias."""
        return _without(self.topic, self.bearer) if self.bearer else self.topic


SEAT_ROLE = models.Case(
    models.When(role=procedure.CHAIR, then=models.Value(Role.PANELLIST.value)),
    default=models.F("role"),
    output_field=models.CharField(),
)
"""`PanelMember.seat_role` as an expression for queries."""

ROLE_LABELS: dict[tuple[str, str], Any] = {
    (Segment.Kind.OPENING, Role.MODERATOR): _("Chair"),
    (Segment.Kind.OPENING, Role.PANELLIST): _("Opening speaker"),
    (Segment.Kind.CLOSING, Role.MODERATOR): _("Chair"),
    (Segment.Kind.CLOSING, Role.PANELLIST): _("Closing speaker"),
}
"""The names of roles in segments that are not panels."""


class GuidingQuestion(Translated):
    """A question that guides the discussion; summaries and questions are sorted by it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="guiding_questions")
    number = models.PositiveSmallIntegerField()
    text = WordsTextField(_("text"))
    short = WordsCharField(_("in short"), max_length=120, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "number"), name="question_number_once"),
        )


class Deadline(models.Model):
    """The last second in which a track accepts registrations."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="deadlines")
    track = models.CharField(max_length=64, help_text="key of the track")
    at = models.DateTimeField(_("closes"))

    class Meta:
        ordering = ("at", "track")
        constraints = (
            models.UniqueConstraint(fields=("hearing", "track"), name="deadline_one_per_track"),
        )

    @property
    def label(self) -> str:
        """The track's name. Reads `hearing`."""
        return self.hearing.track_label(self.track)


class Category(Translated):
    """A category of participants that the hearing admits, on one of its tracks.

    Its registrations are decided by the steps that it turns on, in this order: evidence, the focal
    point's approval, the no-objection list, the secretariat's review. Without any step, they are
    accepted automatically. With `max_registrations` or a limit per organization, `waiting_list`
    says whether registrations wait or are refused when the places are taken.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="categories")
    ordinal = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=64)
    label = WordsCharField(_("name"), max_length=200)
    track = models.CharField(max_length=64, help_text="key of the track")
    eligibility = WordsTextField(_("who belongs here"), blank=True)
    needs_review = models.BooleanField(_("reviewed by the secretariat"), default=True)
    evidence = WordsCharField(_("evidence asked for"), max_length=200, blank=True)
    focal_point = models.BooleanField(_("approved by a focal point"), default=False)
    no_objection = models.BooleanField(_("put on a no-objection list"), default=False)
    max_registrations = models.PositiveIntegerField(_("places"), null=True, blank=True)
    waiting_list = models.BooleanField(_("waiting list when full"), default=False)

    class Meta:
        ordering = ("ordinal",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "key"), name="category_key_once"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def accepts_by_itself(self) -> bool:
        """Whether its registrations are accepted without anyone's decision."""
        return not (self.needs_review or self.focal_point or self.no_objection)


class Reading(models.Model):
    """The reading of a concept note, waiting for the secretariat to confirm it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    file_name = models.CharField(max_length=255)
    found = models.JSONField(help_text="the reader's result, with sources and what is missing")
    read_at = models.DateTimeField()
    hearing = models.ForeignKey(Hearing, null=True, blank=True, on_delete=models.CASCADE)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.file_name


class Verification(models.Model):
    """The last check of a hearing's whole record, and its result."""

    hearing = models.OneToOneField(Hearing, primary_key=True, on_delete=models.CASCADE)
    at = models.DateTimeField()
    seq = models.BigIntegerField(help_text="the last entry that holds")
    broken_seq = models.BigIntegerField(null=True, blank=True)


class WitnessContact(models.Model):
    """The result of the last attempt to send a checkpoint to a witness that accepts them.

    `vkey` is the witness's key. `problem` is the result, unchanged since `since`; `attempts` is the
    number of failed attempts in a row. The next attempt is made no earlier than `again_ms`, in ms
    since the Unix epoch.
    """

    class Problem(models.TextChoices):
        NONE = "", _("cosigned")
        UNREACHABLE = "unreachable", _("the witness does not answer")
        FORBIDDEN = "forbidden", _("its address is in a private network")
        LOG = "log", _("the witness does not know this hearing yet")
        KEY = "key", _("the witness does not know the key of this hearing")
        REFUSED = "refused", _("the witness refuses without giving a reason")
        SIGNATURE = "signature", _("its answer is not a valid signature")
        CLOCK = "clock", _("its clock is wrong")
        FORGOT = "forgot", _("it no longer knows what it cosigned: was it restored from a backup?")
        HISTORY = (
            "history",
            _("WARNING: it reports that the hearing’s history was changed"),
        )

    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE)
    vkey = models.CharField(max_length=400)
    problem = models.CharField(max_length=16, choices=Problem, blank=True)
    since = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    again_ms = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "vkey"), name="witness_contact_once"),
        )
