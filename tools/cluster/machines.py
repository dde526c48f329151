"""Machines of a cluster: each has an address, and perhaps a network namespace of its own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: what runs on it listens at its address and keeps its data in its folder."""

    name: str
    address: str
    folder: Path
    inside: tuple[str, ...] = ()
    """The beginning of a command that runs on it; empty where it has no namespace."""


def on_loopback(folder: Path, names: tuple[str, ...], network: int = 66) -> list[Machine]:
    """Return machines at addresses 127.`network`.0.1 and so on, which need no rights."""
    return [
        Machine(name, f"127.{network}.0.{number}", folder / name)
        for number, name in enumerate(names, 1)
    ]
