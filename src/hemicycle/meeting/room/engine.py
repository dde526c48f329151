"""The media engine's requests and reports: hearings on air, their configuration, and facts."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle import mentions
from hemicycle.before.consent import queries as consents
from hemicycle.before.consent.models import Use
from hemicycle.before.on_air import choices
from hemicycle.before.registration import public_words
from hemicycle.before.statements.video import queries as videos
from hemicycle.engine.hearing_config import LONGEST_DELAY_S
from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup import programme_words
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember, Segment
from hemicycle.meeting.cutting.models import CutReason
from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.room import broadcasters
from hemicycle.meeting.room.models import Airtime, Engine
from hemicycle.meeting.room.practice import MEDIA
from hemicycle.meeting.state.display_names import DisplayName, display_names, names_of_people
from hemicycle.meeting.state.meeting_view import current_meeting
from hemicycle.procedure import commands
from hemicycle.procedure.codec import LARGEST_NUMBER
from hemicycle.procedure.commands import BadCommand, Command
from hemicycle.procedure.refusals import Refused
from hemicycle.procedure.state import CHAIR, PRESENTING, Floor, Slot
from hemicycle.record import clock, feed, writer
from hemicycle.record.floor import act, floor_of
from hemicycle.record.models import Entry, Head
from hemicycle.record.unreadable import UnreadableEntry
from hemicycle.ui import words

BEFORE = timedelta(hours=1)
"""How long before the planned start of a meeting the green room has sound."""

LATE = timedelta(hours=12)
"""A meeting that has not opened this long after its planned start will not open."""

LONGEST = timedelta(hours=48)
"""The maximum length of a meeting."""

AFTER_MS = 30_000
"""How long a hearing keeps running after a meeting closes, in ms, for the last words."""

TRAINED = timedelta(minutes=30)
"""How long after its planned end a training session runs if the trainer has not closed it."""

ATTENDED = timedelta(minutes=15)
"""How long a person who practises keeps the hearing running; their page then asks again."""

FORGOTTEN_AFTER = timedelta(days=7)
MOST_FACTS = 1000


# Hearings on air.


def on_air() -> set[UUID]:
    """Return the hearings with a meeting now or within the hour, or with a person in practice."""
    now = clock.now()
    opened = Entry.objects.filter(kind="meeting.opened", at__gte=clock.to_ms(now - LONGEST))
    held = [UUID(hex=meeting) for meeting in opened.values_list("meeting", flat=True)]
    near = Q(starts_at__gt=now - LATE, starts_at__lte=now + BEFORE)
    meetings = Meeting.objects.filter(
        near | Q(id__in=held), hearing__status=Hearing.Status.PUBLISHED
    ).exclude(hearing__room_of__isnull=False, ends_at__lt=now - TRAINED)
    wanted = {
        meeting.hearing_id
        for meeting in meetings.select_related("hearing")
        if _wants_audio(meeting)
    }
    attended = Airtime.objects.filter(until__gt=now).values_list("hearing_id", flat=True)
    return wanted | set(attended)


def _wants_audio(meeting: Meeting) -> bool:
    try:
        floor = floor_of(meeting.id)
        closed_ms = floor.at if floor.phase == "closed" else None
    except UnreadableEntry:  # do not end running hearings because an older process is asked
        closed_ms = _closed_ms(meeting)
    if closed_ms is None:
        return True
    since_ms = clock.now_ms() - closed_ms
    if since_ms >= AFTER_MS + LONGEST_DELAY_S * 1000:
        return False
    delays = _delays(meeting.hearing)
    longest_s: int = max(delays["s"], *delays["segments"].values(), 0)
    # The last words are still to be broadcast, with the delay.
    return since_ms < AFTER_MS + longest_s * 1000


def _closed_ms(meeting: Meeting) -> int | None:
    """Return when a meeting closed, in ms, from its entries alone; None if it is not closed now."""
    kinds = ("meeting.opened", "meeting.closed", "act.undone")
    found = Entry.objects.filter(meeting=meeting.id.hex, kind__in=kinds).order_by("seq").last()
    return found.at if found is not None and found.kind == "meeting.closed" else None


def attended(hearing: Hearing) -> None:
    """Keep the hearing running for a person who practises or arrives early at their seat."""
    until = clock.now() + ATTENDED
    Airtime.objects.update_or_create(hearing_id=hearing.id, defaults={"until": until})


# The configuration of a hearing.


def hearing_config(hearing: Hearing) -> dict[str, Any]:
    """Return a hearing's data that are not in its record, and where to begin to read the record."""
    # Read before the record: entries that are read later can then only be newer.
    seq = Head.objects.filter(hearing=hearing.id).values_list("seq", flat=True).first() or 0
    meeting, floor = current_meeting(hearing.id)
    # All viewers see the same picture, so its name plates and cards are in the original languages.
    config = {
        "hearing": hearing.id.hex,
        "title": str(hearing),
        "mark": hearing.rehearsal_mark,
        "in_public": not hearing.is_room,
        "convener": hearing.convener,
        "hashtag": hearing.hashtag,
        "languages": hearing.languages,
        "meeting": meeting.id.hex if meeting else "",
        "public_delay": _delays(hearing),
        "picture": {"plate": hearing.plate, "clock": hearing.clock},
        "cards": cards(),
        "places": _places(floor),
        "moderators": moderators(hearing, floor),
        "raisers": _raisers(hearing, floor),
        "protected": _protected(hearing),
        **videos.brief(hearing),
        "push": broadcasters.pushes(hearing),
        "withheld": _withheld(hearing, floor),
        "apart": sorted(consents.withheld(floor.panel, *consents.IN_PUBLIC)),
        "names": _names(hearing, floor),
        "feed": feed.address(hearing.id, feed.ENTRIES),
        "seq": seq,
        "after": _before_the_first(hearing),
    }
    shared: dict[str, Any] = words.originals(config)
    return shared


