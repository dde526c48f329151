"""An edge on its own machine: `tools/edge`, built with Debian's packages of Go and Pion."""

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
"""Keeps the standard input of an edge open: the edge ends when its input ends."""


def built() -> Path:
    """Build an edge and return the path of its program.

    Raises `Missing` with what to install, or with the error of the build.
    """
    program = golang.BUILT / "edge"
    if wrong := golang.missing():
        raise Missing(wrong)
    program.parent.mkdir(parents=True, exist_ok=True)
    if failed := golang.build(SOURCE, program):
        raise Missing(failed)
    return program


class Edge:
    """The process of an edge. The constructor builds it and raises `Missing` like `built`."""

    def __init__(self, machine: Machine, keys: str) -> None:
        """Prepare an edge; `keys` is the address of the public keys for the site's tokens."""
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
        """The address of the edge, which is its name in passes and reports."""
        return address(self.machine)

    def start(self) -> None:
        """Start the edge, and return when it answers. Raises TimeoutError."""
        self.program.start()
        wait_for(self.program.name, self._answers, 20)

    def _answers(self) -> bool:
        try:
            urlopen(self.url, timeout=1).close()  # noqa: S310 - our own
        except HTTPError:
            return True  # it answers, with 404
        except OSError:
            return False
        return True


def address(machine: Machine) -> str:
    """Return the address of an edge on a machine."""
    return f"http://{machine.address}:{LISTEN}"
