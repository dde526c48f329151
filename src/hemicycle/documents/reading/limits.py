"""The limits for reading one file, and the media types that are read."""

from dataclasses import asdict, dataclass
from typing import Any

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
TEXT = "text/plain"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of reading one file.

    `seconds` is wall-clock time from start to answer, and processor time as well. `memory` is
    address space in bytes (RLIMIT_AS). `file_size` is the size of the file as sent, `inflated` that
    of an archive's parts after unpacking, both in bytes. `ratio` is how many times larger than its
    packed form the whole archive may be. `characters` is the length of the extracted text.
    """

    seconds: float = 10.0
    memory: int = 512 * 2**20
    file_size: int = 20 * 2**20
    inflated: int = 100 * 2**20
    ratio: int = 200
    characters: int = 5_000_000

    def __post_init__(self) -> None:
        for field in self.__slots__:
            if getattr(self, field) <= 0:
                raise ValueError(f"limit {field} must be greater than zero")

    def as_arguments(self) -> list[str]:
        """Return the limits as arguments of a worker's command line."""
        return [f"{name}={value}" for name, value in asdict(self).items()]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> "Limits":
        """Return the limits that `as_arguments` wrote.

        Raises `ValueError` or `TypeError` for other arguments.
        """
        pairs: dict[str, Any] = dict(argument.split("=", 1) for argument in arguments)
        seconds = float(pairs.pop("seconds"))
        return cls(seconds=seconds, **{name: int(value) for name, value in pairs.items()})


STATEMENT = Limits()
NOTE = Limits(seconds=30.0, file_size=20_000_000, inflated=60_000_000, characters=250_000)
"""The limits for a concept note: about 80 pages of text. The same process searches its passages."""
