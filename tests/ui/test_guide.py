"""Every component in every state, in both directions: it has no barriers and fits the page."""

import pytest
from django.test import Client
from django.urls import include, path

from hemicycle.ui.views import ERRORS
from tests.support import axe
from tests.support.browser import Pages
from tests.support.markup import compact
from tests.ui.lab import Lab

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("design/", include("hemicycle.ui.design_urls")),
]
PAGES = ("/design/", "/design/office/", "/design/room/", "/design/hall/?clock=2")
LANGUAGES = ("en", "ar")

pytestmark = pytest.mark.urls(__name__)


def fetch(address: str, language: str) -> str:
    answer = Client().get(address, headers={"cookie": f"hemicycle_language={language}"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ERRORS)
def test_error_page_has_a_sentence_and_a_way_on(name: str, language: str) -> None:
    text = compact(fetch(f"/design/error/{name}/", language))
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in text
    assert text.count("<h1>") == 1
    assert 'class="btn btn--primary" href="/"' in text


@pytest.mark.parametrize("address", PAGES)
def test_no_script_or_style_stands_in_the_page(address: str) -> None:
    text = fetch(address, "en")
    assert "style=" not in text
    assert " onclick=" not in text
    assert "<style" not in text
    assert text.count("<script") == text.count(" src=") + text.count("application/json")


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_no_barrier_and_nothing_beside_the_page(
    address: str, language: str, lab: Lab, pages: Pages
) -> None:
    pages.allow("/feed/")
    lab.pages["/shown"] = fetch(address, language)
    page = pages.open(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    wider = []
    for width in (390, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{lab.url}/shown")
        page.wait_for_selector("main")
        wider.append(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
    assert wider == [0, 0, 0]
    assert axe.barriers(page) == []
