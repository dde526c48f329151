"""What goes into an extraction and what comes out of it."""

from dataclasses import dataclass

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    `seconds` is wall-clock time from start to answer, and processor time as well.
    `memory` is address space in bytes (RLIMIT_AS). `file_size` is the size of the
    file as sent, `inflated` what an archive's parts may come to once unpacked, both
    in bytes. `ratio` is how many times larger than its packed form the whole archive
    may be. `characters` is the length of the text taken out.
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


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file: `paragraphs` in reading order, `text` the same joined by
    blank lines, `words` as `words.count` counts them, `pages` for PDF only, and
    `language_guess` one of ar, zh, en, fr, ru, es when the text makes it plain."""

    media_type: str
    paragraphs: tuple[str, ...]
    words: int
    pages: int | None
    language_guess: str | None

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)
