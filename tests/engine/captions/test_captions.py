"""Captions: from lines to cues, and the address where captioners and recognizers write them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as some

from hemicycle.engine.captions import captions
from hemicycle.engine.captions.captions import Captions, InvalidCaption, Outcome, cues
from hemicycle.engine.captions.lines import width
from hemicycle.engine.captions.webvtt import CaptionLine, Cue, in_turn, webvtt
from hemicycle.engine.control import http
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from tests.engine.engine import HEARING, SECRET, Air, error, refusal, token
from tests.support.ports import free_port

NOW = 1_700_000_000_000


def said(text: str, **more: Any) -> str:
    return json.dumps({"text": text, "final": True, **more})


class Written:
    """Captions with the lines that they have produced."""

    def __init__(self) -> None:
        self.now = NOW
        self.lines: list[CaptionLine] = []
        self.shown: Callable[[], None] = lambda: None
        self.public: Callable[[str], str] = str
        self.captions = Captions(lambda: self.now, self._line, self._public)

    def _public(self, text: str) -> str:
        return self.public(text)

    def _line(self, line: CaptionLine) -> None:
        self.lines.append(line)
        self.shown()


# Lines and cues.


def test_a_short_line_is_one_cue_long_enough_to_be_read() -> None:
    written = Written()
    assert written.captions.write("en", said("  Thank   you. ")) is Outcome.TAKEN
    assert written.lines == [CaptionLine("en", NOW, (Cue(NOW, NOW + 2500, "Thank you."),))]
    assert written.lines[0].told() == {
        "language": "en",
        "start_ms": NOW,
        "end_ms": NOW + 2500,
        "text": "Thank you.",
    }


def test_a_line_names_who_speaks_where_that_changes_and_in_a_correction() -> None:
    lines: list[CaptionLine] = []
    spoke = {NOW: "Ann Lee", NOW + 3000: "Ann Lee", NOW + 6000: "Bo", NOW + 9000: ""}
    written = Captions(lambda: NOW, lines.append, speakers=lambda start_ms: spoke[start_ms])
    for start_ms in (NOW, NOW + 3000, NOW + 3000, NOW + 6000, NOW + 9000):
        assert written.write("en", said("Yes.", start_ms=start_ms)) is Outcome.TAKEN
    told = [line.cues[0].text for line in lines]
    assert told == ["Ann Lee: Yes.", "Yes.", "Ann Lee: Yes.", "Bo: Yes.", "Yes."]


def test_a_long_line_becomes_rows_and_cues_one_after_the_other() -> None:
    text = "We welcome the representative of civil society, who has three minutes to speak."
    assert cues(text, 0) == (
        Cue(0, 3133, "We welcome the representative\nof civil society,"),
        Cue(3133, 5633, "who has three minutes to speak."),
    )


def test_time_to_spare_is_shared_out_by_length() -> None:
    text = "We welcome the representative of civil society, who has three minutes to speak."
    (first, second) = cues(text, 0, 20_000)
    assert (first.start_ms, round(second.end_ms, -1)) == (0, 20_000)
    assert first.end_ms == second.start_ms
    assert first.end_ms > 10_000


def test_chinese_characters_fill_two_columns() -> None:
    assert [
        cue.text for cue in cues("我们欢迎民间社会代表发言，她有三分钟的发言时间，请开始发言。", 0)
    ] == ["我们欢迎民间社会代表发言，\n她有三分钟的发言时间，请开始发言。"]


@given(some.text(min_size=1, max_size=300).filter(str.split))
def test_no_row_is_too_wide_no_cue_has_three_and_nothing_is_lost(text: str) -> None:
    made = cues(text, 0)
    rows = [row for cue in made for row in cue.text.split("\n")]
    assert all(width(row) <= captions.ROW for row in rows)
    assert all(cue.text.count("\n") <= 1 for cue in made)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(cue.end_ms - cue.start_ms >= captions.SHORTEST_MS for cue in made)


def test_a_line_waits_until_the_one_before_was_read_but_not_for_ever() -> None:
    written = Written()
    for number in range(8):
        written.now = NOW + number * 500
        written.captions.write("en", said(f"line {number}"))
    starts = [line.cues[0].start_ms - line.start_ms for line in written.lines]
    assert starts == [0, 2000, 4000, 5000, 5000, 5000, 5000, 5000]


def test_a_correction_takes_the_place_of_its_line() -> None:
    written = Written()
    written.captions.write("en", said("teh floor", start_ms=NOW - 2000))
    written.captions.write("en", said("the floor", start_ms=NOW - 2000))
    first, second = written.lines
    assert (first.start_ms, first.cues[0].start_ms) == (second.start_ms, second.cues[0].start_ms)


def test_what_is_not_final_or_empty_is_shown_to_nobody() -> None:
    written = Written()
    for line in (json.dumps({"text": "maybe"}), said(" "), json.dumps({"text": "x", "final": 1})):
        assert written.captions.write("en", line) is Outcome.IGNORED
    assert written.lines == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", captions.BAD_JSON),
        ("[" * 100_000, captions.BAD_JSON),
        ("3", captions.BAD_JSON),
        ('{"text": 3, "final": true}', captions.BAD_JSON),
        (b'{"text": "\xff"}', captions.BAD_JSON),
        (said("x" * 2001), captions.TOO_LONG),
        (said("x", start_ms="now"), "start_ms is a whole number of ms since the Unix epoch"),
        (said("x", end_ms=-1), "end_ms is a whole number of ms since the Unix epoch"),
        (said("x", start_ms=1), "This line's start_ms is not near now"),
    ],
)
def test_what_is_no_line_is_told_why(line: str | bytes, sentence: str) -> None:
    with pytest.raises(InvalidCaption) as told:
        Written().captions.write("en", line)
    assert sentence in str(told.value)


# WebVTT.


def test_a_cue_gives_way_to_the_next() -> None:
    shown = in_turn([Cue(2000, 5000, "b"), Cue(0, 4000, "a"), Cue(2000, 3000, "c")])
    assert shown == [Cue(0, 2000, "a"), Cue(2000, 3000, "c"), Cue(2000, 5000, "b")]
    assert in_turn([]) == []


def test_nothing_that_is_written_is_markup() -> None:
    assert webvtt([Cue(3_723_004, 3_725_000, "<i>a</i> --> b & c\n\n\n")]) == (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
        "01:02:03.004 --> 01:02:05.000\n&lt;i&gt;a&lt;/i&gt; --&gt; b &amp; c\n"
    )


# The address for captioners.


class CaptionedAir(Air):
    """A hearing on the air that takes captions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.written = Written()
        self.captions = self.written.captions


