"""The public feed: what the public sees and hears, some seconds after the room, and cut on demand.

Every public output (webcast, recording, captions of the webcast, pushes to other platforms) takes
its packets from here; seats, booths and consoles take theirs from `Outputs`. Three rules:

1. A packet leaves `delay_s` after it came, never earlier. Its time stamp is moved by the delay, so
   that the public feed runs on the program's clock: the time stamp is the time of sending.
2. `stop` drops all waiting packets at once. They are referenced nowhere else: they reach no file.
   From then on a card is sent, with silence, until `resume`.
3. The card is left only at a keyframe that has waited for its whole delay. The same holds after a
   change of the delay: a longer delay pauses on the card, a shorter one jumps.

Nothing here has a timer: the mixers deliver a packet of each channel every 20 ms, and each delivery
sends what has become due. Memory for 120 s: 15 MB of picture at 640x360 or 35 MB at 1280x720, 1 MB
for each channel of sound, 5 MB of small picture, and about 300 bytes for each packet: about 45 MB
with seven channels.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Literal, Protocol

import numpy as np

from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, SOUND_RATE, TICK_SAMPLES, Output, Packet

KEY_EVERY_S = 2.0
"""Seconds between requests for keyframes of a delayed feed, whose consumers cannot request any."""

type FeedState = Literal["live", "stopped", "returning"]
"""returning: a card is shown until the first picture has waited for its delay."""


class CardPicture(Protocol):
    """The picture of the card, on the program's clock; it runs from its creation to `shut_down`."""

    @property
    def output(self) -> Output:
        """The packets of the picture; the first one is a keyframe."""

    def shut_down(self) -> None:
        """Stop the picture. It may block."""


@dataclass(frozen=True, slots=True)
class DelayedPacket:
    """A packet, or a line of captions, received at `at` (s on the monotonic clock)."""

    at: float
    name: str
    packet: Packet | None = None
    caption: CaptionLine | None = None


@dataclass(frozen=True, slots=True)
class HandedFeed:
    """The state of a public feed for another process.

    `waiting` is the number of waiting packets, which are handed over in advance
    (`PublicFeed.ahead`), and `came` the number of all packets that ever waited. `card` says whether
    the card is shown.
    """

    delay_s: float
    announced_s: float
    stopped: bool
    whole: bool
    card: bool
    sent_until: Mapping[str, int]
    came: int
    waiting: int


