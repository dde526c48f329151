"""Message catalogues: what is extracted, kept and found wanting."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

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


def test_what_stands_in_the_office_alone_may_stay_untranslated(arabic: Path) -> None:
    wanted, office, public = (
        Catalog(),
        "hemicycle/meeting/room/templates/room/_keys.html",
        "seat.html",
    )
    wanted.add("Interrupt", locations=[(office, 0)])
    wanted.add("Point of order", locations=[(office, 0), (office.replace("_keys.html", public), 0)])
    catalogues.update(arabic, wanted)
    assert [fault.partition(": ")[2] for fault in catalogues.find_faults(arabic, wanted)] == [
        "'Point of order' is not translated"
    ]
