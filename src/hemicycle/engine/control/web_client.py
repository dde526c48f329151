"""The engine's HTTP client for `web`: a service pass with each request, a timeout for each answer.

`web` may be unavailable at any time. Every call then raises `WebUnavailable` at once or after a few
seconds; the caller continues with what it knows and asks again.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from hemicycle import shared_clock
from hemicycle.engine import web_api
from hemicycle.engine.control import passes
from hemicycle.engine.control.first_answer import first_answer
from hemicycle.engine.settings import Settings

ANSWER_S = 10.0
CONNECT_S = 3.0
COMPARE_S = 10.0
"""How often the clocks are compared, in seconds."""
ASK_AGAIN_S, MOST_ASKED = 0.4, 3
"""The seconds between requests for leases, and the most requests: of several `web` processes one
may hang while another answers at once.
"""
SILENT_S = 40.0
"""The time without a heartbeat, in seconds, after which the feed is dead; `web` sends one every 15
s.
"""

BLOCK = 2**18
LONGEST_LINE = 2**22
"""The most bytes of a line: an entry that opens a panel has its whole list of speakers."""

_PATIENT = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENT_S)


class WebUnavailable(Exception):
    """`web` did not answer, or answered with an error; `status` is 0 without an answer."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


@asynccontextmanager
async def http_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Yield the one HTTP client of the process."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_S, connect=CONNECT_S)
    async with aiohttp.ClientSession(timeout=timeout, read_bufsize=LONGEST_LINE) as session:
        yield session


