"""The process of a relay (`python -m hemicycle.engine.rtc.relay_process`): listeners only."""

import asyncio
import signal
import socket
import sys
from typing import Any, Literal

from hemicycle.engine.memory import keep_small
from hemicycle.engine.rtc.errors import BadOffer, NoCodec, NoPort
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.pipe import RelayPipe
from hemicycle.engine.rtc.ports import Ports
from hemicycle.engine.streams import Output

FIGURES_S = 1.0


class RelayProcess:
    """Does what the engine says, until the engine is gone."""

    def __init__(self, pipe: RelayPipe, exchange: PeerFactory) -> None:
        self._pipe = pipe
        self._exchange = exchange
        self._outputs: dict[int, Output] = {}
        self._listeners: dict[int, ListenerPeer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the engine is gone."""
        figures = asyncio.create_task(self._tell_figures())
        async for said in self._pipe.listen():
            if isinstance(said, dict):
                getattr(self, f"_{said.pop('what')}")(**said)
            elif output := self._outputs.get(said[0]):
                output.put(said[1])
        figures.cancel()
        await asyncio.gather(
            *(listener.close("lost") for listener in tuple(self._listeners.values()))
        )

    def _output(self, number: int, name: str, kind: Literal["sound", "picture"]) -> None:
        output = self._outputs[number] = Output(name, kind)
        output.wants_key = lambda: self._pipe.say("key", number=number)

    def _offer(self, number: int, sdp: str, takes: dict[str, int]) -> None:
        outputs = {kind: self._outputs[output] for kind, output in takes.items()}
        self._start(self._answer(number, sdp, outputs["sound"], outputs.get("picture")))

    def _hear(self, number: int, sound: int) -> None:
        if listener := self._listeners.get(number):
            listener.hear(self._outputs[sound])

    def _close(self, number: int, reason: str) -> None:
        if listener := self._listeners.pop(number, None):
            self._start(listener.close(reason))

    def _start(self, what: Any) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, sdp: str, sound: Output, picture: Output | None) -> None:
        def changed(state: str, reason: str) -> None:
            if number in self._listeners:  # before that, it is refused with its reason
                self._pipe.say("state", number=number, state=state, reason=reason)
            if state == "closed":
                self._listeners.pop(number, None)

        try:
            listener, answer = await self._exchange.listener(sdp, changed, sound, picture)
        except (BadOffer, NoCodec, NoPort) as error:
            self._pipe.say("refused", number=number, code=error.code, detail=str(error))
            return
        assert isinstance(listener, ListenerPeer)
        self._listeners[number] = listener
        self._pipe.say("answer", number=number, sdp=answer)

    async def _tell_figures(self) -> None:
        while True:
            await asyncio.sleep(FIGURES_S)
            figures = {
                number: (listener.loss, listener.jitter_s, listener.rtt_s, listener.packets)
                for number, listener in self._listeners.items()
            }
            self._pipe.say("figures", free=self._exchange.ports_free, figures=figures)


async def main(descriptor: int, first: int, last: int, addresses: list[str]) -> None:
    """Serve listeners for the engine at the other end of `descriptor`."""
    # The engine ends this process; a Ctrl-C in the terminal is meant for the engine.
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
    sock = socket.socket(fileno=descriptor)
    pipe = RelayPipe(*await asyncio.open_connection(sock=sock))
    keeping = asyncio.create_task(keep_small())
    await RelayProcess(pipe, PeerFactory(Ports(first, last, addresses))).run()
    keeping.cancel()


if __name__ == "__main__":
    _, given, low, high, *hosts = sys.argv
    asyncio.run(main(int(given), int(low), int(high), hosts))
