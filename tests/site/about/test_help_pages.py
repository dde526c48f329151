"""The handbook under `/help/`, and the link to it in the office."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.site.about import help_pages

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from tests.support.addresses import Place

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    folder = tmp_path / "handbook"
    (folder / "decisions").mkdir(parents=True)
    (folder / "index.html").write_text("The first page")
    (folder / "decisions/index.html").write_text("Decisions")
    (folder / "script.js").write_text("1;")
    (folder / ".built").write_text("a hash")
    (tmp_path / "secret.txt").write_text("no page of it")
    monkeypatch.setattr(help_pages, "BUILT", folder)
    settings.HAS_HANDBOOK = True
    return folder


def content(path: str) -> tuple[int, bytes]:
    answer = Client().get(path)
    body = answer.getvalue() if answer.streaming else answer.content
    return answer.status_code, body


def test_it_has_its_first_page_and_its_files(built: Path) -> None:
    assert content("/help/") == (200, b"The first page")
    assert content("/help/decisions/") == (200, b"Decisions")
    answer = Client().get("/help/script.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=600"


@pytest.mark.parametrize(
    "path", ["nothing.html", "../secret.txt", "%2e%2e/secret.txt", ".built", "decisions", "a\\b"]
)
def test_nothing_else_is_served(built: Path, path: str) -> None:
    status, body = content(f"/help/{path}")
    assert status in {301, 302, 404}
    assert b"no page of it" not in body
    assert b"a hash" not in body


def test_a_checkout_without_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_pages, "BUILT", tmp_path / "none")
    assert content("/help/")[0] == 404


def test_the_office_leads_to_it_where_it_is(place: Place, built: Path, settings: Settings) -> None:
    client, office = place.client("secretariat"), f"/office/{place.hearing.slug}/"
    assert '<a href="/help/">Help</a>' in client.get(office).content.decode()
    settings.HAS_HANDBOOK = False
    assert ">Help</a>" not in client.get(office).content.decode()
    settings.HANDBOOK_URL = "https://intranet.example/hearings"
    assert '<a href="https://intranet.example/hearings">Help</a>' in (
        client.get(office).content.decode()
    )
    assert Client().get("/help/").headers["Location"] == "https://intranet.example/hearings"
