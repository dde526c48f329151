"""How much benchmarks do: usually, and with `python -m bench --small`, which takes seconds each."""

import os

SMALL = "BENCH_SMALL"
"""The environment variable of small sizes. Processes that a benchmark starts inherit it."""


def size[T: (int, float, str)](usual: T, small: T | None = None, variable: str = "") -> T:
    """Return a usual or a small size, or the value of an environment variable, which has priority.

    The figures of small sizes mean nothing; they show that the benchmark runs to its end.
    """
    if variable in os.environ:
        return type(usual)(os.environ[variable])
    return usual if small is None or SMALL not in os.environ else small
