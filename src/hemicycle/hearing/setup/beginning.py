"""Create a hearing quickly: as a copy of an earlier one, or from a preset.

Both get their dates from one new date: the first meeting is on that day, and all other dates keep
their distance from it. The result is a draft.
"""

from collections.abc import Callable, Collection
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.actions import OF_MEETINGS, appoint, issue_link, send_link
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.hearing.setup import actions, addresses, document_mapping, signals, toml_io
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import NOBODY, Hearing
from hemicycle.hearing.setup.schema import Document
from hemicycle.record import writer
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from hemicycle.ui.words import best, speaks

FOLDER = Path(__file__).parent / "presets"
PRESETS = {
    "un-hearing": _("Hearing of the United Nations: two panels, six languages"),
    "parliament-committee": _("Parliamentary committee: evidence in two panels"),
    "council-hearing": _("Council hearing: one evening, open to residents"),
    "regulator-consultation": _("Regulator’s consultation: two panels on a draft text"),
}
"""The presets: the name of each file in `presets/`, and its description."""

MEMBERS = "members"
STAFF = "staff"
LISTS = "lists"
LETTERS = "letters"
COPIED = {
    LISTS: _("Distribution lists"),
    LETTERS: _("The hearing’s own texts of letters"),
    STAFF: _("Secretariat, interpreters, captioners and technicians"),
    MEMBERS: _("Moderators and panellists"),
}
"""What a copy can contain in addition to the hearing itself, if the office asks for it."""
COPIED_ROLES = {
    STAFF: (Role.SECRETARIAT, Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN),
    MEMBERS: (Role.MODERATOR,),
}
"""The roles that each of these parts gives again in the copy."""


def copy(
    *,
    source: Hearing,
    title: str,
    first_day: date,
    parts: frozenset[str] = frozenset(),
    slug: str = "",
    by: Person | None = None,
    actor: Actor,
) -> Hearing:
    """Make a draft like `source`, with its first meeting on `first_day`; `by` is its secretariat.

    `parts` are keys of `COPIED`. Raises `InvalidDocument`, with nothing created, if a time does not
    exist on its new day or the short address is taken.
    """
    data = document_mapping.to_document(actions.whole(source.pk), in_public=MEMBERS not in parts)
    data = _retitled(data, title)
    if MEMBERS not in parts:
        # Descriptions already have the aliases, because without the seats no alias would hide the
        # names.
        _drop_members(data, lambda member: True)
    _drop_members(data, lambda member: member["name"] == NOBODY)
    if source.status != Hearing.Status.ENDED:
        data["mailboxes"] = {}  # the draft would receive letters for the hearing that has not ended
    with transaction.atomic():
        hearing = _convene(data, first_day, slug, by, actor)
        _appoint_staff(source, hearing, parts, actor)
        with writer.writing(hearing.pk, actor=actor) as record:
            signals.hearing_copied.send(record, source, hearing, parts)
    return hearing


def from_preset(
    *,
    name: str,
    title: str,
    first_day: date,
    time_zone: str,
    language: str = "en",
    slug: str = "",
    by: Person | None = None,
    actor: Actor,
) -> Hearing:
    """Make a draft from a key of `PRESETS`, its texts in `language`; `by` is its secretariat.

    Raises `KeyError` for an unknown preset, and `InvalidDocument` as `copy` does.
    """
    data = in_language(preset(name), language)
    data = {**_retitled(data, title), "time_zone": time_zone, "slug": ""}
    return _convene(data, first_day, slug, by, actor)


def preset(name: str) -> Document:
    """Return the document of a preset. Raises `KeyError` for an unknown one."""
    if name not in PRESETS:
        raise KeyError(name)
    return toml_io.loads((FOLDER / f"{name}.toml").read_bytes())


