"""The room of a training session: a separate floor with the same console, seats and engine.

The room is a row of `Hearing` with `room_of` set. It has a separate record, a meeting and one
panel, so nothing that is said in it can reach the hearing's record, lists, webcast, archive or
figures. The trainer presides as its moderator. Participants are on its list by name; each uses
their personal link, with the alias and the protection that they have chosen.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import Subject
from hemicycle.before.on_air.models import OnAirChoice
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers.queries import PANEL_TRACK
from hemicycle.before.training import actions, entry_types
from hemicycle.before.training.models import Session, SignUp
from hemicycle.before.training.signals import room_made
from hemicycle.engine.control import access
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember, Segment
from hemicycle.procedure import commands
from hemicycle.procedure.events import ParticipantJoined
from hemicycle.procedure.state import Floor
from hemicycle.procedure.terms import Listed
from hemicycle.record import clock, writer
from hemicycle.record.floor import act, floor_of
from hemicycle.record.writer import Writer
from hemicycle.ui.languages import speaking

EMPTIED_AFTER = timedelta(days=2)
"""How long after its session a room is closed, with the names in it."""

RULES = (
    *("time_zone", "floor_time_limit_s", "warning_s", "extension_s", "at_limit", "grace_s"),
    *("without_line", "words_per_minute", "plate", "clock"),
)
"""The settings that a room copies from its hearing."""


def room_at(hearing: Hearing, slug: str) -> Hearing | None:
    """Return the open training room of a hearing with this short address."""
    rooms = Hearing.every.filter(room_of=hearing, slug=slug, status=Hearing.Status.PUBLISHED)
    return rooms.first()


def preside(*, session: Session, trainer: Person) -> Hearing:
    """Let a member of the secretariat into the room as its trainer; return the room.

    Raises `TrainingRefused` while the session is not open.
    """
    by = writer.Actor(trainer.id.hex, Role.SECRETARIAT.value)
    with writer.writing(session.hearing_id, actor=by) as record:
        session.refresh_from_db()
        if not session.admits:
            raise actions.TrainingRefused(_("This session is not open now."))
        room = _room(record, session)
        held = Appointment.every.get(
            person=trainer, hearing_id=session.hearing_id, role=Role.SECRETARIAT
        )
        people.carry_over(appointment=held, hearing_id=room.id, role=Role.MODERATOR, actor=by)
    return room


def enter(*, session: Session, registration: Registration, actor: writer.Actor) -> Hearing:
    """Let a participant into the room, with a place on its list; return the room.

    Raises `TrainingRefused` as `actions.enter` does.
    """
    with writer.writing(session.hearing_id, actor=actor) as record:
        actions.enter(session=session, registration=registration, actor=actor)
        room = _room(record, session)
        _place(room, registration, actor)
    return room


def _room(record: Writer, session: Session) -> Hearing:
    if session.room is not None:
        return session.room
    session.room = _made(session, record.actor)
    session.save(update_fields=["room"])
    body = {"training": session.id.hex, "room": session.room.id.hex}
    record.append(entry_types.ROOM_OPENED, body)
    return session.room


def _made(session: Session, actor: writer.Actor) -> Hearing:
    hearing = session.hearing
    with speaking(session.language):
        title = _("Training session: %(hearing)s") % {"hearing": hearing}
        practice = _("Practice panel")
    words = {"original_language": session.language}
    room = Hearing.every.create(
        slug=f"training-{session.id.hex}",
        room_of=hearing,
        status=Hearing.Status.PUBLISHED,
        title=title,
        languages=session.languages,
        list_of_speakers="none",
        **{name: getattr(hearing, name) for name in RULES},
        **words,
    )
    writer.begin(room.id)
    times = {"starts_at": session.starts_at, "ends_at": session.ends_at}
    meeting = Meeting.objects.create(hearing=room, ordinal=1, title=title, **times, **words)
    Segment.objects.create(
        meeting=meeting, ordinal=1, kind=Segment.Kind.PANEL, title=practice, **times, **words
    )
    with writer.writing(room.id, actor=actor) as record:
        room_made.send(record, room)
    return room


def _place(room: Hearing, registration: Registration, actor: writer.Actor) -> None:
    """Put somebody on the list by name, with the protection that they have chosen."""
    segment = Segment.objects.select_related("meeting").get(meeting__hearing=room)
    with writer.writing(room.id, actor=actor):
        member, is_new = PanelMember.objects.get_or_create(
            segment=segment,
            person=registration.person,
            role=Role.SPEAKER,
            defaults={
                "ordinal": segment.members.count() + 1,
                "name": registration.person.name,
                "title": registration.organization.name,
                "alias": registration.alias,
                "limit_s": room.floor_time_limit_s,
            },
        )
        _protect(room, registration, actor)
        floor = floor_of(segment.meeting_id)
        is_open = floor.segment_open and floor.list_open
        if is_new and is_open and member.id.hex not in floor.slots:
            listed = Listed(id=member.id.hex, track=PANEL_TRACK, person=registration.person_id.hex)
            _act(room, segment.meeting_id, commands.AddSlot(listed), actor)


def _act(room: Hearing, meeting: UUID, command: commands.Command, actor: writer.Actor) -> None:
    act(hearing=room.id, meeting=meeting, command=command, actor=actor)


def _places(registration: Registration) -> QuerySet[PanelMember]:
    """Return the places of a registration's person in open rooms."""
    found = PanelMember.objects.filter(
        role=Role.SPEAKER,
        person=registration.person_id,
        segment__meeting__hearing__room_of=registration.hearing_id,
        segment__meeting__hearing__status=Hearing.Status.PUBLISHED,
    )
    return found.select_related("segment__meeting__hearing")


