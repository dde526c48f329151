"""Reads an offer (SDP): what it asks for, or why it cannot be answered.

Remote candidates are ignored. A peer is answered at the address its packets come from ("peer
reflexive", RFC 8445 section 7.3.1.3). So no offer can make the engine send to an address of its
choice, and the engine never resolves the name of a `.local` candidate.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from hemicycle.engine.rtc.errors import BadOffer

MAX_BYTES = 64 * 1024
"""The most bytes of an offer; a browser's has 5 to 10 kB."""

UNREADABLE = (
    "This is not an offer that can be read: an SDP offer of a WebRTC client is asked for "
    "(RFC 8866, RFC 9429)."
)

OPUS, RED = "audio/opus", "audio/red"

type MediaKind = Literal["audio", "video"]
type OfferDirection = Literal["in", "out"]

_GIVES = {"in": ("sendonly", "sendrecv"), "out": ("recvonly", "sendrecv")}
_KINDS: tuple[MediaKind, MediaKind] = ("audio", "video")
_SECTIONS = re.compile(r"^(?=m=)", re.MULTILINE)
_MID = re.compile(r"^a=mid:([^\r\n]*)", re.MULTILINE)
_BROKEN = (
    ValueError, AssertionError, AttributeError, IndexError, KeyError, StopIteration, TypeError,
)  # fmt: skip  # what aiortc's parser raises for a line that it does not expect


@dataclass(frozen=True, slots=True)
class SdpOffer:
    """An offer that can be answered: its text without candidates, and its lines in their order.

    `redundant` is the payload type of redundant Opus (RFC 2198), if the offer has it; `pictures`
    are the codecs of its video line.
    """

    sdp: str
    kinds: tuple[MediaKind, ...]
    redundant: RTCRtpCodecParameters | None = None
    pictures: tuple[RTCRtpCodecParameters, ...] = ()


def read(text: str, way: OfferDirection) -> SdpOffer:
    """Return the offer in `text`, of a peer that sends to us ("in") or receives from us ("out").

    Raises `BadOffer`.
    """
    sdp = _without_candidates(text)
    try:
        description = SessionDescription.parse(sdp)
    except _BROKEN as error:
        raise BadOffer(UNREADABLE) from error
    media = [line for line in description.media if line.kind in _KINDS]
    _check_lines(description, media, way)
    kinds = tuple(kind for line in media for kind in _KINDS if kind == line.kind)
    pictures = tuple(codec for line in media if line.kind == "video" for codec in line.rtp.codecs)
    return SdpOffer(sdp, kinds, _redundant(media), pictures)


def sound_alone(offer: SdpOffer) -> SdpOffer | None:
    """Return the offer without its video line; None unless it has sound first and then video.

    Later lines share the connection of the first one, so the first cannot be refused alone
    (RFC 8843 section 7.3.3).
    """
    if offer.kinds != ("audio", "video"):
        return None
    head, *sections = _SECTIONS.split(offer.sdp)
    mid = re.escape(_mid(sections.pop(_picture_at(sections))))
    head = re.sub(rf"(?m)^(a=group:BUNDLE(?: \S+)*?) {mid}(?=\s)", r"\1", head)
    return replace(offer, sdp="".join([head, *sections]), kinds=("audio",), pictures=())


def refusing_picture(answer: str, offer: SdpOffer) -> str:
    """Return an answer to `sound_alone` as an answer to `offer` that refuses the video line.

    A refused line has the port 0 (RFC 3264 section 6), and stands at its place in the offer.
    """
    head, *sections = _SECTIONS.split(answer)
    offered = _SECTIONS.split(offer.sdp)[1:]
    at = _picture_at(offered)
    media, _, rest = offered[at].split("\r\n", 1)[0].split(" ", 2)
    lines = (f"{media} 0 {rest}", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{_mid(offered[at])}")
    sections.insert(at, "".join(f"{line}\r\n" for line in lines))
    return "".join([head, *sections])


def _picture_at(sections: list[str]) -> int:
    return next(at for at, one in enumerate(sections) if one.startswith("m=video "))


def _mid(section: str) -> str:
    found = _MID.search(section)
    assert found is not None  # `read` refuses a line without one
    return found[1]


def _redundant(media: list[MediaDescription]) -> RTCRtpCodecParameters | None:
    """Return the codec whose blocks are all Opus (`a=fmtp:63 111/111`)."""
    codecs = [codec for line in media if line.kind == "audio" for codec in line.rtp.codecs]
    opus = {str(codec.payloadType) for codec in codecs if codec.mimeType == OPUS}
    for codec in codecs:
        blocks = set("/".join(codec.parameters).split("/"))
        if codec.mimeType == RED and len(blocks) == 1 and blocks <= opus:
            return codec
    return None


def _without_candidates(text: str) -> str:
    lines = (line for line in text.replace("\r\n", "\n").split("\n") if line.strip())
    kept = (line for line in lines if not line.startswith(("a=candidate:", "a=end-of-candidates")))
    return "\r\n".join(kept) + "\r\n"


def _check_lines(
    description: SessionDescription, media: list[MediaDescription], way: OfferDirection
) -> None:
    if not media:
        raise BadOffer("This offer has neither sound nor picture: add an audio or a video line.")
    for kind, word in (("audio", "sound"), ("video", "picture")):
        if sum(line.kind == kind for line in media) > 1:
            raise BadOffer(f"This offer has more than one {word}: send one of each.")
    for line in description.media:
        _check_line(line, way)
    _check_bundle(description)


def _check_line(line: MediaDescription, way: OfferDirection) -> None:
    if line.kind not in (*_KINDS, "application"):
        raise BadOffer(f"This offer has a line of kind “{line.kind}”, which nobody here reads.")
    if not line.ice or not line.ice.usernameFragment or not line.ice.password or not line.dtls:
        raise BadOffer("This offer lacks its keys (ice-ufrag, ice-pwd, fingerprint, setup).")
    if not line.dtls.fingerprints or line.ice.iceLite:
        raise BadOffer("This offer lacks a fingerprint, or comes from an ice-lite agent.")
    if line.kind in _KINDS and (line.direction or "sendrecv") not in _GIVES[way]:
        wanted = "send (sendonly)" if way == "in" else "receive (recvonly)"
        raise BadOffer(f"The {line.kind} line of this offer does not {wanted}.")


def _check_bundle(description: SessionDescription) -> None:
    mids = [line.rtp.muxId for line in description.media]
    if len(set(mids)) != len(mids) or not all(mids):
        raise BadOffer("Each line of an offer needs a mid of its own (a=mid).")
    bundled = [group.items for group in description.group if group.semantic == "BUNDLE"]
    if len(mids) > 1 and (not bundled or set(bundled[0]) != set(mids)):
        raise BadOffer("The lines of an offer have to share one connection (a=group:BUNDLE).")
