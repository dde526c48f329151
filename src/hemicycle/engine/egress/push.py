"""Pushes the program to another broadcaster, by RTMP or SRT, in one language.

The event loop puts packets into a queue without blocking; a thread connects, encodes AAC and sends.
If the other side is slow or unreachable, packets are dropped, and the connection is tried again
after a growing pause; it starts with a keyframe.
"""

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Literal
from urllib.parse import urlsplit

import av
from av.container import OutputContainer
from av.stream import Stream

from hemicycle.engine.egress import reaching, srt
from hemicycle.engine.egress.reaching import MayReach
from hemicycle.engine.hls import init_segments
from hemicycle.engine.hls.codecs import AacTranscoder
from hemicycle.engine.hls.fragments import length_prefixed
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, SOUND_RATE, Output, Packet

log = logging.getLogger(__name__)

WAITING = 400
"""The most packets that wait to be sent: five seconds of the program."""
TIMEOUT_S = 5.0
PAUSES_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
WELL_S = 30.0
"""After a connection that worked for this long, in seconds, the next attempt is immediate."""

type PushPhase = Literal["connecting", "on", "broken", "off"]
type QueuedPacket = tuple[str, Packet]

HOLE = ("", Packet(b"", 0, 0))
"""A marker in place of dropped packets."""


class InvalidPushAddress(ValueError):
    """Raised for an address to which the engine cannot push; `str()` is an English detail."""


@dataclass(frozen=True, slots=True)
class PushState:
    """The state of a push.

    `host` is its destination (the whole address is a secret), `channel` the sound that is sent.
    While it is broken, `reason` is a code and `detail` English for the log.

    Reasons: no_channel, bad_address, inside (a private network), no_library (SRT), refused (by the
    network or the other side), error (in the engine).
    """

    host: str
    channel: str
    state: PushPhase
    reason: str = ""
    detail: str = ""


def check(url: str) -> None:
    """Raise `InvalidPushAddress` for an invalid address."""
    parts = urlsplit(url)
    if parts.scheme == "srt":
        try:
            srt.read(url)
        except ValueError as error:
            raise InvalidPushAddress(str(error)) from error
    elif parts.scheme not in {"rtmp", "rtmps"}:
        raise InvalidPushAddress("An address to push to begins with rtmp://, rtmps:// or srt://.")
    elif not parts.hostname or len(parts.path) < 2:
        raise InvalidPushAddress(
            "An RTMP address names a host, an application and a key, as in "
            "rtmp://live.example.org/app/key."
        )


