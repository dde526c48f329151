"""The process of a relay (`python -m hemicycle.engine.rtc.relay_process`): listeners only."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Literal

from hemicycle.engine.memory import keep_small
from hemicycle.engine.rtc.errors import BadOffer, Full, NoCodec
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.pipe import Datagram, OutputPacket, RelayPipe, Said, TcpFrame
from hemicycle.engine.rtc.tcp_frames import CANNOT_SEGMENT
from hemicycle.engine.streams import Output

FIGURES_S = 1.0


class CarriedConnection:
    """A TCP connection of the engine, which carries its datagrams in both directions."""

    def __init__(self, pipe: RelayPipe, number: int, address: tuple[str, int]) -> None:
        self.address = address
        self.on_frame: Callable[[bytes], None] = lambda data: None
        self.on_end: Callable[[], None] = lambda: None
        self._pipe, self._number = pipe, number

    def known(self) -> None:
        """Do nothing: the engine knows the connection already."""

    def send(self, data: bytes | memoryview) -> None:
        """Send a datagram. The engine drops it if the link is behind."""
        self._pipe.frame(self._number, data)

    def sendmsg(self, buffers: list[memoryview], ancillary: object) -> None:
        """Send a datagram, as `send` does."""
        self.send(buffers[0])

    def setsockopt(self, *option: object) -> None:
        """Raise OSError, as a socket does that cannot segment."""
        raise OSError(CANNOT_SEGMENT)

    def rest(self) -> None:
        """Do nothing: the engine ends its relays when it hands over."""

    def go_on(self) -> None:
        """Do nothing, as `rest` does."""

    def abort(self) -> None:
        """End the connection."""
        self._pipe.frame(self._number, b"")


class RelayProcess:
    """Carries out the messages of the engine, until the engine is gone."""

    def __init__(self, pipe: RelayPipe, port: MediaPort) -> None:
        self._pipe = pipe
        self._port = port
        self._exchange = PeerFactory(port)
        self._connections: dict[int, tuple[int, CarriedConnection]] = {}
        """By number: the socket that each came to, and the connection."""
        self._outputs: dict[int, Output] = {}
        self._listeners: dict[int, ListenerPeer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the engine is gone."""
        figures = asyncio.create_task(self._tell_figures())
        async for said in self._pipe.listen():
            self._take(said)
        figures.cancel()
        await asyncio.gather(
            *(listener.close("lost") for listener in tuple(self._listeners.values()))
        )

    def _take(self, said: Said) -> None:
        match said:
            case OutputPacket():
                if output := self._outputs.get(said.output):
                    output.put(said.packet)
            case Datagram():
                self._port.came(said.index, said.data, (said.host, said.port))
            case TcpFrame():
                self._frame(said.connection, said.data)
            case _:
                getattr(self, f"_{said.pop('what')}")(**said)

    def _connect(self, number: int, index: int, address: list[Any]) -> None:
        connection = CarriedConnection(self._pipe, number, (address[0], address[1]))
        connection.on_frame = lambda data: self._first_frame(number, data)
        self._connections[number] = index, connection

    def _first_frame(self, number: int, data: bytes) -> None:
        index, connection = self._connections[number]
        if not self._port.framed(index, data, connection):
            connection.abort()

    def _frame(self, number: int, data: bytes) -> None:
        if number not in self._connections:
            return
        if data:
            self._connections[number][1].on_frame(data)
        else:
            self._connections.pop(number)[1].on_end()

    def _output(
        self, number: int, name: str, kind: Literal["sound", "picture"], bit_rate: int
    ) -> None:
        output = self._outputs[number] = Output(name, kind, bit_rate)
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
            if number in self._listeners:  # a peer that ends earlier is reported as refused
                self._pipe.say("state", number=number, state=state, reason=reason)
            if state == "closed":
                self._listeners.pop(number, None)

        try:
            listener, answer = await self._exchange.listener(sdp, changed, sound, picture)
        except (BadOffer, NoCodec, Full) as error:
            self._pipe.say("refused", number=number, code=error.code, detail=str(error))
            return
        assert isinstance(listener, ListenerPeer)
        self._listeners[number] = listener
        self._pipe.say("answer", number=number, sdp=answer)

    async def _tell_figures(self) -> None:
        while True:
            await asyncio.sleep(FIGURES_S)
            figures = {
                number: (
                    listener.loss,
                    listener.jitter_s,
                    listener.rtt_s,
                    listener.packets,
                    listener.seen,
                )
                for number, listener in self._listeners.items()
            }
            self._pipe.say("figures", figures=figures)


async def main(pipe_end: int, port: MediaPort) -> None:
    """Serve listeners for the engine at the other end of the descriptor `pipe_end`."""
    # The engine ends this process; a Ctrl-C in the terminal is meant for the engine.
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
    sock = socket.socket(fileno=pipe_end)
    pipe = RelayPipe(*await asyncio.open_connection(sock=sock))
    keeping = asyncio.create_task(keep_small())
    await RelayProcess(pipe, port).run()
    keeping.cancel()


if __name__ == "__main__":
    _, given, letter, udp, tcp, shared, *hosts = sys.argv
    inherited = [socket.socket(fileno=int(descriptor)) for descriptor in shared.split(",")]
    asyncio.run(
        main(int(given), MediaPort(int(udp), hosts, tcp=int(tcp), owner=letter, sockets=inherited))
    )
