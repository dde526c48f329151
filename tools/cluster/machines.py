"""Machines of a cluster: each has an address, and may have its own network namespace."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: its programs listen at its address and keep their data in its folder."""

    name: str
    address: str
    folder: Path
    inside: tuple[str, ...] = ()
    """The words that start a command in the machine's namespace; empty if it has none."""


def on_loopback(folder: Path, names: tuple[str, ...], network: int = 66) -> list[Machine]:
    """Return machines at addresses 127.`network`.0.1 and so on, which do not need root."""
    return [
        Machine(name, f"127.{network}.0.{number}", folder / name)
        for number, name in enumerate(names, 1)
    ]
