"""One WebRTC connection, always the answering side: how it starts, stays up and ends.

aiortc makes the answer and runs ICE and DTLS. A peer that has sent nothing for a while is asked for
a sign of life (a STUN request, the consent of RFC 7675). A silent peer is lost, and after `GONE_S`
it is closed: a browser that crashed leaves after five seconds and not after thirty.
"""

import asyncio
import contextlib
import math
import random
import secrets
import socket
import struct
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

from aioice.ice import CandidatePair
from aioice.stun import TransactionError
from aiortc import (
    RTCBundlePolicy,
    RTCCertificate,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80, SRTP_PROFILES
from aiortc.rtcpeerconnection import is_codec_compatible
from aiortc.rtcrtptransceiver import RTCRtpTransceiver
from aiortc.rtp import RtcpPacket, is_rtcp
from pylibsrtp import Error as SrtpError

from hemicycle.engine.rtc import ice_transport, offers
from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.ice_transport import COMPONENT, HandedIce, IceLine, Way, open_lines
from hemicycle.engine.rtc.media_port import Address, MediaPort
from hemicycle.engine.rtc.offers import UNREADABLE, MediaKind, SdpOffer
from hemicycle.engine.rtc.srtp import HandedKeys, SrtpSessions

type PeerState = Literal["connecting", "up", "lost", "closed"]
type OnPeerState = Callable[[PeerState, str], None]
"""Called with the state, and with the reason if it is "closed"."""

UNREAD = (
    ValueError, KeyError, AttributeError, TypeError, InternalError, InvalidStateError,
)  # fmt: skip  # what aiortc raises for SDP that does not make sense

CONNECT_S = 15.0
"""How many seconds an answered offer may take to connect."""

MOVED_S = 1.5
"""Seconds for which an address must be silent before another one of the peer is taken instead."""

QUIET_S = 1.0
"""Seconds without a datagram after which the peer is asked for a sign of life."""

LOST_S = 2.5
GONE_S = 5.0
CONSENT_S = 30.0
"""Seconds without an answer to a request after which nothing is sent (RFC 7675 section 5.1)."""

PROFILES = [
    profile
    for profile in (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
    if profile in SRTP_PROFILES
]
"""Fastest first: for a full packet, AES-GCM costs less than half of AES-CM with SHA-1."""

CIPHERS = b":".join(
    f"ECDHE-{key}-{cipher}".encode()
    for key in ("ECDSA", "RSA")
    for cipher in ("AES128-GCM-SHA256", "CHACHA20-POLY1305", "AES256-GCM-SHA384")
)
"""Only suites with forward secrecy and authenticated encryption (RFC 9325 section 4.2), and so none
of aiortc's two suites of AES-CBC with SHA-1. Browsers have ECDSA certificates, as aiortc has;
GStreamer's clients have RSA certificates."""

DTLS_1_2 = 0xFEFD
"""The oldest version that is accepted (RFC 9325 section 3.1.2), as OpenSSL numbers it."""

RTP_MIN = 12

_PROVED = CandidatePair.State.SUCCEEDED


@dataclass(frozen=True, slots=True)
class HandedPeer:
    """The state of a connection for another process: its ways, keys, state and round trip."""

    ice: HandedIce
    keys: HandedKeys
    state: Literal["up", "lost"]
    rtt_s: float


class Peer:
    """A connection on the engine's port. `on_state` is called at each change.

    Reasons of the end: "left" (the other side closed), "lost" (silent, or never connected), or the
    reason given to `close`.
    """

    direction: ClassVar[Literal["sendonly", "recvonly"]]
    codecs: ClassVar[Mapping[MediaKind, Sequence[str]]]
    """The codecs we speak, best first; a name with a profile is written `video/H264;42e01f`."""
    consent_every_s: ClassVar[float] = 5.0

    def __init__(
        self, port: MediaPort, on_state: OnPeerState, handed: HandedPeer | None = None
    ) -> None:
        self.state: PeerState = handed.state if handed else "connecting"
        self.rtt_s = handed.rtt_s if handed else 0.0
        self._port = port
        self._name = handed.ice.name if handed else port.new_name()
        self._on_state = on_state
        self._loop = asyncio.get_running_loop()
        self._heard = self._consented = self._loop.time()
        self._lines: list[IceLine] = []
        # A peer that another process has negotiated has no connection of aiortc: DTLS is over, and
        # its keys stay in use.
        self._pc = (
            RTCPeerConnection(
                RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
            )
            if handed is None
            else None
        )
        self._dtls: Any = None
        self._ice: Any = None
        self._srtp = SrtpSessions.resumed(handed.keys) if handed else None
        self._first_report = _first_report() if handed else b""
        self._rests = handed is not None
        self._nominated: dict[int, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer = self._loop.call_later(CONNECT_S, self._too_late)

    # -- coming up

    async def answer(self, offer: SdpOffer) -> str:
        """Return the answer (SDP) to an offer.

        If the engine supports no codec of the offer's picture, the answer refuses the video line
        and accepts the sound. Raises `BadOffer` or `NoCodec` after closing the peer.
        """
        sound = None if self._knows_picture(offer) else offers.sound_alone(offer)
        try:
            if sound is None:
                return await self._answer(offer)
            self.picture_refused()
            return offers.refusing_picture(await self._answer(sound), offer)
        except BaseException:
            await self.close("refused")
            raise

    def _knows_picture(self, offer: SdpOffer) -> bool:
        """Whether a codec of the offer's video line is one of ours."""
        with contextlib.suppress(TypeError):  # a parameter without a value
            return any(
                is_codec_compatible(ours, theirs)
                for ours in self._supported("video")
                for theirs in offer.pictures
            )
        return True  # so that `_answer` refuses the whole offer

    def picture_refused(self) -> None:
        """Continue without the picture, whose line the answer refuses."""

    async def _answer(self, offer: SdpOffer) -> str:
        assert self._pc is not None
        for kind in offer.kinds:
            self._prepare(self._pc.addTransceiver(kind, direction=self.direction))
        self._take_over(self._pc)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            for transceiver in self._pc.getTransceivers():
                self._settle(transceiver, offer)
            await self._pc.setLocalDescription()
        except OperationError as error:
            raise NoCodec(self._no_codec()) from error
        except UNREAD as error:
            raise BadOffer(UNREADABLE) from error
        return self._pc.localDescription.sdp

    def _prepare(self, transceiver: RTCRtpTransceiver) -> None:
        """Set our codecs in our order before the offer is read, and replace sender and receiver."""
        kind: MediaKind = "audio" if transceiver.kind == "audio" else "video"
        known = RTCRtpSender.getCapabilities(kind).codecs
        transceiver.setCodecPreferences(
            self._supported(kind) + [codec for codec in known if codec.mimeType == "video/rtx"]
        )
        # One transport for all lines from the start: otherwise aiortc opens a second one and then
        # closes it.
        transceiver._bundled = True
        _replace(transceiver.sender, "send", self._send_begins(transceiver))
        _replace(transceiver.receiver, "receive", self._receive_begins(transceiver))

    def _supported(self, kind: MediaKind) -> list[Any]:
        """Return our codecs of a kind, in our order."""
        return [
            codec
            for name, _, profile in (wanted.partition(";") for wanted in self.codecs[kind])
            for codec in RTCRtpSender.getCapabilities(kind).codecs
            if codec.mimeType == name and profile in str(codec.parameters.get("profile-level-id"))
        ]

    def _take_over(self, pc: RTCPeerConnection) -> None:
        """Replace sockets, name, encryption and consent, on this connection only."""
        self._dtls = pc.getTransceivers()[0].receiver.transport
        self._dtls._srtp_profiles = PROFILES
        certificate = self._dtls._RTCDtlsTransport__local_certificate
        _replace(certificate, "_create_ssl_context", partial(_context, certificate))
        self._ice = connection = self._dtls.transport._connection
        connection._local_username = self._name
        self._nominated, self._lines = connection._nominated, connection._protocols
        _replace(connection, "gather_candidates", lambda: self._open(connection))
        _replace(connection, "query_consent", lambda: self._watch(connection))
        pc.on("connectionstatechange", partial(self._connection_changed, pc))

    async def _open(self, connection: Any) -> None:
        open_lines(connection, self._port, self)

    def _settle(self, transceiver: RTCRtpTransceiver, offer: SdpOffer) -> None:
        """Adjust a line after the offer was read and before the answer is written."""

    def _no_codec(self) -> str:
        names = sorted(
            {name.split("/")[1].split(";")[0] for kind in self.codecs.values() for name in kind}
        )
        return f"This offer has no codec that is spoken here ({', '.join(names)})."

    def _send_begins(self, transceiver: RTCRtpTransceiver) -> Callable[[Any], Any]:
        async def begin(parameters: Any) -> None:
            if self.direction == "sendonly":
                self.opened(transceiver, parameters)

        return begin

    def _receive_begins(self, transceiver: RTCRtpTransceiver) -> Callable[[Any], Any]:
        async def begin(parameters: Any) -> None:
            if self.direction == "recvonly":
                self.opened(transceiver, parameters)

        return begin

    def opened(self, transceiver: RTCRtpTransceiver, parameters: Any) -> None:
        """Start a negotiated line: its codecs, header extensions and sources are in
        `parameters`.
        """
        raise NotImplementedError

    def _connection_changed(self, pc: RTCPeerConnection) -> None:
        state = pc.connectionState
        if state == "connected":
            self._timer.cancel()
            self._set_state("up")
        elif state == "failed":
            self._end("lost")
        elif state == "closed":
            self._end("left")

    # -- hand-over to another process

    def handed_peer(self, descriptors: list[int]) -> HandedPeer | None:
        """Return the state for another process; append the descriptors of the peer's sockets.

        Return None if the peer cannot be moved: it is not connected, or the connection in use has
        unsent packets.
        """
        keys = self._keys()
        if self.state not in ("up", "lost") or keys is None:
            return None
        taken = len(descriptors)
        ice = ice_transport.handed(self._ice, descriptors)
        way_of = {(way.line, way.host, way.port) for way in ice.ways}
        if not any(
            pair.nominated and (pair.line, pair.host, pair.port) in way_of for pair in ice.pairs
        ):
            del descriptors[taken:]
            return None
        state: Literal["up", "lost"] = "up" if self.state == "up" else "lost"
        return HandedPeer(ice, keys.handed(), state, self.rtt_s)

    async def inherit(self, handed: HandedPeer, sockets: Sequence[socket.socket]) -> None:
        """Take over the sockets and the connection of another process; they rest.

        Raises ValueError or IndexError.
        """
        self._timer.cancel()
        self._ice = await ice_transport.resumed(handed.ice, self._port, self, sockets)
        self._nominated, self._lines = self._ice._nominated, self._ice._protocols

    def rest(self) -> None:
        """Stop reading and sending, so that another process may take over."""
        self._rests = True
        for way in self._ways():
            way.rest()

    def go_on(self) -> None:
        """Read and send again, or start with what another process has handed over."""
        self._rests = False
        self._heard = self._consented = self._loop.time()
        for way in self._ways():
            way.heard = self._heard
            way.go_on()
        if self._pc is None and not self._tasks:
            self._begin(self._watch(self._ice))

    def let_go(self) -> None:
        """Close the peer's sockets in this process, because another process continues with them.
        The other side notices nothing.
        """
        for line in self._lines:
            line.end()

    def _ways(self) -> list[Way]:
        return [way for line in self._lines for way in line.ways.values()]

    # -- staying up

    def now(self) -> float:
        """Return the event loop's time in seconds."""
        return self._loop.time()

    def heard_now(self) -> None:
        """Note that a datagram was received now."""
        self._heard = self._loop.time()

    def handshake_came(self, data: bytes) -> None:
        """Take a datagram of DTLS; ignore it if another process had the handshake, since it cannot
        be read without the handshake's state.
        """
        if self._pc is not None:
            self.heard_now()
            self._ice.data_received(data, COMPONENT)

    async def _watch(self, connection: Any) -> None:
        asked = self._loop.time()
        while self.state != "closed":
            now = await self._pause(random.uniform(0.8, 1.2))  # noqa: S311  # peers take turns
            if self._rests:
                continue
            silent = now - self._heard
            if silent > GONE_S or now - self._consented > CONSENT_S:
                self._end("lost")
                return
            self._set_state("lost" if silent > LOST_S else "up")
            self._follow(connection, now)
            if silent > QUIET_S or now - asked > self.consent_every_s:
                asked = now
                await self._ask()
            self.every_second()

    async def _pause(self, seconds: float) -> float:
        """Sleep and return the time; a delay of this loop does not count as the peer's silence."""
        due = self._loop.time() + seconds
        await asyncio.sleep(seconds)
        now = self._loop.time()
        # On a busy machine this loop may run late, and datagrams wait unread in the meantime.
        # Without this, one stall of this process would end every connection at once.
        late = now - due
        self._heard = min(now, self._heard + late)
        self._consented = min(now, self._consented + late)
        return now

    def _follow(self, connection: Any, now: float) -> None:
        """Send to another address of the peer if the one in use is silent and the other is not.

        A router that assigns new ports moves a peer in mid-sentence. Its browser does not notice,
        and nominates no other pair, but its consent requests come from the new address.
        """
        pair = self._nominated.get(COMPONENT)
        if pair is None or now - self._last_heard(pair) < MOVED_S:
            return
        proved = [other for other in connection._check_list if other.state == _PROVED]
        newest = max(proved, key=self._last_heard, default=pair)
        if newest is not pair and now - self._last_heard(newest) < MOVED_S:
            self._nominated[COMPONENT] = newest

    @staticmethod
    def _last_heard(pair: CandidatePair) -> float:
        line: Any = pair.protocol
        way: Way | None = line.ways.get(pair.remote_addr)
        return way.heard if way is not None else -math.inf

    def way_ended(self, line: IceLine, address: Address) -> None:
        """Handle the end of a TCP connection: the peer is lost if that was the one in use."""
        pair = self._nominated.get(COMPONENT)
        if pair is not None and pair.protocol is line and pair.remote_addr == address:
            self._end("lost")

    async def _ask(self) -> None:
        trip = await self.round_trip()
        if trip is not None:
            self.measured(trip)

    async def round_trip(self) -> float | None:
        """Ask for a sign of life; return the round trip in seconds, None without an answer."""
        pair = self._nominated.get(COMPONENT)
        if pair is None:
            return None
        request = self._ice.build_request(pair, nominate=False)
        key = self._ice.remote_password.encode()
        sent = time.perf_counter()
        # A missing answer is no error here: `_watch` measures the silence.
        with contextlib.suppress(TransactionError):
            await pair.protocol.request(request, pair.remote_addr, key, retransmissions=0)
            self._consented = self._loop.time()
            return time.perf_counter() - sent
        return None

    def measured(self, rtt_s: float) -> None:
        """Add a round trip to the peer, in seconds, to the smoothed `rtt_s`."""
        self.rtt_s = rtt_s if not self.rtt_s else 0.75 * self.rtt_s + 0.25 * rtt_s

    def every_second(self) -> None:
        """Send reports to the other side."""

    # -- packets

    def media_came(self, data: bytes) -> None:
        """Take RTP or RTCP, encrypted, from a socket of this peer."""
        srtp = self._keys()
        if srtp is None or len(data) < RTP_MIN:
            return
        self._heard = self._loop.time()
        with contextlib.suppress(SrtpError, ValueError):
            if is_rtcp(data):
                for packet in RtcpPacket.parse(srtp.opened_rtcp(data)):
                    self.rtcp_came(packet)
            else:
                self.rtp_came(srtp.opened(data))

    def _keys(self) -> SrtpSessions | None:
        if self._srtp is None and self._dtls is not None and self._dtls._rx_srtp is not None:
            self._srtp = SrtpSessions.agreed(self._dtls)
        return self._srtp

    def rtp_came(self, data: bytes) -> None:
        """Take an RTP packet, decrypted."""

    def rtcp_came(self, packet: Any) -> None:
        """Take one RTCP packet."""

    def send_rtcp(self, data: bytes) -> None:
        """Send a compound of RTCP packets; do nothing before the connection is up."""
        pair, keys = self._nominated.get(COMPONENT), self._keys()
        if pair is not None and keys is not None and not self._rests:
            with contextlib.suppress(OSError):
                sock = pair.protocol.sock_to(pair.remote_addr)
                sealed = keys.sends.protect_rtcp(self._first_report + data)
                sock.send(sealed)

    # -- the end

    async def close(self, reason: str) -> None:
        """Close the connection and its sockets. May be called twice."""
        if self.state != "closed":
            self._timer.cancel()
            self._set_state("closed", reason)
        lines = tuple(self._lines)
        if self._pc is not None:
            await self._pc.close()
        elif self._ice is not None:
            await self._ice.close()
        for line in lines:
            line.end()
        self._port.remove(self._name)

    def _too_late(self) -> None:
        if self.state == "connecting":
            self._end("lost")

    def _end(self, reason: str) -> None:
        if self.state != "closed":
            self._begin(self.close(reason))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _set_state(self, state: PeerState, reason: str = "") -> None:
        if self.state not in (state, "closed"):
            self.state = state
            self._on_state(state, reason)


def _first_report() -> bytes:
    """Return an empty report of an unknown source, with which each compound begins.

    The first source in a compound numbers its encryption (RFC 3711 section 3.4), and a number must
    not be used twice. With a source of its own, a process does not need to know how far the
    previous one has counted.
    """
    return struct.pack("!BBHL", 0x80, 201, 1, secrets.randbits(32))


def _replace(owner: object, name: str, by: object) -> None:
    """Replace a method on this one object."""
    setattr(owner, name, by)


def _context(certificate: RTCCertificate, srtp_profiles: list[Any]) -> Any:
    """Return aiortc's TLS context, with modern suites and versions only."""
    made = RTCCertificate._create_ssl_context(certificate, srtp_profiles)
    made.set_cipher_list(CIPHERS)
    made.set_min_proto_version(DTLS_1_2)
    return made