def in_language(document: Document, language: str) -> Document:
    """Return the document with its texts in `language`, and the original as a translation.

    Texts without a translation into `language` stay. If the document names only its original
    language, the result names only `language`. Translations into languages that it does not name
    are left out.
    """
    made = deepcopy(document)
    first = made["original_language"]
    if not speaks(first, language):
        for row, _at in documents.translated_rows(made):
            _swap(row, first, language)
        made["original_language"] = language
    if made["languages"] == [first]:
        made["languages"] = [language]
    for row, _at in documents.translated_rows(made):
        row["translations"] = {
            tag: texts for tag, texts in row["translations"].items() if best(tag, made["languages"])
        }
    for track in made["tracks"]:
        kept = {tag: name for tag, name in track["names"].items() if best(tag, made["languages"])}
        track["names"] = kept or track["names"]
    return made


def _swap(row: dict[str, Any], first: str, language: str) -> None:
    tag = best(language, row["translations"])
    if tag:
        texts = row["translations"].pop(tag)
        row["translations"][first] = {name: row[name] for name in texts}
        row.update(texts)


def _retitled(data: Document, title: str) -> Document:
    """Return the document with another title, without translations of the earlier titles."""
    if title == data["title"]:
        return data
    translations = {
        tag: {name: text for name, text in texts.items() if name not in {"title", "short_title"}}
        for tag, texts in data["translations"].items()
    }
    return {**data, "title": title, "short_title": "", "translations": translations}


def _drop_members(data: Document, is_dropped: Callable[[Document], bool]) -> None:
    for segment in documents.segments(data):
        segment["members"] = [row for row in segment["members"] if not is_dropped(row)]


def _convene(
    data: Document, first_day: date, slug: str, by: Person | None, actor: Actor
) -> Hearing:
    # The short address of the source is taken, so the copy gets one of its own.
    data = {**documents.shifted(data, first_day), "slug": slug}
    with transaction.atomic():
        hearing = actions.convene(data, actor=actor)
        if by:
            appoint(person=by, hearing_id=hearing.pk, role=Role.SECRETARIAT, actor=actor)
    return hearing


type StaffRole = tuple[Person, Role, frozenset[Duty]]
"""Who has which role, and the duties if it is the secretariat's."""


def _appoint_staff(source: Hearing, hearing: Hearing, parts: frozenset[str], actor: Actor) -> None:
    roles = [role for part, found in COPIED_ROLES.items() if part in parts for role in found]
    for person, role, duties in _held(source, roles):
        if not person.is_active or person.erased_at is not None:
            continue
        made = appoint(person=person, hearing_id=hearing.pk, role=role, duties=duties, actor=actor)
        if not made.is_pending and person.email and person.id.hex != actor.id:
            _send_link(made, hearing, actor)  # a pending appointment has sent a link already


def _held(source: Hearing, roles: Collection[Role]) -> list[StaffRole]:
    """Return the people with these roles in a hearing, also those who had them until it ended.

    The record names the latter.
    """
    rows = Appointment.objects.filter(hearing_id=source.pk, role__in=roles)
    held: list[StaffRole] = [
        (row.person, Role(row.role), row.held_duties)
        for row in rows.select_related("person").order_by("pk")
    ]
    entries = Entry.objects.filter(hearing=source.pk)
    ended = entries.filter(kind="hearing.ended").order_by("seq").last()
    if ended is None:
        return held
    taken = entries.filter(kind="role.taken", seq__gt=ended.seq).order_by("seq")
    bodies = [entry.fields() for entry in taken]
    people = Person.objects.in_bulk([UUID(hex=body["person"]) for body in bodies])
    known = {(person.pk, role) for person, role, _duties in held}
    for body in bodies:
        person, role = people.get(UUID(hex=body["person"])), Role(body["role"])
        if person and role in roles and role in OF_MEETINGS and (person.pk, role) not in known:
            held.append((person, role, WHOLE_OFFICE))  # only the secretariat has fewer duties
    return held


def _send_link(appointment: Appointment, hearing: Hearing, actor: Actor) -> None:
    person, role = appointment.person, Role(appointment.role)
    path = issue_link(
        person=person,
        hearing_id=hearing.pk,
        role=role.value,
        next_url=addresses.start_of(role, hearing.slug),
        actor=actor,
    )
    send_link(person=person, path=path, hearing_id=hearing.pk, appointment=appointment)
