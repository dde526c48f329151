"""Other broadcasters that receive the program during a meeting, each in one language.

An address contains our key for the other side. It is only sent to the engine: pages show it masked,
and the record names the broadcaster by an id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import broadcaster_urls, entry_types
from hemicycle.meeting.room.models import Broadcaster
from hemicycle.procedure.channels import FLOOR
from hemicycle.record import clock, writer
from hemicycle.record.models import Entry
from hemicycle.ui.languages import language_name
from hemicycle.ui.times import day

MOST = 6
"""The maximum number of broadcasters: each gets the whole program over a separate connection."""


class BroadcasterRefused(Exception):
    """The broadcaster cannot be added; `str()` says why, for the secretariat."""


def channels(hearing: Hearing) -> list[tuple[str, str]]:
    """Return the channels to choose from, as (channel, name in the reader's language)."""
    return [(tag, channel_name(tag)) for tag in (FLOOR, *hearing.languages)]


def channel_name(tag: str) -> str:
    """Return a channel's name in the reader's language."""
    return _("The floor, as it is spoken") if tag == FLOOR else language_name(tag)


@dataclass(frozen=True, slots=True)
class BroadcasterRow:
    """A row of the secretariat's table; `silent` if the hearing no longer has its channel."""

    broadcaster: Broadcaster
    heard: str
    silent: bool


def rows(hearing: Hearing) -> list[BroadcasterRow]:
    """Return a hearing's broadcasters as table rows, the oldest first."""
    known = {FLOOR, *hearing.languages}
    return [
        BroadcasterRow(row, channel_name(row.channel), row.channel not in known)
        for row in of(hearing)
    ]


def of(hearing: Hearing) -> QuerySet[Broadcaster]:
    """Return a hearing's broadcasters, the oldest first."""
    return Broadcaster.objects.filter(hearing_id=hearing.id).order_by("seq")


def pushes(hearing: Hearing) -> list[dict[str, str]]:
    """Return `push` for the engine (docs/media.md), without channels that no longer exist."""
    sent = (row.broadcaster for row in rows(hearing) if not row.silent)
    return [{"url": row.url, "language": row.channel} for row in sent]


def add(*, hearing: Hearing, url: str, channel: str, actor: writer.Actor) -> Broadcaster:
    """Add a broadcaster. Raises `BroadcasterRefused` or `BadBroadcasterUrl`."""
    broadcaster_urls.check(url)
    if channel not in {FLOOR, *hearing.languages}:
        raise BroadcasterRefused(
            _("This hearing has no channel in that language. Choose another one.")
        )
    with writer.writing(hearing.id, actor=actor) as record:
        held = {row.url for row in of(hearing)}
        if url in held:
            raise BroadcasterRefused(
                _("The program is already sent to this address. Stop it first.")
            )
        if len(held) >= MOST:
            said = _(
                "The program is already sent to %(most)d broadcasters, which is the "
                "maximum. Stop one of them."
            )
            raise BroadcasterRefused(said % {"most": MOST})
        made = Broadcaster(hearing_id=hearing.id, url=url, channel=channel)
        body = {
            "broadcaster": made.id.hex,
            "protocol": broadcaster_urls.protocol(url),
            "channel": channel,
        }
        made.seq = record.append(entry_types.BROADCASTER_ADDED, body).seq
        made.save(force_insert=True)
    return made


def copies(hearing: Hearing) -> Iterator[str]:
    """Yield a sentence for each broadcaster that received the program, from the record."""
    held = {row.id.hex: row.masked for row in of(hearing)}
    added = Entry.objects.filter(hearing=hearing.id, kind=entry_types.BROADCASTER_ADDED)
    for entry in added.order_by("seq"):
        body = entry.fields()
        where = held.get(body["broadcaster"], body["broadcaster"][:8])
        yield _(
            "The program was sent to another broadcaster (%(where)s, %(protocol)s, sound: "
            "%(channel)s) from %(day)s on."
        ) % {
            "where": where,
            "protocol": str(body["protocol"]).upper(),
            "channel": channel_name(body["channel"]),
            "day": day(clock.from_ms(entry.at), hearing),
        }


def remove(*, hearing: Hearing, broadcaster: UUID, actor: writer.Actor) -> None:
    """Remove a broadcaster and its address. Repeating the call changes nothing."""
    with writer.writing(hearing.id, actor=actor) as record:
        found = Broadcaster.objects.filter(hearing_id=hearing.id, pk=broadcaster)
        if found.delete()[0]:
            record.append(entry_types.BROADCASTER_REMOVED, {"broadcaster": broadcaster.hex})