def _delays(hearing: Hearing) -> dict[str, Any]:
    """Return the delay of the public feed in s: the hearing's, and those of segments by id."""
    own = Segment.objects.filter(meeting__hearing=hearing, public_delay_s__isnull=False)
    segments = {id.hex: delay_s for id, delay_s in own.values_list("id", "public_delay_s")}
    return {"s": hearing.public_delay_s, "segments": segments}


def _withheld(hearing: Hearing, floor: Floor) -> dict[str, str]:
    """Return the slots that must not be in the webcast, each with its replacement.

    People who are not on a list and raised a point of order are named by their own id.
    """
    raisers = {person: floor.slot_of(person) for person in floor.points.values()}
    slots = {*floor.slots, *filter(None, raisers.values())}
    found = set(consents.withheld(slots, Use.WEBCAST))
    found |= {
        person
        for person, slot in raisers.items()
        if not slot and consents.keeps_out(hearing.registered_id, person, uses=(Use.WEBCAST,))
    }
    return {key: str(CutReason.SPEAKER.label) for key in sorted(found)}


def _names(hearing: Hearing, floor: Floor) -> dict[str, Any]:
    """Return the names that captions replace.

    `all` are always replaced, `own` while a slot has the floor, and `raisers` while a person's
    point of order is heard.
    """
    raisers = {UUID(hex=person) for person in floor.points.values()}
    own = [
        *public_words.bearers_by_slot(hearing.id),
        *programme_words.bearers_by_slot(hearing.id),
    ]
    return {
        "own": {slot.hex: mentions.as_json(bearer) for slot, bearer in own},
        "raisers": {
            person.hex: mentions.as_json(bearer)
            for person, bearer in (
                *programme_words.bearers_by_person(hearing.id, raisers),
                *public_words.bearers_by_person(hearing.registered_id, raisers),
            )
        },
        "all": [
            mentions.as_json(bearer) for bearer in public_words.bearers_in(hearing.registered_id)
        ],
    }


def cards() -> dict[str, str]:
    """Return the texts of the picture's cards and clock, by key."""
    return {
        "before": _("The meeting will begin shortly."),
        "suspended": _("The meeting is suspended."),
        "between": _("Next on the list"),
        "closed": _("The meeting is closed. Thank you."),
        "discussion": _("Discussion"),
        "held": _("The meeting will continue in a moment."),
        "interrupted": _("The webcast is interrupted."),
        "returning": _("The webcast will continue in a moment."),
        "clock.speaking": _("Speaking"),
        "clock.warning": _("Time nearly up"),
        "clock.time": pgettext("the clock", "Time up"),
        "clock.stopped": _("Stopped"),
    }


def _places(floor: Floor) -> dict[str, dict[str, str]]:
    names = display_names(floor.slots.values())
    return {slot.id: _name_plate(names[slot.id], slot) for slot in floor.slots.values()}


