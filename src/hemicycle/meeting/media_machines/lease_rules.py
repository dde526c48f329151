"""Which machine runs which hearing, decided without a database.

A lease says that one machine runs a hearing until a moment of the database's clock. Each engine
asks every half second, which renews its leases. It counts a lease from the moment at which it
*asked*, on its own monotonic clock, and less a margin (`engine.control.lease_keeper`). What it
counts is therefore over before the database's count is, whatever the machines' clocks say and
however long an answer took. So two engines never run a hearing at once, provided that clocks run
at the same speed within the margin.

While a machine cannot renew its leases, it may hold on to them (`engine.control.lease_promises`):
if each machine that could take them promises not to. So the answer to each request lists these
machines, its peers, and the next request says which list it knows. A machine takes over a lease
that has ended only if it is on that list, since it has then been asked, or if nobody may hold on
any more (`may_take`).

The epoch of a lease grows with each holder. What an engine reports carries it, and a report with an
older epoch is refused: it comes from an engine that has lost the hearing and does not know it yet.

Two versions may run side by side. A machine says of which hearings it cannot read the record
(`behind`). While a machine with a newer version is there, the first one is told to release such a
hearing: it ends it, asks without it, and loses the lease. Among machines of one version, a
hearing that nobody can follow stays where it is, since nothing would be better elsewhere.

A machine without a name is the only one of its site. Nobody else waits for its leases, so they last
for an hour: an engine whose `web` is away goes on.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hemicycle import versions

LEASE_MS: Final = 2_500
"""How long a lease lasts after each renewal: a hearing waits as long for another machine."""

SOLE_LEASE_MS: Final = 3_600_000
"""How long a lease of the only machine lasts."""

ALIVE_MS: Final = LEASE_MS
"""A machine that was not heard of for this long gets no hearing."""

GAP_MS: Final = LEASE_MS - 500
"""A machine that was not heard of for this long was not there all the time.

Machines ask every half second. So if a lease has ended because nobody reached the database, each
other machine has such a gap too, and its holder, which goes on by their promises, renews first.
"""

HOLD_MS: Final = 30_000
"""So long after the last renewal of a lease, its machine does not hold on to it any more.

A lost machine with the database's primary is missed after 20 s, Patroni's own minimum.
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as it was last heard of; `load` is in percent of one core, `clock_ahead_ms` by how
    much its own clock is ahead of the database's.

    It cannot read the record of the hearings in `behind`.
    Since `since_ms`, it has asked again and again with less than `ALIVE_MS` between two requests.
    """

    name: str
    process: str
    url: str
    folder: str
    load: int
    since_ms: int
    seen_ms: int
    is_leaving: bool = False
    version: str = ""
    clock_ahead_ms: int = 0
    behind: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease on a hearing (32 hexadecimal digits); `ends_ms` is 0 after it was given back.

    `listed_ms` is the time of the list of peers that its machine had when it last renewed it.
    """

    hearing: str
    machine: str
    process: str
    epoch: int
    ends_ms: int
    listed_ms: int = 0

    def holds(self, now_ms: int) -> bool:
        """Whether it has not ended."""
        return self.ends_ms > now_ms

    @property
    def renewed_ms(self) -> int:
        """When it was last renewed, unless it was given back."""
        return self.ends_ms - lease_ms(self.machine)


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What an engine says when it asks.

    `is_first` says that this process has no answer yet. `running` are the hearings that it runs,
    and `attended` those with somebody connected, which go on although nobody else wants them.
    `listed_ms` is the time of its last answer, 0 where it has none: then a machine takes over its
    leases only when nobody may hold on to them any more (`may_take`).
    """

    name: str
    process: str
    url: str
    folder: str = ""
    load: int = 0
    listed_ms: int = 0
    is_first: bool = False
    is_leaving: bool = False
    running: frozenset[str] = frozenset()
    attended: frozenset[str] = frozenset()
    version: str = ""
    clock_ahead_ms: int = 0
    behind: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LeaseAnswer:
    """The result: the machine as it is known now, the leases that changed, and what the asker has.

    `held` has the epoch of each hearing that the asker runs from now on, `elsewhere` the hearings
    that it ran and another machine has, `to_release` those of `held` that another machine follows
    better, once the asker has ended them. `peers` are the addresses of the other machines that were
    heard of, by name, as of `listed_ms`.
    """

    machine: Machine
    changed: tuple[Lease, ...]
    held: Mapping[str, int]
    elsewhere: frozenset[str]
    peers: Mapping[str, str]
    listed_ms: int
    to_release: frozenset[str] = frozenset()


class NameTaken(Exception):
    """A newer process has this machine's name."""


def lease_ms(name: str) -> int:
    """Return how long the leases of a machine last."""
    return LEASE_MS if name else SOLE_LEASE_MS


