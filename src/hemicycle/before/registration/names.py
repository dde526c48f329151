"""Typed names: cleaned for storing, folded for comparing and for searching.

A name is stored whole in its own script. Only invisible and harmful characters are removed: control
characters, which break databases and printers, and the characters that turn the direction of the
text around them, with which a name could disguise itself on a list. The joiners that Persian, Indic
scripts and emoji need stay.
"""

import re
import unicodedata
from hashlib import sha256

KEY_LENGTH = 400
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset({"Cc", "Cs"})
_APART = re.compile(r"[\W_]+")
_SMALL_WORDS = frozenset(
    """a an and at by de del der des di du e el et for für in international la las le les los of on
    pour the to und y association foundation inc incorporated institute ltd network ngo org
    organisation organization society""".split()  # noqa: SIM905 - words read better as words
)


def clean(text: str, *, lines: bool = False) -> tuple[str, list[str]]:
    """Return the text trimmed and in Unicode's form C, and the unseen characters taken out of it.

    With `lines` line breaks and tabs stay; without, they become spaces.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    taken = [char for char in text if _is_unseen(char) and char not in "\n\t"]
    if taken:
        text = "".join(char for char in text if not _is_unseen(char) or char in "\n\t")
    return unicodedata.normalize("NFC", text).strip(), taken


def _is_unseen(char: str) -> bool:
    return char in _TURNERS or unicodedata.category(char) in _UNSEEN


def name_key(name: str) -> str:
    """Return what spellings of one name share: without case, width, spacing and punctuation."""
    return _fit(" ".join(_words(unicodedata.normalize("NFKC", name).casefold())) or name.strip())


def loose_key(name: str) -> str:
    """Return the part that nearly identical names share: without accents, order and small words."""
    words = set(_words(search_key(name)))
    if not words:
        return name_key(name)
    return _fit(" ".join(sorted(words - _SMALL_WORDS or words)))


def search_key(*texts: str) -> str:
    """Return texts folded for searching: without case and accents, in any script."""
    apart = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", " ".join(bare.split()))


def _words(folded: str) -> list[str]:
    return [word for word in _APART.split(folded) if word]


def _fit(key: str) -> str:
    """Shorten a key that folding has made too long: its start stays, with a hash of the whole."""
    if len(key) <= KEY_LENGTH:
        return key
    return key[: KEY_LENGTH - 65] + " " + sha256(key.encode()).hexdigest()
