"""HTML as plain text: all that a reader of the page sees, navigation included.

It is separate from `html_blocks`, whose import also loads the reader of concept notes: reading a
mail should not wait for that.
"""

from selectolax.lexbor import LexborHTMLParser

_UNSEEN = "script, style, head, template, noscript, svg, iframe, object, embed, [hidden]"
_BROKEN_AFTER = "p, div, br, li, tr, h1, h2, h3, h4, h5, h6, blockquote, pre, table, ul, ol"


def text_of(markup: str) -> str:
    """Return what a reader of the page sees: no scripts, styles or addresses of pictures."""
    tree = LexborHTMLParser(markup)
    for node in reversed(tree.css(_UNSEEN)):  # inner elements go before the outer ones
        node.decompose()
    for node in tree.css(_BROKEN_AFTER):
        node.insert_after("\n")
    root = tree.body or tree.root
    return root.text(separator="") if root else ""
