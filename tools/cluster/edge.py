"""An edge on a machine of its own: `tools/edge`, built from Debian's packages of Go and Pion."""

import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tools.clients import golang
from tools.cluster.machines import Machine
from tools.cluster.programs import Missing, Program, wait_for

SOURCE = Path(__file__).parents[1] / "edge"
LISTEN, API, MEDIA = 8889, 9997, 8189
UNTIL_KILLED = 'tail -f /dev/null | exec "$@"'
"""An edge ends with its input, which this keeps open."""


def built() -> Path:
    """Return the program of an edge. Raises `Missing` with what to install."""
    program = golang.BUILT / "edge"
    if wrong := golang.missing():
        raise Missing(wrong)
    program.parent.mkdir(parents=True, exist_ok=True)
    if failed := golang.build(SOURCE, program):
        raise Missing(failed)
    return program


class Edge:
    """A running edge. Raises `Missing`."""

    def __init__(self, machine: Machine, keys: str) -> None:
        """`keys` is where the site shows the public keys of its tokens."""
        self.machine = machine
        machine.folder.mkdir(parents=True, exist_ok=True)
        own = machine.address
        command = [str(built()), "-jwks", keys, "-listen", f"{own}:{LISTEN}"]
        command += ["-api", f"{own}:{API}", "-media", f"{own}:{MEDIA}"]
        self.program = Program(
            f"the edge {machine.name}",
            ["sh", "-c", UNTIL_KILLED, "sh", *command],
            machine.folder / "edge.log",
            environment={**os.environ, "GOMAXPROCS": "2"},
            inside=machine.inside,
        )

    @property
    def url(self) -> str:
        """Its address, which is its name in passes and reports."""
        return address(self.machine)

    def start(self) -> None:
        """Start it; returns when it answers."""
        self.program.start()
        wait_for(self.program.name, self._answers, 20)

    def _answers(self) -> bool:
        try:
            urlopen(self.url, timeout=1).close()  # noqa: S310 - our own
        except HTTPError:
            return True  # it knows no such path
        except OSError:
            return False
        return True


def address(machine: Machine) -> str:
    """Return the address of an edge on a machine."""
    return f"http://{machine.address}:{LISTEN}"
