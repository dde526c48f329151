"""Names are kept whole in any script, without invisible characters, and folded for comparison."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration import names

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600)


def test_names_of_all_kinds_stay_whole() -> None:
    kept = ["منظمة الأمل", "反贩运中心", "O’Brien & Sons", "Δίκτυο", "👩🏽‍💻 Coders", "می‌خواهم"]
    assert [names.clean(name) for name in kept] == [(name, []) for name in kept]


def test_unseen_characters_are_taken_out_and_told() -> None:
    assert names.clean("Ana\0 \u202eMaria\x07 ") == ("Ana Maria", ["\0", "\u202e", "\x07"])


def test_line_breaks_stay_in_a_text_and_become_spaces_in_a_name() -> None:
    assert names.clean("one\r\ntwo\tx", lines=True) == ("one\ntwo\tx", [])
    assert names.clean("one\r\ntwo\tx") == ("one two x", [])


@given(ANY_TEXT, st.booleans())
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_unseen(text: str, lines: bool) -> None:
    cleaned, _taken = names.clean(text, lines=lines)
    assert names.clean(cleaned, lines=lines) == (cleaned, [])
    assert all(char in "\n\t" or unicodedata.category(char) != "Cc" for char in cleaned)


@given(ANY_TEXT)
def test_what_can_be_seen_is_never_lost(text: str) -> None:
    cleaned, taken = names.clean(text, lines=True)
    shown = [char for char in text if char.isalnum()]
    whole = unicodedata.normalize("NFC", "".join(shown))
    assert "".join(char for char in cleaned if char.isalnum()) == whole or not whole.isprintable()
    assert not any(char.isalnum() for char in taken)


def test_spellings_of_one_name_share_a_key() -> None:
    spellings = [
        "River Watch",
        "  river   WATCH ",
        "RIVER-WATCH",
        "Ｒｉｖｅｒ Watch",
        "“River Watch”",
    ]
    assert {names.name_key(name) for name in spellings} == {"river watch"}


def test_different_names_have_different_keys() -> None:
    different = ["Maße", "Masse", "مركز", "★", "☆"]
    assert len({names.name_key(name) for name in different}) == 4  # casefolding turns ß into ss


@given(st.text(max_size=400))
def test_keys_fit_their_column(name: str) -> None:
    assert len(names.name_key(name)) <= names.KEY_LENGTH
    assert len(names.loose_key(name * 3)) <= names.KEY_LENGTH


def test_near_identical_names_share_a_loose_key() -> None:
    assert names.loose_key("International Network of Hope, Kenya") == "hope kenya"
    assert names.loose_key("Kenya: Hope (NGO)") == "hope kenya"
    assert names.loose_key("The Société") == "societe"
    assert names.loose_key("The") == "the"
    assert names.loose_key("★") == "★"


def test_searching_sets_case_and_accents_aside_in_any_script() -> None:
    assert names.search_key("José ÉTOILE") == "jose etoile"
    assert names.search_key("ΔΊΚΤΥΟ") == names.search_key("δίκτυο")
    assert names.search_key("ЗАЩИТА") == "защита"