class PublicFeed:
    """The public's side of a hearing's outputs. For the event loop only.

    `sources` are the live outputs, `now` the monotonic clock in seconds, `make_card` starts the
    picture of the card, and `end_card` ends it without blocking the loop. `on_delay` is called with
    the delay in seconds before the first packet with that delay; `announced_s` is the last one.
    """

    def __init__(
        self,
        sources: Mapping[str, Output],
        now: Callable[[], float],
        make_card: Callable[[], CardPicture],
        end_card: Callable[[CardPicture], None],
    ) -> None:
        self.streams: Mapping[str, Output] = {
            name: Output(name, output.kind, output.bit_rate) for name, output in sources.items()
        }
        self.on_delay: Callable[[float], None] = lambda delay_s: None
        self.on_caption: Callable[[CaptionLine], None] = lambda line: None
        """Called with a line of captions when the moment of `caption` reaches the public."""
        self._came = 0
        self.delay_s = self.announced_s = 0.0
        self.stopped = False
        self._now, self._make_card, self._end_card = now, make_card, end_card
        self._sources = sources
        self._waiting: deque[DelayedPacket] = deque()
        self._whole = True  # whether packets may be kept: a keyframe has come since the stop
        self._card: CardPicture | None = None
        self._card_taker = partial(self._send, PROGRAM)
        self._silence = _silence()
        self._sent_until = dict.fromkeys(sources, -1)
        self._key_at = now()
        self._takers = {name: partial(self._take, name) for name in sources}
        for name, taker in self._takers.items():
            sources[name].add(taker)
        self.streams[PROGRAM].wants_key = self._wish

    @property
    def state(self) -> FeedState:
        """What the public gets now."""
        if self.stopped:
            return "stopped"
        return "live" if self._card is None else "returning"

    def __len__(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        """Stop sending."""
        for name, taker in self._takers.items():
            self._sources[name].remove(taker)
        self._waiting.clear()
        if self._card is not None:
            self._end_card(self._card)

    def set_delay(self, delay_s: float) -> None:
        """Delay new and waiting packets by this many seconds from now on.

        A longer delay shows the card for the added time. A shorter one drops packets that should
        have left already, and continues at the next keyframe.
        """
        if delay_s == self.delay_s:
            return
        self.delay_s = delay_s
        oldest = self._now() - delay_s
        while self._waiting and self._waiting[0].at < oldest:
            self._waiting.popleft()
        if not self.stopped:
            self._show_card()
        if not delay_s:
            self._sources[PROGRAM].wants_key()

    def stop(self) -> None:
        """Drop all waiting packets and send the card. A second stop changes nothing."""
        if self.stopped:
            return
        self.stopped, self._whole = True, False
        self._waiting.clear()
        self._show_card()

    def resume(self) -> None:
        """Accept packets from now on; send them after their delay, and the card until then."""
        if not self.stopped:
            return
        self.stopped = False
        self._sources[PROGRAM].wants_key()

    def caption(self, line: CaptionLine) -> None:
        """Pass on a line of captions when the present moment reaches the public; never if that
        moment is dropped.
        """
        if self.stopped or not self._whole:
            return
        # Queue the line behind waiting packets even without a delay: it must not overtake the card.
        if not self.delay_s and self._card is None:
            self.on_caption(line)
        else:
            self._wait(DelayedPacket(self._now(), "", caption=line))

    # Hand-over to another process.

    def ahead(self, after: int) -> tuple[int, tuple[DelayedPacket, ...]]:
        """Return the number of packets that ever waited, and the packets that still wait.

        The first `after` of all packets are left out: the other process has them already.
        """
        new = min(self._came - after, len(self._waiting))
        return self._came, tuple(islice(self._waiting, len(self._waiting) - new, None))

    def handed(self) -> HandedFeed:
        """Return the feed's state for another process, which has the waiting packets already."""
        return HandedFeed(
            self.delay_s,
            self.announced_s,
            self.stopped,
            self._whole,
            self._card is not None,
            dict(self._sent_until),
            self._came,
            len(self._waiting),
        )

    def inherit(self, handed: HandedFeed, waiting: Sequence[DelayedPacket]) -> None:
        """Continue from the state of another process; `waiting` ends with all waiting packets.

        Raises ValueError if something is missing: the feed could show too much or too little.
        """
        if handed.sent_until.keys() != self._sent_until.keys() or len(waiting) < handed.waiting:
            raise ValueError("The public feed was not handed over whole.")
        self.delay_s, self.announced_s = handed.delay_s, handed.announced_s
        self.stopped, self._whole = handed.stopped, handed.whole
        self._sent_until = dict(handed.sent_until)
        self._came = handed.came
        self._waiting = deque(waiting[len(waiting) - handed.waiting :])
        if handed.card:
            self._show_card()

    def _wait(self, delayed: DelayedPacket) -> None:
        self._came += 1
        self._waiting.append(delayed)

    # Incoming packets.

    def _take(self, name: str, packet: Packet) -> None:
        if self._card is not None and name != PROGRAM:
            # The card has a picture only. Channels send silence with the real time stamps, so that
            # players and the webcast see no gap in them.
            self._send(name, replace(packet, data=self._silence))
        if not self.stopped:
            self._keep(name, packet)
        self._send_due()

    def _keep(self, name: str, packet: Packet) -> None:
        if name == PROGRAM:
            self._whole = self._whole or packet.keyframe
            self._ask_for_keys(packet)
        if self._whole:
            self._wait(DelayedPacket(self._now(), name, packet))

    def _ask_for_keys(self, packet: Packet) -> None:
        if not self._whole or (self.delay_s and self._now() - self._key_at >= KEY_EVERY_S):
            self._sources[PROGRAM].wants_key()
        if packet.keyframe and self._now() - self._key_at >= KEY_EVERY_S - 0.1:
            self._key_at = self._now()

    # Outgoing packets.

    def _send_due(self) -> None:
        due = self._now() - self.delay_s
        while self._waiting and self._waiting[0].at <= due:
            waiting = self._waiting.popleft()
            if self._card is not None and not _begins(waiting):
                continue  # the public's picture must begin with a keyframe
            self._leave_card()
            if waiting.caption is not None:
                self.on_caption(waiting.caption)
            elif waiting.packet is not None:
                self._send(waiting.name, self._moved(waiting.packet, waiting.name))

    def _moved(self, packet: Packet, name: str) -> Packet:
        if not self.delay_s:
            # The time stamp moves with the packet. Otherwise the card, which is made now, and the
            # program, which is late, would run on two clocks, and time would go back at each
            # change.
            return packet
        rate = PICTURE_RATE if name == PROGRAM else SOUND_RATE
        return replace(packet, pts=packet.pts + round(self.delay_s * rate))

    def _send(self, name: str, packet: Packet) -> None:
        if packet.pts < self._sent_until[name]:
            return  # where card and program meet, their last packets may overlap
        self._sent_until[name] = packet.pts + packet.duration
        self.streams[name].put(packet)

    def _wish(self) -> None:
        if self._card is not None:
            self._card.output.wants_key()
        # With a delay, a keyframe requested now would come only after the delay: `_ask_for_keys`
        # requests keyframes in advance.
        elif not self.delay_s:
            self._sources[PROGRAM].wants_key()

    # The card.

    def _show_card(self) -> None:
        if self._card is None:
            self._card = self._make_card()
            self._card.output.add(self._card_taker)

    def _leave_card(self) -> None:
        if self._card is None:
            return
        card, self._card = self._card, None
        card.output.remove(self._card_taker)
        self._end_card(card)
        if self.announced_s != self.delay_s:
            self.announced_s = self.delay_s
            self.on_delay(self.delay_s)


def _begins(waiting: DelayedPacket) -> bool:
    packet = waiting.packet
    return waiting.name == PROGRAM and packet is not None and packet.keyframe


def _silence() -> bytes:
    """Return 20 ms of silence, as an encoder sends it after it has been silent for a while."""
    encoder, block = OpusEncoder(), np.zeros(TICK_SAMPLES, np.float32)
    return [encoder.encode(block, number * TICK_SAMPLES).data for number in range(25)][-1]
