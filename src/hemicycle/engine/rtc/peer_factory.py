"""Makes peers on the engine's ports, in this process or in a relay, and keeps track of them."""

import asyncio

from hemicycle.engine.rtc import checks, offers
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.peer import OnPeerState, PeerState
from hemicycle.engine.rtc.ports import Ports
from hemicycle.engine.rtc.publisher import PublisherPeer
from hemicycle.engine.rtc.relay import Relay, RemoteListener
from hemicycle.engine.streams import Output


class PeerFactory:
    """Answers offers. Raises `checks.UnsupportedLibrary` if the libraries are not those we know.

    With `relays`, that many more processes serve the listeners (from `start` to `stop`), each on
    its part of the ports; this process then serves publishers, and listeners that no relay can
    take. `ports_total` is the number of ports.
    """

    def __init__(self, ports: Ports, relays: int = 0) -> None:
        checks.check()
        self.ports_total = ports.free
        self._ports, *others = ports.shared(relays + 1)
        self._relays = [Relay(part.ends, part.addresses) for part in others]
        self._listeners: set[ListenerPeer] = set()
        self._sent_before = 0

    @property
    def ports_free(self) -> int:
        """Number of UDP ports that no peer uses."""
        return self._ports.free + sum(relay.ports_free for relay in self._relays)

    @property
    def packets_sent(self) -> int:
        """Packets to listeners since the start."""
        here = sum(listener.packets for listener in self._listeners)
        return self._sent_before + here + sum(relay.packets for relay in self._relays)

    async def start(self) -> None:
        """Start the relays, if there are any."""
        await asyncio.gather(*(relay.start() for relay in self._relays))

    async def stop(self) -> None:
        """End the relays, and with them their listeners."""
        await asyncio.gather(*(relay.stop() for relay in self._relays))

    async def publisher(self, offer: str, on_state: OnPeerState) -> tuple[PublisherPeer, str]:
        """Return a peer for an offer (SDP) that sends, and the answer.

        Raises `BadOffer`, `NoCodec` or `NoPort`.
        """
        read = offers.read(offer, "in")
        peer = PublisherPeer(self._ports, on_state, read.kinds)
        return peer, await peer.answer(read)

    async def listener(
        self, offer: str, on_state: OnPeerState, sound: Output, picture: Output | None
    ) -> tuple[ListenerPeer | RemoteListener, str]:
        """Return a peer for an offer (SDP) that receives, and the answer.

        Raises as `publisher` does.
        """
        relays = sorted((relay for relay in self._relays if relay.up), key=len)
        for relay in relays:
            if relay.ports_free > 0:
                return await relay.listener(offer, on_state, sound, picture)
        return await self._listener(offer, on_state, sound, picture)

    async def _listener(
        self, offer: str, on_state: OnPeerState, sound: Output, picture: Output | None
    ) -> tuple[ListenerPeer, str]:
        read = offers.read(offer, "out")

        def changed(state: PeerState, reason: str) -> None:
            if state == "closed":
                self._listeners.discard(peer)
                self._sent_before += peer.packets
            on_state(state, reason)

        peer = ListenerPeer(self._ports, changed, sound, picture)
        self._listeners.add(peer)
        return peer, await peer.answer(read)
