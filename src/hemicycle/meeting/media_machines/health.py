"""The state of each media machine, for those who operate a site with several."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.lease_rules import ALIVE_MS

WAITED_MS = 60_000
"""The time after which an ended lease no longer counts as a hearing without a machine, in ms.

By then, a hearing whose lease was not returned is over.
"""


@dataclass(frozen=True, slots=True)
class MachineHealth:
    """A named machine: how many hearings it runs, and how long ago it last asked for hearings.

    `folder` is the id of the folder that it writes webcasts to, "" if it cannot write to the
    folder.
    """

    name: str
    url: str
    folder: str
    hearings: int
    silent_ms: int

    @property
    def is_alive(self) -> bool:
        """Whether the machine can get hearings."""
        return self.silent_ms < ALIVE_MS

    @property
    def silent_s(self) -> int:
        """The time since the machine's last request, in whole seconds."""
        return self.silent_ms // 1000

    @property
    def url_host(self) -> str:
        """The host of the machine's address."""
        return urlsplit(self.url).hostname or ""

    @property
    def url_port(self) -> int:
        """The port of the machine's address."""
        return urlsplit(self.url).port or 80


def machines() -> list[MachineHealth]:
    """Return the named machines that asked within the last week, sorted by name.

    Returns [] if the machine that asked last has no name, because it is then the only one.
    """
    known = leases.machines()
    if not known or not max(known, key=lambda machine: machine.seen_ms).name:
        return []
    now_ms = leases.database_ms()
    held = Counter(lease.machine for lease in leases.last_leases().values() if lease.holds(now_ms))
    return [
        MachineHealth(
            machine.name,
            machine.url,
            machine.folder,
            held[machine.name],
            max(now_ms - machine.seen_ms, 0),
        )
        for machine in sorted(known, key=lambda machine: machine.name)
        if machine.name
    ]


def shared_addresses(machines: Iterable[MachineHealth]) -> dict[str, list[str]]:
    """Return the addresses that several machines report as theirs, with the machines' names."""
    found: dict[str, list[str]] = defaultdict(list)
    for machine in machines:
        if machine.is_alive:
            found[machine.url].append(machine.name)
    return {url: names for url, names in found.items() if len(names) > 1}


def apart(machines: Iterable[MachineHealth]) -> list[str]:
    """Return the names of live machines that write to different folders; [] if all share one."""
    found = {machine.name: machine.folder for machine in machines if machine.is_alive}
    folders = {folder for folder in found.values() if folder}
    return [name for name, folder in found.items() if folder] if len(folders) > 1 else []


def without_machine() -> int:
    """Return how many hearings have lost their machine and have not got another one."""
    now_ms = leases.database_ms()
    return sum(
        1
        for lease in leases.last_leases().values()
        if lease.ends_ms <= now_ms < lease.ends_ms + WAITED_MS
    )
