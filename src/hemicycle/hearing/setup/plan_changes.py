"""The differences between the plan that people know and the present plan, and their sentences.

`Hearing.announced` is the plan that people know: as it was published, or as it was when the office
last announced a change or decided not to. `Hearing.plan_changes` holds the changes that were
announced last; public pages show them until the hearing is over.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import NOBODY, Hearing, Segment
from hemicycle.record import clock
from hemicycle.record.writer import Writer
from hemicycle.ui import times
from hemicycle.ui.languages import listed
from hemicycle.ui.words import original

STATEMENTS = "statements"
type Tellable = Callable[[datetime, Hearing], str]
"""How a moment is written: `ui.times.when` for pages; letters add UTC."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One change: its kind, its subject `of` (an id or a track), and the values before and after.

    `title` is the original title; `was` and `now` are times in ISO 8601 (UTC), or places.
    """

    kind: str
    of: str = ""
    title: str = ""
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()

    @property
    def is_general(self) -> bool:
        """Whether it concerns all people, not only one panel or one track."""
        return not self.kind.startswith(("segment-", "deadline"))


def snapshot(hearing: Hearing) -> dict[str, Any]:
    """Return the present plan in the form in which `Hearing.announced` stores it."""
    meetings = list(hearing.meetings.prefetch_related("segments__members"))
    deadlines = {row.track: _iso(row.at) for row in hearing.deadlines.all()}
    if hearing.statements_close_at:
        deadlines[STATEMENTS] = _iso(hearing.statements_close_at)
    return {
        "state": _state(hearing),
        "place": [original(hearing.venue), original(hearing.platform)],
        "deadlines": deadlines,
        "meetings": {row.id.hex: _times(row) for row in meetings},
        "segments": {
            segment.id.hex: {
                **_times(segment),
                "meeting": meeting.id.hex,
                "people": _people(segment),
            }
            for meeting in meetings
            for segment in meeting.segments.all()
        },
    }


def _state(hearing: Hearing) -> str:
    return "postponed" if hearing.is_postponed else str(hearing.status)


def _iso(moment: datetime) -> str:
    return times.iso(moment)


def _times(row: Any) -> dict[str, str]:
    return {
        "title": original(row.title),
        "starts": _iso(row.starts_at),
        "ends": _iso(row.ends_at),
    }


def _people(segment: Segment) -> list[str]:
    """Return digests of the people on a panel, which show a change without storing names twice.

    Setting or removing an alias is no change: announcing it would link the alias with the name.
    """
    seated = (row for row in segment.members.all() if row.name != NOBODY)
    said = (f"{row.segment_id}\0{row.role}\0{row.name}" for row in seated)
    return sorted(sha256(text.encode()).hexdigest()[:32] for text in said)


def pending(hearing: Hearing) -> list[PlanChange]:
    """Return the changes since people were last informed of the plan, in its order."""
    before = hearing.announced
    if hearing.status == Hearing.Status.DRAFT or not before:
        return []
    if is_over(hearing):
        return []
    now = snapshot(hearing)
    if hearing.ended_at is not None:
        begins = min((row["starts"] for row in now["meetings"].values()), default="")
        is_cancelled = _iso(hearing.ended_at) < begins and before["state"] != now["state"]
        return [PlanChange("ended")] if is_cancelled else []
    if hearing.is_postponed:
        return [PlanChange("postponed")] if before["state"] != now["state"] else []
    return list(_differences(before, now))


def is_over(hearing: Hearing) -> bool:
    """Whether its last meeting is over by the programme; false while it is postponed."""
    if hearing.is_postponed:
        return False
    last = hearing.meetings.aggregate(last=Max("ends_at"))["last"]
    return last is None or last < clock.now()


def _differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[PlanChange]:
    moved = list(_rows(before, now, "meetings", "meeting"))
    if before["state"] == "postponed" and not moved:
        yield PlanChange("dates-valid")
    yield from moved
    if before["place"] != now["place"]:
        yield PlanChange("place", was=tuple(before["place"]), now=tuple(now["place"]))
    shifts = {row.of: _shift(row) for row in moved if row.kind == "meeting-moved"}
    for row in _rows(before, now, "segments", "segment"):
        meeting = now["segments"].get(row.of, {}).get("meeting", "")
        # If a panel moved together with its meeting, the meeting's sentence covers it.
        if row.kind != "segment-moved" or shifts.get(meeting) != _shift(row):
            yield row
    for key, segment in now["segments"].items():
        known = before["segments"].get(key)
        if known and known["people"] != segment["people"]:
            yield PlanChange("segment-people", key, segment["title"])
    for track in sorted(before["deadlines"].keys() | now["deadlines"].keys()):
        old, new = before["deadlines"].get(track), now["deadlines"].get(track)
        if old != new:
            yield PlanChange(
                "deadline", track, was=(old,) if old else (), now=(new,) if new else ()
            )


def _rows(
    before: dict[str, Any], now: dict[str, Any], name: str, kind: str
) -> Iterator[PlanChange]:
    old, new = before[name], now[name]
    for key, row in new.items():
        span = (row["starts"], row["ends"])
        if key not in old:
            yield PlanChange(f"{kind}-added", key, row["title"], now=span)
        elif (was := (old[key]["starts"], old[key]["ends"])) != span:
            yield PlanChange(f"{kind}-moved", key, row["title"], was, span)
    for key, row in old.items():
        if key not in new:
            yield PlanChange(f"{kind}-removed", key, row["title"], (row["starts"], row["ends"]))


def _shift(change: PlanChange) -> tuple[float, ...]:
    pairs = zip(change.was, change.now, strict=True)
    return tuple((_moment(now) - _moment(was)).total_seconds() for was, now in pairs)


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


# ── In words ──────────────────────────────────────────────────────────────────────────────────


def sentences(
    hearing: Hearing, changes: list[PlanChange], when: Tellable = times.when
) -> list[str]:
    """Return one sentence for each change, in the active language."""
    titles, people = _present(hearing) if changes else ({}, {})
    return [_sentence(hearing, change, titles, people, when) for change in changes]


def _present(hearing: Hearing) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the titles and the public names in the programme by id, in the reader's language."""
    titles: dict[str, str] = {}
    people: dict[str, list[str]] = {}
    for meeting in hearing.meetings.prefetch_related("segments__members__person"):
        titles[meeting.id.hex] = str(meeting.title)
        for segment in meeting.segments.all():
            titles[segment.id.hex] = str(segment.title)
            names = (row.public.name for row in segment.members.all())
            people[segment.id.hex] = [name for name in names if name != NOBODY]
    return titles, people


