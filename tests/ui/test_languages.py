"""Names of languages."""

import pytest
from django.utils import translation

from hemicycle.ui.languages import language_name, name_in


@pytest.mark.parametrize(
    ("tag", "language", "name"),
    [
        ("fr", "en", "French"),
        ("zh-Hans", "en", "Chinese"),
        ("zh-Hans", "fr", "chinois"),
        ("pt-BR", "es", "portugués"),
        ("AR", "fr", "arabe"),
        ("xx", "en", "xx"),
        ("en", "xx", "English"),
    ],
)
def test_a_language_is_named_in_another(tag: str, language: str, name: str) -> None:
    assert name_in(tag, language) == name


def test_the_reader_sees_their_own_language() -> None:
    with translation.override("ar"):
        assert language_name("en") == "الإنجليزية"
