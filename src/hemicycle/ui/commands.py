"""Commands in pages, which break only between words, so that people copy them correctly.

A browser would break "--to" after its dashes, and in Arabic put them on the other side.
"""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_COMMAND = re.compile(
    r"`([^`]+)`"
    r"|((?:hemicycle (?:admin )?[a-z][a-z-]*|systemctl [a-z]+)"
    r"(?: (?:--?[a-z][a-z-]*|[A-Z][\w.]*\w|hemicycle-[\w-]+))*)"
)


def code(command: str) -> SafeString:
    """Return a command as code that does not break within a word."""
    words = format_html_join(" ", "<span>{}</span>", ((word,) for word in command.split()))
    return format_html('<code dir="ltr">{}</code>', words)


def marked(sentence: str) -> SafeString:
    """Return a sentence with its commands as code: words in backticks, `hemicycle`, `systemctl`."""
    parts: list[tuple[str, SafeString | str]] = []
    end = 0
    for found in _COMMAND.finditer(sentence):
        parts.append((sentence[end : found.start()], code(found[1] or found[2])))
        end = found.end()
    return format_html_join("", "{}{}", [*parts, (sentence[end:], "")])
