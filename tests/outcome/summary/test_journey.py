"""In a browser, a statement is submitted, and the summary drafted, edited, exported and opened."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from docx import Document
from playwright.sync_api import TimeoutError
from pypdf import PdfReader

from tests.support.axe import barriers
from tests.support.browser import WITHIN_MS, Pages
from tests.support.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from hemicycle.hearing.people.models import Person
    from tests.support.finished import Finished

LOOKS_MS = 8_000
"""How often an editor's page asks who else has the sentence open, in milliseconds."""
SOON_MS = 1_500


def sign_in(finished: Finished, page: Page, person: Person | None = None) -> None:
    from hemicycle.hearing.people import actions as parties  # Django's settings are loaded later
    from hemicycle.hearing.people.models import Role

    world = finished.world
    link = parties.issue_link(
        person=person or world.secretary,
        hearing_id=world.hearing.id,
        role=Role.SECRETARIAT.value,
        next_url=f"/office/{world.hearing.slug}/summary/",
        actor=world.office,
    )
    page.goto(link)
    page.locator("main form button").first.click()
    page.wait_for_url("**/summary/")


def is_told(page: Page, words: str) -> None:
    """Wait until an editor's page shows `words`, and move its clock forward meanwhile."""
    for _ in range(round(WITHIN_MS / SOON_MS)):
        page.clock.fast_forward(LOOKS_MS)
        try:
            page.get_by_text(words).wait_for(timeout=SOON_MS)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"the page never says: {words}")


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as coming:
        page.get_by_role("link", name=label, exact=True).click()
    return coming.value.path().read_bytes()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_statement_to_paper(site: Site, pages: Pages) -> None:
    from tests.support.finished import finished_hearing  # Django's settings are loaded later

    with finished_hearing() as finished:
        hearing = finished.world.hearing
    page = pages.open(base_url=site.url)
    sign_in(finished, page)
    page.get_by_role("button", name="Draft the summary").click()
    page.get_by_text("The summary has been drafted from the statements").wait_for()
    assert barriers(page) == []

    sentence = page.locator(".summary__sentence", has_text="Normere urged all States")
    sentence.get_by_role("link", name="Normere, 5").click()
    passage = page.locator("#beside mark")
    assert passage.inner_text() == (
        "We urge all States to publish figures on trafficking every second year."
    )
    sentence.get_by_role("link", name="Edit").click()
    form = page.locator(".summary__form")
    form.get_by_label("Sentence").fill("Normere asked for figures every second year.")
    form.get_by_role("button", name="Save").click()
    page.get_by_text("Normere asked for figures every second year.", exact=True).wait_for()

    paper = Document(io.BytesIO(download(page, "DOCX")))
    lines = [line.text for line in paper.paragraphs]
    assert any(line.startswith("Normere asked for figures every second year.") for line in lines)
    pdf = PdfReader(io.BytesIO(download(page, "PDF")))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "Normere asked for figures every second year." in text

    page.get_by_role("button", name="Publish").click()
    page.get_by_text("The summary is public and cannot be changed.").wait_for()
    reader = pages.open(base_url=site.url, locale="ar", viewport={"width": 390, "height": 800})
    reader.goto(f"/h/{hearing.slug}/summary/")
    reader.get_by_text("Normere asked for figures every second year.").wait_for()
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(reader) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_editors_without_a_script(site: Site, pages: Pages) -> None:
    from hemicycle.outcome.summary import actions  # Django's settings are loaded later
    from hemicycle.outcome.summary.models import Sentence
    from tests.support.finished import finished_hearing

    with finished_hearing() as finished:
        actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    row = Sentence.objects.get(text__startswith="By language")
    editors = []
    for _editor in range(2):
        page = pages.open(base_url=site.url, java_script_enabled=False)
        sign_in(finished, page)
        page.locator(f"#s-{row.pk.hex}").get_by_role("link", name="Edit").click()
        editors.append(page)
    pages.allow("409 ")
    for number, page in enumerate(editors):
        page.get_by_label("Sentence").fill(f"Words of editor {number}.")
        page.get_by_role("button", name="Save", exact=True).click()
    second = editors[1]
    assert second.locator("#theirs").inner_text() == "Words of editor 0."
    assert second.locator("#yours").inner_text() == "Words of editor 1."
    second.get_by_label("Sentence").fill("Words of editors 0 and 1.")
    second.get_by_role("button", name="Save this text").click()
    second.get_by_text("Words of editors 0 and 1.", exact=True).wait_for()
    row.refresh_from_db()
    assert (row.text, row.revision) == ("Words of editors 0 and 1.", 3)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_editors_see_each_other_then_versions_and_circulation(site: Site, pages: Pages) -> None:
    from hemicycle.hearing.people.models import Appointment, Person
    from hemicycle.mail.outgoing.models import Message  # Django's settings are loaded later
    from hemicycle.outcome.summary import actions, versions
    from hemicycle.outcome.summary.models import Sentence
    from tests.support.finished import finished_hearing

    with finished_hearing() as finished:
        act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
        actions.draft(**act)
        versions.keep(**act, label="First")
    hearing = finished.world.hearing
    other = Person.objects.create(name="Second Editor", email="second@hearing.example")
    Appointment.objects.create(person=other, hearing_id=hearing.id, role="secretariat")
    row = Sentence.objects.get(text__startswith="By language")
    first, second = pages.open(base_url=site.url), pages.open(base_url=site.url)
    first.clock.install()
    for page, person in ((first, finished.world.secretary), (second, other)):
        sign_in(finished, page, person)
        page.locator(f"#s-{row.pk.hex}").get_by_role("link", name="Edit").click()
        page.get_by_label("Sentence").wait_for()
    first.get_by_label("Sentence").fill("Words of the first editor.")
    is_told(first, "Also open for: Second Editor")
    second.get_by_label("Sentence").fill("Words of the second editor.")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("Words of the second editor.", exact=True).wait_for()
    is_told(first, "Second Editor saved this sentence while you were")
    pages.allow("409 ")
    first.get_by_role("button", name="Save", exact=True).click()
    assert first.locator("#theirs").inner_text() == "Words of the second editor."
    assert first.locator(".summary__diff ins").inner_text().endswith("first")
    assert barriers(first) == []
    first.get_by_label("Sentence").fill("Words of both editors.")
    first.get_by_role("button", name="Save this text").click()

    first.get_by_role("link", name="Versions").click()
    first.get_by_label("Compare from version 1").check()
    assert barriers(first) == []
    first.get_by_role("button", name="Compare").click()
    assert "Words of both editors." in first.locator(".summary__diff ins").first.inner_text()
    assert barriers(first) == []

    first.goto(f"/office/{hearing.slug}/summary/")
    first.get_by_role("button", name="Publish").click()
    first.get_by_role("link", name="Circulate").click()
    first.get_by_role("button", name="Send it to 7 recipients").click()
    first.get_by_text("Recipients: 7.").wait_for()
    assert barriers(first) == []
    assert Message.objects.filter(purpose="summary").count() == 7
