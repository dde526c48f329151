"""Web pages as the blocks of a concept note: the content of the page without its navigation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from hemicycle.convening.document import Document, NoteBlock, flatten
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.documents.reading.structure import blocks_of_lines, join_soft, line_width

_FRAME = (
    "script, style, noscript, template, nav, aside, svg, form, button, iframe, select, dialog,"
    " footer, [hidden], [aria-hidden=true], [role=navigation], [role=search], [role=contentinfo],"
    " [role=complementary], [role=dialog]"
)
# Matched with whole words of class and id: "related-news" is navigation, "navigable-waters" is not.
_FRAME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|cookies?|consent|sidebar|related"
    r"|share|social"
    r"|footer|skip(?:link)?|pagination|newsletter|banner-ad|advert)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "header", "html", "main", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "tfoot", "thead", "ul",
))  # fmt: skip
_SOFT = "\v"
"""A line end in the source, which HTML treats as a space."""


MAX_TAGS = 40_000
"""More tags than the page of an announcement has, including its navigation."""
DEEPEST = 200
"""The deepest nesting of elements; a real page has about thirty levels."""
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)")
# Elements that never contain others, or that the parser closes itself.
_FLAT = frozenset((
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
    "meta", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr",
    "track", "wbr",
))  # fmt: skip


def read_page(markup: str) -> Document:
    """Return the blocks of a page.

    Raises `UnreadableDocument` for too many or too deeply nested elements.
    """
    _refuse_endless(markup)
    tree = LexborHTMLParser(markup)
    heading = tree.css_first("title")
    declared = flatten(heading.text()) if heading is not None else ""
    for node in reversed(tree.css(_FRAME)):
        node.decompose()
    for node in reversed(tree.css("[class], [id]")):
        if node.tag not in ("html", "body", "main", "article") and _is_frame(node):
            node.decompose()
    root = tree.css_first("main") or tree.css_first("article") or tree.body
    if root is None:
        return Document((), declared)
    walk = _PageWalk(line_width(markup.splitlines()))
    return Document(tuple(walk.blocks_in(root)), declared)


def _refuse_endless(markup: str) -> None:
    """Refuse pages that would keep the parser busy: with too many or too deeply nested elements."""
    depth = deepest = 0
    for count, tag in enumerate(_TAG.finditer(markup), 1):
        if tag["name"].lower() not in _FLAT:
            depth = max(0, depth - 1) if tag["closes"] else depth + 1
            deepest = max(deepest, depth)
        if count > MAX_TAGS or deepest > DEEPEST:
            raise UnreadableDocument("bomb")


def _is_frame(node: LexborNode) -> bool:
    attributes = node.attributes
    return any(_FRAME_NAMES.search(attributes.get(name) or "") for name in ("class", "id"))


@dataclass(slots=True)
class _InlineText:
    """Inline text collected until the next block begins."""

    parts: list[str] = field(default_factory=list)
    plain: int = 0
    bold: int = 0

    def add(self, text: str, *, bold: bool) -> None:
        self.parts.append(text)
        length = len(text.strip())
        self.bold += length if bold else 0
        self.plain += 0 if bold else length

    @property
    def strong(self) -> bool:
        return self.bold > 0 and self.plain == 0


@dataclass(slots=True)
class _PageWalk:
    width: int
    text: _InlineText = field(default_factory=_InlineText)

    def blocks_in(self, node: LexborNode) -> Iterator[NoteBlock]:
        yield from self._children(node, bold=False)
        yield from self._flush()

    def _children(self, node: LexborNode, *, bold: bool) -> Iterator[NoteBlock]:
        for child in node.iter(include_text=True):
            yield from self._node(child, bold=bold)

    def _node(self, node: LexborNode, *, bold: bool) -> Iterator[NoteBlock]:
        tag = node.tag or ""
        if tag == "-text":
            self.text.add(_soften(node.text()), bold=bold)
        elif tag == "br":
            if self.text.strong and not bold:
                # "<b>Register</b><br>By 8 September": the bold line is a heading for the rest.
                yield from self._flush()
            self.text.parts.append("\n")
        elif tag == "a":
            yield from self._children(node, bold=bold)
            self._reveal(node)
        elif tag in ("b", "strong"):
            yield from self._children(node, bold=True)
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            yield from self._heading(node, int(tag[1]))
        elif tag == "li":
            yield from self._item(node)
        elif tag == "tr":
            yield from self._row(node)
        elif tag in _BLOCKS:
            yield from self._flush()
            yield from self._children(node, bold=bold)
            yield from self._flush()
        else:
            yield from self._children(node, bold=bold)

    def _reveal(self, node: LexborNode) -> None:
        """Add the address of a mail link whose text does not show it."""
        target = node.attributes.get("href") or ""
        if target.startswith("mailto:") and "@" not in node.text():
            self.text.add(f" ({target[7:].split('?')[0]})", bold=False)

    def _flush(self) -> Iterator[NoteBlock]:
        gathered, self.text = self.text, _InlineText()
        lines = self._lines("".join(gathered.parts))
        for block in blocks_of_lines("\n".join(lines), marked_up=True):
            yield NoteBlock(
                block.kind, block.text, 0, block.cells, block.marker, strong=gathered.strong
            )

    def _lines(self, text: str) -> list[str]:
        lines = []
        for hard in text.split("\n"):
            lines += join_soft([part for part in hard.split(_SOFT) if part.strip()], self.width)
        return [line for line in map(flatten, lines) if line]

    def _heading(self, node: LexborNode, level: int) -> Iterator[NoteBlock]:
        yield from self._flush()
        text = "\n".join(block.text for block in _PageWalk(self.width).blocks_in(node))
        if text:
            yield NoteBlock("heading", text, level=level)

    def _item(self, node: LexborNode) -> Iterator[NoteBlock]:
        yield from self._flush()
        marker = _marker(node)
        for index, block in enumerate(_PageWalk(self.width).blocks_in(node)):
            if index == 0 and block.kind == "paragraph":
                yield NoteBlock("item", block.text, marker=marker, strong=block.strong)
            else:
                yield block

    def _row(self, node: LexborNode) -> Iterator[NoteBlock]:
        yield from self._flush()
        cells = [child for child in node.iter() if child.tag in ("td", "th")]
        texts = [list(_PageWalk(self.width).blocks_in(cell)) for cell in cells]
        if len(cells) == 1:
            yield from texts[0]
            return
        written = tuple("\n".join(block.text for block in blocks) for blocks in texts)
        if any(written):
            yield NoteBlock("row", "\n".join(filter(None, written)), cells=written)


def _soften(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", _SOFT)


def _marker(node: LexborNode) -> str:
    parent = node.parent
    if parent is None or parent.tag != "ol":
        return "•"
    place = [child.mem_id for child in parent.iter() if child.tag == "li"].index(node.mem_id)
    return f"{place + int(parent.attributes.get('start') or 1)}."
