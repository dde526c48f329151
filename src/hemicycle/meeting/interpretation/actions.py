"""Assign interpreters to booths, release them, and replace the glossary."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation import entry_types, queries
from hemicycle.meeting.interpretation.models import Glossary, Interpreter
from hemicycle.record import writer
from hemicycle.ui.languages import language_name


class AssignmentRefused(Exception):
    """A person cannot be assigned to a booth; `str()` says why, for the secretariat."""


def assign(*, hearing: Hearing, language: str, person: Person, actor: writer.Actor) -> Interpreter:
    """Give a person a place in a booth, and the interpreter's role for it.

    Repeating the call changes nothing. Raises `AssignmentRefused` for a full booth, for a person
    who works in another booth, and for a language without a booth.
    """
    if language not in hearing.languages:
        raise AssignmentRefused(
            _("This hearing has no booth for that language. Add the language first.")
        )
    with writer.writing(hearing.id, actor=actor) as record:
        booths = queries.booths(hearing)
        sits = next(
            (member for booth in booths for member in booth.members if member.person == person),
            None,
        )
        if sits is not None and sits.language == language:
            return sits
        if sits is not None:
            said = _(
                "%(name)s works in another booth: %(booth)s. Remove them from that booth first."
            )
            raise AssignmentRefused(said % {"name": person.name, "booth": sits.spoken})
        if next(booth for booth in booths if booth.language == language).is_full:
            said = _("This booth is full: %(booth)s has %(most)d interpreters. Remove one first.")
            raise AssignmentRefused(said % {"booth": language_name(language), "most": queries.MOST})
        return _assign(record, hearing, language, person)


def assign_new(
    *, hearing: Hearing, language: str, name: str, email: str, actor: writer.Actor
) -> Interpreter:
    """Assign the person with this e-mail address, or create the person first.

    Raises `AssignmentRefused` as `assign` does.
    """
    # In one transaction: a person who cannot be assigned is not created.
    with writer.writing(hearing.id, actor=actor):
        person = parties.staff_member(name=name, email=email)
        return assign(hearing=hearing, language=language, person=person, actor=actor)


def _assign(record: writer.Writer, hearing: Hearing, language: str, person: Person) -> Interpreter:
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.INTERPRETER, actor=record.actor)
    entry = record.append(entry_types.ASSIGNED, {"person": person.id.hex, "booth": language})
    defaults = {"language": language, "seq": entry.seq}
    placed, _new = Interpreter.objects.update_or_create(
        hearing=hearing, person=person, defaults=defaults
    )
    return placed


def open_booths(record: writer.Writer, room: Hearing) -> None:
    """Assign the hearing's interpreters to a training room's booths, if it has their languages."""
    for interpreter in queries.interpreters(room.registered_id):
        if interpreter.language in room.languages:
            held = Appointment.every.get(
                person=interpreter.person, hearing_id=room.registered_id, role=Role.INTERPRETER
            )
            parties.carry_over(
                appointment=held, hearing_id=room.id, role=Role.INTERPRETER, actor=record.actor
            )
            body = {"person": interpreter.person_id.hex, "booth": interpreter.language}
            entry = record.append(entry_types.ASSIGNED, body)
            Interpreter.objects.create(
                hearing=room,
                person=interpreter.person,
                language=interpreter.language,
                seq=entry.seq,
            )


def release(*, interpreter: Interpreter, actor: writer.Actor) -> None:
    """Remove a person from their booth, with the role and the sign-in links for it."""
    hearing_id, person = interpreter.hearing_id, interpreter.person
    with writer.writing(hearing_id, actor=actor) as record:
        deleted, _rows = Interpreter.objects.filter(pk=interpreter.pk).delete()
        if not deleted:
            return
        body = {"person": person.id.hex, "booth": interpreter.language}
        record.append(entry_types.RELEASED, body)
        held = Appointment.every.filter(person=person, hearing_id=hearing_id, role=Role.INTERPRETER)
        for appointment in held.select_related("person"):
            parties.dismiss(appointment=appointment, actor=actor)


def keep_glossary(
    *, hearing: Hearing, terms: Sequence[dict[str, str]], actor: writer.Actor
) -> None:
    """Replace the glossary. The record notes that it changed, but no terms."""
    with writer.writing(hearing.id, actor=actor) as record:
        glossary, _new = Glossary.objects.get_or_create(hearing=hearing)
        if glossary.terms != list(terms):
            glossary.terms = list(terms)
            glossary.save(update_fields=["terms"])
            record.append("hearing.changed", {"fields": ["glossary"]})
