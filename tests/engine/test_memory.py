"""Freed memory goes back to the operating system."""

import ctypes

import pytest

from bench.engine.soak import rss_mb
from hemicycle.engine import memory

BLOCK = 60_000
"""Small enough that the C library takes it from its heap instead of mapping it."""
BLOCKS = 1_000


@pytest.mark.skipif(memory._TRIM is None, reason="this C library gives nothing back when asked")
def test_what_was_freed_under_something_kept_goes_back() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(BLOCK) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    *freed, kept = blocks
    for block in freed:
        library.free(block)
    before = rss_mb()
    memory.give_back()
    assert before - rss_mb() > BLOCK * BLOCKS / 2e6
    library.free(kept)
