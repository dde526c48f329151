"""The files of a site in a running store, for tests of what stores files."""

import shutil
from pathlib import Path
from typing import Any

from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server

ADDRESS = f"s3://{BUCKET}/files"
"""The place of the files of one test, which are deleted when it ends."""
SITE = f"s3://{BUCKET}/site"
"""The place of the files of all tests that run with `--storage=s3`."""
FOLDER = "folder"


def given(server: S3Server, place: str = ADDRESS) -> dict[str, str]:
    """Return the settings of a site whose files are in the store."""
    return {
        "HEMICYCLE_FILES": place,
        "HEMICYCLE_FILES_S3_ENDPOINT": server.endpoint,
        "HEMICYCLE_FILES_S3_KEY": KEY,
        "HEMICYCLE_FILES_S3_SECRET": SECRET,
    }


def use(settings: Any, place: str) -> None:
    """Let the site keep its files at a place; `settings` is the fixture."""
    from hemicycle.site.files import config

    settings.FILES = place
    settings.STORAGES = {**settings.STORAGES, "default": config.storage(place)}


def use_apart(settings: Any, folder: Path) -> None:
    """Let the site keep its files apart from those of other tests: in `folder`, or in the store.

    `folder` belongs to the test; `settings` is the fixture.
    """
    settings.MEDIA_ROOT = folder / "uploads"
    if settings.FILES != FOLDER:
        use(settings, f"s3://{BUCKET}/{folder.name}")


def empty() -> None:
    """Delete all files in the store."""
    from hemicycle.site.files import moving
    from hemicycle.site.files.bucket import BucketStorage

    storage = BucketStorage(ADDRESS)
    for name in list(moving.all_in(storage)):
        storage.delete(name)


def kept_files() -> Path:
    """Return a folder with all uploads and results; files in a store are copied to it."""
    from django.conf import settings
    from django.core.files.storage import default_storage

    from hemicycle.site.files import moving
    from hemicycle.site.files.folder import FolderStorage

    if isinstance(default_storage, FolderStorage):
        return Path(settings.MEDIA_ROOT)
    copies = Path(settings.DATA_DIR) / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    for name in moving.all_in(default_storage):
        copy = copies / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with default_storage.open(name) as file:
            copy.write_bytes(file.read())
    return copies
