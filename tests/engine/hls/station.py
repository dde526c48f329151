"""A webcast on the air for tests: a program made in real time, packaged, and answered over HTTP."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from hemicycle.engine.hls import Packager
from hemicycle.engine.hls.http import routes
from hemicycle.engine.hls.live import LiveWebcast
from hemicycle.engine.streams import PROGRAM, Output
from tests.engine.hls.program import Program

HEARING, MEETING = "a" * 32, "b" * 32
STEP_S = 0.04


class Station:
    """Runs in a thread with its own event loop, until the end of the `with` block.

    With a `ladder`, the webcast has two pictures, of about 0.9 and 0.25 Mb/s. `asked` counts the
    requests by file name with query. `epoch` is the epoch of the lease.
    """

    def __init__(
        self,
        segments: Path,
        channels: tuple[str, ...] = ("floor", "fr"),
        hearing: str = HEARING,
        meeting: str = MEETING,
        *,
        on_air: bool = True,
        ladder: bool = False,
        epoch: int = 0,
        extra: Callable[["Station"], list[web.RouteDef]] = lambda station: [],
    ) -> None:
        self.segments, self.channels = segments, channels
        self.hearing, self.meeting = hearing, meeting
        self.troubles: list[str] = []
        self.asked: Counter[str] = Counter()
        self.port = 0
        self.started_at_ms = 0
        self.packager: Packager | None = None
        self._on_air, self._ladder, self._epoch = on_air, ladder, epoch
        self._extra = extra
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._making: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address of the meeting's folder, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}/media/hls/{self.hearing}/{self.meeting}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self._serve())
        if self._on_air:
            self.begin()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.packager is not None:
            self.do(self._end(ended=False))
        assert self._runner is not None
        self.do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the station's loop, and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def begin(self) -> None:
        """Begin a run of the webcast, as an engine that starts does."""
        self.do(self._begin())

    def leave(self) -> None:
        """End the run, but not the meeting."""
        self.do(self._end(ended=False))

    def close(self) -> None:
        """End the meeting."""
        self.do(self._end(ended=True))

    def find(self, hearing: str, meeting: str) -> LiveWebcast | None:
        """Return the running webcast, if these are its hearing and meeting."""
        ours = (hearing, meeting) == (self.hearing, self.meeting)
        return self.packager.live if ours and self.packager else None

    async def _serve(self) -> None:
        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked[request.path_qs.rpartition("/")[2]] += 1
            return await handler(request)

        app = web.Application(middlewares=[count])
        app.add_routes([*routes(self.segments, self.find), *self._extra(self)])
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _begin(self) -> None:
        outputs = {channel: Output(channel, "sound") for channel in self.channels}
        outputs[PROGRAM] = Output(PROGRAM, "picture")
        folder = self.segments / self.hearing / self.meeting
        self.started_at_ms = started = round(time.time() * 1000)
        self.packager = Packager(
            folder,
            outputs,
            started,
            on_trouble=lambda code, **_: self.troubles.append(code),
            small=self._ladder,
            epoch=self._epoch,
        )
        self._making = asyncio.create_task(make(outputs, ladder=self._ladder))

    async def _end(self, *, ended: bool) -> None:
        assert self._making is not None
        assert self.packager is not None
        self._making.cancel()
        await (self.packager.close() if ended else self.packager.leave())
        self.packager = None


async def make(outputs: dict[str, Output], *, ladder: bool = False) -> None:
    """Give a program to the outputs in real time, until cancelled.

    With a `ladder`, the program has a small picture too; both have the bit rates of a camera's
    picture.
    """
    channels = tuple(name for name in outputs if name != PROGRAM)
    program = Program(channels, reduced=ladder, noise=30 if ladder else 0)
    outputs[PROGRAM].wants_key = lambda: setattr(program, "key_wanted", True)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for step in range(1_000_000):
        for name, packet in program.run(STEP_S):
            outputs[name].put(packet)
        await asyncio.sleep(begun + (step + 1) * STEP_S - loop.time())
