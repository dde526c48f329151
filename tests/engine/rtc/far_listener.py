"""`python -m tests.engine.rtc.far_listener`: a `PoorListener` in a network of its own.

It runs in a network namespace that reaches no web server. It writes its offer as JSON to standard
output, and reads the answer from standard input. For each further line, it writes the figures of
what it has heard and seen, and counts again from zero.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any, Self

import aiohttp

from bench.engine.crowd import Door, Peer
from tests.engine.aired import HEARING, SECRET
from tests.engine.rtc.poor_listener import PoorListener, with_redundancy


class _Listener(PoorListener):
    """A listener whose signalling uses standard input and output."""

    def __init__(self, door: Door, lines: asyncio.StreamReader) -> None:
        super().__init__(None, door, "", None)
        self._lines = lines

    async def _post(self, offer: str) -> str:
        print(json.dumps(with_redundancy(offer)), flush=True)
        answer: str = json.loads(await self._lines.readline())
        return answer

    async def _read_news(self) -> None:
        """Do nothing: no server can be reached for events."""


async def _listen() -> None:
    loop, lines = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    seat = await _Listener(Door("", HEARING, SECRET), lines).start()
    print(json.dumps("up"), flush=True)
    while await lines.readline():
        seen = seat.now.figures()
        seat.observe()
        print(json.dumps({**seen, "redundant": seat.redundant}), flush=True)
    await seat.pc.close()


class FarListener:
    """The process of a far listener, as a test controls it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls, command: Sequence[str], http: aiohttp.ClientSession, door: Door, token: str
    ) -> Self:
        """Run the process by `command`, to which its own command is added, and connect it."""
        pipe = asyncio.subprocess.PIPE
        module = (sys.executable, "-m", "tests.engine.rtc.far_listener")
        made = cls(
            await asyncio.create_subprocess_exec(
                *command, *module, stdin=pipe, stdout=pipe, limit=1 << 20
            )
        )
        near = Peer(http, door, token, "?channel=floor")
        made._tell(await near._post(await made._told()))
        assert await made._told() == "up"
        return made

    async def observed(self) -> dict[str, Any]:
        """Return the figures since the last time (`Observed.figures`), and count from zero."""
        self._tell("observe")
        figures: dict[str, Any] = await self._told()
        return figures

    async def end(self) -> None:
        """Let the process end, within 10 seconds."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(10):
            await self._process.wait()

    def _tell(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _told(self) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            return json.loads(await self._process.stdout.readline())


if __name__ == "__main__":
    asyncio.run(_listen())
