"""A peer that calls (WHIP): it makes the offer, and sends one output to a server.

Otherwise it is a listener's peer: it sends the rung that the link can carry, repeats lost packets,
and sends keyframes on request. It calls the server at the addresses (candidates) in the server's
answer that `may_reach` permits.
"""

from collections.abc import Callable

from aiortc import RTCIceCandidate, RTCSessionDescription
from aiortc.exceptions import OperationError
from aiortc.sdp import SessionDescription, candidate_to_sdp

from hemicycle.engine.rtc import offers
from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.ice_transport import COMPONENT, MOST_WAYS, CallingLine, open_lines
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer import UNREAD, OnPeerState
from hemicycle.engine.streams import Output

CANDIDATES = ("a=candidate:", "a=end-of-candidates")

UNREADABLE = "This is not an answer that can be read (RFC 8866, RFC 9429)."


class CallingPeer(ListenerPeer):
    """A peer for one output, sound or picture."""

    def __init__(self, port: MediaPort, on_state: OnPeerState, output: Output) -> None:
        is_sound = output.kind == "sound"
        super().__init__(port, on_state, output if is_sound else None, None if is_sound else output)
        self._kind: offers.MediaKind = "audio" if is_sound else "video"

    async def offer(self) -> str:
        """Return the offer (SDP)."""
        assert self._pc is not None
        self._prepare(self._pc.addTransceiver(self._kind, direction=self.direction))
        self._take_over(self._pc)
        await self._pc.setLocalDescription()
        return self._pc.localDescription.sdp

    async def accept(self, answer: str, may_reach: Callable[[str], bool]) -> None:
        """Accept the server's answer (SDP). Raises `BadOffer` or `NoCodec`."""
        assert self._pc is not None
        text = _reachable(answer, may_reach)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(text, "answer"))
        except OperationError as error:
            raise NoCodec("The server knows none of our codecs.") from error
        except (*UNREAD, IndexError, AssertionError) as error:
            raise BadOffer(UNREADABLE) from error
        for transceiver in self._pc.getTransceivers():
            self._settle(transceiver, offers.SdpOffer(text, (self._kind,)))

    async def _open(self, connection: object) -> None:
        open_lines(connection, self._port, self, CallingLine)


def _reachable(answer: str, may_reach: Callable[[str], bool]) -> str:
    """Return the answer with only the candidates that may be called, at most `MOST_WAYS`.

    Without any, the server may still call us. Raises `BadOffer`.
    """
    lines = [line for line in answer.splitlines() if line.strip()]
    try:
        (media,) = SessionDescription.parse("\r\n".join(lines) + "\r\n").media
    except (*UNREAD, IndexError, AssertionError, StopIteration) as error:
        raise BadOffer(UNREADABLE) from error
    if media.dtls is None or not media.dtls.fingerprints or not media.ice or not media.ice.password:
        raise BadOffer(UNREADABLE)
    found = [one for one in media.ice_candidates if _is_permitted(one, may_reach)][:MOST_WAYS]
    kept = [line for line in lines if not line.startswith(CANDIDATES)]
    kept += [f"a=candidate:{candidate_to_sdp(one)}" for one in found]
    # No candidates follow (there is no trickling). Without any, the server may still call us.
    kept += ["a=end-of-candidates"] if found else []
    return "\r\n".join(kept) + "\r\n"


def _is_permitted(candidate: RTCIceCandidate, may_reach: Callable[[str], bool]) -> bool:
    if candidate.component != COMPONENT or candidate.protocol.lower() != "udp":
        return False
    try:
        return may_reach(candidate.ip)
    except ValueError:  # a name, such as one that ends with .local
        return False
