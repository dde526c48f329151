"""Open Outlook's containers (`winmail.dat`, TNEF)."""

from dataclasses import dataclass

MOST_FILES = 50
"""The most files that are read from one container."""
_LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class OutlookFiles:
    """The content of a `winmail.dat`: the message's text, and files by their names."""

    body: bytes
    files: tuple[tuple[str, bytes], ...]


def opened(content: bytes) -> OutlookFiles | None:
    """Return the content of a container; None for a broken one."""
    from tnefparse import TNEF

    try:
        tnef = TNEF(content)
        body = tnef.body if isinstance(tnef.body, bytes) else b""
        files = tuple(
            (str(file.long_filename())[:_LONGEST_NAME], bytes(file.data or b""))
            for file in tnef.attachments[:MOST_FILES]
        )
    except Exception:  # noqa: BLE001 - a parser of a private format, fed by strangers
        return None
    return OutlookFiles(body, files)
