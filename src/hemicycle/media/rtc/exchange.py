"""The exchange: makes peers on the engine's ports, and knows them all."""

from collections.abc import Callable

from hemicycle.media.rtc import checks, offers
from hemicycle.media.rtc.listener import Listener
from hemicycle.media.rtc.peer import State
from hemicycle.media.rtc.ports import Ports
from hemicycle.media.rtc.publisher import Publisher
from hemicycle.media.streams import Output

type OnState = Callable[[State, str], None]


class Exchange:
    """Answers offers. Raises `checks.Unfit` where the libraries are not those we know."""

    def __init__(self, ports: Ports) -> None:
        checks.check()
        self._ports = ports
        self._listeners: set[Listener] = set()
        self._sent_before = 0

    @property
    def ports_free(self) -> int:
        """UDP ports that no peer has."""
        return self._ports.free

    @property
    def packets_sent(self) -> int:
        """Packets to listeners since the start."""
        return self._sent_before + sum(one.packets for one in self._listeners)

    async def publisher(self, offer: str, on_state: OnState) -> tuple[Publisher, str]:
        """A peer for an offer (SDP) that sends, and the answer.

        Raises `BadOffer`, `NoCodec` or `NoPort`.
        """
        read = offers.read(offer, "in")
        peer = Publisher(self._ports, on_state, read.kinds)
        return peer, await peer.answer(read)

    async def listener(
        self, offer: str, on_state: OnState, sound: Output, picture: Output | None
    ) -> tuple[Listener, str]:
        """A peer for an offer (SDP) that receives, and the answer. Raises as `publisher` does."""
        read = offers.read(offer, "out")

        def changed(state: State, reason: str) -> None:
            if state == "closed":
                self._listeners.discard(peer)
                self._sent_before += peer.packets
            on_state(state, reason)

        peer = Listener(self._ports, changed, sound, picture)
        self._listeners.add(peer)
        return peer, await peer.answer(read)
