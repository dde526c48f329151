"""Removes a whole hearing: its rows, people, mail, files, recordings and jobs, and its record.

This is how the demonstration data is removed, and a hearing that the operator of the site deletes.
Rows are found by following references to a hearing, so that an app's new table is found
automatically; the search index changes with its rows. A person or an organization is deleted if
nothing outside these hearings needs it. Files, whose deletion cannot be rolled back, are deleted
after the rows. Each media machine receives the order to delete the recordings in its own folder.
"""
# ruff: noqa: SLF001 - Django documents `_meta` and `_base_manager` for use by others

import logging
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from graphlib import TopologicalSorter
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction

from hemicycle import security_log
from hemicycle.engine.webcast_store import WebcastStore
from hemicycle.hearing.jobs import queue, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Organization, Person, SignInLink, SignInSession
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.mail.incoming.models import Mail
from hemicycle.meeting.media_machines import removals
from hemicycle.record import clock, erased_list
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, Head
from hemicycle.security_log import SecurityEvent

log = logging.getLogger(__name__)

type Table = type[models.Model]
type Doomed = dict[Table, set[Any]]
"""The keys of the rows that go, by their table."""

AT_ONCE = 500
"""The number of rows that one statement names."""
SIGNING_IN = frozenset({SignInLink, SignInSession})


class MeetingOpen(Exception):
    """A meeting of the hearing is open, so people, the engine and recordings still need it."""


def remove_rehearsals(*, actor: str = "") -> list[str]:
    """Remove every rehearsed hearing; return their names. Real hearings stay unchanged.

    `actor` is the id of the person who requested it, for the security log; "" for none.
    """
    with transaction.atomic():
        hearings = list(Hearing.objects.filter(is_rehearsed=True).order_by("slug"))
        _remove(hearings, actor, "rehearsal")
    return [str(hearing) for hearing in hearings]


def remove(hearing: Hearing, *, actor: str) -> dict[str, int]:
    """Remove a hearing; return the number of deleted rows by the name of their table.

    Its people are added to the list of erased people, so that a restored backup does not bring them
    back. Raises `MeetingOpen`, before anything is changed.
    """
    with transaction.atomic():
        doomed = _remove([hearing], actor, "hearing")
        erased_list.add_removed(hearing.id, doomed[Person], clock.now_ms())
    return _counted(doomed)


def contents(hearing: Hearing) -> dict[str, int]:
    """Return how many rows `remove` would delete, by the name of their table."""
    return _counted(_doomed(_with_rooms({hearing.id})))


def _with_rooms(ids: set[UUID]) -> set[UUID]:
    """Return hearings and the rooms of their training sessions."""
    return ids | set(Hearing.every.filter(room_of__in=ids).values_list("id", flat=True))


def _counted(doomed: Doomed) -> dict[str, int]:
    return {table.__name__: len(keys) for table, keys in doomed.items() if keys}


def _remove(hearings: list[Hearing], actor: str, what: str) -> Doomed:
    ids = _with_rooms({hearing.id for hearing in hearings})
    # Earlier writers of these records have ended when the lock is held; later ones find no record.
    list(Head.objects.select_for_update().filter(hearing__in=ids).order_by("hearing"))
    meetings = Meeting.objects.filter(hearing__in=ids, hearing__is_rehearsed=False)
    if any(floor_of(meeting.pk).phase in {"open", "suspended"} for meeting in meetings):
        raise MeetingOpen
    doomed = _doomed(ids)
    removals.order(ids)
    _drop_jobs(doomed)
    _drop_files(doomed, ids)
    keys = SignInSession.objects.filter(pk__in=doomed[SignInSession], session_key__isnull=False)
    Session.objects.filter(
        session_key__in=list(keys.values_list("session_key", flat=True))
    ).delete()
    for table in _in_order(doomed):
        for some in batched(doomed[table], AT_ONCE):
            table._base_manager.filter(pk__in=some).delete()
    for hearing in hearings:
        security_log.note(SecurityEvent.ERASED, hearing=hearing.id, actor=actor, what=what)
    return doomed


# ── The rows to delete ────────────────────────────────────────────────────────────────────────
def _doomed(ids: set[UUID]) -> Doomed:
    doomed: Doomed = defaultdict(set)
    if not ids:
        return doomed
    _add(doomed, Hearing, ids)
    for table in _tables():
        if name := _plain_hearing(table):
            _add(doomed, table, _keys(table, **{f"{name}__in": ids}))
    administrators = _keys(Person, is_administrator=True)
    _add(doomed, Person, _nowhere_else(doomed, Person, _once_appointed(ids)) - administrators)
    _add(doomed, Organization, _nowhere_else(doomed, Organization))
    return doomed


def _tables() -> list[Table]:
    return [table for table in apps.get_models() if table._meta.managed]


def _plain_hearing(table: Table) -> str:
    """Return the name of the field with a hearing's id that is not a foreign key; "" for none."""
    for name in ("hearing_id", "hearing"):
        fields = {field.name: field for field in table._meta.concrete_fields}
        if isinstance(fields.get(name), models.UUIDField):
            return name
    return ""


