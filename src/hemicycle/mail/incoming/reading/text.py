"""Decode the text of a message in any charset and remove invisible characters."""

import re
import unicodedata

LONGEST = 200_000
"""The most characters of text that are kept."""
MOST_HTML = 4 * 2**20
_SAMPLE = 100_000
_GAPS = re.compile(r"\n{3,}")
_LIKELY = ["utf_8", "cp1252", "cp1251", "cp1256", "koi8_r", "gb18030", "big5", "utf_16"]
_ALIASES = {"unicode-1-1-utf-7": "utf-7", "gb2312": "gb18030", "iso-8859-8-i": "iso-8859-8"}


def of_bytes(content: bytes, charset: str) -> tuple[str, bool]:
    """Return the text, and whether its declared charset fits; if not, the charset is guessed."""
    name = _ALIASES.get(charset.lower(), charset.lower()) or "utf-8"
    for candidate in dict.fromkeys((name, "utf-8")):
        try:
            return clean(content.decode(candidate)), candidate in {name, "ascii"}
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    from charset_normalizer import from_bytes  # slow to import, and rarely needed

    best = from_bytes(content[:_SAMPLE], cp_isolation=_LIKELY).best()
    guessed = best.encoding if best else "latin-1"
    return clean(content.decode(guessed, "replace")), False


def clean(text: str) -> str:
    """Return the lines without invisible characters, cut at `LONGEST`."""
    text = text[: 2 * LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", kept).split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()[:LONGEST]


_QUOTED = re.compile(r"^\s*>")
_CUT = re.compile(
    r"^\s*(-{2,}\s*(original message|forwarded message|message d'origine|mensaje original)\b"
    r"|_{10,}$|-- $)",
    re.I,
)
_WROTE = re.compile(r"^.{0,200}\b(wrote|écrit|escribió|написал|كتب)\b.{0,40}:\s*$", re.I)


def own(text: str) -> str:
    """Return what the sender wrote, without quoted messages and signature."""
    kept: list[str] = []
    for line in text.split("\n"):
        if _CUT.match(line) or _WROTE.match(line):
            break
        if not _QUOTED.match(line):
            kept.append(line)
    return _GAPS.sub("\n\n", "\n".join(kept)).strip()
