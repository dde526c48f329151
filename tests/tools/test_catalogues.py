"""Message catalogues: what is extracted and kept, and which faults are found."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from django.test import Client

from hemicycle.ui.languages import interface_languages
from tools import catalogues

TEMPLATE = """{% load i18n %}
<p>it's {% translate "A hearing" %} {{ _("A panel") }}</p>
  {% translate "Floor" context "meeting" %}
{# Translators: shown under the clock #}
{% blocktranslate trimmed count n=left %}
  One minute
{% plural %}
  {{ n }} minutes
{% endblocktranslate %}
<a title="{% trans "Don't" %}" href="{% url "x" %}">(</a>
"""
PYTHON = """
_("Place")
gettext_lazy("Receipt")
ngettext_lazy("%(n)d seat", "%(n)d seats", 2)
pgettext_lazy("verb", "Record")
"""
ARABIC = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ar\\n"

msgid "A hearing"
msgstr "جلسة استماع"

msgid "Gone"
msgstr "ذهب"
"""


@pytest.fixture
def wanted(tmp_path: Path) -> Catalog:
    for name, content in {"templates/room/seat.html": TEMPLATE, "actions.py": PYTHON}.items():
        path = tmp_path / "hemicycle/meeting/room" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return catalogues.collect(tmp_path)


@pytest.fixture
def arabic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    path = tmp_path / "ar/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True)
    path.write_text(ARABIC)
    return path


def test_messages_are_found_in_templates_and_python(wanted: Catalog) -> None:
    assert {(message.context, message.id) for message in wanted if message.id} == {
        (None, "A hearing"),
        (None, "A panel"),
        ("meeting", "Floor"),
        (None, ("One minute", "%(n)s minutes")),
        (None, "Don't"),
        (None, "Place"),
        (None, "Receipt"),
        (None, ("%(n)d seat", "%(n)d seats")),
        ("verb", "Record"),
    }


def test_update_keeps_what_is_translated_and_drops_what_is_gone(
    arabic: Path, wanted: Catalog
) -> None:
    catalogues.update(arabic, wanted)
    text = arabic.read_text()
    assert "جلسة استماع" in text
    assert "Gone" not in text
    assert 'msgid "A panel"\nmsgstr ""' in text
    assert 'msgctxt "verb"' in text
    catalogues.update(arabic, wanted)
    assert arabic.read_text() == text


def test_faults_are_told_until_the_catalogue_is_whole(arabic: Path, wanted: Catalog) -> None:
    before = set(catalogues.find_faults(arabic, wanted))
    catalogues.update(arabic, wanted)
    after = set(catalogues.find_faults(arabic, wanted))
    assert "ar/LC_MESSAGES/django.po: 'A panel' is missing; run `make messages`" in before
    assert "ar/LC_MESSAGES/django.po: 'A panel' is not translated" in after
    assert not any("'A hearing'" in fault for fault in before | after)


def test_a_translation_that_loses_a_placeholder_is_a_fault(arabic: Path) -> None:
    wanted = Catalog()
    wanted.add("Dear %(name)s", locations=[("hemicycle/room/a.py", 1)], flags=["python-format"])
    catalogues.update(arabic, wanted)
    filled = arabic.read_text().replace(
        'msgid "Dear %(name)s"\nmsgstr ""', 'msgid "Dear %(name)s"\nmsgstr "عزيزي %(nom)s"'
    )
    arabic.write_text(filled)
    assert [fault.partition(": ")[2] for fault in catalogues.find_faults(arabic, wanted)] == [
        "'Dear %(name)s': unknown named placeholder 'nom'"
    ]


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("ar", "اضغطوا «تأكيد»", "اضغطوا ”تأكيد“"),
        ("es", "Pulse «Confirmar»", "Pulse “Confirmar”"),
        ("fr", "Appuyez sur « Confirmer »", 'Appuyez sur "Confirmer"'),
        ("ru", "Нажмите «Подтвердить»", "Нажмите „Подтвердить“"),
        ("zh", "请按“确认”", "请按「确认」"),
        ("pt", "Clique em “Confirmar”", ""),
    ],
)
def test_each_language_has_one_kind_of_quotation_marks(
    language: str, right: str, wrong: str
) -> None:
    def found(text: str) -> set[str]:
        bold = f'<b class="num">{text}</b>'
        forms = Message(("Press “Confirm”", "Press %(n)s"), ("", bold))
        alone = catalogues.other_marks(Message("Press “Confirm”", bold), language)
        assert catalogues.other_marks(forms, language) == alone
        return alone

    assert found(right) == set()
    assert found(wrong) == {mark for mark in wrong if mark in '”“„"「」'}


