"""The processes, media machines and edges of the site, and when each last reported."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle import shared_clock
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.lease_rules import ALIVE_MS, SOLE_LEASE_MS
from hemicycle.meeting.room import edges as edge_choice
from hemicycle.meeting.room.models import EdgeStatus
from hemicycle.record import clock
from hemicycle.site.operating import signs_of_life
from hemicycle.site.operating.models import SignOfLife

NAMES: dict[str, Promise] = {
    SignOfLife.Name.WEB: _("Pages"),
    SignOfLife.Name.WORKER: _("Worker"),
    SignOfLife.Name.MAIL: _("Mail"),
}

_SOLE_ALIVE_MS = 2 * SOLE_LEASE_MS // 60
"""The row of an only machine is written every `SOLE_LEASE_MS // 60` while nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A process or machine that reported `silent_ms` ago, with a clock that was `clock_ahead_ms`
    ahead of the database's.
    """

    machine: str
    version: str
    silent_ms: int
    is_alive: bool
    clock_ahead_ms: int
    is_behind: bool
    """Whether the process has met entries of the record that its version cannot read."""

    @property
    def clock_off_ms(self) -> int:
        """The difference of the clock from the database's, in either direction."""
        return abs(self.clock_ahead_ms)

    @property
    def is_clock_off(self) -> bool:
        """Whether the process is alive and its clock so wrong that the operator should set it."""
        return self.is_alive and shared_clock.is_off(self.clock_ahead_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProcess(Heard):
    """The processes with one name on one machine."""

    name: Promise


@dataclass(frozen=True, slots=True)
class HeldHearing:
    """A hearing that a media machine runs, and the epoch of its lease."""

    title: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMachineRow(Heard):
    """A media machine; `machine` is "" for the only one, `load` in percent of one core."""

    url: str
    load: int
    hearings: Sequence[HeldHearing]


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge of the settings; `silent_ms` is None if no engine has reported on it."""

    url: str
    listeners: int
    silent_ms: int | None
    is_alive: bool


def processes() -> list[RunningProcess]:
    """Return the processes that have reported within a week, in the order of `NAMES`."""
    now = clock.now()
    order = list(NAMES)
    rows = [row for row in SignOfLife.objects.all() if row.name in NAMES]
    return [
        RunningProcess(
            name=NAMES[row.name],
            machine=row.machine,
            version=row.version,
            silent_ms=_ms(now - row.at),
            is_alive=now - row.at <= signs_of_life.SILENT_AFTER,
            clock_ahead_ms=row.clock_ahead_ms,
            is_behind=row.is_behind,
        )
        for row in sorted(rows, key=lambda row: (order.index(row.name), row.machine))
        if now - row.at <= signs_of_life.FORGOTTEN_AFTER
    ]


def media() -> list[MediaMachineRow]:
    """Return the media machines that have reported within a week, by name, with their hearings."""
    now_ms = leases.database_ms()
    held = defaultdict(list)
    running = [lease for lease in leases.last_leases().values() if lease.holds(now_ms)]
    titles = {
        hearing.id.hex: str(hearing)
        for hearing in Hearing.every.filter(id__in=[lease.hearing for lease in running])
    }
    for lease in running:
        title = titles.get(lease.hearing, lease.hearing)
        held[lease.machine].append(HeldHearing(title, lease.epoch))
    return [
        MediaMachineRow(
            machine=machine.name,
            url=machine.url,
            version=machine.version,
            load=machine.load,
            hearings=sorted(held[machine.name], key=lambda hearing: hearing.title),
            silent_ms=max(now_ms - machine.seen_ms, 0),
            is_alive=now_ms - machine.seen_ms < (ALIVE_MS if machine.name else _SOLE_ALIVE_MS),
            clock_ahead_ms=machine.clock_ahead_ms,
            is_behind=bool(machine.behind),
        )
        for machine in sorted(leases.machines(), key=lambda machine: machine.name)
    ]


def edges() -> list[EdgeRow]:
    """Return the edges of the settings with their listeners, from the engines' last reports."""
    now = clock.now()
    reports = defaultdict(list)
    for status in EdgeStatus.objects.all():
        reports[status.edge].append(status)
    found = []
    for edge in settings.MEDIA_ENGINE.edges:
        told = reports[edge.name]
        fresh = [status for status in told if now - status.heard_at <= edge_choice.FRESH]
        last = max((status.heard_at for status in told), default=None)
        found.append(
            EdgeRow(
                edge.name,
                sum(status.listeners for status in fresh),
                None if last is None else _ms(now - last),
                any(status.works for status in fresh),
            )
        )
    return found


def _ms(age: timedelta) -> int:
    return max(age // timedelta(milliseconds=1), 0)
