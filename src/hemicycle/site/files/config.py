"""The setting that names the storage of the files."""

from importlib.util import find_spec
from typing import Any, Final

from hemicycle import object_store

FOLDER: Final = "folder"


def place(raw: str) -> str:
    """Return `folder`, or a valid address `s3://bucket/prefix`; raise `ValueError` for others."""
    if raw == FOLDER:
        return raw
    if not raw.startswith(object_store.SCHEME):
        raise ValueError(f"must be {FOLDER}, or an address like s3://bucket/prefix")
    bucket, prefix = object_store.parts(raw, ValueError)
    if not {"", ".", ".."}.isdisjoint(prefix.split("/") if prefix else ()):
        raise ValueError(f"{raw} has an empty part, or one of dots")  # two names for one place
    if find_spec("obstore") is None:
        raise ValueError("needs the package obstore. Install it: pip install 'hemicycle[s3]'")
    return f"{object_store.SCHEME}{bucket}/{prefix}".rstrip("/")


def storage(place: str) -> dict[str, Any]:
    """Return the entry for Django's `STORAGES` for a valid place."""
    if place == FOLDER:
        return {"BACKEND": "hemicycle.site.files.folder.FolderStorage"}
    return {
        "BACKEND": "hemicycle.site.files.bucket.BucketStorage",
        "OPTIONS": {"address": place},
    }
