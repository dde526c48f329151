"""ZIP archives, read without trust in their contents.

The sizes that an archive declares are checked before anything is unpacked; the real sizes are
counted during unpacking. Both have the same limit, so the count detects a false declaration.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument

CONTENT_TYPES = "[Content_Types].xml"
_PARTS = 4_000
_CHUNK = 65_536
# Below this size a high ratio is only a small repetitive part, not a zip bomb.
_RATIO_MATTERS_FROM = 4 * 2**20
_ENCRYPTED_FLAG = 0x1


@contextmanager
def opened(file: BinaryIO, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Yield the archive in `file` with its declared sizes checked. Raises `UnreadableDocument`."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_declared(archive, limits)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise UnreadableDocument("damaged") from error
    finally:
        file.seek(0)


def _check_declared(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise UnreadableDocument("encrypted")
    inflated = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > _PARTS or inflated > limits.inflated:
        raise UnreadableDocument("bomb")
    if inflated > _RATIO_MATTERS_FROM and inflated > packed * limits.ratio:
        raise UnreadableDocument("bomb")


def chunks(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[bytes]:
    """Yield the bytes of one part in pieces, up to the limit. Raises `UnreadableDocument`."""
    inflated = 0
    packed = archive.getinfo(name).compress_size
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            inflated += len(chunk)
            too_dense = inflated > max(packed * limits.ratio, _RATIO_MATTERS_FROM)
            if inflated > limits.inflated or too_dense:
                raise UnreadableDocument("bomb")
            yield chunk


def part(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """Return all bytes of a small part."""
    return b"".join(chunks(archive, name, limits))
