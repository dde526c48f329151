"""HTML as plain text: all that a reader of the page sees, including navigation.

It is separate from `html_blocks`, whose import also loads the reader of concept notes: reading mail
should not have to wait for that.
"""

from selectolax.lexbor import LexborHTMLParser

_UNSEEN = "script, style, head, template, noscript, svg, iframe, object, embed, [hidden]"
_BROKEN_AFTER = "p, div, br, li, tr, h1, h2, h3, h4, h5, h6, blockquote, pre, table, ul, ol"


def text_of(markup: str) -> str:
    """Return the text that a reader of the page sees, without scripts or image addresses."""
    tree = LexborHTMLParser(markup)
    for node in reversed(tree.css(_UNSEEN)):  # inner elements before outer ones
        node.decompose()
    for node in tree.css(_BROKEN_AFTER):
        node.insert_after("\n")
    root = tree.body or tree.root
    return root.text(separator="") if root else ""
