"""Static files: collected with hashed names and compressed once, then served without Django."""

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # untyped base
    """File names with a hash of the content, also in the imports of JavaScript modules."""

    support_js_module_import_aggregation = True
    # In the worst order of files, which tmpfs may give, each pass settles only one more module of a
    # chain of imports. Passes end when nothing changes, so a high limit costs nothing.
    max_post_process_passes = 100


def collect() -> None:
    """Update `STATIC_ROOT` if files have changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    stamp = root / ".collected"
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _fingerprint()
        if not stamp.exists() or stamp.read_text() != wanted:
            call_command("collectstatic", interactive=False, clear=False, verbosity=0)
            stamp.write_text(wanted)


def application() -> Any:
    """Return the ASGI application for `/static/`; if DEBUG is on, it serves the source files."""
    if not settings.DEBUG:
        return ServeStaticASGI(
            None, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, allow_all_origins=False
        )
    live = ServeStaticASGI(None, autorefresh=True, max_age=0)
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            live.add_files(storage.location, settings.STATIC_URL)
    return live


def _fingerprint() -> str:
    lines = sorted(f"{path} {size} {changed}" for path, size, changed in _sources())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sources() -> Iterator[tuple[str, int, int]]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            yield path, facts.st_size, facts.st_mtime_ns
