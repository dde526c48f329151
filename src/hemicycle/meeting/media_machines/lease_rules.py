"""Which machine runs which hearing, decided without a database.

A lease says that one machine runs a hearing until a moment of the database's clock. Each engine
asks every half second, which renews its leases. It counts a lease from the moment at which it
*asked*, on its own monotonic clock, and less a margin (`engine.control.lease_keeper`). What it
counts is therefore over before the database's count is, whatever the machines' clocks say and
however long an answer took. So two engines never run a hearing at once, provided that clocks run
at the same speed within the margin.

The epoch of a lease grows with each holder. What an engine reports carries it, and a report with an
older epoch is refused: it comes from an engine that has lost the hearing and does not know it yet.

A machine without a name is the only one of its site. Nobody else waits for its leases, so they last
for an hour: an engine whose `web` is away goes on.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

LEASE_MS: Final = 2_500
"""How long a lease lasts after each renewal: a hearing waits as long for another machine."""

SOLE_LEASE_MS: Final = 3_600_000
"""How long a lease of the only machine lasts."""

ALIVE_MS: Final = LEASE_MS
"""A machine that was not heard of for this long gets no hearing."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as it was last heard of; `load` is in percent of one core."""

    name: str
    process: str
    url: str
    folder: str
    load: int
    seen_ms: int
    is_leaving: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease on a hearing (32 hexadecimal digits); `ends_ms` is 0 after it was given back."""

    hearing: str
    machine: str
    process: str
    epoch: int
    ends_ms: int

    def holds(self, now_ms: int) -> bool:
        """Whether it has not ended."""
        return self.ends_ms > now_ms


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What an engine says when it asks.

    `is_first` says that this process has no answer yet. `running` are the hearings that it runs,
    and `attended` those with somebody connected, which go on although nobody else wants them.
    """

    name: str
    process: str
    url: str
    folder: str = ""
    load: int = 0
    is_first: bool = False
    is_leaving: bool = False
    running: frozenset[str] = frozenset()
    attended: frozenset[str] = frozenset()
    version: str = ""


@dataclass(frozen=True, slots=True)
class LeaseAnswer:
    """The result: the machine as it is known now, the leases that changed, and what the asker has.

    `held` has the epoch of each hearing that the asker runs from now on, `elsewhere` the hearings
    that it ran and another machine has.
    """

    machine: Machine
    changed: tuple[Lease, ...]
    held: Mapping[str, int]
    elsewhere: frozenset[str]


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
        now_ms,
        asked.is_leaving,
        asked.version,
    )
    # The address is that of a socket which one process has: the process before is gone.
    inherits = before is not None and (not asked.name or before.url == asked.url)
    only = known.get("")
    is_renamed = bool(asked.name) and only is not None and only.url == asked.url
    if is_renamed:
        del known[""]
    found = {
        # The only machine has got a name: it is the same.
        hearing: replace(lease, ends_ms=0) if is_renamed and not lease.machine else lease
        for hearing, lease in leases.items()
    }
    for lease in leases.values():
        if lease.machine == asked.name:
            found[lease.hearing] = _renewed(lease, asked, wanted, now_ms, inherits=inherits)
    for hearing in sorted(wanted):
        last = found.get(hearing)
        if (last is None or not last.holds(now_ms)) and _falls_to(asker, known, found, now_ms):
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
    return LeaseAnswer(asker, changed, held, elsewhere)


def _is_of(lease: Lease, asked: LeaseRequest) -> bool:
    return lease.machine == asked.name and lease.process == asked.process


def _renewed(
    lease: Lease, asked: LeaseRequest, wanted: Collection[str], now_ms: int, *, inherits: bool
) -> Lease:
    """Return a lease of the asker's machine as it is from now on."""
    keeps = lease.hearing in wanted or lease.hearing in asked.attended
    if lease.process != asked.process:
        # From a process before this one. Elsewhere, it may live until its lease ends.
        if not inherits or not lease.holds(now_ms):
            return lease
        return _granted(lease.hearing, lease, asked, now_ms) if keeps else replace(lease, ends_ms=0)
    if not lease.ends_ms:
        return lease
    if not keeps or (asked.is_leaving and lease.hearing not in asked.running):
        return replace(lease, ends_ms=0)
    return replace(lease, ends_ms=now_ms + lease_ms(asked.name))


def _granted(hearing: str, before: Lease | None, asked: LeaseRequest, now_ms: int) -> Lease:
    epoch = before.epoch + 1 if before else 1
    return Lease(hearing, asked.name, asked.process, epoch, now_ms + lease_ms(asked.name))


def _falls_to(
    asker: Machine, machines: Mapping[str, Machine], leases: Mapping[str, Lease], now_ms: int
) -> bool:
    """Whether the asker has the fewest hearings of the machines that live, or else the least load.

    The machine that should get a hearing asks within half a second.
    """
    if asker.is_leaving:
        return False
    count = Counter(lease.machine for lease in leases.values() if lease.holds(now_ms))
    alive = [
        machine
        for machine in machines.values()
        if not machine.is_leaving and now_ms - machine.seen_ms < ALIVE_MS
    ]
    # A load that changes all the time must not make each machine wait for the other.
    return asker == min(alive, key=lambda one: (count[one.name], one.load // 50, one.name))
