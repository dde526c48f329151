"""What the worker gives up before it reads a byte.

The kernel's limits are the wall. The audit hook is a tripwire on top: should a
document ever talk a parser into running Python of its own, reaching for the network,
a new process or a file to write ends the worker at once.
"""

import math
import os
import resource
import sys
from typing import Any

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


def confine(memory: int, seconds: float) -> None:
    """Lower this process's own limits: `memory` in bytes, `seconds` of processor time."""
    cpu = math.ceil(seconds)
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, cpu)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    sys.addaudithook(_trip)


def _lower(which: int, to: int) -> None:
    hard = resource.getrlimit(which)[1]
    ceiling = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(which, (ceiling, ceiling))


def _trip(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(args)):
        os._exit(3)


def _writes(args: tuple[Any, ...]) -> bool:
    return bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if len(args) > 2 else False
