"""Gather posts: the worker queries each source at its own interval.

One task queries all sources that are due and schedules the next round; every worker ensures at its
start that a round is scheduled. A source that fails is queried less and less often, and its
Retry-After is obeyed. Posts are looked up again at their source, the one not checked for longest
first, so that posts deleted by their authors leave the wall.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.tasks import task
from django.tasks.base import TaskResultStatus
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from hemicycle.hearing.jobs import leases
from hemicycle.meeting.wall import actions
from hemicycle.meeting.wall.models import Origin, Post, Source
from hemicycle.meeting.wall.origins import bluesky, mastodon
from hemicycle.meeting.wall.origins.http import Trouble, asking
from hemicycle.record import clock

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=30)
SLOWEST: Final = timedelta(minutes=30)
LOOKED_AT: Final = {Origin.MASTODON: 5, Origin.BLUESKY: 25}
"""The number of posts that one round looks up again, by origin."""
ROUND_S: Final = 60
"""The timeout of one round of a source, in seconds."""
PROBLEMS: Final = {
    "slow": _("the server took too long to answer"),
    "unreachable": _("the server cannot be reached"),
    "limited": _("the server asks for fewer requests"),
    "closed": _("the server shows this only to people who have signed in"),
    "failing": _("the server has an error"),
    "odd": _("the server’s answer is not a list of posts"),
    "long": _("the server’s answer is too large"),
}
PROTOCOLS: Final[dict[str, Any]] = {Origin.MASTODON: mastodon, Origin.BLUESKY: bluesky}


@dataclass(slots=True)
class Round:
    """The result of querying one source; `there` has the texts of the posts looked up again."""

    arrived: list[actions.Arrived] = field(default_factory=list)
    mark: str = ""
    there: dict[str, str] = field(default_factory=dict)


@task
def gather() -> None:
    """Query all sources that are due, and schedule the next round while there are sources."""
    try:
        gather_due()
    finally:
        schedule(after=EVERY)


def schedule(after: timedelta = timedelta(0)) -> None:
    """Schedule the next round, unless one is scheduled or there is no source."""
    waiting = DBTaskResult.objects.filter(
        task_path=gather.module_path, status=TaskResultStatus.READY
    )
    if not Source.objects.exists():
        return
    with leases.in_turn("gathering"):  # two workers may start at the same moment
        if not waiting.exists():
            gather.using(run_after=clock.now() + after).enqueue()


def gather_due() -> int:
    """Query the sources that are due; return the number of new posts."""
    due = Source.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    return sum(gather_from(source) for source in due)


def gather_from(source: Source) -> int:
    """Run one round of a source; return the number of new posts."""
    looked_at = _to_look_at(source)
    try:
        found = asyncio.run(_ask(source, [ref for _pk, ref in looked_at]))
    except Trouble as trouble:
        log.warning("wall: %s at %s: %s", source.origin, source.server, trouble.code)
        _fail(source, trouble)
        return 0
    seen = {pk: found.there.get(ref, "") for pk, ref in looked_at}
    new = actions.take(source=source, arrived=found.arrived, seen=seen)
    _save(source, mark=found.mark, problem="", failures=0, due_at=clock.now() + EVERY)
    return len(new)


def _to_look_at(source: Source) -> list[tuple[UUID, str]]:
    rows = Post.objects.filter(
        source=source, state__in=(Post.State.SHOWN, Post.State.WAITING), checked_at__isnull=False
    ).exclude(origin_ref="")
    rows = rows.filter(checked_at__lt=clock.now() - EVERY).order_by("checked_at", "pk")
    return list(rows.values_list("pk", "origin_ref")[: LOOKED_AT[Origin(source.origin)]])


async def _ask(source: Source, refs: list[str]) -> Round:
    protocol = PROTOCOLS[source.origin]
    try:
        async with asyncio.timeout(ROUND_S), asking() as session:
            there = await protocol.still_there(session, source.server, refs) if refs else {}
            arrived, mark = await protocol.newest(
                session, source.server, source.hashtag, source.mark
            )
    except TimeoutError as error:
        raise Trouble("slow") from error
    return Round(arrived, mark, there)


def _fail(source: Source, trouble: Trouble) -> None:
    """Double the pause of a source, or use the pause that the server asks for if it is longer."""
    failures = source.failures + 1
    pause = min(SLOWEST, EVERY * 2 ** min(failures, 10))
    wait = max(pause, timedelta(seconds=trouble.wait_s))
    _save(source, problem=trouble.code, failures=failures, due_at=clock.now() + wait)


def _save(source: Source, **fields: Any) -> None:
    """Save by an update, so that a source removed in the meantime stays removed."""
    Source.objects.filter(pk=source.pk).update(asked_at=clock.now(), **fields)
