"""The site's files in a store that runs, for tests of what stores them."""

from typing import Any

from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server

ADDRESS = f"s3://{BUCKET}/files"
"""Where one test has its files, which go when it ends."""
SITE = f"s3://{BUCKET}/site"
"""Where all tests have them, with `--storage=s3`."""
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
    """Let the site have its files at a place; `settings` is the fixture."""
    from hemicycle.site.files import config

    settings.FILES = place
    settings.STORAGES = {**settings.STORAGES, "default": config.storage(place)}


def empty() -> None:
    """Delete all files in the store."""
    from hemicycle.site.files import moving
    from hemicycle.site.files.bucket import BucketStorage

    storage = BucketStorage(ADDRESS)
    for name in list(moving.all_in(storage)):
        storage.delete(name)
