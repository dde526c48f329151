"""Convene, change, publish, move and end a hearing. Each action is on its record."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hemicycle.hearing.people import actions as people
from hemicycle.hearing.setup import (
    aliases,
    balance,
    document_mapping,
    document_reading,
    plan_changes,
    signals,
    toml_io,
    translations,
)
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Problem
from hemicycle.record import clock, keys, writer
from hemicycle.record.clock import to_ms
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import listed

NEEDED = ("title", "time_zone", "meetings", "categories", "deadlines")
"""The parts that a hearing must have before it can be published."""

PROGRAMME = "meetings"
STATEMENTS = "statements"
WITNESSES = frozenset({"witnesses", "witnesses_asked"})

RESERVED = frozenset({"convene", "operations"})
"""Words that follow `/office/` in addresses, so they cannot be a hearing's short address."""


def convene(
    source: str | bytes | Path | Document,
    *,
    slug: str = "",
    shift_to: date | None = None,
    actor: Actor | None = None,
    publish: bool = False,
) -> Hearing:
    """Create a hearing from TOML text, a TOML file or a document, and begin its record.

    `slug` overrides the short address; `shift_to` moves all dates so that the first meeting is on
    that day. If the document is invalid, nothing is created and `InvalidDocument` is raised with
    every problem.
    """
    data = _document(source)
    data = documents.shifted(data, shift_to) if shift_to else data
    data = {**data, "slug": slug or data["slug"] or free_slug(data["title"])}
    hearing = Hearing()
    document_mapping.set_words(hearing, data)
    _check_slug(hearing)
    by = actor or Actor.system("convene")
    with transaction.atomic():
        hearing.save(force_insert=True)
        writer.begin(hearing.id)
        with writer.writing(hearing.id, actor=by) as record:
            document_mapping.set_rows(hearing, data)
            aliases.settle(hearing)
            record.append("hearing.convened", _convened(source, data))
            if data["witnesses"]:
                _record_witnesses(record, data)
            if data["balance"]["bound"]:
                record.append("list.balance_published", data["balance"])
    return publish_hearing(hearing=hearing, actor=by) if publish else hearing


def _document(source: str | bytes | Path | Document) -> Document:
    if isinstance(source, Path):
        return toml_io.loads(source.read_bytes())
    if isinstance(source, str | bytes):
        return toml_io.loads(source)
    return document_reading.read(source)


def _convened(source: object, data: Document) -> dict[str, Any]:
    return {
        "key": keys.fingerprint(),
        "source": "form" if isinstance(source, dict) else "file",
        "meetings": len(data["meetings"]),
        "segments": len(documents.segments(data)),
    }


