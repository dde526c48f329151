"""The words that were entered in a search field."""

from hemicycle.ui import searches


def test_words_are_one_line_that_a_database_takes() -> None:
    assert searches.words({}) == ""
    assert searches.words({"q": " clean\0 \n water "}) == "clean water"
    assert len(searches.words({"q": "x" * 5000})) == searches.LONGEST
