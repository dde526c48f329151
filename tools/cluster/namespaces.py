"""A network of machines in namespaces, joined by a bridge: needs root.

    bridge hcc-bridge 10.67.0.254 (this machine)  --  each machine 10.67.0.N

A machine is cut off and joined again by taking its cable down and up. Two machines are split by
giving each a wrong hardware address of the other: packets between them are lost without a word.
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
"""Gives a machine a host name of its own, which follows, before the command."""


class Network:
    """The machines by their names, and their cables."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = {machine.name: machine for machine in machines}

    def cut_off(self, name: str) -> None:
        """Let nothing reach a machine or leave it."""
        _run("ip", "link", "set", _cable(self.machines[name]), "down")

    def join(self, name: str) -> None:
        """Let a machine be reached again."""
        _run("ip", "link", "set", _cable(self.machines[name]), "up")

    def split(self, one: str, other: str) -> None:
        """Let nothing pass between two machines, which others still reach."""
        for here, there in ((one, other), (other, one)):
            self._neighbour("replace", here, there, "lladdr", NOBODY, "nud", "permanent")

    def heal(self, one: str, other: str) -> None:
        """Let two machines that were split reach each other again."""
        for here, there in ((one, other), (other, one)):
            self._neighbour("del", here, there)

    def _neighbour(self, act: str, here: str, there: str, *more: str) -> None:
        to = self.machines[there].address
        _run("ip", "-netns", f"{PREFIX}{here}", "neighbour", act, to, *more, "dev", "eth0")


@contextmanager
def network(folder: Path, names: tuple[str, ...]) -> Iterator[Network]:
    """Make the machines; remove them in the end, and what an earlier run left behind."""
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
    """Its end on this machine; Linux takes names of up to 15 characters."""
    return f"hcc{machine.address.rpartition('.')[2]}"


def _remove() -> None:
    shown = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    for line in shown.stdout.splitlines():
        if line.startswith(PREFIX):
            subprocess.run(["ip", "netns", "del", line.split()[0]], check=False)
    subprocess.run(["ip", "link", "del", BRIDGE], check=False, capture_output=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
