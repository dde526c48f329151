"""Texts that others wrote, made safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.meeting.wall.texts import PostPiece, from_html, line, pieces, safe, tidy


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<script>x</script><style>y</style><svg><a>z</a></svg>shown", "shown"),
        ('<a href="https://example.org/x">short</a>', "https://example.org/x"),
        ('<a href="javascript:x">click</a>', "click"),
        ('<a href="https://e.example/@a" class="mention">@<span>a</span></a>', "@a"),
        ("&lt;b&gt; &amp; <b>bold", "<b> & bold"),
        ("<img src=x onerror=alert(1)>", ""),
        ("\u202eevil\u0000 \u2066x", "evil x"),
        ("", ""),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert from_html(html) == text


def test_links_stand_apart_and_only_good_ones() -> None:
    assert pieces("See https://example.org/a?b=1&c=<x>, or http://u:p@evil.example.") == [
        PostPiece("See "),
        PostPiece("example.org/a?b=1&c=", "https://example.org/a?b=1&c="),
        PostPiece("<x>, or http://u:p@evil.example."),
    ]
    assert pieces("(https://example.org/).") == [
        PostPiece("("),
        PostPiece("example.org", "https://example.org/"),
        PostPiece(")."),
    ]
    assert [
        safe(url) for url in ("https://a.example/", "javascript:x", "//a.example", "https:///x")
    ] == [
        *(True, False, False, False),
    ]


def test_texts_have_an_end() -> None:
    assert len(tidy("x" * 10_000)) == 1_000
    assert line("a\nb\t c", 80) == "a b c"
    assert tidy("a\n\n\n\n\nb") == "a\n\nb"


@given(st.text(max_size=300))
def test_whatever_comes_is_text_and_its_pieces_are_all_of_it(text: str) -> None:
    kept = from_html(text)
    assert len(kept) <= 1_000
    found = pieces(kept)
    assert "".join(piece.url or piece.text for piece in found) == kept
    links = [piece.url.lower() for piece in found if piece.url]
    assert all(url.startswith(("http://", "https://")) for url in links)
