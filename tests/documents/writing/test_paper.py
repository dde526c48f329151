"""Papers that are refused, and the numbering of headings."""

import pytest

from hemicycle.documents.writing import (
    BulletList,
    Heading,
    Paper,
    Paragraph,
    Run,
    SourceNote,
    SourceNotes,
    Table,
)
from hemicycle.documents.writing.paper import legible, numbered, ranges


def test_a_mark_without_its_note_is_refused() -> None:
    cited = Paragraph((Run("x", sources=(1, 2)),))
    with pytest.raises(ValueError, match="no note has the number 2"):
        Paper(title="T", blocks=(cited, SourceNotes((SourceNote(1, "one"),))))
    with pytest.raises(ValueError, match="no note has the number 1"):
        Paper(title="T", blocks=(BulletList(((Run("x", sources=(1,)),),)),))


def test_two_notes_of_one_number_are_refused() -> None:
    with pytest.raises(ValueError, match="two notes have the same number"):
        Paper(
            title="T",
            blocks=(SourceNotes((SourceNote(1, "a"),)), SourceNotes((SourceNote(1, "b"),))),
        )


def test_levels_and_rows_are_checked() -> None:
    with pytest.raises(ValueError, match="level 1, 2 or 3"):
        Heading(4, "too deep")
    with pytest.raises(ValueError, match="one cell for each column"):
        Table(("a", "b"), (("1",),))
    with pytest.raises(ValueError, match="one cell for each column"):
        Table((), ())
    with pytest.raises(ValueError, match="each column has a share"):
        Table(("a", "b"), (("1", "2"),), shares=(1,))


def test_headings_count() -> None:
    levels = [1, 2, 2, 3, 1, 2, 3, 3]
    blocks = tuple(Heading(level, "h") for level in levels)
    unnumbered = Heading(1, "Sources", numbered=False)
    assert [number for _, number in numbered((*blocks, unnumbered))] == [
        "1",
        "1.1",
        "1.2",
        "1.2.1",
        "2",
        "2.1",
        "2.1.1",
        "2.1.2",
        "",
    ]


def test_source_numbers_in_a_row_are_shown_as_a_range() -> None:
    assert [ranges(n) for n in ((), (2,), (2, 1), (5, 3, 4, 1), (1, 2, 3, 5, 6, 8))] == [
        [],
        [(2,)],
        [(1,), (2,)],
        [(1,), (3, 5)],
        [(1, 3), (5,), (6,), (8,)],
    ]


def test_legible() -> None:
    assert legible("a\x00b\r\nc\td\ud800\uffff") == "ab\nc d"