def answer(
    asked: LeaseRequest,
    wanted: Collection[str],
    machines: Iterable[Machine],
    leases: Mapping[str, Lease],
    now_ms: int,
) -> LeaseAnswer:
    """Renew the asker's leases, and give it the hearings that are without a machine and fall to it.

    `leases` has the last lease of each hearing. Raises `NameTaken`.
    """
    known = {machine.name: machine for machine in machines}
    before = known.get(asked.name)
    if before is not None and before.process != asked.process and not asked.is_first:
        raise NameTaken
    known[asked.name] = asker = Machine(
        asked.name,
        asked.process,
        asked.url,
        asked.folder,
        asked.load,
        _since(asked, before, leases.values(), now_ms),
        now_ms,
        asked.is_leaving,
        asked.version,
        asked.clock_ahead_ms,
        asked.behind,
    )
    # The address is that of a socket which one process has: the process before is gone.
    gone = before.process if before and (not asked.name or before.url == asked.url) else None
    only = known.get("")
    is_renamed = bool(asked.name) and only is not None and only.url == asked.url
    if is_renamed:
        del known[""]
    found = {
        # The only machine has got a name: it is the same.
        hearing: replace(lease, ends_ms=0) if is_renamed and not lease.machine else lease
        for hearing, lease in leases.items()
    }
    to_release = frozenset(
        hearing for hearing in asked.behind if _follows_better(hearing, asker, known.values())
    )
    for lease in leases.values():
        if lease.machine == asked.name:
            found[lease.hearing] = _renewed(
                lease, asked, wanted, now_ms, inherits=lease.process == gone
            )
            if lease.hearing in to_release - asked.running and _is_of(lease, asked):
                found[lease.hearing] = replace(lease, ends_ms=0)
    for hearing in sorted(wanted):
        last = found.get(hearing)
        if _falls_to(hearing, asker, last, known, found, now_ms):
            found[hearing] = _granted(hearing, last, asked, now_ms)
    held = {
        hearing: lease.epoch
        for hearing, lease in found.items()
        if _is_of(lease, asked) and lease.holds(now_ms)
    }
    elsewhere = frozenset(
        hearing
        for hearing in asked.running - held.keys()
        if hearing in found and not _is_of(found[hearing], asked)
    )
    changed = tuple(lease for hearing, lease in found.items() if lease != leases.get(hearing))
    peers = {
        machine.name: machine.url
        for machine in known.values()
        if machine.name not in {"", asked.name} and now_ms - machine.seen_ms < ALIVE_MS
    }
    return LeaseAnswer(asker, changed, held, elsewhere, peers, now_ms, to_release & held.keys())


def _follows_better(hearing: str, asker: Machine, machines: Iterable[Machine]) -> bool:
    """Whether a machine with a newer version than the asker's can follow a hearing."""
    return any(
        versions.is_newer(machine.version, asker.version)
        and _is_there(machine, asker.seen_ms)
        and hearing not in machine.behind
        for machine in machines
    )


def _is_there(machine: Machine, now_ms: int) -> bool:
    """Whether a machine may be given hearings."""
    return not machine.is_leaving and now_ms - machine.seen_ms < ALIVE_MS


def _since(
    asked: LeaseRequest, before: Machine | None, leases: Iterable[Lease], now_ms: int
) -> int:
    """Return since when the asker is there without a gap."""
    if (
        before is not None
        and (before.process, before.url) == (asked.process, asked.url)
        and now_ms - before.seen_ms < GAP_MS
    ):
        return before.since_ms
    # The database's clock may have gone back with a change of its primary.
    return max([now_ms, *(lease.listed_ms for lease in leases)])


def _is_of(lease: Lease, asked: LeaseRequest) -> bool:
    return lease.machine == asked.name and lease.process == asked.process


def _renewed(
    lease: Lease, asked: LeaseRequest, wanted: Collection[str], now_ms: int, *, inherits: bool
) -> Lease:
    """Return a lease of the asker's machine as it is from now on."""
    keeps = lease.hearing in wanted or lease.hearing in asked.attended
    if lease.process != asked.process:
        # From a process before this one. Elsewhere, it may live and hold on.
        if not inherits:
            return lease
        if keeps and lease.holds(now_ms):
            return _granted(lease.hearing, lease, asked, now_ms)
        return replace(lease, ends_ms=0)
    if not lease.ends_ms:
        return lease
    if not keeps or (asked.is_leaving and lease.hearing not in asked.running):
        return replace(lease, ends_ms=0)
    ends_ms = now_ms + lease_ms(asked.name)
    return replace(lease, ends_ms=ends_ms, listed_ms=asked.listed_ms)


def _granted(hearing: str, before: Lease | None, asked: LeaseRequest, now_ms: int) -> Lease:
    epoch = before.epoch + 1 if before else 1
    ends_ms = now_ms + lease_ms(asked.name)
    return Lease(hearing, asked.name, asked.process, epoch, ends_ms, asked.listed_ms)


def may_take(machine: Machine, lease: Lease | None, now_ms: int) -> bool:
    """Return whether a machine may have a hearing whose last lease this is.

    A machine that was there when the holder's list was made is on it: the holder has asked it, or
    has ended the hearing. Another one waits until nobody holds on, and so long itself that a holder
    renews first whose database was away, or whose database's clock has jumped.
    """
    if lease is None or not lease.ends_ms:
        return True
    if lease.holds(now_ms):
        return False
    if machine.since_ms < lease.listed_ms:
        return True
    return now_ms - lease.renewed_ms >= HOLD_MS and now_ms - machine.since_ms >= LEASE_MS


def _falls_to(  # noqa: PLR0917 - all that decides
    hearing: str,
    asker: Machine,
    last: Lease | None,
    machines: Mapping[str, Machine],
    leases: Mapping[str, Lease],
    now_ms: int,
) -> bool:
    """Whether the asker can follow a hearing and has the fewest of the machines that live and may
    have it, or else the least load.

    The machine that should get a hearing asks within half a second.
    """
    if asker.is_leaving or not may_take(asker, last, now_ms):
        return False
    count = Counter(lease.machine for lease in leases.values() if lease.holds(now_ms))
    alive = [
        machine
        for machine in machines.values()
        if _is_there(machine, now_ms) and may_take(machine, last, now_ms)
    ]
    # A load that changes all the time must not make each machine wait for the other.
    return asker == min(
        alive,
        key=lambda one: (hearing in one.behind, count[one.name], one.load // 50, one.name),
    )
