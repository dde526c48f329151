"""The operator's own texts: Markdown files in the folder that `HEMICYCLE_PAGES_DIR` names.

`imprint.fr.md` is the imprint in French. The texts are files and not rows that the office edits, so
that a legal department can keep them under version control, all machines of a site have the same
texts, and a stolen account cannot change what the law requires. Raw HTML and pictures in them are
shown as text, and links lead only to web and mail addresses.
"""

from dataclasses import dataclass
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from hemicycle.site.about.config import FILE_NAME

_LINKS = ("https://", "http://", "mailto:", "/", "#")
_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_parser.validateLink = lambda url: url.lower().startswith(_LINKS)  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text in one language; `title` is "" if it begins without a heading of level 1."""

    language: str
    title: str
    body: SafeString


def languages(place: Path | None, page: str) -> dict[str, Path]:
    """Return the files of a page by language, in alphabetical order."""
    found = sorted(place.glob(f"{page}.*.md")) if place else []
    names = [(FILE_NAME.fullmatch(file.name), file) for file in found]
    return {name[2]: file for name, file in names if name}


def read(place: Path | None, page: str, wanted: str) -> OwnText | None:
    """Return the operator's text of a page in the language `wanted`, or else in another language.

    Returns None if there is no file; the page then shows Hemicycle's own text.
    """
    files = languages(place, page)
    if not files:
        return None
    language = wanted if wanted in files else next(iter(files))
    return _rendered(language, files[language].read_text("utf-8", errors="replace"))


def _rendered(language: str, text: str) -> OwnText:
    tokens, title = _parser.parse(text), ""
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title, tokens = _plain(tokens[1]), tokens[3:]
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"  # the page has its own heading of level 1
    html = _parser.renderer.render(tokens, _parser.options, {})
    return OwnText(language, title, mark_safe(html))  # noqa: S308 - the parser escapes raw HTML


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())
