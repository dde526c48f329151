"""Edges for those who only listen: which of them work, and who is sent to which.

The engine reports which edges have a hearing's streams. A listener gets one of them by chance, so
that all have about as many; one that has just failed for them, only if no other works.
"""

import random
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from hemicycle.engine.edges import addresses, tokens
from hemicycle.engine.edges.addresses import Audience, Edge
from hemicycle.engine.streams import FLOOR, PROGRAM
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room.models import EdgeStatus
from hemicycle.record import clock

FRESH = timedelta(seconds=60)
"""A report counts for this long; the engine sends one every two seconds."""

MOST = 1000
"""More edges are reported by no engine."""


def report(hearing: UUID, data: Any) -> None:
    """Take an engine's report on the edges of a hearing. Raises ValueError, TypeError, KeyError."""
    known = {edge.name for edge in settings.MEDIA_ENGINE.edges}
    found = [_status(hearing, one) for one in _listed(data)]
    EdgeStatus.objects.bulk_create(
        [status for status in found if status.edge in known],
        update_conflicts=True,
        unique_fields=("hearing_id", "edge"),
        update_fields=("works", "listeners", "heard_at"),
    )


def _listed(data: Any) -> list[Any]:
    if not isinstance(data, list) or len(data) > MOST:
        raise ValueError("a list of edges is needed")
    return data


def _status(hearing: UUID, data: Any) -> EdgeStatus:
    edge, works, listeners = data["edge"], data["works"], data["listeners"]
    right = isinstance(edge, str) and isinstance(works, bool) and type(listeners) is int
    if not right or not 0 <= listeners < 2**31:
        raise ValueError("an edge has a name, and says whether it works and for how many")
    return EdgeStatus(
        hearing_id=hearing, edge=edge, works=works, listeners=listeners, heard_at=clock.now()
    )


def choose(hearing: Hearing, *, avoid: Collection[str] = (), keep: str = "") -> str:
    """Return the name of a working edge; "" if none works that is not to be avoided.

    `keep` is chosen while it works.
    """
    if not settings.MEDIA_ENGINE.edges:
        return ""
    since = clock.now() - FRESH
    found = EdgeStatus.objects.filter(hearing_id=hearing.id, works=True, heard_at__gte=since)
    known = {edge.name for edge in settings.MEDIA_ENGINE.edges}
    working = known.intersection(found.values_list("edge", flat=True)).difference(avoid)
    if keep in working:
        return keep
    return random.choice(sorted(working)) if working else ""  # noqa: S311  # evenly, not secretly


def as_data(name: str, hearing: str, languages: Collection[str], audience: Audience) -> Any:
    """Return an edge for a page: its name, a token, for how many seconds, and where each output is
    read; None without an edge.
    """
    edge = next((edge for edge in settings.MEDIA_ENGINE.edges if edge.name == name), None)
    if edge is None:
        return None
    outputs = (PROGRAM, FLOOR, *languages)
    return {
        "name": edge.name,
        "token": tokens.to_read(settings.MEDIA_ENGINE.secret, hearing, audience),
        "lasts_s": tokens.READS_S,
        "whep": {output: _whep(edge, hearing, audience, output) for output in outputs},
    }


def _whep(edge: Edge, hearing: str, audience: Audience, output: str) -> str:
    return edge.at(addresses.path(hearing, audience, output), "whep")
