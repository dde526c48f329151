"""The terms of the glossaries in translations: what is a conflict, and what is none."""

import pytest
from babel.messages.catalog import Catalog

from tools import catalogues, glossary
from tools.glossary import Glossary

TERMS: dict[str, dict[str, tuple[str, ...]]] = {
    "fr": {"panel": ("table ronde", "tables rondes"), "panel list": ("programme",)},
    "ar": {"hearing": ("جلس",)},
}
GLOSSARY = Glossary(TERMS, ("panel of experts",), frozenset({("fr", "panel", "A panel, once")}))


def found(message: str | tuple[str, str], said: str | tuple[str, ...], language: str) -> list[str]:
    catalog = Catalog(locale=language)
    catalog.add(message, said)
    return [conflict.term for conflict in GLOSSARY.conflicts(catalog, language)]


@pytest.mark.parametrize(
    ("message", "said", "terms"),
    [
        ("The panel begins", "La Table ronde commence", []),
        ("The panel begins", "Le panel commence", ["panel"]),
        ("Panels", "Panels", ["panel"]),
        ("%(panel)s begins", "%(panel)s commence", []),
        ('<a href="/panel/">Begin</a>', '<a href="/panel/">Commencer</a>', []),
        ("The panellist", "La personne", []),
        ("A panel list", "Un programme", []),
        ("A panel of experts", "Un groupe", []),
        ("A panel, once", "Une fois", []),
        ("A panel", "", []),
    ],
)
def test_a_translation_has_the_term(message: str, said: str, terms: list[str]) -> None:
    assert found(message, said, "fr") == terms


def test_each_plural_form_counts_together() -> None:
    assert (
        found(("One panel", "%(n)s panels"), ("Une table ronde", "%(n)s tables rondes"), "fr") == []
    )
    assert found(("One panel", "%(n)s panels"), ("Un panel", "%(n)s panels"), "fr") == ["panel"]


def test_vowel_signs_and_joined_letters_do_not_matter() -> None:
    assert found("The hearing", "للجَلسة", "ar") == []


def test_a_language_without_terms_has_no_conflicts() -> None:
    assert found("The hearing", "A audiência", "pt") == []


def test_every_official_language_has_every_term() -> None:
    terms = glossary.read().terms
    assert len(terms["ar"]) > 50
    assert {language: set(known) for language, known in terms.items()} == {
        language: set(terms["ar"]) for language in ("ar", "es", "fr", "ru", "zh")
    }


def test_every_exception_is_needed() -> None:
    without = Glossary(glossary.read().terms, glossary.read().other_meanings, frozenset())
    needed = {
        (language, conflict.term, conflict.message)
        for path in catalogues.LOCALES.glob("*/LC_MESSAGES/django.po")
        for language in [catalogues.language_of(path)]
        for conflict in without.conflicts(catalogues.read(path), language)
    }
    assert glossary.read().exceptions <= needed
