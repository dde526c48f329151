"""Probes that test whether the store of the files answers, and how fast."""

import secrets
import time
from itertools import pairwise
from typing import Final

from django.core.files.base import ContentFile

from hemicycle.site.files import config
from hemicycle.site.files.bucket import BucketStorage

TIMEOUT_S: Final = 3.0
"""The time limit of a request in a check, in seconds; none is repeated."""
SLOW_S: Final = 1.0
"""The time in seconds from which a request is reported as slow: a page may need several."""
PROBE_BYTES: Final = 1024


def ask(place: str) -> float:
    """List an empty folder of the store; return how many seconds that took.

    No file is read. Raises `StoreAway` with a sentence.
    """
    if place == config.FOLDER:
        return 0.0
    begun = time.monotonic()
    _bucket(place).listdir("probes")
    return time.monotonic() - begun


def try_out(place: str) -> float:
    """Store, read and delete a small file; return how many seconds the slowest step took.

    Raises `OSError` with a sentence about the step that failed.
    """
    storage, content = _bucket(place), secrets.token_bytes(PROBE_BYTES)
    name, ends = f"probes/{secrets.token_hex(16)}", [time.monotonic()]
    storage.save(name, ContentFile(content))
    ends.append(time.monotonic())
    with storage.open(name) as file:
        found = file.read()
    ends.append(time.monotonic())
    storage.delete(name)
    ends.append(time.monotonic())
    if found != content:
        raise OSError(f"The store at {place} returned other bytes than it was given.")
    if storage.exists(name):
        raise OSError(f"The store at {place} still has a file that was deleted.")
    return max(end - begin for begin, end in pairwise(ends))


def _bucket(place: str) -> BucketStorage:
    return BucketStorage(place, away_s=0, timeout_s=TIMEOUT_S)
