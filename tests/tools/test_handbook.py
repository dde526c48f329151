"""The handbook builds without a broken link, and works offline and under our security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from django.conf import settings
from django.utils.csp import build_policy

from tests.support.axe import barriers
from tests.support.threaded import in_thread
from tools import handbook

if TYPE_CHECKING:
    from tests.support.browser import Pages

LARGEST_MB = 3.5
"""The limit for about 105 pages, each with 17 kB of navigation."""
LOADED = re.compile(
    r'<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc="([^"]+)"'
    r'|<link\b[^>]*\brel="(?:stylesheet|preload|prefetch|icon|shortcut icon)"[^>]*\bhref="([^"]+)"'
)
INLINE = re.compile(r"<script>|<style>|<[^>]+\sstyle=|<[^>]+\son[a-z]+=")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handbook") / "built"
    handbook.build(folder)
    return folder


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    """The address of the handbook, served with the site's own policy, without another server."""
    policy = build_policy(cast("dict[str, list[str]]", settings.SECURE_CSP))

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    handler = partial(Handler, directory=str(built))
    with in_thread(ThreadingHTTPServer(("localhost", 0), handler)) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.mark.test_all("packaging")
@pytest.mark.slow
def test_each_page_of_the_repository_is_in_the_contents(built: Path) -> None:
    pages = {path.relative_to(built).as_posix() for path in built.rglob("*.html")}
    wanted = {name.replace(".md", ".html") for name in _names()}
    assert pages == wanted | {"search.html"}
    index = (built / "index.html").read_text()
    listed = set(re.findall(r'class="reference internal" href="([^"#]+)"', index))
    assert {page for page in wanted if not page.startswith("decisions/")} - listed <= {"index.html"}


def _names() -> set[str]:
    own = {path.relative_to(handbook.DOCS).as_posix() for path in handbook.DOCS.rglob("*.md")}
    return {handbook.RENAMED.get(name, name) for name in own} | set(handbook.FROM_ROOT.values())


@pytest.mark.test_all("packaging")
@pytest.mark.slow
def test_it_loads_nothing_from_elsewhere_and_has_nothing_inline(built: Path) -> None:
    for page in built.rglob("*.html"):
        text = page.read_text()
        loaded = [one or other for one, other in LOADED.findall(text)]
        assert loaded, page.name
        assert [url for url in loaded if "//" in url] == [], page.name
        # Code that documents show is escaped.
        assert INLINE.search(text) is None, page.name
    for style in built.rglob("*.css"):
        assert re.search(r"url\([\"']?(?:https?:)?//|@import", style.read_text()) is None, style


@pytest.mark.test_all("packaging")
@pytest.mark.slow
def test_it_is_small_enough_for_the_package(built: Path) -> None:
    size = sum(file.stat().st_size for file in built.rglob("*") if file.is_file())
    assert size / 2**20 < LARGEST_MB


@pytest.mark.test_all("packaging")
@pytest.mark.slow
@pytest.mark.browser
def test_search_works_under_the_sites_policy(address: str, pages: Pages) -> None:
    page = pages.open(locale="en")
    page.goto(f"{address}/search.html?q=interpreters")
    found = page.locator("#search-results a", has_text="guide").first
    title = found.inner_text()
    found.click()
    page.locator("h1", has_text=title.partition(" ")[0]).first.wait_for()


@pytest.mark.test_all("packaging")
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1366])
def test_a_page_has_no_barrier(address: str, pages: Pages, width: int) -> None:
    page = pages.open(viewport={"width": width, "height": 800}, locale="en")
    for name in ("index", "getting-started", "settings"):
        page.goto(f"{address}/{name}.html")
        assert barriers(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("target", ["missing.md", "../src/nowhere.py", "pictures/none.webp"])
def test_a_link_that_leads_nowhere_stops_the_build(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = _repository(tmp_path, f"# Title\n\n[there]({target})\n", monkeypatch)
    with pytest.raises(handbook.BrokenLinks, match=re.escape(target)):
        handbook.build(tmp_path / "built")
    (docs / "README.md").write_text(f"# Title\n\n```\n[there]({target})\n```\n")  # code is no link
    handbook.assemble(tmp_path / "source")


@pytest.mark.test_all("packaging")
@pytest.mark.slow
def test_a_heading_that_is_not_there_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = "# Title\n\n- [other](other.md)\n\n[there](other.md#where)\n"
    docs = _repository(tmp_path, index, monkeypatch)
    (docs / "other.md").write_text("# Other\n\n## Here\n")
    with pytest.raises(handbook.BrokenLinks, match="where"):
        handbook.build(tmp_path / "built")
    (docs / "other.md").write_text("# Other\n\n## Where\n")
    handbook.build(tmp_path / "built")
    assert (tmp_path / "built/other.html").exists()


def _repository(folder: Path, index: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    docs = folder / "docs"
    (docs / "pictures").mkdir(parents=True)
    (docs / "README.md").write_text(index)
    monkeypatch.setattr(handbook, "ROOT", folder)
    monkeypatch.setattr(handbook, "DOCS", docs)
    monkeypatch.setattr(handbook, "FROM_ROOT", {})
    monkeypatch.setattr(handbook, "fingerprint", lambda: "")
    return docs
