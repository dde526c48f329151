"""Zip archives that unpack to far more than anyone sends."""

import io
import zipfile


def zip_bomb(part: str, size: int, *, kinds: bool = False) -> bytes:
    """Return a zip archive whose `part` unpacks to `size` bytes of spaces.

    With `kinds`, the archive contains the list of content types by which an Office document is
    recognized.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if kinds:
            archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, b" " * size)
    return file.getvalue()
