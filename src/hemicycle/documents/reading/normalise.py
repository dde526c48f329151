"""Normalize text that looks the same: white space, hyphens, controls, composed letters."""

import re
import unicodedata

_SOFT_HYPHEN = re.compile("\u00ad[ \t]*\n?[ \t]*")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_MANY_BREAKS = re.compile(r"\n{2,}")
# Controls, byte order marks and unassigned separators carry no text. Joiners and
# direction marks stay: Arabic and emoji are wrong without them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\u200b\ud800-\udfff]"
)


def clean(paragraph: str) -> str:
    """Return the paragraph composed (NFC), without soft hyphens and invisible characters.

    White space becomes single spaces; line breaks inside it become single line feeds.
    """
    text = unicodedata.normalize("NFC", paragraph.replace("\r\n", "\n"))
    text = re.sub("[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    text = _INVISIBLE.sub("", _SOFT_HYPHEN.sub("", text))
    text = _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text))
    return _MANY_BREAKS.sub("\n", text).strip()
