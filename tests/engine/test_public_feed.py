"""The public feed on a test clock: what is delayed, what is dropped, and what replaces it."""

from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import pytest

from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.public_feed import CardPicture, DelayedPacket, PublicFeed
from hemicycle.engine.streams import FLOOR, PICTURE_RATE, PROGRAM, SOUND_RATE, Output, Packet

FRAME = 0.04
CARD = b"card"


class Card:
    """A card whose pictures the test sends."""

    def __init__(self) -> None:
        self.output = Output(PROGRAM, "picture")
        self.ended = False

    def shut_down(self) -> None:
        self.ended = True


@dataclass
class Scene:
    """A program of 25 pictures and 50 sound packets a second, and what the public got of it."""

    keys_every_s: float = 2.0
    now: float = 0.0
    cards: list[Card] = field(default_factory=list)
    got: list[tuple[float, str, Packet]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    wishes: int = 0

    def __post_init__(self) -> None:
        self.sources = {PROGRAM: Output(PROGRAM, "picture"), FLOOR: Output(FLOOR, "sound")}
        self.sources[PROGRAM].wants_key = self._wished
        self.feed = PublicFeed(self.sources, lambda: self.now, self._card, self._end)
        self.feed.on_delay = self.delays.append
        for name, output in self.feed.streams.items():
            output.add(partial(self._got, name))
        self._wish = True
        self._tick = 0

    def _got(self, name: str, packet: Packet) -> None:
        self.got.append((self.now, name, packet))

    def _wished(self) -> None:
        self.wishes += 1
        self._wish = True

    def _card(self) -> CardPicture:
        self.cards.append(Card())
        return self.cards[-1]

    def _end(self, card: CardPicture) -> None:
        card.shut_down()

    def run(self, seconds: float) -> None:
        """Continue the program; each packet contains the time at which it was made."""
        for _ in range(round(seconds / 0.02)):
            self.now = self._tick * 0.02
            made = f"{self.now:.2f}".encode()
            sound = Packet(made, round(self.now * SOUND_RATE), 960)
            self.sources[FLOOR].put(sound)
            if self._tick % 2 == 0:
                self._picture(made)
            self._tick += 1

    def _picture(self, made: bytes) -> None:
        at, step = round(self.now * PICTURE_RATE), round(FRAME * PICTURE_RATE)
        every = round(self.keys_every_s / 0.02)
        key = self._wish or self._tick % every == 0
        self._wish = False
        for card in self.cards:
            if not card.ended:
                card.output.put(Packet(CARD, at, step, keyframe=True, small=CARD))
        self.sources[PROGRAM].put(Packet(made, at, step, key, small=made))

    def pictures(self, begin: float = 0.0, end: float = 1e9) -> list[tuple[float, Packet]]:
        """Return the pictures that the public got between two times, each with its time."""
        return [(at, it) for at, name, it in self.got if name == PROGRAM and begin <= at < end]

    def made(self, name: str = PROGRAM) -> list[tuple[float, float]]:
        """Return for each packet of an output when it went out and when it was made."""
        return [
            (at, float(packet.data))
            for at, of, packet in self.got
            if of == name and packet.data[:1].isdigit() and b"." in packet.data
        ]


def test_without_a_delay_everything_passes_at_once_and_unchanged() -> None:
    scene = Scene()
    scene.run(1)
    assert [at for at, _ in scene.made()] == [made for _, made in scene.made()]
    assert len(scene.got) == 75
    assert len(scene.feed) == 0


def test_every_packet_leaves_after_its_delay_and_is_stamped_with_the_moment() -> None:
    scene = Scene()
    scene.feed.set_delay(10)
    scene.run(30)
    sent = scene.made()
    assert len(sent) == round(20 / FRAME)
    assert all(abs(at - made - 10) < 0.021 for at, made in sent)
    for at, name, packet in scene.got:
        rate = PICTURE_RATE if name == PROGRAM else SOUND_RATE
        assert abs(packet.pts / rate - at) < 0.021
    assert scene.delays == [10]


def test_until_the_first_picture_is_due_there_is_a_card() -> None:
    scene = Scene()
    scene.feed.set_delay(5)
    scene.run(7)
    assert {packet.data for _, packet in scene.pictures(0, 4.98)} == {CARD}
    (first, *_), *_ = scene.made()
    assert abs(first - 5) < 0.021
    assert scene.cards[0].ended


def test_a_stop_drops_all_that_waits() -> None:
    scene = Scene()
    scene.feed.set_delay(10)
    scene.run(20)
    scene.feed.stop()
    assert len(scene.feed) == 0
    scene.run(30)
    sent = [made for _, made in scene.made()] + [made for _, made in scene.made(FLOOR)]
    assert max(sent) < 10.02
    assert {packet.data for _, packet in scene.pictures(20.1)} == {CARD}


def test_the_public_hears_silence_while_it_is_stopped() -> None:
    scene = Scene()
    scene.run(2)
    scene.feed.stop()
    scene.run(3)
    heard = [(at, packet) for at, name, packet in scene.got if name == FLOOR and at > 2]
    assert len({packet.data for _, packet in heard}) == 1
    assert len(heard) >= 149
    assert all(abs(at - packet.pts / SOUND_RATE) < 0.001 for at, packet in heard)


def test_stopping_twice_is_stopping_once() -> None:
    scene = Scene()
    scene.run(1)
    scene.feed.stop()
    scene.feed.stop()
    scene.run(1)
    assert len(scene.cards) == 1
    scene.feed.resume()
    scene.feed.resume()
    scene.run(3)
    assert scene.feed.state == "live"


def test_what_was_on_the_air_before_a_resumption_never_goes_out() -> None:
    scene = Scene(keys_every_s=60)
    scene.feed.set_delay(10)
    scene.run(20)
    scene.feed.stop()
    scene.run(7)
    scene.feed.resume()
    assert scene.feed.state == "returning"
    scene.run(30)
    between = [made for _, made in [*scene.made(), *scene.made(FLOOR)] if 10 <= made < 27]
    assert between == []
    first_at, first = next((at, made) for at, made in scene.made() if made >= 27)
    assert abs(first_at - first - 10) < 0.021
    assert first < 27.1
    first_packet = next(it for at, it in scene.pictures() if it.data == f"{first:.2f}".encode())
    assert first_packet.keyframe
    assert {packet.data for _, packet in scene.pictures(20.1, 36.9)} == {CARD}


def test_time_stamps_never_go_back() -> None:
    scene = Scene()
    for what in (10, 60, 5, "stop", 0, "resume", 20, "stop", "resume", 0):
        match what:
            case "stop":
                scene.feed.stop()
            case "resume":
                scene.feed.resume()
            case int(delay):
                scene.feed.set_delay(delay)
        scene.run(13)
    scene.run(30)
    for wanted in (PROGRAM, FLOOR):
        ends = -1
        for _, name, packet in scene.got:
            if name == wanted:
                assert packet.pts >= ends
                ends = packet.pts + packet.duration
    assert scene.feed.state == "live"


def test_a_longer_delay_pauses_on_the_card() -> None:
    scene = Scene()
    scene.feed.set_delay(5)
    scene.run(20)
    scene.feed.set_delay(15)
    scene.run(30)
    assert {packet.data for _, packet in scene.pictures(20.1, 29.9)} == {CARD}
    assert all(at - made >= 14.98 for at, made in scene.made() if at > 20)
    assert scene.delays == [5, 15]
    assert scene.made()[-1][1] > 34.9


def test_a_shorter_delay_jumps_and_shows_nothing_too_soon() -> None:
    scene = Scene()
    scene.feed.set_delay(30)
    scene.run(40)
    scene.feed.set_delay(5)
    scene.run(20)
    after = [(at, made) for at, made in scene.made() if at >= 40]
    assert min(made for _, made in after) >= 35
    assert all(abs(at - made - 5) < 0.021 for at, made in after)
    assert after[0][0] < 42.1  # the next keyframe


def test_a_change_of_the_delay_while_it_is_stopped_leaks_nothing() -> None:
    scene = Scene()
    scene.feed.set_delay(30)
    scene.run(40)
    scene.feed.stop()
    scene.feed.set_delay(0)
    scene.run(10)
    assert max(made for _, made in scene.made()) < 10.02
    scene.feed.resume()
    scene.run(2)
    assert min(made for at, made in scene.made() if at > 40) >= 50


def test_what_is_done_later_is_dropped_by_a_stop() -> None:
    scene, done = Scene(), list[str]()
    scene.feed.on_caption = lambda line: done.append(line.language)
    scene.feed.caption(CaptionLine("at once", 0, ()))
    scene.feed.set_delay(10)
    scene.run(15)
    scene.feed.caption(CaptionLine("said at 15", 0, ()))
    scene.run(9)
    assert done == ["at once"]
    scene.run(2)
    assert done == ["at once", "said at 15"]
    scene.feed.caption(CaptionLine("said at 26", 0, ()))
    scene.run(5)
    scene.feed.stop()
    scene.feed.caption(CaptionLine("said while stopped", 0, ()))
    scene.run(5)
    scene.feed.resume()
    scene.run(30)
    assert done == ["at once", "said at 15"]


def test_a_delayed_feed_asks_ahead_for_the_keyframes_of_its_segments() -> None:
    scene = Scene(keys_every_s=60)
    scene.feed.set_delay(10)
    scene.run(40)
    keys = [packet.pts / PICTURE_RATE for _, packet in scene.pictures(10) if packet.keyframe]
    gaps = [after - before for before, after in pairwise(keys)]
    assert max(gaps[2:]) < 2.2


def test_the_queue_is_no_longer_than_the_delay() -> None:
    scene = Scene()
    scene.feed.set_delay(20)
    scene.run(100)
    assert len(scene.feed) <= 20 * 75 + 3


def moved(scene: Scene, sent: int, packets: list[DelayedPacket]) -> Scene:
    """Return the scene in another process, which has received these packets in advance."""
    after = Scene(scene.keys_every_s, scene.now, wishes=scene.wishes)
    after._tick, after.got = scene._tick, scene.got
    _, rest = scene.feed.ahead(sent)
    after.feed.inherit(scene.feed.handed(), (*packets, *rest))
    scene.feed.close()
    return after


def test_a_delay_stays_whole_in_another_process() -> None:
    scene = Scene()
    scene.feed.set_delay(10)
    scene.run(25)
    sent, packets = scene.feed.ahead(0)
    scene.run(1)
    after = moved(scene, sent, list(packets))
    after.run(15)
    sent_at = after.made()
    assert all(abs(at - made - 10) < 0.021 for at, made in sent_at)
    assert [made for _, made in sent_at] == sorted({made for _, made in sent_at})
    assert len(sent_at) == round(31 / FRAME)


def test_what_was_stopped_does_not_get_out_of_another_process() -> None:
    scene = Scene()
    scene.feed.set_delay(10)
    scene.run(25)
    sent, packets = scene.feed.ahead(0)  # the other process gets them before the stop
    scene.run(1)
    scene.feed.stop()
    after = moved(scene, sent, list(packets))
    assert after.feed.state == "stopped"
    after.run(20)
    assert max(made for _, made in after.made()) <= 16
    after.feed.resume()
    after.run(15)
    assert min(made for at, made in after.made() if at > 26) >= 46


def test_a_feed_that_was_not_handed_over_whole_is_refused() -> None:
    scene = Scene()
    scene.feed.set_delay(10)
    scene.run(5)
    handed = scene.feed.handed()
    with pytest.raises(ValueError, match="whole"):
        Scene().feed.inherit(handed, scene.feed.ahead(0)[1][1:])


def test_the_small_picture_is_always_that_of_the_same_moment() -> None:
    scene = Scene()
    scene.feed.set_delay(5)
    scene.run(12)
    scene.feed.stop()
    scene.run(4)
    scene.feed.resume()
    scene.run(12)
    shown = {packet.data for _, packet in scene.pictures()}
    assert CARD in shown
    assert len(shown) > 200
    assert all(packet.small == packet.data for _, packet in scene.pictures())
