"""Other broadcasters to whom the program is sent while a meeting is on the air, each in a language.

An address carries the key by which the other side knows us. It goes to the engine and nowhere
else: pages show it masked, and the record tells of it by an id.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.engine.streams import FLOOR
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import addresses, entry_types
from hemicycle.meeting.room.models import Broadcaster
from hemicycle.record import writer
from hemicycle.ui.languages import language_name

MOST = 6
"""Each is one more connection that takes the whole program."""


class Refused(Exception):
    """What cannot be done, and why; `str()` is a sentence for whoever asked."""


def channels(hearing: Hearing) -> list[tuple[str, str]]:
    """What can be heard with the picture, as (channel, name in the reader's language)."""
    return [(tag, channel_name(tag)) for tag in (FLOOR, *hearing.languages)]


def channel_name(tag: str) -> str:
    """A channel by name, in the reader's language."""
    return _("The floor, as it is spoken") if tag == FLOOR else language_name(tag)


@dataclass(frozen=True, slots=True)
class Line:
    """A broadcaster as the office sees it; `silent` where its channel is the hearing's no more."""

    row: Broadcaster
    heard: str
    silent: bool


def lines(hearing: Hearing) -> list[Line]:
    """A hearing's broadcasters, the oldest first, each with what is heard there."""
    known = {FLOOR, *hearing.languages}
    return [
        Line(each, channel_name(each.channel), each.channel not in known) for each in of(hearing)
    ]


def of(hearing: Hearing) -> QuerySet[Broadcaster]:
    """A hearing's broadcasters, the oldest first."""
    return Broadcaster.objects.filter(hearing_id=hearing.id).order_by("seq")


def pushes(hearing: Hearing) -> list[dict[str, str]]:
    """What the engine is told (`push` in docs/media.md): those whose channel is the hearing's."""
    sent = (line.row for line in lines(hearing) if not line.silent)
    return [{"url": each.url, "language": each.channel} for each in sent]


def add(*, hearing: Hearing, url: str, channel: str, actor: writer.Actor) -> Broadcaster:
    """Send the program there too. Raises `Refused`, and `addresses.BadAddress`, with a sentence."""
    addresses.check(url)
    if channel not in {FLOOR, *hearing.languages}:
        raise Refused(_("This hearing has no channel in that language. Choose another one."))
    with writer.writing(hearing.id, actor=actor) as record:
        held = {each.url for each in of(hearing)}
        if url in held:
            raise Refused(_("The program is sent to this address already. Stop that first."))
        if len(held) >= MOST:
            said = _("The program is sent to %(most)d broadcasters already. Stop one of them.")
            raise Refused(said % {"most": MOST})
        made = Broadcaster(hearing_id=hearing.id, url=url, channel=channel)
        body = {
            "broadcaster": made.id.hex,
            "protocol": addresses.protocol(url),
            "channel": channel,
        }
        made.seq = record.append(entry_types.BROADCASTER_ADDED, body).seq
        made.save(force_insert=True)
    return made


def remove(*, hearing: Hearing, broadcaster: UUID, actor: writer.Actor) -> None:
    """Send the program there no longer, and forget the address. Twice is once."""
    with writer.writing(hearing.id, actor=actor) as record:
        found = Broadcaster.objects.filter(hearing_id=hearing.id, pk=broadcaster)
        if found.delete()[0]:
            record.append(entry_types.BROADCASTER_REMOVED, {"broadcaster": broadcaster.hex})
