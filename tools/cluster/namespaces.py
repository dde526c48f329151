"""A network of machines in namespaces, joined by a bridge. It needs root.

    bridge hcc-bridge 10.67.0.254 (this machine)  --  each machine 10.67.0.N

A machine is cut off by setting its cable down, and joined again by setting it up. Two machines are
split by giving each a wrong hardware address for the other: packets between them are lost without
an error.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.cluster.machines import Machine

BRIDGE = "hcc-bridge"
PREFIX = "hcc-"
ALL = "10.67.0.0/24"
HERE = "10.67.0.254"
"""This machine's address in the network."""
NOBODY = "02:00:00:00:00:00"
"""A hardware address that no machine has."""
_WITH_NAME = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"')
"""The words that give a machine its own host name; the name and the command follow."""


class Network:
    """The machines by name, and the connections between them."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = {machine.name: machine for machine in machines}

    def cut_off(self, name: str) -> None:
        """Cut a machine off from all others."""
        _run("ip", "link", "set", _cable(self.machines[name]), "down")

    def join(self, name: str) -> None:
        """Connect a machine again that was cut off."""
        _run("ip", "link", "set", _cable(self.machines[name]), "up")

    def split(self, one: str, other: str) -> None:
        """Drop all packets between two machines; the others still reach both."""
        for here, there in ((one, other), (other, one)):
            self._neighbour("replace", here, there, "lladdr", NOBODY, "nud", "permanent")

    def heal(self, one: str, other: str) -> None:
        """Connect two machines again that were split."""
        for here, there in ((one, other), (other, one)):
            self._neighbour("del", here, there)

    def _neighbour(self, act: str, here: str, there: str, *more: str) -> None:
        to = self.machines[there].address
        _run("ip", "-netns", f"{PREFIX}{here}", "neighbour", act, to, *more, "dev", "eth0")


@contextmanager
def network(folder: Path, names: tuple[str, ...]) -> Iterator[Network]:
    """Make the machines, and remove them at the end.

    Remove those that an earlier run left behind first.
    """
    machines = [
        Machine(name, f"10.67.0.{number}", folder / name, (*_in_space(name), *_WITH_NAME, name))
        for number, name in enumerate(names, 1)
    ]
    _remove()
    try:
        _run("ip", "link", "add", BRIDGE, "type", "bridge")
        _run("ip", "address", "add", f"{HERE}/24", "dev", BRIDGE)
        _run("ip", "link", "set", BRIDGE, "up")
        for machine in machines:
            _connect(machine)
        yield Network(machines)
    finally:
        _remove()


def _in_space(name: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", f"{PREFIX}{name}")


def _connect(machine: Machine) -> None:
    space, cable = f"{PREFIX}{machine.name}", _cable(machine)
    _run("ip", "netns", "add", space)
    _run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
    _run("ip", "link", "set", cable, "master", BRIDGE, "up")
    for command in (
        ("link", "set", "lo", "up"),
        ("address", "add", f"{machine.address}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
    ):
        _run("ip", "-netns", space, *command)


def _cable(machine: Machine) -> str:
    """Return the name of the cable's end on this machine; Linux allows 15 characters."""
    return f"hcc{machine.address.rpartition('.')[2]}"


def _remove() -> None:
    shown = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    for line in shown.stdout.splitlines():
        if line.startswith(PREFIX):
            subprocess.run(["ip", "netns", "del", line.split()[0]], check=False)
    subprocess.run(["ip", "link", "del", BRIDGE], check=False, capture_output=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
