"""The object store of the webcast: files with the headers that their viewers get.

Browsers and networks fetch the files there without the engine. The library is imported at its first
use, because the package is installed only for a store (`hemicycle[s3]`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from hemicycle import object_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from obstore.store import S3Store

NAMES: Final = object_store.StoreSettings.below("HEMICYCLE_WEBCAST_S3")
TIMEOUT_S: Final = 10.0
"""Seconds that one request may take. The publisher repeats requests, so the library does not."""


class WebcastStoreAway(OSError):
    """The store does not answer, or refuses; `str()` is a sentence for administrators."""


class WebcastStore:
    """A store at `s3://bucket/prefix`. All methods are slow, and raise `WebcastStoreAway`."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    @cached_property
    def _store(self) -> S3Store:
        return object_store.connected(
            self.address,
            NAMES,
            what="The webcast in",
            away_s=0,
            timeout_s=TIMEOUT_S,
            fault=WebcastStoreAway,
        )

    def put(self, name: str, data: bytes, kind: str, cache: str) -> None:
        """Store a file with its type and its Cache-Control; it appears whole or not at all."""
        import obstore

        headers = {"Content-Type": kind, "Cache-Control": cache}
        try:
            obstore.put(self._store, name, data, attributes=headers, use_multipart=False)
        except Exception as error:
            raise self._fault(error) from error

    def get(self, name: str) -> bytes | None:
        """Return a file; None if there is none."""
        import obstore

        try:
            return bytes(obstore.get(self._store, name).bytes())
        except Exception as error:
            fault = self._fault(error)
            if isinstance(fault, FileNotFoundError):
                return None
            raise fault from error

    def delete(self, names: Iterable[str]) -> None:
        """Delete files; files that do not exist are ignored."""
        import obstore

        for name in names:
            try:
                obstore.delete(self._store, name)
            except Exception as error:
                fault = self._fault(error)
                if not isinstance(fault, FileNotFoundError):
                    raise fault from error

    def remove(self, folder: str) -> None:
        """Delete all files below a folder."""
        import obstore

        try:
            for some in obstore.list(self._store, f"{folder}/", chunk_size=1000):
                obstore.delete(self._store, [str(one["path"]) for one in some])
        except Exception as error:
            raise self._fault(error) from error

    def names(self, folder: str) -> set[str]:
        """Return the names of the files in a folder, without the folder."""
        import obstore

        try:
            found = obstore.list(self._store, f"{folder}/", chunk_size=1000)
            return {str(one["path"]).rpartition("/")[2] for some in found for one in some}
        except Exception as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> OSError:
        if isinstance(error, WebcastStoreAway):
            return error
        if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
            return FileNotFoundError(str(error))
        return WebcastStoreAway(object_store.reason(error, self.address, NAMES))
