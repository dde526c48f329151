"""A hall's screen in a real page hears the meeting from edges that disappear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from tests.support import database, edges
from tests.support.browser import Pages
from tests.support.hall_at_edges import hall_at_edges

if TYPE_CHECKING:
    from tests.support.floor import Held
    from tests.support.hall_at_edges import HallAtEdges

pytestmark = [
    pytest.mark.test_all("deployment"),
    pytest.mark.alone,
    pytest.mark.browser,
    edges.needed(),
]

HEARD_AGAIN_MS = 6000
"""The limit in ms for a busy machine; `make bench ONLY=edge_failover` measures a quiet one."""
NO_GAP_MS = 500


@pytest.fixture
def scene(
    transactional_db: None, pages: Pages, tmp_path: Path
) -> Iterator[tuple[Held, HallAtEdges]]:
    """Yield a meeting with two edges and a hall that is connected to one of them."""
    pages.allow("/whep")  # an edge that has disappeared does not answer
    pages.allow("ERR_CONNECTION")
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    with hall_at_edges(tmp_path, url, pages) as made:
        yield made
        pages.close()


def test_a_hall_that_loses_one_edge_after_the_other(scene: tuple[Held, HallAtEdges]) -> None:
    meeting, hall = scene
    first = hall.at
    assert first in hall.edges
    assert {url.split("/")[-2] for url in hall.asked if url.startswith(first)} == {
        "program",
        "floor",
    }
    hall.page.wait_for_function("document.querySelector('hc-program video').videoWidth > 0")

    # Another channel: nobody interprets, so it carries the floor, as it does on the engine.
    silence_ms = hall.silence_ms(lambda: hall.page.select_option("[data-channels]", "fr"))
    assert silence_ms < NO_GAP_MS
    assert hall.asked[-1].startswith(f"{first}/{meeting.panel.world.hearing.id.hex}/room/fr/whep")
    assert hall.page.evaluate("tracks") == 1, "two sounds were heard at once"

    assert hall.silence_ms(hall.edges[first].kill) <= HEARD_AGAIN_MS
    second = hall.at
    assert second == ({*hall.edges} - {first}).pop()
    assert "/room/fr/whep" in hall.asked[-1] or "/room/program/whep" in hall.asked[-1]

    # After the last edge, the hall returns to the engine.
    assert hall.silence_ms(hall.edges[second].kill) <= HEARD_AGAIN_MS
    assert hall.at == ""
    assert "/media/whep/" in hall.asked[-1]
