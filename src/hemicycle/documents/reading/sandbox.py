"""The rights, memory and time that the worker drops before it reads a byte.

The limits and protections of the kernel (`kernel_walls`) are the defence. The audit hook is an
additional tripwire: if a document ever makes a parser run its own Python code, an attempt to use
the network, start a process or write a file ends the worker at once.
"""

import math
import os
import resource
import sys
from typing import Any

from hemicycle.documents.reading import kernel_walls

_FORBIDDEN = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "socket.",
    "subprocess.",
)
_OPEN_FILES = 32


def confine(memory: int, seconds: float) -> list[str]:
    """Lower this process's own limits: `memory` in bytes, `seconds` of processor time.

    Returns the names of kernel protections that this system lacks.
    """
    cpu = math.ceil(seconds)
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, cpu)
    # No file may grow, even an open one. Pipes are not affected, so the answer can be sent.
    _lower(resource.RLIMIT_FSIZE, 0)
    # A core dump would contain the document.
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    os.nice(10)  # a meeting may be running on the same cores
    lacking = kernel_walls.raise_walls()
    sys.addaudithook(_trip)
    return lacking


def _lower(which: int, to: int) -> None:
    hard = resource.getrlimit(which)[1]
    # A process may lower its hard limit but never raise it, so what runs here cannot undo this.
    ceiling = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(which, (ceiling, ceiling))


def _trip(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(args)):
        # End at once, without clean-up: handlers and `finally` blocks might belong to the attacker.
        os._exit(3)


def _writes(args: tuple[Any, ...]) -> bool:
    return bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if len(args) > 2 else False
