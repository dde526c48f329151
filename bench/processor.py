"""Processor time as Linux counts it, of a process with its children and of the whole machine."""

import os
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def used_s(root: int) -> float:
    """Return the processor time in seconds that a process and its children have used.

    Children that have ended are included after their parent has waited for them.
    """
    return sum(_own_s(process) for process in _with_children(root))


def busy_s() -> float:
    """Return the seconds for which all cores of this machine together were busy since its start."""
    user, nice, system, _idle, _wait, irq, softirq = _machine_ticks()[:7]
    return (user + nice + system + irq + softirq) / TICKS_A_SECOND


def parent_of(process: int) -> int:
    """Return the id of a process's parent."""
    return int(_fields(process)[1])


def _own_s(process: int) -> float:
    # User and system time of the process, and of children it has waited for (proc_pid_stat(5)).
    return sum(map(int, _fields(process)[11:15])) / TICKS_A_SECOND


def _fields(process: int) -> list[str]:
    """Return the fields of a process's `stat` after its name, which can contain spaces."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _with_children(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return found


def _machine_ticks() -> list[int]:
    first = Path("/proc/stat").read_text().partition("\n")[0]
    return [int(field) for field in first.split()[1:]]
