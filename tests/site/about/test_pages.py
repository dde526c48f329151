"""The accessibility statement, the privacy notice and the imprint: ours, or the operator's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from hemicycle.hearing.setup import personal_data
from hemicycle.site.about import config, own_texts

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PAGES = [f"/about/{page}/" for page in config.PAGES]
MODEL = (
    "Compliance status",
    "Content that is not accessible",
    "Not compliant",
    "Disproportionate burden",
    "Not in the scope of the law",
    "Preparation of this statement",
    "Feedback and contact",
    "Enforcement procedure",
)
"""The parts of the model statement in the Annex of Implementing Decision (EU) 2018/1523."""


def read(path: str, **headers: str) -> str:
    answer = Client(headers=headers).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_each_page_names_the_operator_and_the_contact(path: str, settings: Settings) -> None:
    assert "has not entered a name and an address yet" in read(path)
    settings.OPERATOR_NAME = "Council of <Example>"
    settings.CONTACT_EMAIL = "contact@hearing.example"
    page = read(path)
    assert 'href="mailto:contact@hearing.example"' in page
    assert "has not entered" not in page
    assert "Council of &lt;Example&gt;" in page
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert title
    assert heading
    assert title[1].strip() == heading[1].strip() != ""


def test_the_statement_has_the_parts_of_the_model_in_its_order() -> None:
    page = read("/about/accessibility/")
    headings = re.findall(r"<h[23]>(.+?)</h[23]>", page)
    assert [heading for heading in headings if heading in MODEL] == list(MODEL)


def test_the_statement_claims_the_rules_that_the_tests_check() -> None:
    from tests.support.axe import RULES

    assert RULES == ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    assert "axe-core against the rules of WCAG 2.2, levels A and AA" in " ".join(
        read("/about/accessibility/").split()
    )


def test_the_privacy_notice_has_the_whole_table_and_each_public_hearing(world: World) -> None:
    page = read("/about/privacy/")
    assert re.findall(r'id="data-([\w-]+)"', page) == [row.key for row in personal_data.TABLE]
    assert f'href="/h/{world.hearing.slug}/privacy/"' in page
    world.hearing.status = world.hearing.Status.DRAFT
    world.hearing.save()
    assert world.hearing.slug not in read("/about/privacy/")


def test_every_public_page_links_to_all_three(world: World) -> None:
    slug = world.hearing.slug
    for name in ("hearing:page", "speakers:public", "statements:library", "webcast:live"):
        page = read(reverse(name, kwargs={"slug": slug}))
        assert [path for path in PAGES if f'href="{path}"' not in page] == [], name


def test_the_operators_text_takes_the_place_of_ours(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "imprint.fr.md").write_text("# Mentions légales\n\nÉditeur : **Ville**\n")
    (tmp_path / "imprint.ar.md").write_text("# بيانات الناشر\n\nنص\n")
    settings.PAGES_DIR = tmp_path
    page = read("/about/imprint/", accept_language="ar")
    assert '<span lang="ar" dir="rtl">بيانات الناشر</span>' in page
    # English has no file: a reader gets the first one, in its direction, and a link to the others.
    page = read("/about/imprint/")
    assert '<div class="prose" lang="ar" dir="rtl">' in page
    assert 'href="?text=fr"' in page
    page = read("/about/imprint/?text=fr")
    assert "<strong>Ville</strong>" in page
    assert page.count("<h1>") == 1
    assert "Hemicycle, open-source software" not in page
    assert "Compliance status" in read("/about/accessibility/")  # it has no file


def test_an_own_privacy_notice_keeps_the_table(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "privacy.en.md").write_text("Our own notice")
    settings.PAGES_DIR = tmp_path
    page = read("/about/privacy/")
    assert "<p>Our own notice</p>" in page
    assert f'id="data-{personal_data.TABLE[0].key}"' in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a <img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,x)", "[x](data:text/html,x)"),
        ("![x](https://elsewhere.example/x.png)", '!<a href="https://elsewhere.example/x.png">'),
        ("[x](mailto:a@hearing.example)", '<a href="mailto:a@hearing.example">x</a>'),
        ("# <b>One</b>\n\n# Two", "<h2>Two</h2>"),
    ],
)
def test_a_text_brings_no_markup_of_its_own(text: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "imprint.en.md").write_text(text)
    found = own_texts.read(tmp_path, "imprint", "en")
    assert found is not None
    assert shown in found.body
    assert "<script" not in found.body
    assert "<img" not in found.body
    assert "<b>" not in found.body


def test_a_title_is_escaped_on_the_page(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "imprint.en.md").write_text("# A <b>bold</b> *title*\n\nText")
    settings.PAGES_DIR = tmp_path
    assert "A &lt;b&gt;bold&lt;/b&gt; title" in read("/about/imprint/")


@pytest.mark.parametrize("wanted", ["../../etc/passwd", "fr/../en", "%00", "x" * 5000])
def test_a_wrong_language_reads_no_other_file(
    wanted: str, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "imprint.en.md").write_text("The only one")
    settings.PAGES_DIR = tmp_path
    answer = Client().get("/about/imprint/", {"text": wanted})
    assert "The only one" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("imprint.md", b"x", "imprint.md in it must be called accessibility, imprint or privacy"),
        ("terms.en.md", b"x", "terms.en.md in it must be called"),
        ("imprint.en.md", b"\xff\xfe", "imprint.en.md in it must be in UTF-8"),
        ("imprint.en.md", b"x" * (config.LONGEST + 1), "imprint.en.md in it must have at most"),
    ],
)
def test_a_file_that_is_not_usable_stops_the_start(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        config.texts_folder(str(tmp_path))
