"""Makes peers on the engine's port, in this process or in a relay, and keeps track of them."""

import asyncio
import socket
import string
from collections.abc import Sequence

from hemicycle.engine.rtc import checks, offers
from hemicycle.engine.rtc.errors import Full
from hemicycle.engine.rtc.listener import HandedListener, ListenerPeer
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.offers import MediaKind
from hemicycle.engine.rtc.peer import OnPeerState, PeerState
from hemicycle.engine.rtc.publisher import HandedPublisher, HandedTrack, PublisherPeer
from hemicycle.engine.rtc.relay import Relay, RemoteListener
from hemicycle.engine.streams import Output

PLACES = 1000


class PeerFactory:
    """Answers offers. Raises `checks.UnsupportedLibrary` if a library lacks a name that is used.

    It serves `places` peers at the same time, from `start` to `stop`. With `relays`, that many more
    processes serve the listeners; this process then serves publishers, and listeners while no relay
    is up.
    """

    def __init__(self, port: MediaPort, relays: int = 0, *, places: int = PLACES) -> None:
        checks.check()
        self.places_total = places
        self._port = port
        # This process has the first letter.
        owners = string.ascii_letters[1 : relays + 1]
        self._relays = [Relay(port, owner) for owner in owners]
        self._listeners: set[ListenerPeer] = set()
        self._sent_before = 0

    @property
    def places_free(self) -> int:
        """How many more peers may connect."""
        return max(0, self.places_total - self._port.taken - sum(map(len, self._relays)))

    @property
    def packets_sent(self) -> int:
        """How many packets were sent to listeners since the start."""
        here = sum(listener.packets for listener in self._listeners)
        return self._sent_before + here + sum(relay.packets for relay in self._relays)

    async def start(self) -> None:
        """Open the port, and start the relays. Raises `media_port.PortTaken`."""
        await self._port.open()
        await asyncio.gather(*(relay.start() for relay in self._relays))

    async def stop(self) -> None:
        """End the relays, and with them their listeners, and close the port."""
        await asyncio.gather(*(relay.stop() for relay in self._relays))
        self._port.close()

    async def publisher(self, offer: str, on_state: OnPeerState) -> tuple[PublisherPeer, str]:
        """Return a peer that sends, for its offer (SDP), and the answer.

        Raises `BadOffer`, `NoCodec` or `Full`.
        """
        read = offers.read(offer, "in")
        self._check_places()
        peer = PublisherPeer(self._port, on_state, read.kinds)
        return peer, await peer.answer(read)

    async def listener(
        self, offer: str, on_state: OnPeerState, sound: Output, picture: Output | None
    ) -> tuple[ListenerPeer | RemoteListener, str]:
        """Return a peer that receives, for its offer (SDP), and the answer.

        Raises as `publisher` does.
        """
        if relays := [relay for relay in self._relays if relay.up]:
            self._check_places()
            return await min(relays, key=len).listener(offer, on_state, sound, picture)
        return await self._listener(offer, on_state, sound, picture)

    async def _listener(
        self, offer: str, on_state: OnPeerState, sound: Output, picture: Output | None
    ) -> tuple[ListenerPeer, str]:
        read = offers.read(offer, "out")
        self._check_places()
        peer = self._new_listener(on_state, sound, picture)
        return peer, await peer.answer(read)

    def _new_listener(
        self,
        on_state: OnPeerState,
        sound: Output,
        picture: Output | None,
        handed: HandedListener | None = None,
    ) -> ListenerPeer:
        def changed(state: PeerState, reason: str) -> None:
            if state == "closed":
                self._listeners.discard(peer)
                self._sent_before += peer.packets
            on_state(state, reason)

        peer = ListenerPeer(self._port, changed, sound, picture, handed)
        self._listeners.add(peer)
        return peer

    # -- hand-over to another process

    async def resume_publisher(
        self, handed: HandedPublisher, on_state: OnPeerState, sockets: Sequence[socket.socket]
    ) -> PublisherPeer:
        """Return the publisher of another process; it rests.

        Raises ValueError or IndexError.
        """
        kinds: dict[MediaKind, HandedTrack | None] = {"audio": handed.audio, "video": handed.video}
        sent = [kind for kind, track in kinds.items() if track is not None]
        peer = PublisherPeer(self._port, on_state, sent, handed)
        await peer.inherit(handed.peer, sockets)
        return peer

    async def resume_listener(
        self,
        handed: HandedListener,
        on_state: OnPeerState,
        sound: Output,
        picture: Output | None,
        sockets: Sequence[socket.socket],
    ) -> ListenerPeer:
        """Return the listener of another process; it rests.

        Raises ValueError or IndexError.
        """
        peer = self._new_listener(on_state, sound, picture, handed)
        await peer.inherit(handed.peer, sockets)
        return peer

    def rest(self) -> None:
        """Stop reading first requests; relays continue."""
        self._port.rest()

    async def go_on(self) -> None:
        """Read first requests, after a rest or for the first time."""
        await self._port.go_on()

    def _check_places(self) -> None:
        if not self.places_free:
            raise Full(
                f"All {self.places_total} places of this server are taken. "
                "Try again in a minute, or follow the webcast."
            )