def test_other_quotation_marks_are_a_fault(arabic: Path) -> None:
    arabic.write_text(ARABIC.replace("جلسة استماع", "”جلسة استماع“"))
    faults = list(catalogues.find_faults(arabic, Catalog()))
    assert faults == [
        "ar/LC_MESSAGES/django.po: 'A hearing' has other quotation marks: “",
        "ar/LC_MESSAGES/django.po: 'A hearing' has other quotation marks: ”",
    ]


def test_arabic_forms_for_a_hundred_and_for_eleven_that_are_swapped_are_a_fault(
    arabic: Path,
) -> None:
    hundred, eleven = "حُذف %(n)s صف.", "حُذف %(n)s صفاً."
    for last, faults in (
        ((hundred, eleven), []),
        ((eleven, hundred), ["'%(n)s row was deleted.' has the forms for 11 and for 100 swapped"]),
        ((hundred, hundred), []),  # a noun without that ending
    ):
        forms = "".join(
            f'msgstr[{number}] "{form}"\n' for number, form in enumerate((*("%(n)s",) * 4, *last))
        )
        told = 'msgid "%(n)s row was deleted."\nmsgid_plural "%(n)s rows were deleted."\n'
        arabic.write_text(f"{ARABIC}\n{told}{forms}")
        found = catalogues.find_faults(arabic, Catalog())
        assert [fault.partition(": ")[2] for fault in found] == faults


def test_the_office_is_translated_too(arabic: Path) -> None:
    wanted, office = Catalog(), "hemicycle/meeting/room/templates/room/_keys.html"
    wanted.add("Interrupt", locations=[(office, 0)])
    catalogues.update(arabic, wanted)
    assert [fault.partition(": ")[2] for fault in catalogues.find_faults(arabic, wanted)] == [
        "'Interrupt' is not translated"
    ]


def test_a_form_for_several_numbers_may_name_the_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    wanted = Catalog()
    wanted.add(("One seat is free", "%(n)s seats are free"), flags=["python-format"])
    catalogues.begin("zh_Hans")
    path = tmp_path / "zh_Hans/LC_MESSAGES/django.po"
    catalogues.update(path, wanted)
    untranslated = path.read_text()
    for form, found in {
        "空余席位：%(n)s": [],
        "空余席位：%(m)s": ["unknown named placeholder 'm'"],
    }.items():
        path.write_text(untranslated.replace('msgstr[0] ""', f'msgstr[0] "{form}"'))
        faults = [fault.rpartition(": ")[2] for fault in catalogues.find_faults(path, wanted)]
        assert faults == found


def test_a_seventh_language_is_one_command_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, client: Client
) -> None:
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    monkeypatch.setattr(catalogues, "SOURCES", catalogues.SOURCES / "hemicycle/ui")
    assert catalogues.main("update", "pt") == 0
    path = tmp_path / "pt/LC_MESSAGES/django.po"
    assert "nplurals=2; plural=(n != 1)" in path.read_text()
    said = "Ir para a página inicial"
    path.write_text(
        path.read_text().replace(
            'msgid "Go to the home page"\nmsgstr ""',
            f'msgid "Go to the home page"\nmsgstr "{said}"',
        )
    )
    assert catalogues.main("compile") == 0
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, tmp_path]
    settings.LANGUAGES = interface_languages(*settings.LOCALE_PATHS)
    assert ("pt", "Português") in settings.LANGUAGES
    page = client.get("/none/", headers={"accept-language": "pt-BR"}).content.decode()
    assert '<html\n  lang="pt"' in page
    assert said in page