class WebClient:
    """The endpoints of `web` that the engine calls (`docs/media.md`)."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http
        self.epochs: dict[str, int] = {}
        """The epoch of the lease on each hearing; `LeaseKeeper` keeps them."""

    async def hearings(self, request: Mapping[str, Any], within_s: float) -> dict[str, Any]:
        """Ask for the hearings to run, and renew the leases on them.

        Each request waits `within_s` for its answer. A machine with a name makes up to `MOST_ASKED`
        requests, as quickly as its short leases need.
        """
        timeout = aiohttp.ClientTimeout(total=within_s)
        address = web_api.address(web_api.HEARINGS)
        ask = partial(self._json, "POST", address, "", dict(request), timeout=timeout)
        most = MOST_ASKED if self._settings.machine else 1
        return await first_answer(ask, again_s=ASK_AGAIN_S, most=most)

    async def configuration(self, hearing: str) -> dict[str, Any]:
        """Return the configuration of a hearing: names, languages, cards."""
        return await self._json("GET", web_api.address(web_api.HEARING, hearing), hearing)

    async def post_facts(self, hearing: str, facts: dict[str, Any]) -> int:
        """Post facts; return the number of the last one that was accepted."""
        asked = {"epoch": self.epochs.get(hearing, 0), **facts}
        answer = await self._json("POST", web_api.address(web_api.FACTS, hearing), hearing, asked)
        return int(answer["taken"])

    async def ended(self, hearing: str, sign_ins: set[str]) -> set[str]:
        """Return which of the given sign-in sessions have ended."""
        asked = {"sessions": sorted(sign_ins)}
        answer = await self._json("POST", web_api.address(web_api.ENDED, hearing), hearing, asked)
        return set(answer["ended"])

    async def post_check(self, hearing: str, passed: Mapping[str, Any]) -> None:
        """Post the figures of a person who has passed the device check."""
        asked = {"epoch": self.epochs.get(hearing, 0), **passed}
        await self._json("POST", web_api.address(web_api.CHECK, hearing), hearing, asked)

    async def post_edges(self, hearing: str, edges: list[dict[str, object]]) -> None:
        """Report the state of the edges."""
        address = web_api.address(web_api.EDGES, hearing)
        await self._json("POST", address, hearing, {"edges": edges})

    async def cuts(self, folder: str) -> dict[str, Any]:
        """Return the open orders for a folder of webcasts: `cuts`, and the `removed` hearings."""
        asked = {"machine": self._settings.machine, "folder": folder}
        return await self._json("POST", web_api.address(web_api.CUTS), "", asked)

    async def post_removed(self, hearing: str, folder: str) -> None:
        """Report that nothing of a removed hearing is left in a folder of webcasts."""
        asked = {"machine": self._settings.machine, "folder": folder, "hearing": hearing}
        await self._json("POST", web_api.address(web_api.REMOVED), "", asked)

    async def post_cut(self, hearing: str, report: dict[str, Any]) -> None:
        """Report the result of a cut, with the lease's `epoch` if this engine runs the hearing."""
        asked = {
            "machine": self._settings.machine,
            "epoch": self.epochs.get(hearing),
            **report,
        }
        await self._json("POST", web_api.address(web_api.CUT, hearing), hearing, asked)

    async def fetch(self, hearing: str, address: str, to: Path) -> None:
        """Download an address into a file."""
        headers = self._pass(hearing)
        async with self._request("GET", address, headers, timeout=_PATIENT) as answer:
            with to.open("wb") as file:
                async for block in answer.content.iter_chunked(BLOCK):
                    await asyncio.to_thread(file.write, block)

    async def time_ms(self) -> int:
        """Return the time of the record's clock in ms, to compare this machine's clock with it."""
        before_ms = shared_clock.steady_ms()
        async with self._request("GET", "/time", {}) as answer:
            told_ms = int(await answer.text())
        shared_clock.compare(before_ms, told_ms, shared_clock.steady_ms())
        return told_ms

    async def keep_comparing_clocks(self) -> None:
        """Compare this machine's clock with the record's regularly, until cancelled."""
        while True:
            with suppress(WebUnavailable):
                await self.time_ms()
            await asyncio.sleep(COMPARE_S)

    async def entries(self, address: str, after: int) -> AsyncGenerator[list[tuple[int, str]]]:
        """Yield the feed's entries after a sequence number: batches of (number, JSON) as they
        arrive.
        """
        headers = {"Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = str(after)
        async with self._request("GET", address, headers, timeout=_PATIENT) as answer:
            waiting = b""
            async for block in answer.content.iter_any():
                *whole, waiting = (waiting + block).split(b"\n\n")
                if len(waiting) > LONGEST_LINE:
                    raise WebUnavailable("the feed sent an entry without an end")
                if found := [entry for frame in whole if (entry := _entry(frame)) is not None]:
                    yield found

    async def _json(
        self, method: str, address: str, hearing: str, body: Any = None, **more: Any
    ) -> dict[str, Any]:
        headers = self._pass(hearing)
        async with self._request(method, address, headers, json=body, **more) as answer:
            data: dict[str, Any] = await answer.json()
            return data

    def _pass(self, hearing: str) -> dict[str, str]:
        pass_ = passes.Pass(hearing=hearing, use="service", role="technician", seat="engine")
        return {"Authorization": f"Bearer {passes.sign(pass_, self._settings.secret)}"}

    @asynccontextmanager
    async def _request(
        self, method: str, address: str, headers: dict[str, str], **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        place = address.partition("?")[0]  # its query may contain a token for the feed
        try:
            url = self._settings.web_url + address
            async with self._http.request(method, url, headers=headers, **more) as answer:
                if answer.status != 200:
                    body_text = (await answer.text())[:200]
                    why = f"{place} answered {answer.status}: {body_text}"
                    raise WebUnavailable(why, answer.status)
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            raise WebUnavailable(f"{place}: {error!r:.200}") from error


def _entry(frame: bytes) -> tuple[int, str] | None:
    """Return an event of the feed; None for a heartbeat and the like."""
    fields = dict(line.split(": ", 1) for line in frame.decode().splitlines() if ": " in line)
    if fields.get("event") != "entry":
        return None
    return int(fields["id"]), fields["data"]