def _protect(room: Hearing, registration: Registration, actor: writer.Actor) -> None:
    wanted = choices.of_seat(registration.hearing_id, registration=registration.id.hex)
    for member in _places(registration).filter(segment__meeting__hearing=room):
        before = choices.of_seat(room.id, slot=member.id.hex)
        # The room may already have stricter settings; a choice never loosens them.
        stricter = before.with_stricter(wanted)
        choices.choose(Subject.of_member(room, member), stricter, actor=actor)


def follow_identity(record: Writer, registration: Registration) -> None:
    """Apply a new alias or choice in open rooms too."""
    for member in _places(registration):
        room = member.segment.meeting.hearing
        with writer.writing(room.id, actor=record.actor) as own:
            member.alias = registration.alias
            member.save(update_fields=["alias"])
            own.append(
                "panel.public_name", {"slot": member.id.hex, "alias": bool(registration.alias)}
            )
            _protect(room, registration, record.actor)


def relay_access(record: Writer) -> None:
    """Note in the records of open rooms, before the commit, who may no longer enter."""
    ended = [entry for entry in record.entries if entry.kind in access.KINDS]
    rooms = Hearing.every.filter(room_of=record.hearing, status=Hearing.Status.PUBLISHED)
    for room in rooms if ended else ():
        with writer.writing(room.id, actor=record.actor) as own:
            for entry in ended:
                body = json.loads(entry.body)
                # Reasons are stored only beside the hearing's record.
                kept = {key: "" if key in _REASONS else value for key, value in body.items()}
                own.append(entry.kind, kept)


_REASONS = frozenset({"reason", "note"})


def attend(record: Writer, meeting: UUID, event: object, floor: Floor) -> None:
    """Record the attendance of a participant once the room's entry is committed."""
    if not isinstance(event, ParticipantJoined) or not event.slot:
        return
    session = Session.objects.filter(room=record.hearing).first()
    if session is not None:
        transaction.on_commit(partial(_mark, session, UUID(hex=event.person), record.actor))


def _mark(session: Session, person: UUID, actor: writer.Actor) -> None:
    rows = session.sign_ups.filter(
        registration__person=person, state=SignUp.State.SIGNED_UP, attended_at=None
    )
    for own in rows.select_related("session", "registration"):
        actions.mark(own=own, present=True, actor=actor)


def dismiss(record: Writer, person: Person) -> None:
    """End the access to a hearing's rooms of somebody who lost a role in the hearing.

    They enter again with the roles that they still have.
    """
    rooms = Hearing.every.filter(room_of=record.hearing).values_list("id", flat=True)
    for held in Appointment.every.filter(person=person, hearing_id__in=list(rooms)):
        people.dismiss(appointment=held, actor=record.actor)


def erase(hearing: UUID, person: UUID) -> None:
    """Delete a person's places in the rooms of a hearing, and their choices there."""
    _delete(PanelMember.objects.filter(segment__meeting__hearing__room_of=hearing, person=person))


def clear() -> int:
    """Close the rooms of sessions that ended long ago; return how many.

    The names of the people in them are deleted too.
    """
    over = clock.now() - EMPTIED_AFTER
    rooms = Hearing.every.filter(
        room_of__isnull=False, status=Hearing.Status.PUBLISHED, meetings__ends_at__lt=over
    )
    return sum(_close(room) for room in rooms)


def _close(room: Hearing) -> int:
    with writer.writing(room.id, actor=actions.KEEPER):
        for appointment in Appointment.every.filter(hearing_id=room.id):
            people.dismiss(appointment=appointment, actor=actions.KEEPER)
        _delete(PanelMember.objects.filter(segment__meeting__hearing=room))
        room.status = Hearing.Status.ENDED
        room.save(update_fields=["status"])
    return 1


def _delete(members: Iterable[PanelMember]) -> None:
    for member in members:
        OnAirChoice.objects.filter(owner=member.pk).delete()
        member.delete()
