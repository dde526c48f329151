"""The authors of posts on the wall, as keyed hashes; that of the network is stored for a day.

A name is free text, so a block does not use it. It uses the browser, by a random number in a cookie
of the wall. A hall full of people may share a network, so a block does not use it either; but posts
from the network of a person who was blocked today are moderated first.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from hemicycle.meeting.wall.models import Author, Origin
from hemicycle.record import clock


def key_of(hearing_id: UUID, *words: str) -> str:
    """Return a hash of the words that only this installation can make."""
    told = "\0".join((hearing_id.hex, *words)).encode()
    return hmac.new(f"wall:{settings.SECRET_KEY}".encode(), told, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Visitor:
    """The origin of a post, as hashes; "" for unknown parts."""

    hearing_id: UUID
    browser: str
    network: str
    day: date

    def is_blocked(self) -> bool:
        """Return whether an author in this browser was blocked."""
        return bool(self.browser) and self._blocked(visitor=self.browser)

    def is_suspect(self) -> bool:
        """Return whether an author from this network was blocked today."""
        return bool(self.network) and self._blocked(network=self.network)

    def _blocked(self, **where: str) -> bool:
        rows = Author.objects.filter(hearing_id=self.hearing_id, origin=Origin.PAGE, **where)
        return rows.exclude(blocked_at=None).exists()

    def keep(self, author: Author) -> Author:
        """Save the browser and network from which an author wrote last."""
        author.visitor, author.network, author.networked_on = self.browser, self.network, self.day
        author.save(update_fields=["visitor", "network", "networked_on"])
        return author


def told(hearing_id: UUID, browser: str, network: str, day: date) -> Visitor:
    """Return the hashes of a visitor; that of the network is valid for the day."""
    return Visitor(
        hearing_id,
        key_of(hearing_id, "browser", browser) if browser else "",
        key_of(hearing_id, "network", day.isoformat(), network) if network else "",
        day,
    )


def same(author: Author) -> QuerySet[Author]:
    """Return the author, and all other names of the same browser."""
    who = Q(pk=author.pk)
    if author.visitor:
        who |= Q(hearing_id=author.hearing_id, origin=Origin.PAGE, visitor=author.visitor)
    return Author.objects.filter(who)


def forget_networks() -> int:
    """Delete the networks of past days; return how many."""
    rows = Author.objects.exclude(network="").filter(networked_on__lt=clock.now().date())
    return rows.update(network="", networked_on=None)