def _keys(table: Table, **which: Any) -> set[Any]:
    return set(table._base_manager.filter(**which).values_list("pk", flat=True))


def _add(doomed: Doomed, table: Table, keys: Iterable[Any]) -> None:
    """Add rows, and all rows that cannot exist without them."""
    new = set(keys) - doomed[table]
    if not new:
        return
    doomed[table] |= new
    for field in _pointing_to(table):
        for some in batched(new, AT_ONCE):
            _add(doomed, field.model, _keys(field.model, **{f"{field.name}__in": some}))


def _pointing_to(table: Table) -> Iterator[models.ForeignKey[Any, Any]]:
    """Yield foreign keys to this table whose rows cannot exist without the row they name."""
    for relation in table._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            field = relation.field
            cannot_be_without = relation.on_delete in {models.CASCADE, models.PROTECT}
            if cannot_be_without and isinstance(field, models.ForeignKey):
                yield field


def _once_appointed(hearings: set[UUID]) -> set[UUID]:
    """Return all people who have ever had a role; only the record knows of ended roles."""
    given = Entry.objects.filter(hearing__in=hearings, kind="role.given")
    people = {UUID(hex=entry.fields()["person"]) for entry in given.iterator()}
    return _keys(Person, pk__in=people)


def _nowhere_else(doomed: Doomed, table: Table, more: Iterable[Any] = ()) -> set[Any]:
    """Return the rows of a table, referenced by deleted rows or in `more`, that no remaining row
    needs.

    Rows that only let a person sign in, and letters without a hearing, do not count as a need.
    """
    fields = [
        field
        for other in _tables()
        for field in other._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is table
    ]
    found = set(more)
    for field in fields:
        for some in batched(set(doomed[field.model]), AT_ONCE):
            rows = field.model._base_manager.filter(pk__in=some)
            found |= set(rows.exclude(**{field.name: None}).values_list(field.attname, flat=True))
    for field in fields:
        if field.model in SIGNING_IN or not field.model.__module__.startswith("hemicycle."):
            continue
        for some in batched(set(found), AT_ONCE):
            rows = field.model._base_manager.filter(**{f"{field.name}__in": some})
            if name := _plain_hearing(field.model):
                rows = rows.exclude(**{name: None})
            staying = rows.values_list("pk", field.attname)
            found -= {key for row, key in staying if row not in doomed[field.model]}
    return found


def _in_order(doomed: Doomed) -> list[Table]:
    """Return the tables, each before those that it refers to, and record heads before entries."""
    before: dict[Table, set[Table]] = {table: set() for table in doomed}
    for table in doomed:
        # Optional references count too: to set them to null first could break constraints.
        for field in table._meta.concrete_fields:
            target = field.related_model if isinstance(field, models.ForeignKey) else None
            if target in before and target is not table:
                before[target].add(table)
    if Head in before:
        for table, first in before.items():
            if table is not Head and table._meta.app_label == Head._meta.app_label:
                first.add(Head)
    return list(TopologicalSorter(before).static_order())


# ── Jobs and files ────────────────────────────────────────────────────────────────────────────
def _drop_jobs(doomed: Doomed) -> None:
    askers = [
        f"{table.__name__.lower()}:{key.hex}"
        for table, keys in doomed.items()
        if table.__name__ in {"Registration", "Person", "Hearing"}
        for key in keys
    ]
    for some in batched(askers, AT_ONCE):
        queue.forget(Job.objects.filter(asker__in=some))


def _drop_files(doomed: Doomed, hearings: set[UUID]) -> None:
    """Delete the files of the deleted rows after the transaction has been committed."""
    names = set(_uploads(doomed))
    mail = {name for name in _values(Mail, doomed[Mail], "file") if name}
    kept = Mail.objects.filter(file__in=mail).exclude(pk__in=doomed[Mail])
    names |= mail - set(kept.values_list("file", flat=True))
    stored_files.drop(*sorted(names))
    for hearing in hearings:
        folder = Path(settings.MEDIA_ENGINE.segments) / hearing.hex
        transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True), robust=True)
        if place := settings.MEDIA_ENGINE.webcast_store:
            transaction.on_commit(partial(_remove_published, place, hearing.hex), robust=True)


def _remove_published(place: str, hearing: str) -> None:
    try:
        WebcastStore(place).remove(hearing)
    except OSError as away:
        log.warning(
            "delete %s/%s yourself, the webcast of a removed hearing: %s", place, hearing, away
        )


def _uploads(doomed: Doomed) -> Iterator[str]:
    for table, keys in doomed.items():
        for field in table._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield from filter(None, _values(table, keys, field.name))


def _values(table: Table, keys: set[Any], name: str) -> Iterator[Any]:
    for some in batched(keys, AT_ONCE):
        yield from table._base_manager.filter(pk__in=some).values_list(name, flat=True)