def free_slug(title: str) -> str:
    """Return an unused short address made from a title."""
    stem = slugify(title)[:60].strip("-") or "hearing"
    taken = set(Hearing.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def _check_slug(hearing: Hearing) -> None:
    if hearing.slug in RESERVED:
        sentence = _("The short address “%(slug)s” is used by a page of this site. Choose another.")
        raise InvalidDocument([Problem(("slug",), sentence % {"slug": hearing.slug})])
    if Hearing.objects.filter(slug=hearing.slug).exclude(pk=hearing.pk).exists():
        sentence = _("Another hearing already has the short address “%(slug)s”. Choose another.")
        raise InvalidDocument([Problem(("slug",), sentence % {"slug": hearing.slug})])


def change(*, hearing: Hearing, data: Document, actor: Actor) -> list[str]:
    """Change the hearing to match the document `data`; return the names of the parts that changed.

    Raises `InvalidDocument`, with nothing changed, if `data` is not a valid document or would
    remove a panel or a category that participants have chosen.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        # The hearing as it was read before the lock would undo the changes of others.
        hearing.refresh_from_db()
        wanted = document_reading.read({**data, "slug": data.get("slug") or hearing.slug})
        before = document_mapping.to_document(whole(hearing.id))
        wanted = translations.carried(before, wanted)
        changed = [name for name in wanted if wanted[name] != before[name]]
        if not changed:
            return []
        if "balance" in changed:
            _change_balance(record, hearing, before["balance"], wanted["balance"])
        document_mapping.set_words(hearing, wanted)
        _check_slug(hearing)
        is_rescheduled = _is_rescheduled(record, hearing, before, wanted)
        if is_rescheduled:
            hearing.postponed_at = None
        with transaction.atomic():  # a refusal halfway undoes only this part
            hearing.save()
            document_mapping.set_rows(hearing, wanted)
            _follow_aliases(record, hearing, before, wanted)
        _record_changes(record, before, wanted, changed)
        if is_rescheduled:
            record.append("hearing.rescheduled", {})
        signals.hearing_changed.send(record, hearing)
        signals.retention_changed.send(record, hearing)
    return changed


def _change_balance(
    record: writer.Writer, hearing: Hearing, before: Document, wanted: Document
) -> None:
    """Record the new rule of balance; after publication, keep the old rule for readers."""
    if hearing.status != Hearing.Status.DRAFT:
        if wanted["attribute"] == balance.GENDER != before["attribute"]:
            raise InvalidDocument([Problem(("balance", "attribute"), str(balance.GENDER_ASKED))])
        hearing.balance_changes = [*hearing.balance_changes, {"at": record.now, "before": before}]
    record.append("list.balance_published", wanted)


def _is_rescheduled(
    record: writer.Writer, hearing: Hearing, before: Document, wanted: Document
) -> bool:
    """Whether a hearing postponed without dates gets new dates, of which one is in the future."""
    if not hearing.is_postponed or _dates(before) == _dates(wanted):
        return False
    zone = document_mapping.zone_named(wanted["time_zone"])
    ends = [to_ms(ends.replace(tzinfo=zone)) for _starts, ends in _dates(wanted)]
    return any(end > record.now for end in ends)


def _dates(document: Document) -> list[tuple[datetime, datetime]]:
    return [(meeting["starts"], meeting["ends"]) for meeting in document["meetings"]]


def _follow_aliases(
    record: writer.Writer, hearing: Hearing, before: Document, wanted: Document
) -> None:
    """Check changed aliases on panels, and notify the apps that have used the old names."""
    old, new = _aliases(before), _aliases(wanted)
    if old == new:
        return
    aliases.settle(hearing)
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            known = [called for called in (old[name], name) if called]
            try:
                signals.public_name_changed.send(record, hearing, known, new[name] or name)
            except aliases.AliasRefused as refused:
                raise InvalidDocument([Problem((PROGRAMME,), refused.sentence)]) from refused


def _aliases(document: Document) -> dict[str, str]:
    """Return the alias of each member of a panel by the real name."""
    return {
        member["name"]: member["alias"]
        for segment in documents.segments(document)
        for member in segment["members"]
    }


def _record_changes(
    record: writer.Writer, before: Document, wanted: Document, changed: list[str]
) -> None:
    zone = document_mapping.zone_named(wanted["time_zone"])
    apart = {PROGRAMME, "deadlines", "balance", *WITNESSES}
    if before[STATEMENTS]["late"] == wanted[STATEMENTS]["late"]:
        apart.add(STATEMENTS)  # only the deadline for statements has changed
    fields = [name for name in changed if name not in apart]
    if fields:
        record.append("hearing.changed", {"fields": fields})
    if PROGRAMME in changed:
        counts = {"meetings": len(wanted["meetings"]), "segments": len(documents.segments(wanted))}
        record.append("programme.changed", counts)
    if WITNESSES.intersection(changed):
        _record_witnesses(record, wanted)
    old, new = _deadlines(before), _deadlines(wanted)
    for track in sorted(old.keys() | new.keys()):
        if old.get(track) != new.get(track):
            at = to_ms(new[track].replace(tzinfo=zone)) if track in new else None
            record.append("deadline.changed", {"track": track, "at": at})


def _deadlines(document: Document) -> dict[str, datetime]:
    """Return the deadlines by their names in the record: a track's key, or that of statements."""
    found = {deadline["track"]: deadline["closes"] for deadline in document["deadlines"]}
    closes = document[STATEMENTS]["closes"]
    return found | ({STATEMENTS: closes} if closes else {})


def _record_witnesses(record: writer.Writer, document: Document) -> None:
    """Append which witnesses count from now on, and how many are required."""
    vkeys = [witness["vkey"] for witness in document["witnesses"]]
    digests = [sha256(vkey.encode()).hexdigest() for vkey in vkeys]
    record.append("witnesses.named", {"asked": document["witnesses_asked"], "keys": digests})


def whole(hearing_id: Any) -> Hearing:
    """Return the hearing with all its rows, in a fixed number of queries."""
    return Hearing.objects.prefetch_related(
        "meetings__segments__members", "deadlines", "categories", "guiding_questions"
    ).get(pk=hearing_id)


def publish_hearing(*, hearing: Hearing, actor: Actor) -> Hearing:
    """Publish the hearing. Raises `InvalidDocument` that names what is missing."""
    if missing := lacking(hearing):
        sentence = _("Complete these fields before you publish the hearing: %(fields)s.")
        raise InvalidDocument([Problem((), sentence % {"fields": listed(missing)})])
    with writer.writing(hearing.id, actor=actor) as record:
        if _turn(hearing, Hearing.Status.PUBLISHED, actor, "hearing.published"):
            plan_changes.settle(record, hearing, shown=[])
    return hearing


def unpublish(*, hearing: Hearing, actor: Actor) -> Hearing:
    """Make a published hearing a draft again, which the public does not see.

    Raises `InvalidDocument` if it is not published, if one of its meetings was opened, or if people
    take part in it.
    """
    with writer.writing(hearing.id, actor=actor):
        hearing.refresh_from_db()
        sentence = ""
        if hearing.status != Hearing.Status.PUBLISHED:
            sentence = _("Only a published hearing that has not ended can be made a draft.")
        elif _phases(hearing) - {"not_opened"}:
            sentence = _("A meeting has been opened, so the hearing stays public.")
        if sentence := sentence or next(filter(None, signals.unpublishing.send(hearing)), ""):
            raise InvalidDocument([Problem((), sentence)])
        hearing.postponed_at = None
        hearing.save(update_fields=["postponed_at"])
        _turn(hearing, Hearing.Status.DRAFT, actor, "hearing.unpublished")
    return hearing


def move(*, hearing: Hearing, first_day: date, actor: Actor) -> list[str]:
    """Move all meetings and deadlines so that the first meeting is on `first_day`.

    Other apps move their own dates with it (`signals.hearing_moved`). Returns the names of the
    parts that changed. Raises `InvalidDocument`, with nothing changed.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        before = document_mapping.to_document(whole(hearing.id))
        days = days_to(before, first_day)
        changed = change(hearing=hearing, data=documents.shifted(before, first_day), actor=actor)
        if changed:
            signals.hearing_moved.send(record, hearing, days)
    return changed


def days_to(document: Document, first_day: date) -> int:
    """Return the days from the document's first meeting to `first_day`; 0 without meetings."""
    starts = [meeting["starts"] for meeting in document["meetings"]]
    return (first_day - min(starts).date()).days if starts else 0


def close_registration(*, hearing: Hearing, track: str, actor: Actor) -> bool:
    """Close the registration of a track now; return False if it has no deadline in the future."""
    with writer.writing(hearing.id, actor=actor) as record:
        data = document_mapping.to_document(whole(hearing.id))
        now = clock.from_ms(record.now).astimezone(document_mapping.zone_of(hearing))
        local = now.replace(tzinfo=None, microsecond=0)
        open_rows = [
            row for row in data["deadlines"] if row["track"] == track and row["closes"] > local
        ]
        for row in open_rows:
            row["closes"] = local
        if open_rows:
            change(hearing=hearing, data=data, actor=actor)
    return bool(open_rows)


def lacking(hearing: Hearing) -> list[str]:
    """Return what is missing before the hearing can be published, in words."""
    data = document_mapping.to_document(whole(hearing.id))
    return [label(name) for name in NEEDED if not data[name]]


def end(*, hearing: Hearing, actor: Actor) -> Hearing:
    """End the hearing for good: its pages and record stay, but the roles in its meetings end."""
    with writer.writing(hearing.id, actor=actor):
        if _turn(hearing, Hearing.Status.ENDED, actor, "hearing.ended"):
            people.end_roles(hearing_id=hearing.id, actor=actor)
    return hearing


def postpone(*, hearing: Hearing, actor: Actor) -> Hearing:
    """Postpone the hearing without new dates: the dates in its programme are no longer valid.

    Until it gets new dates (`change`), keeps the old ones after all (`keep_dates`) or ends, no data
    of its people is deleted automatically. Raises `InvalidDocument` for a hearing that is not
    published, was held, or has an open meeting.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        hearing.refresh_from_db(fields=["status", "postponed_at"])
        _check_can_be_postponed(hearing)
        if hearing.postponed_at is None:
            _set_postponed(record, hearing, clock.from_ms(record.now), "hearing.postponed")
    return hearing


def keep_dates(*, hearing: Hearing, actor: Actor) -> Hearing:
    """End a postponement: the dates in the programme apply again."""
    with writer.writing(hearing.id, actor=actor) as record:
        hearing.refresh_from_db(fields=["postponed_at", "ended_at"])
        if hearing.is_postponed:
            _set_postponed(record, hearing, None, "hearing.rescheduled")
    return hearing


def is_held(hearing: Hearing) -> bool:
    """Whether each of its meetings was opened and closed."""
    return _phases(hearing) == {"closed"}


def _phases(hearing: Hearing) -> set[str]:
    return {floor_of(pk).phase for pk in hearing.meetings.values_list("pk", flat=True)}


def _check_can_be_postponed(hearing: Hearing) -> None:
    phases = _phases(hearing)
    if hearing.status != Hearing.Status.PUBLISHED:
        sentence = _("Only a published hearing that has not ended can be postponed.")
    elif phases & {"open", "suspended"}:
        sentence = _("A meeting is open. Close it first.")
    elif phases == {"closed"}:
        sentence = _("The hearing has been held, so it cannot be postponed.")
    else:
        return
    raise InvalidDocument([Problem((), sentence)])


def _set_postponed(record: writer.Writer, hearing: Hearing, at: datetime | None, kind: str) -> None:
    hearing.postponed_at = at
    hearing.save(update_fields=["postponed_at"])
    record.append(kind, {})
    signals.retention_changed.send(record, hearing)


def _turn(hearing: Hearing, status: Hearing.Status, actor: Actor, kind: str) -> bool:
    with writer.writing(hearing.id, actor=actor) as record:
        if Hearing.objects.filter(pk=hearing.pk, status=status).exists():
            return False
        hearing.status = status
        is_ended = status == Hearing.Status.ENDED
        hearing.ended_at = clock.from_ms(record.now) if is_ended else None
        hearing.save(update_fields=["status", "ended_at"])
        record.append(kind, {})
        signals.retention_changed.send(record, hearing)
    return True


def label(name: str) -> str:
    """Return the name of a field of the document on pages."""
    words = {
        "meetings": _("programme"),
        "categories": _("categories of participants"),
        "deadlines": _("deadlines"),
        "guiding_questions": _("guiding questions"),
        "floor": _("rules of the floor"),
        "registration": _("rules of registration"),
        "statements": _("rules for statements"),
        "tracks": _("tracks"),
        "merge": _("merging of the tracks"),
        "balance": _("balance of the lists"),
        "glossary": _("glossary"),
    }
    if name in words:
        return words[name]
    try:
        field = Hearing._meta.get_field(name)  # noqa: SLF001 - Django documents this way to a field
    except FieldDoesNotExist:
        return name.replace("_", " ")
    return str(getattr(field, "verbose_name", name))
