"""Edges for people who only listen: which edges work, and which one a listener is sent to.

The engine reports which edges have a hearing's streams. A listener gets one of them at random, so
that all have about the same number of listeners. An edge that has failed for a listener is avoided.
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
"""How long a report counts; the engine sends one every two seconds."""

MOST = 1000
"""The maximum number of edges in a report."""


def report(hearing: UUID, data: Any) -> None:
    """Save an engine's report on a hearing's edges. Raises ValueError, TypeError or KeyError."""
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
    """Return the name of a working edge that is not in `avoid`; "" if there is none.

    `keep` is returned while it works and is not in `avoid`.
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
    """Return the data of an edge for a page; None if there is no edge of that name.

    The data are its name, a token, the token's validity in seconds, and the address of each output.
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
