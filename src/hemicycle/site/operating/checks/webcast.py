"""The check of the object store of the webcast."""

import secrets
import time
from collections.abc import Iterator

from django.conf import settings

from hemicycle.engine.webcast_store import WebcastStore
from hemicycle.site.operating.doctor import Diagnosis, Health, ok

SLOW_S = 2.0
"""The length of a segment in seconds: a store that takes longer falls behind."""
NAME = "webcast store"


def webcast_can_be_published() -> Iterator[Diagnosis]:
    """Check that the store saves, returns and deletes a file, and how fast."""
    place = settings.MEDIA_ENGINE.webcast_store
    if not place:
        return
    store, name, begun = WebcastStore(place), f"probes/{secrets.token_hex(8)}.vtt", time.monotonic()
    try:
        store.put(name, b"WEBVTT\n", "text/vtt", "no-store")
        is_there = store.get(name) == b"WEBVTT\n"
        store.delete([name])
    except OSError as error:
        yield Diagnosis(NAME, Health.FAULT, str(error), "docs/media.md says what it needs.")
        return
    took_s = time.monotonic() - begun
    if not is_there:
        found = f"{place} returned other bytes than it was given"
        yield Diagnosis(NAME, Health.FAULT, found, "Use another store.")
    elif took_s > SLOW_S:
        found = f"{place} took {took_s:.1f} s to store, read and delete a small file"
        yield Diagnosis(NAME, Health.WARNING, found, "Move the store nearer, or see what slows it.")
    elif settings.WEBCAST_URL.startswith("/"):
        found = f"{place} takes the webcast, and no viewer fetches it there"
        advice = "Set HEMICYCLE_WEBCAST_URL to the address at which it serves the public."
        yield Diagnosis(NAME, Health.WARNING, found, advice)
    else:
        yield ok(NAME, f"{place} stores, reads and deletes, in {took_s:.1f} s together")
