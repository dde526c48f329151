"""Which machine runs which hearing, decided without a database.

A lease says that one machine runs a hearing until a moment of the database's clock. Each engine
sends a request every half second, which renews its leases. The engine measures a lease on its own
monotonic clock from the moment of its *request*, and subtracts a margin
(`engine.control.lease_keeper`). The lease therefore ends for the engine before it ends in the
database, whatever the machines' clocks show and however long an answer takes. So two engines never
run a hearing at once, provided that their clocks run at the same speed within the margin.

While a machine cannot renew its leases, it may hold on to them (`engine.control.lease_promises`) if
each machine that could take them promises not to. For this, the answer to each request lists these
machines, the peers, and the next request says which list the engine knows. A machine takes over a
lease that has ended only if it is on that list, since the holder has then asked it, or if nobody
may hold on any more (`may_take`).

The epoch of a lease grows with each holder. Each report of an engine has the epoch, and a report
with an older one is refused: its engine has lost the hearing and does not know it yet.

Two versions may run side by side. A machine reports the hearings whose record it cannot read
(`behind`). If there is a machine with a newer version that can read such a record, the first
machine is asked to release the hearing: it ends the hearing, sends a request without it, and loses
the lease. Among machines of one version, a hearing that no machine can follow stays where it is,
because a move would not help.

A machine without a name is the only one of its site. Nobody else waits for its leases, so they last
for an hour, and the engine continues while `web` is unavailable.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hemicycle import versions

LEASE_MS: Final = 2_500
"""How long a lease lasts after each renewal, and a hearing waits for another machine, in ms."""

SOLE_LEASE_MS: Final = 3_600_000
"""How long a lease of a site's only machine lasts, in ms."""

ALIVE_MS: Final = LEASE_MS
"""A machine that has not sent a request for this long, in ms, gets no hearing."""

GAP_MS: Final = LEASE_MS - 500
"""A machine that has not sent a request for this long, in ms, was not present all the time.

Machines send a request every half second. If a lease has ended because nobody could reach the
database, all other machines have such a gap too. The holder, which continues on their promises, is
then the first to renew.
"""

HOLD_MS: Final = 30_000
"""How long after the last renewal of a lease its machine may hold on to it, in ms.

A cluster replaces a lost primary of the database after 20 s, the minimum that Patroni allows.
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine at its last request.

    `load` is in percent of one core. `clock_ahead_ms` says how far its clock is ahead of the
    database's. The machine cannot read the records of the hearings in `behind`. Since `since_ms`,
    it has sent requests with less than `GAP_MS` between them.
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
    """A lease on a hearing (32 hexadecimal digits); `ends_ms` is 0 after it was returned.

    `listed_ms` is the time of the list of peers that the machine had when it last renewed the
    lease.
    """

    hearing: str
    machine: str
    process: str
    epoch: int
    ends_ms: int
    listed_ms: int = 0

    def holds(self, now_ms: int) -> bool:
        """Whether the lease has not ended."""
        return self.ends_ms > now_ms

    @property
    def renewed_ms(self) -> int:
        """When the lease was last renewed; meaningless after it was returned."""
        return self.ends_ms - lease_ms(self.machine)


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """The content of an engine's request.

    `is_first` says that this process has not received an answer yet. `running` are the hearings
    that it runs, and `attended` those to which somebody is connected, which continue although they
    are no longer wanted. `listed_ms` is the time of its last answer, or 0 if it has none; another
    machine then takes over its leases only when nobody may hold on to them any more (`may_take`).
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
    """The answer: the machine as now known, the leases that changed, and the asker's hearings.

    `held` has the epoch of each hearing that the asker runs from now on. `elsewhere` has the
    hearings that it ran and that another machine now has. `to_release` has the hearings in `held`
    that the asker must end, because a newer machine can follow them. `peers` are the addresses, by
    name, of the other machines that were present at `listed_ms`.
    """

    machine: Machine
    changed: tuple[Lease, ...]
    held: Mapping[str, int]
    elsewhere: frozenset[str]
    peers: Mapping[str, str]
    listed_ms: int
    to_release: frozenset[str] = frozenset()


class NameTaken(Exception):
    """A newer process uses this machine's name."""


def lease_ms(name: str) -> int:
    """Return how long the leases of a machine last, in ms."""
    return LEASE_MS if name else SOLE_LEASE_MS


def answer(
    asked: LeaseRequest,
    wanted: Collection[str],
    machines: Iterable[Machine],
    leases: Mapping[str, Lease],
    now_ms: int,
) -> LeaseAnswer:
    """Renew the asker's leases, and grant it the hearings without a machine that fall to it.

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
    # Only one process has the socket at this address, so the previous process is gone.
    gone = before.process if before and (not asked.name or before.url == asked.url) else None
    only = known.get("")
    is_renamed = bool(asked.name) and only is not None and only.url == asked.url
    if is_renamed:
        del known[""]
    found = {
        # The only machine has been given a name: it is the same machine.
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
    """Return whether a machine with a newer version than the asker's can follow a hearing."""
    return any(
        versions.is_newer(machine.version, asker.version)
        and _is_there(machine, asker.seen_ms)
        and hearing not in machine.behind
        for machine in machines
    )


def _is_there(machine: Machine, now_ms: int) -> bool:
    """Return whether a machine may be given hearings."""
    return not machine.is_leaving and now_ms - machine.seen_ms < ALIVE_MS


def _since(
    asked: LeaseRequest, before: Machine | None, leases: Iterable[Lease], now_ms: int
) -> int:
    """Return the time since which the asker has been present without a gap."""
    if (
        before is not None
        and (before.process, before.url) == (asked.process, asked.url)
        and now_ms - before.seen_ms < GAP_MS
    ):
        return before.since_ms
    # The database's clock may have gone back when its primary changed.
    return max([now_ms, *(lease.listed_ms for lease in leases)])


def _is_of(lease: Lease, asked: LeaseRequest) -> bool:
    return lease.machine == asked.name and lease.process == asked.process


def _renewed(
    lease: Lease, asked: LeaseRequest, wanted: Collection[str], now_ms: int, *, inherits: bool
) -> Lease:
    """Return a lease of the asker's machine with its new end and process."""
    keeps = lease.hearing in wanted or lease.hearing in asked.attended
    if lease.process != asked.process:
        # The lease belongs to an earlier process. At another address, that process may still hold
        # on.
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
    """Return whether a machine may take a hearing whose last lease is `lease`.

    A machine that was present when the holder's list was made is on the list: the holder has asked
    it, or has ended the hearing. Any other machine waits until nobody may hold on. It must also
    have been present for `LEASE_MS`, so that a holder whose database was away, or whose database's
    clock has jumped, renews first.
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
    """Return whether a hearing falls to the asker.

    Among the machines that are alive and may take the hearing, those that can read its record come
    first, then those with the fewest hearings, then those with the least load. The machine that
    should get the hearing asks within half a second.
    """
    if asker.is_leaving or not may_take(asker, last, now_ms):
        return False
    count = Counter(lease.machine for lease in leases.values() if lease.holds(now_ms))
    alive = [
        machine
        for machine in machines.values()
        if _is_there(machine, now_ms) and may_take(machine, last, now_ms)
    ]
    # In steps of 50 percent, so that small changes of load do not make each machine wait for
    # another.
    return asker == min(
        alive,
        key=lambda one: (hearing in one.behind, count[one.name], one.load // 50, one.name),
    )