def _sentence(
    hearing: Hearing,
    change: PlanChange,
    titles: dict[str, str],
    people: dict[str, list[str]],
    when: Tellable,
) -> str:
    whole = {
        "postponed": _("The hearing is postponed. New dates will be announced."),
        "ended": _("The hearing is cancelled."),
        "dates-valid": _("The hearing takes place on the dates in the programme."),
    }
    if change.kind in whole:
        return whole[change.kind]
    if change.kind == "place":
        place = listed(part for part in (hearing.venue, hearing.platform) if part)
        return _("The place is now: %(place)s.") % {"place": place or "—"}
    was, now = (
        [when(_moment(iso), hearing) for iso in moments] for moments in (change.was, change.now)
    )
    if change.kind == "deadline":
        return _deadline(hearing, change, was, now)
    title = titles.get(change.of) or change.title or _("Meeting")
    if change.kind == "segment-people":
        names = listed(people.get(change.of, ())) or "—"
        said = _("%(title)s: moderators and panellists are now %(names)s.")
        return said % {"title": title, "names": names}
    return _times_in_words(title, was, now)


def _times_in_words(title: str, was: list[str], now: list[str]) -> str:
    if not was:
        return _("New: %(title)s, %(now)s.") % {"title": title, "now": now[0]}
    if not now:
        return _("%(title)s will not take place.") % {"title": title}
    if was[0] == now[0]:
        return _("%(title)s now ends: %(now)s.") % {"title": title, "now": now[1]}
    said = _("%(title)s has moved. New time: %(now)s. Before: %(was)s.")
    return said % {"title": title, "now": now[0], "was": was[0]}


def _deadline(hearing: Hearing, change: PlanChange, was: list[str], now: list[str]) -> str:
    label = _("written statements") if change.of == STATEMENTS else hearing.track_label(change.of)
    if not now:
        return _("There is no deadline any more for: %(what)s.") % {"what": label}
    if not was:
        return _("Deadline for %(what)s: %(now)s.") % {"what": label, "now": now[0]}
    said = _("New deadline for %(what)s: %(now)s. Before: %(was)s.")
    return said % {"what": label, "now": now[0], "was": was[0]}


# ── Storing ───────────────────────────────────────────────────────────────────────────────────


def digest(changes: list[PlanChange]) -> str:
    """Return a digest of the changes on a page; a form with another digest is refused."""
    return sha256(repr([asdict(change) for change in changes]).encode()).hexdigest()[:32]


def settle(record: Writer, hearing: Hearing, *, shown: list[PlanChange] | None) -> None:
    """Store the present plan as known. `shown` are the changes that pages show; None keeps them."""
    hearing.announced = snapshot(hearing)
    fields = ["announced"]
    if shown is not None:
        rows = [asdict(change) for change in shown]
        hearing.plan_changes = {"at": record.now, "changes": rows} if rows else {}
        fields.append("plan_changes")
    hearing.save(update_fields=fields)


def announced(hearing: Hearing) -> list[PlanChange]:
    """Return the changes that were announced last."""
    rows = hearing.plan_changes.get("changes", ())
    return [
        PlanChange(**{**row, "was": tuple(row["was"]), "now": tuple(row["now"])}) for row in rows
    ]


def forget_people(hearing: Hearing) -> None:
    """Update the digests of people on panels after names were erased."""
    if not hearing.announced:
        return
    present = snapshot(hearing)["segments"]
    known = hearing.announced["segments"]
    segments = {
        key: {**row, "people": present[key]["people"] if key in present else []}
        for key, row in known.items()
    }
    hearing.announced = {**hearing.announced, "segments": segments}
    hearing.save(update_fields=["announced"])