def _name_plate(speaker: DisplayName, slot: Slot) -> dict[str, str]:
    presents = slot.role in PRESENTING  # `title` is then the topic, not the function
    shown = (speaker.organization,) if presents else (speaker.title, speaker.organization)
    if slot.role == CHAIR:
        shown = (_("Chair"), speaker.organization)
    parts = (*shown, str(speaker.reading or ""))
    line = ", ".join(part for part in parts if part)
    return {"name": speaker.name, "line": line, "country": speaker.country}


def moderators(hearing: Hearing, floor: Floor) -> dict[str, dict[str, str]]:
    """Return the moderators named for the open panel, or else those of the hearing."""
    segment = UUID(hex=floor.segment.id) if floor.segment else None
    members = PanelMember.objects.filter(segment=segment, role=Role.MODERATOR, person__isnull=False)
    found = {
        member.person_id.hex: {"name": member.public.name, "line": member.public.title}
        for member in members
        if member.person_id
    }
    if found:
        return found
    appointed = Appointment.objects.filter(hearing_id=hearing.id, role=Role.MODERATOR)
    people = {row.person_id.hex: row.person for row in appointed.select_related("person")}
    names = names_of_people(hearing.id, people)
    return {
        id: {
            "name": names[id].name,
            "line": "" if names[id].is_alias else person.title,
        }
        for id, person in people.items()
    }


def _raisers(hearing: Hearing, floor: Floor) -> dict[str, dict[str, str]]:
    """Return who raised a point of order: they may be heard without a place on the list."""
    names = names_of_people(hearing.id, set(floor.points.values()))
    return {id: {"name": name.name, "line": name.organization} for id, name in names.items()}


def _protected(hearing: Hearing) -> dict[str, dict[str, str]]:
    """Return what may be seen and heard of people who chose protection, by slot."""
    return {slot: asdict(chosen) for slot, chosen in choices.protected(hearing.id).items()}


def _before_the_first(hearing: Hearing) -> int:
    """Return the number of the last entry before the first about a meeting; 0 if none is."""
    of_meetings = Entry.objects.filter(hearing=hearing.id).exclude(meeting="").order_by("seq")
    first = of_meetings.values_list("seq", flat=True).first()
    return first - 1 if first else 0


# Facts.

type Fact = tuple[int, UUID, Command]
"""Number, meeting, and the command that reports it."""


def read_facts(data: Any) -> list[Fact]:
    if not isinstance(data, list) or len(data) > MOST_FACTS:
        raise ValueError(f"a list of at most {MOST_FACTS} facts is needed")
    return [
        (_number(fact["n"]), UUID(hex=fact["meeting"]), _fact(fact["command"])) for fact in data
    ]


def _number(data: Any) -> int:
    if type(data) is not int or not 0 < data <= LARGEST_NUMBER:
        raise ValueError("facts are numbered from 1")
    return data


def _fact(data: Any) -> Command:
    command = commands.from_json(data)
    if command.ACT:
        raise BadCommand(f"{command.NAME} is an act, and no engine's to decide")
    return command


def take(hearing: UUID, engine: UUID, batch: list[Fact], epoch: int) -> int:
    """Append new facts as entries; return the number of the last fact taken.

    Facts that were taken before are ignored. A fact that the procedure refuses, or that is about a
    meeting of another hearing, counts as taken: sending it again would change nothing. Raises
    `StaleEpoch` if another engine has had the hearing since.
    """
    own = set(Meeting.objects.filter(hearing_id=hearing).values_list("id", flat=True))
    with writer.writing(hearing, actor=MEDIA):
        leases.check_epoch(hearing, epoch)
        known, _made = Engine.objects.get_or_create(
            id=engine, defaults={"hearing_id": hearing, "heard_at": clock.now()}
        )
        for number, meeting, command in batch:
            if number <= known.taken:
                continue
            if meeting in own:
                _decide(hearing, meeting, command)
            known.taken = number
        known.heard_at = clock.now()
        known.save()
        Engine.objects.filter(heard_at__lt=clock.now() - FORGOTTEN_AFTER).delete()
    return known.taken


def _decide(hearing: UUID, meeting: UUID, command: Command) -> None:
    try:
        act(hearing=hearing, meeting=meeting, command=command, actor=MEDIA)
    except Refused:
        return
