"""Archives that unpack to far more than anybody sends."""

import io
import zipfile


def zip_bomb(part: str, size: int, *, kinds: bool = False) -> bytes:
    """An archive whose `part` unpacks to `size` bytes of spaces.

    With `kinds`, it has the list of kinds by which a document of an office is known.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if kinds:
            archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, b" " * size)
    return file.getvalue()
