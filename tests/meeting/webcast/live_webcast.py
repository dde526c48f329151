"""A meeting of today that is on air: a real server, and a webcast of real packets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.hearing.setup.models import Meeting
from hemicycle.procedure import commands as c
from tests.engine.hls.station import Station
from tests.support.panel import Panel, panel_today
from tests.support.site import Site

LANGUAGES = ["ar", "zh", "en", "fr"]


@dataclass
class LiveWebcast:
    """The panel and its webcast."""

    panel: Panel
    station: Station
    site: Site
    meeting: Meeting
    others: list[str]

    def within(self, snippet: str) -> str:
        """Return the address of another site's page that contains a snippet."""
        self.others[:] = [snippet]
        return f"http://127.0.0.1:{self.station.port}/others"

    def url(self, part: str) -> str:
        """Return an address of the site."""
        return f"{self.site.url}/{part}"

    @property
    def live(self) -> str:
        """The address of the live page."""
        return self.panel.url("live/")

    @property
    def watch(self) -> str:
        """The address of the recording's page."""
        return self.panel.url(f"watch/{self.meeting.id}/")

    def open(self) -> None:
        """Start the webcast, and open the meeting."""
        self.station.begin()
        self.panel.world.open_panel()

    def close(self) -> None:
        """Close the meeting, and finish its recording."""
        self.press(c.CloseSegment())
        self.press(c.CloseMeeting())
        self.station.close()

    def press(self, command: c.Command) -> None:
        """Send a command as the moderator."""
        self.panel.world.press(command)

    def run_late(self, ms: int) -> None:
        """Date everything that is written from now on `ms` milliseconds earlier."""

        async def move() -> None:
            assert self.station.packager is not None
            self.station.packager.move_clock(self.station.started_at_ms - ms)

        self.station.do(move())

    def caption(self, language: str, text: str) -> None:
        """Write a captioner's line, spoken now."""
        now = round(time.time() * 1000)
        line = CaptionLine(language, now, (Cue(now, now + 4000, text),))

        async def write() -> None:
            assert self.station.packager is not None
            self.station.packager.caption(line)

        self.station.do(write())


class ServedSite(Site):
    """A site whose engine is a station."""

    def served_by(self, station: Station) -> None:
        """Use the station as the engine; call this before the site starts."""
        self._environment |= {
            "HEMICYCLE_MEDIA_URL": f"http://127.0.0.1:{station.port}",
            "HEMICYCLE_MEDIA_SEGMENTS": str(station.segments),
        }


def _page(parts: list[str]) -> web.RouteDef:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html>{''.join(parts)}", content_type="text/html")

    return web.get("/others", page)


@contextmanager
def live_webcast(folder: Path, database_url: str, *, ladder: bool = False) -> Iterator[LiveWebcast]:
    """Yield a meeting that has not opened yet; its engine runs and has nothing to send."""
    site = ServedSite(folder, database_url)
    with panel_today(site, 3, languages=LANGUAGES) as panel:
        meeting = panel.world.panels[0].meeting
        ids = (panel.world.hearing.id.hex, meeting.id.hex)
        channels = ("floor", *LANGUAGES)
        others: list[str] = []
        made = Station(
            folder / "segments",
            channels,
            *ids,
            on_air=False,
            ladder=ladder,
            extra=lambda _: [_page(others)],
        )
        with made as station:
            site.served_by(station)
            site.start()
            try:
                yield LiveWebcast(panel, station, site, meeting, others)
            finally:
                site.stop()
    site.check_log()
