"""PURE: make others' texts harmless. HTML becomes text, which is shown with safe links.

Nothing received is ever sent out as markup, and a visitor's browser loads nothing from it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST: Final = 1_000
"""The maximum length of a stored post, in characters."""
LONGEST_HTML: Final = 50_000
LONGEST_LINK: Final = 60
"""The maximum length of a link as shown, in characters."""

_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DROPPED = frozenset({"script", "style", "template", "noscript", "svg", "math", "iframe", "object"})
_BLOCKS = frozenset({"p", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "ul", "ol"})
_LINK = re.compile(r"https?://[^\s<>\"'“”«»]+", re.IGNORECASE)
_AFTER = ".,;:!?)]}…，。；：！？）"


@dataclass(frozen=True, slots=True)
class PostPiece:
    """A part of a post: plain text, with an address if it is a link."""

    text: str
    url: str = ""


def tidy(text: str, longest: int = LONGEST) -> str:
    """Return text without invisible characters and repeated empty lines, cut to `longest`."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(char for char in text if char == "\n" or not _is_unseen(char))
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return whole if len(whole) <= longest else whole[: longest - 1].rstrip() + "…"


def _is_unseen(char: str) -> bool:
    return char in _TURNERS or (unicodedata.category(char) in {"Cc", "Cs", "Co"} and char != "\t")


def line(text: str, longest: int) -> str:
    """Return a name on one line, without invisible characters, cut to `longest` characters."""
    return tidy(" ".join(text.split()), longest)


def from_html(html: str) -> str:
    """Return the text of a post in HTML, with its links written out."""
    body = LexborHTMLParser(html[:LONGEST_HTML]).body
    return tidy("".join(_text(body))) if body is not None else ""


def _text(node: LexborNode) -> Iterator[str]:
    """Yield the text below a node. Uses a stack, because strangers may nest HTML deeply."""
    waiting: list[LexborNode | str] = [*reversed([*node.iter(include_text=True)])]
    while waiting:
        child = waiting.pop()
        if isinstance(child, str):
            yield child
            continue
        tag = child.tag or ""
        if tag == "-text":
            yield child.text_content or ""
        elif tag == "br":
            yield "\n"
        elif tag == "a":
            yield _linked(child)
        elif tag not in _DROPPED and not tag.startswith(("-", "_", "!")):
            if tag in _BLOCKS:
                waiting.append("\n\n" if tag == "p" else "\n")
            waiting += reversed([*child.iter(include_text=True)])


def _linked(anchor: LexborNode) -> str:
    """Return the text of a mention or tag, otherwise the address of the link."""
    words = anchor.text(deep=True)
    href = anchor.attributes.get("href") or ""
    if words.lstrip().startswith(("@", "#")) or not safe(href):
        return words
    return href


def safe(url: str) -> bool:
    """Return whether a link leads to a web page and contains no user name."""
    if not _LINK.fullmatch(url) or len(url) > 500:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def pieces(text: str) -> list[PostPiece]:
    """Split a post's text into text and links, for a page that escapes both."""
    found: list[PostPiece] = []
    at = 0
    for match in _LINK.finditer(text):
        url = match.group().rstrip(_AFTER)
        if not safe(url):
            continue
        if match.start() > at:
            found.append(PostPiece(text[at : match.start()]))
        found.append(PostPiece(_short(url), url))
        at = match.start() + len(url)
    if at < len(text):
        found.append(PostPiece(text[at:]))
    return found


def _short(url: str) -> str:
    shown = url.split("://", 1)[1].rstrip("/")
    return shown if len(shown) <= LONGEST_LINK else shown[: LONGEST_LINK - 1] + "…"
