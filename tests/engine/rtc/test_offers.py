"""Invalid offers are refused with a reason, and no text crashes the engine."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.rtc import offers
from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.offers import UNREADABLE, OfferDirection
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.streams import Output
from tests.engine.rtc import clients
from tests.engine.rtc.test_listener import heard
from tests.support.examples import examples


async def _offers() -> tuple[str, str]:
    made = []
    for pc in (clients.sender(picture=True), clients.receiver("audio", "video")):
        made.append(await clients.offer(pc))
        await pc.close()
    return made[0], made[1]


SENDS, RECEIVES = asyncio.run(_offers())


def test_the_lines_of_an_offer_in_their_order_without_candidates() -> None:
    read = offers.read(SENDS, "in")
    assert read.kinds == ("audio", "video")
    assert "candidate" in SENDS
    assert "candidate" not in read.sdp


@pytest.mark.parametrize(
    ("change", "way", "sentence"),
    [
        (lambda sdp: "", "in", "neither sound nor picture"),
        (lambda sdp: "hello", "in", "neither sound nor picture"),
        (lambda sdp: sdp.replace("m=audio", "m=audio x"), "in", "not an offer that can be read"),
        (lambda sdp: sdp.replace("sendonly", "recvonly"), "in", r"does not send \(sendonly\)"),
        (lambda sdp: sdp, "out", r"does not receive \(recvonly\)"),
        (lambda sdp: sdp.replace("a=group:BUNDLE 0 1", "a=group:LS 0 1"), "in", "share one"),
        (lambda sdp: sdp.replace("a=mid:1", "a=mid:0"), "in", "mid of its own"),
        (lambda sdp: sdp.replace("a=ice-ufrag", "a=ice-nothing"), "in", "lacks its keys"),
        (lambda sdp: sdp.replace("a=setup", "a=nothing"), "in", "lacks its keys"),
        (lambda sdp: sdp.replace("a=fingerprint", "a=nothing"), "in", "lacks a fingerprint"),
        (lambda sdp: sdp.replace("m=video", "m=audio"), "in", "more than one sound"),
        (lambda sdp: sdp.replace("m=video", "m=text"), "in", "kind “text”"),
    ],
)
def test_an_offer_that_cannot_be_answered_gets_a_sentence(
    change: Callable[[str], str], way: OfferDirection, sentence: str
) -> None:
    with pytest.raises(BadOffer, match=sentence):
        offers.read(change(SENDS), way)


async def _answer(exchange: PeerFactory, sdp: str, way: OfferDirection) -> str:
    """Return the first line of the answer or the sentence of the refusal, and close the peer."""
    try:
        if way == "in":
            peer, answer = await exchange.publisher(sdp, lambda *_: None)
        else:
            sound, picture = Output("floor", "sound"), Output("program", "picture")
            peer, answer = await exchange.listener(sdp, lambda *_: None, sound, picture)  # type: ignore[assignment]
    except (BadOffer, NoCodec) as refusal:
        return str(refusal)
    await peer.close("over")
    return answer.splitlines()[0]


def answer(sdp: str, way: OfferDirection) -> str:
    """Return what a factory answers to an offer, as `_answer` does."""

    async def ask() -> str:
        async with clients.exchanging() as exchange:
            return await _answer(exchange, sdp, way)

    return asyncio.run(ask())


@pytest.mark.parametrize(("sdp", "way"), [(SENDS, "in"), (RECEIVES, "out")])
def test_a_whole_offer_is_answered(sdp: str, way: OfferDirection) -> None:
    assert answer(sdp, way) == "v=0"


def _sections(sdp: str) -> tuple[str, str]:
    _, _, rest = sdp.partition("m=audio")
    audio, _, video = rest.partition("m=video")
    return "m=audio" + audio, "m=video" + video


def _blind(sdp: str) -> str:
    """Return the offer as a client without H.264 makes it: it knows H.265 and VP8."""
    return sdp.replace("H264", "H265")


def _unknown(sdp: str) -> str:
    """Return the offer as a client without H.264 and VP8 makes it: it knows H.265 and VP9."""
    return _blind(sdp).replace("VP8", "VP9")


def _picture_first(sdp: str) -> str:
    audio, video = _sections(sdp)
    return sdp.partition("m=audio")[0].replace("BUNDLE 0 1", "BUNDLE 1 0") + video + audio


@pytest.mark.parametrize(
    ("sdp", "way", "names"),
    [
        (SENDS.replace("opus", "speex"), "in", "H264, VP8, opus"),
        (_unknown(SENDS).replace("opus", "speex"), "in", "H264, VP8, opus"),
        (_unknown(_picture_first(SENDS)), "in", "H264, VP8, opus"),
        (RECEIVES.replace("opus", "speex"), "out", "H264, opus"),
        (_blind(RECEIVES).replace("opus", "speex"), "out", "H264, opus"),
        (_blind(_picture_first(RECEIVES)), "out", "H264, opus"),
    ],
)
def test_an_offer_without_a_codec_of_ours_is_told_ours(
    sdp: str, way: OfferDirection, names: str
) -> None:
    assert answer(sdp, way) == f"This offer has no codec that is spoken here ({names})."


def test_sound_alone_leaves_other_lines_in_place() -> None:
    """The offer has a data channel between sound and picture."""
    head, audio, video = RECEIVES.partition("m=audio")[0], *_sections(RECEIVES)
    channel = _channel(video)
    offer = offers.read(head.replace("BUNDLE 0 1", "BUNDLE 0 2 1") + audio + channel + video, "out")
    alone = offers.sound_alone(offer)
    assert alone is not None
    assert alone.kinds == ("audio",)
    assert "a=group:BUNDLE 0 2\r\n" in alone.sdp
    assert "m=video" not in alone.sdp
    assert offers.read(alone.sdp, "out").kinds == ("audio",)
    whole = offers.refusing_picture(alone.sdp, offer)
    lines = [line.split(" ")[:2] for line in whole.splitlines() if line.startswith("m=")]
    assert [kind for kind, _ in lines] == ["m=audio", "m=application", "m=video"]
    assert lines[2][1] == "0"
    assert whole.endswith("c=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:1\r\n")


@pytest.mark.parametrize(("sdp", "way"), [(SENDS, "in"), (RECEIVES, "out")])
def test_a_codec_with_a_parameter_without_a_value_is_refused(sdp: str, way: OfferDirection) -> None:
    assert answer(sdp.replace("packetization-mode=1", "packetization-mode"), way) == UNREADABLE


def test_a_data_channel_may_come_first() -> None:
    head, audio, video = SENDS.partition("m=audio")[0], *_sections(SENDS)
    sdp = head.replace("BUNDLE 0 1", "BUNDLE 2 0 1") + _channel(video) + audio + video
    assert answer(sdp, "in") == "v=0"


CODECS = {
    "VP9": "profile-id=0",
    "AV1": "level-idx=5;profile=0;tier=0",
    "H265": "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST",
}
"""Video codecs that the engine does not read, with their parameters as Chromium offers them."""


def with_picture(offer: str, codec: str, direction: str) -> str:
    """Return an offer of sound with a picture in one codec on the same connection."""
    line = (
        "m=video 9 UDP/TLS/RTP/SAVPF 98", "c=IN IP4 0.0.0.0", f"a={direction}", "a=mid:p",
        "a=rtcp-mux", f"a=rtpmap:98 {codec}/90000", f"a=fmtp:98 {CODECS[codec]}",
    )  # fmt: skip
    keys = (one for one in offer.splitlines() if one.startswith(("a=ice-", "a=finger", "a=setup")))
    section = "".join(f"{one}\r\n" for one in (*line, *keys))
    return offer.replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 p") + section


def _sound_of(answer: str) -> str:
    """Return the answer as a client of sound reads it; only its picture must be refused."""
    sound, picture = answer.split("m=video ")
    assert picture.startswith("0 ")
    assert "a=group:BUNDLE 0\r\n" in sound
    return sound


@pytest.mark.real_time
@pytest.mark.parametrize("codec", CODECS)
def test_who_sends_a_picture_that_we_do_not_read_is_heard(codec: str) -> None:
    async def test() -> None:
        client = clients.sender(hertz=700)
        async with clients.exchanging() as exchange:
            offer = with_picture(await clients.offer(client), codec, "sendonly")
            peer, answer = await exchange.publisher(offer, lambda *_: None)
            await clients.accept(client, _sound_of(answer))
            assert peer.sound is not None
            assert abs(clients.strongest(await clients.read(peer.sound, 50)) - 700) <= 2
            assert (peer.picture, peer.picture_trouble) == (None, "no_picture_codec")
            peer.ask_key()
            peer.take_pictures(on=False)
            peer.take_pictures(on=True)
            await client.close()
            await peer.close("over")

    asyncio.run(test())


@pytest.mark.real_time
@pytest.mark.parametrize("codec", CODECS)
def test_who_cannot_show_our_picture_hears(codec: str) -> None:
    async def test() -> None:
        floor, program = Output("floor", "sound"), Output("program", "picture")
        client = clients.receiver("audio")
        async with clients.exchanging() as exchange:
            offer = with_picture(await clients.offer(client), codec, "recvonly")
            peer, answer = await exchange.listener(offer, lambda *_: None, floor, program)
            feeding = asyncio.create_task(clients.Feed({floor: 700}, program).run())
            await clients.accept(client, _sound_of(answer))
            sound = await heard(client, 50)
            assert abs(clients.strongest(sound[-24_000:]) - 700) <= 2
            assert isinstance(peer, ListenerPeer)
            assert peer.seen == "none"
            feeding.cancel()
            await client.close()
            await peer.close("over")

    asyncio.run(test())


def _channel(video: str) -> str:
    """Return the section of a data channel, with the keys of a video section."""
    keys = [
        line for line in video.splitlines() if line.startswith(("a=ice", "a=finger", "a=setup"))
    ]
    first = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", "a=sctp-port:5000")
    return "".join(f"{line}\r\n" for line in (*first, *keys))


lines = st.integers(0, 200)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


@pytest.mark.parametrize(("sdp", "way"), [(SENDS, "in"), (_blind(RECEIVES), "out")])
@examples(40)
@given(st.lists(st.tuples(lines, st.one_of(st.none(), texts)), min_size=1, max_size=4))
def test_lines_that_are_lost_or_garbled_are_refused_or_answered(
    sdp: str, way: OfferDirection, changes: list[tuple[int, str | None]]
) -> None:
    changed: list[str | None] = [*sdp.splitlines()]
    for number, text in changes:
        kept = changed[number := number % len(changed)]
        changed[number] = None if text is None or kept is None else kept[:9] + text
    said = answer("\r\n".join(line for line in changed if line is not None), way)
    assert said == "v=0" or said.endswith((".", "RFC 9429)."))


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_any_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadOffer, match=r"neither sound nor picture|" + UNREADABLE[:30]):
        offers.read(text, "in")
