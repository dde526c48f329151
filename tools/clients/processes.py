"""Clients that run as a process and carry packets or samples (`tools.clients.rtp`)."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tools.clients.hall import THEIRS_HZ, Heard, Way
from tools.clients.rtp import Ear, send

CARRIERS = Path(__file__).parent / "carriers"
END_S = 8.0
_PICTURE = re.compile(rb"picture (\d+)x(\d+)")


class Carrier:
    """The command of such a client; with `draws`, it makes its own sound and picture."""

    def __init__(self, *command: str | Path, draws: bool = False) -> None:
        self._command, self._draws = [str(part) for part in command], draws

    @asynccontextmanager
    async def publish(self, way: Way) -> AsyncIterator[None]:
        """Let the client speak as long as the context is open."""
        async with _process([*self._command, "publish", *_words(way)]) as (process, _):
            assert process.stdin is not None
            sending = None if self._draws else asyncio.create_task(send(process.stdin, THEIRS_HZ))
            try:
                yield
            finally:
                if sending is not None:
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)

    @asynccontextmanager
    async def listen(self, way: Way) -> AsyncIterator[Callable[[], Awaitable[Heard]]]:
        """Let the client listen as long as the context is open."""
        async with _process([*self._command, "listen", *_words(way)]) as (process, ear):
            assert process.stdout is not None
            reading = asyncio.create_task(ear.read(process.stdout))

            async def ask() -> Heard:
                assert process.returncode is None, f"It ended: {ear.said.strip()[-200:]}"
                await asyncio.sleep(0.1)
                return ear.heard()

            try:
                yield ask
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


def _words(way: Way) -> list[str]:
    return [way.url, way.token, str(THEIRS_HZ)]


class _Watched(Ear):
    """An ear that also reads the standard error of the process."""

    said = ""

    async def watch(self, errors: asyncio.StreamReader) -> None:
        while line := await errors.readline():
            self.said += line.decode(errors="replace")
            if found := _PICTURE.search(line):
                self.width, self.height = int(found[1]), int(found[2])


@asynccontextmanager
async def _process(
    command: Sequence[str],
) -> AsyncIterator[tuple[asyncio.subprocess.Process, _Watched]]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=CARRIERS
    )
    ear = _Watched()
    assert process.stderr is not None
    watching = asyncio.create_task(ear.watch(process.stderr))
    try:
        yield process, ear
    except AssertionError as error:
        if ear.said:
            sys.stderr.write(ear.said)
        if process.returncode:
            raise AssertionError(f"It ended: {ear.said.strip()[-200:]}") from error
        raise
    finally:
        assert process.stdin is not None
        with suppress(ConnectionError):
            process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
