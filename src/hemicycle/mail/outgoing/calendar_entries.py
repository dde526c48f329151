"""Meetings in people's calendars by mail (iMIP, RFC 6047), kept up to date.

The entries that each person should have are compared with those last sent, and the difference is
sent: a request for a meeting that is new or has changed, a cancellation for a meeting that is
cancelled or at which the person is no longer expected. The identifier stays the same, `SEQUENCE`
grows (RFC 5546, 2.1.4). So it does not matter which action changed the programme, nor how often
this runs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.documents.writing.icalendar import (
    CalendarAddress,
    CalendarEvent,
    Method,
    to_icalendar,
)
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.mail.outgoing import signals, texts
from hemicycle.mail.outgoing.delivery.mail import host
from hemicycle.mail.outgoing.frame import page, when
from hemicycle.mail.outgoing.models import CalendarEntry, CalendarService, Enclosure, Message
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare
from hemicycle.record import clock, writer
from hemicycle.ui.words import original


def _request_text() -> Text:
    return built_in(
        _("%(meeting)s") % BRACES,
        _("You are expected at “%(meeting)s”:\n%(when)s") % BRACES,
        "{place}",
        _("You can add this message to your calendar. We send you an update if the time changes.")
        + "\n{link}",
    )


def _cancel_text() -> Text:
    return built_in(
        _("%(meeting)s: removed from your calendar") % BRACES,
        _("You are no longer expected at “%(meeting)s”:\n%(when)s") % BRACES,
        "{link}",
    )


BY_ITSELF = writer.Actor.system("calendars")

FIELDS = (
    Field("name", gettext_lazy("name of the participant")),
    Field("meeting", gettext_lazy("the meeting"), required=True),
    Field("when", gettext_lazy("when it begins"), required=True),
    Field("place", gettext_lazy("where it is")),
    Field("link", gettext_lazy("address of the hearing’s page")),
)


def _example(hearing: Hearing) -> Values | None:
    meeting = hearing.meetings.first()
    return _values(hearing, _Told.of(hearing, meeting), "…") if meeting else None


REQUEST = declare(
    Letter(
        "calendar-request",
        Message.Purpose.CALENDAR,
        gettext_lazy("Calendar: a meeting, new or changed"),
        _request_text,
        FIELDS,
        example=_example,
    )
)
CANCEL = declare(
    Letter(
        "calendar-cancel",
        Message.Purpose.CALENDAR,
        gettext_lazy("Calendar: a meeting removed"),
        _cancel_text,
        FIELDS,
        example=_example,
    )
)


@dataclass(frozen=True, slots=True)
class _Told:
    """The content of a calendar entry about a meeting, which may have been deleted since."""

    hearing: Hearing
    meeting: Meeting | None
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, hearing: Hearing, meeting: Meeting) -> "_Told":
        return cls(hearing, meeting, meeting.starts_at, meeting.ends_at)

    @property
    def title(self) -> str:
        """The meeting's title in the active language."""
        return (self.meeting.title if self.meeting else "") or self.hearing.title

    @property
    def place(self) -> str:
        """The platform or the venue, in the active language."""
        return self.hearing.platform or self.hearing.venue

    @property
    def digest(self) -> str:
        """A hash of the content in the original language; a new translation does not change it."""
        words = (original(self.title), original(self.place))
        parts = (words[0], _utc(self.starts_at), _utc(self.ends_at), words[1])
        return sha256("\0".join(parts).encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def is_on(hearing: Hearing) -> bool:
    """Return whether participants get calendar entries by mail."""
    return CalendarService.objects.filter(hearing_id=hearing.id, on=True).exists()


def switch(*, hearing: Hearing, on: bool, actor: writer.Actor) -> None:
    """Switch calendar entries by mail on or off for a hearing."""
    with writer.writing(hearing.id, actor=actor) as record:
        CalendarService.objects.update_or_create(hearing_id=hearing.id, defaults={"on": on})
        record.append("calendars.switched", {"on": on})


def bring_up_to_date() -> int:
    """Queue the missing calendar entries; return their number. The worker calls this often."""
    ids = CalendarService.objects.filter(on=True).values_list("hearing_id", flat=True)
    hearings = Hearing.objects.filter(pk__in=list(ids)).exclude(status=Hearing.Status.DRAFT)
    return sum(reconcile(hearing) for hearing in hearings)


def reconcile(hearing: Hearing) -> int:
    """Queue the letters that update one hearing's calendar entries; return their number."""
    is_on = hearing.ended_at is None and not hearing.is_postponed
    wanted = {
        (person.pk, meeting.pk): (person, meeting)
        for person, meeting in chain.from_iterable(signals.expected_attendance.send(hearing))
        if is_on and meeting.ends_at > clock.now() and person.email
    }
    rows = CalendarEntry.objects.filter(hearing_id=hearing.id).select_related("person")
    known = {(row.person_id, row.meeting_id): row for row in rows}
    # The secretariat decides first whether a change is announced: `announcing`.
    waits = {change.of for change in plan_changes.pending(hearing)} if known else set()
    told = 0
    for key, (person, meeting) in wanted.items():
        if key not in known or meeting.pk.hex not in waits:
            told += _request(hearing, person, meeting, known.get(key))
    for key, entry in known.items():
        if key not in wanted and entry.cancelled_at is None and entry.ends_at > clock.now():
            told += _cancel(hearing, entry)
    return told


def _request(
    hearing: Hearing, person: Person, meeting: Meeting, entry: CalendarEntry | None
) -> int:
    now = _Told.of(hearing, meeting)
    if entry and entry.told == now.digest and entry.cancelled_at is None:
        return 0
    with writer.writing(hearing.id, actor=BY_ITSELF):
        if not Person.objects.filter(pk=person.pk, erased_at=None).exclude(email="").exists():
            return 0  # erased since the list was read
        entry = CalendarEntry.objects.filter(
            hearing_id=hearing.id, meeting_id=meeting.pk, person=person
        ).first()
        if entry is None:
            entry = CalendarEntry(
                hearing_id=hearing.id,
                meeting_id=meeting.pk,
                person=person,
                uid=f"{meeting.pk.hex}-{person.pk.hex}@{host()}",
            )
        else:
            entry.sequence += 1
        entry.told, entry.cancelled_at = now.digest, None
        entry.starts_at, entry.ends_at = now.starts_at, now.ends_at
        entry.save()
        return _tell(hearing, entry, now, REQUEST, "REQUEST")


def _cancel(hearing: Hearing, known: CalendarEntry) -> int:
    meeting = Meeting.objects.filter(pk=known.meeting_id).first()
    was = _Told(hearing, meeting, known.starts_at, known.ends_at)
    with writer.writing(hearing.id, actor=BY_ITSELF):
        entry = CalendarEntry.objects.select_related("person").filter(pk=known.pk).first()
        if entry is None:  # the person was erased since the list was read
            return 0
        entry.sequence += 1
        entry.cancelled_at = clock.now()
        entry.save()
        return _tell(hearing, entry, was, CANCEL, "CANCEL")


def _tell(
    hearing: Hearing, entry: CalendarEntry, told: _Told, letter: Letter, method: Method
) -> int:
    with speaking_to(entry.person):
        enclosure = Enclosure.objects.create(
            hearing_id=hearing.id,
            name="meeting.ics",
            media_type="text/calendar",
            method=method,
            content=write(hearing, entry, told, method).encode(),
        )
        message = texts.send(
            letter,
            hearing=hearing,
            values=_values(hearing, told, entry.person.name),
            person=entry.person,
            once=f"calendar:{entry.pk.hex}:{entry.sequence}",
            enclosures=[enclosure],
        )
    return int(message is not None)


def _values(hearing: Hearing, told: _Told, name: str) -> Values:
    return {
        "name": name,
        "meeting": told.title,
        "when": when(told.starts_at, hearing),
        "place": told.place,
        "link": page(hearing),
    }


def write(hearing: Hearing, entry: CalendarEntry, told: _Told, method: Method) -> str:
    """Return the entry as a calendar file: one event, its organizer and its attendee."""
    person = entry.person
    event = CalendarEvent(
        uid=entry.uid,
        summary=hearing.marked(": ".join(filter(None, (str(hearing), told.title)))),
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        stamped_at=clock.now(),
        sequence=entry.sequence,
        status="CANCELLED" if method == "CANCEL" else "CONFIRMED",
        location=told.place,
        url=page(hearing),
        organizer=CalendarAddress(settings.MAIL_FROM, str(hearing)),
        attendee=CalendarAddress(person.email, person.name),
    )
    return to_icalendar([event], method=method)
