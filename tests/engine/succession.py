"""A successor of an engine in a separate process, for tests: it takes over and obeys commands.

`python -m tests.engine.succession SOCKET DOOR` takes the descriptors of a line to the preceding
engine and of the socket at which both answer. The first line of standard input has the settings,
the configuration and the commands so far; each later line is a command of the meeting. What the
engine reports goes to standard output, one line each.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from hemicycle.engine import settings
from hemicycle.engine.hand_over import EngineParts, HandOver, HandOverLine, TakeOver
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.procedure.commands import Command, from_json, to_json
from tests.engine.aired import Aired, Facts, OneHearing, Script, serving


class TellingFacts(Facts):
    """Facts that are printed as they are reported."""

    def report(self, command: Command) -> None:
        super().report(command)
        print(json.dumps(to_json(command)), flush=True)


class Successor:
    """The process, as the test controls it."""

    def __init__(self, process: asyncio.subprocess.Process, facts: Facts) -> None:
        self.process, self._facts = process, facts
        self.said: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def says(self, word: str) -> None:
        """Wait until the process prints a word."""
        async with asyncio.timeout(20):
            while word not in self.said:
                assert not self._reading.done(), f"it ended and said {self.said}"
                await asyncio.sleep(0.01)

    async def do(self, *commands: Command) -> None:
        """Send the process commands, as entries of the record."""
        assert self.process.stdin is not None
        for command in commands:
            self.process.stdin.write(f"{json.dumps(to_json(command))}\n".encode())
        await self.process.stdin.drain()

    async def end(self) -> None:
        """End the process, and wait until it has ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), 20)
        await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            text = line.decode().strip()
            if text.startswith("{"):
                self._facts.commands.append(from_json(json.loads(text)))
            else:
                self.said.append(text)


@asynccontextmanager
async def successor_of(engine: Aired, happened: Sequence[Command]) -> AsyncIterator[Successor]:
    """Yield a process that has taken everything over from an engine in this process."""
    ours, theirs = socket.socketpair()
    with theirs, engine.door.dup() as door:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.engine.succession"),
            *(str(theirs.fileno()), str(door.fileno())),
            pass_fds=[theirs.fileno(), door.fileno()],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    successor = Successor(process, engine.facts)
    begin = [engine.environ, engine.script.config, [to_json(command) for command in happened]]
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(begin)}\n".encode())
    giving = HandOver(engine.parts)
    await giving.give(HandOverLine.checked(ours))
    await engine.site.stop()
    for live in engine.parts.hearings.running():
        await live.stop()
    await giving.left()
    await successor.says("webcast")
    try:
        yield successor
    finally:
        await successor.end()


async def _lines() -> AsyncIterator[Any]:
    reader = asyncio.StreamReader(limit=1 << 22)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        yield json.loads(line)


async def main(line: int, door: int) -> None:
    """Take over, and obey commands until the standard input ends."""
    lines = _lines()
    environ, config, happened = await anext(lines)
    chosen = settings.read(environ)
    script, facts = Script(**config), TellingFacts()
    script.do(*map(from_json, happened))
    taking = await TakeOver.begin(HandOverLine.checked(socket.socket(fileno=line)))
    port = MediaPort(chosen.port, ["127.0.0.1"], tcp=chosen.tcp_port, inherited=taking.port)
    hearings = OneHearing(chosen, script, facts)

    async def take(parts: EngineParts) -> None:
        await taking.take(parts)
        print("taken", flush=True)

    with socket.socket(fileno=door) as listener:
        async with serving(hearings, port, listener, take=take) as (parts, _site):
            await taking.begin_webcasts(parts)
            print("webcast", flush=True)
            async for command in lines:
                script.do(from_json(command))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.flush()
    os._exit(0)