class Push:
    """One push; create it in the event loop, and it starts at once. Raises `InvalidPushAddress`.

    `program` is the picture, `sound` the channel sent with it. `on_state` is called in the event
    loop when the state changes. `may_reach` says whether it may connect to an IP address, and is
    called at each connection.
    """

    def __init__(
        self,
        url: str,
        program: Output,
        sound: Output,
        on_state: Callable[[PushState], None],
        *,
        may_reach: MayReach,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        check(url)
        self._url, self._channel = url, sound.name
        self._loop = asyncio.get_running_loop()
        self._on_state, self._pauses, self._may_reach = on_state, pauses_s, may_reach
        self._queue: Queue[QueuedPacket] = Queue(WAITING)
        self._program = program
        self._connected = False
        self._stop = Event()
        self._ended = self._loop.create_future()
        self._takers = [
            (program, partial(self._take, PROGRAM)),
            (sound, partial(self._take, sound.name)),
        ]
        for output, taker in self._takers:
            output.add(taker)
        Thread(target=self._work, name="push", daemon=True).start()

    async def close(self) -> None:
        """Stop the push; return when the connection has ended."""
        for output, taker in self._takers:
            output.remove(taker)
        self._stop.set()
        await self._ended

    # In the event loop.

    def _take(self, name: str, packet: Packet) -> None:
        # Without a connection, packets would only fill the queue, and be too old later.
        if not self._connected:
            return
        try:
            self._queue.put_nowait((name, packet))
        except Full:
            # The other side is too slow: drop all packets that wait, so that it gets the present
            # again. Mark the gap and request a keyframe, because the following packets cannot be
            # decoded without one.
            self._empty()
            self._queue.put_nowait(HOLE)
            self._program.wants_key()

    def _empty(self) -> None:
        with suppress(Empty):
            while True:
                self._queue.get_nowait()

    def _tell(self, state: PushPhase, reason: str = "", detail: str = "") -> None:
        host = urlsplit(self._url).hostname or ""
        self._on_state(PushState(host, self._channel, state, reason, detail))

    # In the thread.

    def _say(self, state: PushPhase, reason: str = "", detail: str = "") -> None:
        self._loop.call_soon_threadsafe(self._tell, state, reason, detail)

    def _work(self) -> None:
        try:
            self._keep_sending()
        except Exception:
            log.exception("a push has stopped")
            self._say("broken", "error", "See the engine's log.")
        self._loop.call_soon_threadsafe(self._ended.set_result, None)

    def _keep_sending(self) -> None:
        tries = 0
        while not self._stop.is_set():
            self._say("connecting")
            started = self._loop.time()
            try:
                self._send()
            except OSError as error:
                # A connection that worked for long was interrupted and not refused, so the pause
                # does not grow.
                tries = 0 if self._loop.time() - started > WELL_S else tries + 1
                self._say("broken", _reason(error), _detail(error))
                self._stop.wait(self._pauses[min(tries, len(self._pauses) - 1)])
        self._say("off")

    def _send(self) -> None:
        """Serve one connection, from its first keyframe to its end. Raises OSError."""
        self._empty()
        self._connected = True
        sending: _Connection | None = None
        try:
            for name, packet in self._items():
                if sending is not None:
                    sending.put(name, packet)
                # A receiver can decode nothing before a keyframe.
                elif name == PROGRAM and packet.keyframe:
                    sending = self._begin(packet)
        finally:
            self._connected = False
            if sending is not None:
                sending.close()

    def _begin(self, keyframe: Packet) -> "_Connection":
        sending = _Connection(self._url, keyframe, self._stop.is_set, self._may_reach)
        self._empty()  # drop what has accumulated while it connected
        self._loop.call_soon_threadsafe(self._program.wants_key)
        self._say("on")
        return sending

    def _items(self) -> Iterator[QueuedPacket]:
        self._loop.call_soon_threadsafe(self._program.wants_key)
        while not self._stop.is_set():
            with suppress(Empty):
                # A timeout, so that `close` is noticed while nothing arrives.
                yield self._queue.get(timeout=0.2)


class _Connection:
    """An open connection. All methods raise OSError."""

    def __init__(
        self, url: str, keyframe: Packet, stopped: Callable[[], bool], may_reach: MayReach
    ) -> None:
        self._srt = (
            srt.SrtSender(srt.read(url), stopped, may_reach) if url.startswith("srt:") else None
        )
        try:
            self._out = _opened(url, self._srt, may_reach)
        except OSError:
            if self._srt is not None:
                self._srt.close()
            raise
        with av.open(
            io.BytesIO(init_segments.picture(keyframe.data).data), "r", format="mp4"
        ) as known:
            # RTMP servers use the first header only, so it must describe the picture already.
            self._video: Stream = self._out.add_stream_from_template(known.streams[0])
        self._audio: Stream = self._out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._out.start_encoding()
        self._encoder = AacTranscoder()
        self._origin: Fraction | None = None
        self._whole = False

    def put(self, name: str, packet: Packet) -> None:
        """Send a packet.

        The picture begins with a keyframe, and continues with one after a gap.
        """
        if name == PROGRAM:
            self._put_picture(packet)
        elif (name, packet) == HOLE:
            self._whole = False
        else:
            for sample in self._encoder.encode(packet):
                self._mux(self._audio, sample.data, Fraction(sample.start, SOUND_RATE))

    def close(self) -> None:
        """End the connection, if it is still open."""
        with suppress(OSError):
            self._out.close()
        if self._srt is not None:
            self._srt.close()

    def _put_picture(self, packet: Packet) -> None:
        at = Fraction(packet.pts, PICTURE_RATE)
        if packet.keyframe and self._origin is None:
            self._origin = at
        self._whole = self._whole or packet.keyframe
        if self._whole:
            self._mux(self._video, length_prefixed(packet.data), at, key=packet.keyframe)

    def _mux(self, stream: Stream, data: bytes, at: Fraction, *, key: bool = True) -> None:
        # Sound from before the first picture has no place on the connection's clock.
        if self._origin is None or at < self._origin:
            return
        made = av.Packet(data)
        made.stream = stream
        made.time_base = Fraction(1, PICTURE_RATE)
        made.pts = made.dts = round((at - self._origin) * PICTURE_RATE)
        made.is_keyframe = key
        self._out.mux(made)


def _opened(url: str, sender: srt.SrtSender | None, may_reach: MayReach) -> OutputContainer:
    if sender is not None:
        return av.open(sender, "w", format="mpegts", buffer_size=srt.PAYLOAD)
    wait = str(round(TIMEOUT_S * 1_000_000))
    number, told = reaching.rtmp(url, may_reach)
    options = {"rw_timeout": wait, **told}
    return av.open(number, "w", format="flv", timeout=TIMEOUT_S, options=options)


def _reason(error: OSError) -> str:
    if isinstance(error, reaching.Inside):
        return "inside"
    return "no_library" if isinstance(error, srt.NoLibrary) else "refused"


def _detail(error: OSError) -> str:
    """Return why a connection broke, without its address."""
    known = isinstance(error, srt.SrtError | reaching.Inside)
    detail = error.strerror or (str(error) if known else "")
    return detail or "the connection broke"
