"""A viewer's player notices that something was removed from what it plays."""

from __future__ import annotations

import functools
import http.server
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hemicycle.engine.hls import CutOrder, cut
from tests.engine.hls import folder as f
from tests.engine.hls.program import Program
from tests.support.browser import Pages
from tests.support.threaded import in_thread

pytestmark = [pytest.mark.browser, pytest.mark.real_time]
PACKAGE = Path(__file__).parents[3] / "src" / "hemicycle"
GONE = "Removed at the request of the speaker"
PAGE = f"""<!doctype html><html lang="en"><title>A player</title><link rel="icon" href="data:,">
<script type="application/json" id="hc-messages-webcast">{{"webcast.loading": "Loading",
"webcast.away": "Away", "webcast.over": "Over", "webcast.removed.speaker": "{GONE}"}}</script>
<hc-webcast data-source="/meeting/master.m3u8" data-facts="/meeting/meeting.json"
data-hls="/static/vendor/hls/hls.min.js"><video></video><button data-start>Watch</button>
<p data-said></p></hc-webcast>
<script type="module" src="/static/webcast/player/webcast.js"></script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and forbids caching, as the engine does for files that may change."""

    def end_headers(self) -> None:
        """Forbid caching: a cache that compares dates misses a second change within a second."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *told: object) -> None:
        """Log nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server with the player, and a recording of twenty seconds in `meeting`."""
    for part in ("ui", "meeting/state", "meeting/webcast"):
        shutil.copytree(PACKAGE / part / "static", tmp_path / "static", dirs_exist_ok=True)
    (tmp_path / "index.html").write_text(PAGE)
    made = f.writer(tmp_path / "meeting")
    f.write(made, Program().run(20))
    f.end(made)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with in_thread(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}/index.html"


def test_a_gap_that_comes_while_somebody_watches(served: str, pages: Pages, tmp_path: Path) -> None:
    pages.allow("404 ")  # the player requests what was cut until its lists are updated
    page = pages.open()
    page.goto(served)
    page.get_by_role("button", name="Watch").click()
    player, said = page.locator("hc-webcast"), page.locator("[data-said]")
    expect(player).to_have_attribute("data-state", "playing", timeout=30_000)
    expect(said).to_have_text("")
    order = CutOrder("c" * 32, f.WALL_MS + 500, f.WALL_MS + 19_500, 0, "speaker", GONE)
    assert cut(tmp_path / "meeting", order)
    expect(player).to_have_attribute("data-removed", "speaker", timeout=60_000)
    expect(said).to_have_text(GONE)