type Asks = Callable[..., Awaitable[ClientResponse]]


def at_the_port(test: Callable[[Asks, CaptionedAir], Awaitable[None]], air: Any = None) -> None:
    async def run() -> None:
        on_air = air or CaptionedAir()

        class House:
            def hearing(self, hearing: str) -> Air | None:
                return on_air if hearing == HEARING else None

            def may_begin(self) -> bool:
                return True

        exchange = PeerFactory(MediaPort(free_port(), ["127.0.0.1"]))
        made = http.app(House(), secret=SECRET, exchange=exchange, routes=captions.routes())
        async with TestClient(TestServer(made)) as client:

            async def ask(body: Any, use: Any = "captions") -> ClientResponse:
                headers = {"Authorization": f"Bearer {token(use, role='captioner', booth='fr')}"}
                return await client.post(f"/media/captions/{HEARING}", data=body, headers=headers)

            await test(ask, on_air)

    asyncio.run(run())


def test_a_request_may_bring_one_line_or_many() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        answer = await ask(f"{said('un')}\n\n{said('deux')}\n{json.dumps({'text': 'tr'})}\n")
        assert (answer.status, await answer.json()) == (200, {"taken": 2, "replaced": 0})
        assert [(line.language, line.cues[0].text) for line in air.written.lines] == [
            ("fr", "un"),
            ("fr", "deux"),
        ]

    at_the_port(test)


def test_names_that_are_replaced_are_counted_for_the_captioner() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        air.written.public = lambda text: text.replace("Amina", "Voice A")
        answer = await ask(f"{said('Amina speaks')}\n{said('thank you')}\n")
        assert await answer.json() == {"taken": 2, "replaced": 1}
        assert air.written.lines[0].cues[0].text == "Voice A speaks"

    at_the_port(test)


def test_a_request_may_stay_open_and_each_line_is_shown_as_it_comes() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        shown = asyncio.Event()
        air.written.shown = shown.set

        async def lines() -> AsyncIterator[bytes]:
            yield f"{said('un')}\n".encode()
            await shown.wait()
            yield f"{said('deux')}\n".encode()

        answer = await ask(lines())
        assert await answer.json() == {"taken": 2, "replaced": 0}

    at_the_port(test)


def test_a_bad_line_is_told_by_its_number_and_what_came_before_stays() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        told = await refusal(await ask(f"{said('un')}\nnonsense\n{said('trois')}\n"))
        assert told == (400, "caption_refused", f"Line 2: {captions.BAD_JSON}")
        assert len(air.written.lines) == 1

    at_the_port(test)


def test_a_line_without_end_is_refused() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        told = await refusal(await ask(b"x" * 600_000))
        assert told == (400, "caption_refused", f"Line 1: {captions.TOO_LONG}")

    at_the_port(test)


def test_another_pass_opens_nothing() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        assert (await ask(said("un"), "listen")).status == 401
        assert air.written.lines == []

    at_the_port(test)


def test_a_hearing_that_takes_no_captions_says_so() -> None:
    async def test(ask: Asks, air: CaptionedAir) -> None:
        told = await error(await ask(said("un")))
        assert told == (503, "no_captions")

    at_the_port(test, Air())
