"""Where the program is divided into segments, and that nothing is lost between them."""

from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import av
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hemicycle.engine.hls import init_segments
from hemicycle.engine.hls.fragments import Sample
from hemicycle.engine.hls.segmenter import (
    LONGEST_S,
    PART_S,
    SMALL_WITHIN_S,
    MediaSegment,
    PartialSegment,
    Segmenter,
    SegmenterOutput,
)
from hemicycle.engine.streams import Packet
from tests.engine.hls.program import Program

TRACKS = {"video", "floor.opus", "floor.aac", "fr.opus", "fr.aac"}


def fed(
    segmenter: Segmenter, program: Program, seconds: float, *, picture: bool = True
) -> list[SegmenterOutput]:
    """Give the segmenter some seconds of a program, which makes keyframes on request."""
    made: list[SegmenterOutput] = []
    for name, packet in program.run(seconds, picture=picture):
        made += segmenter.picture(packet) if name == "program" else segmenter.sound(name, packet)
        program.key_wanted |= segmenter.wants_key and segmenter.origin is not None
    return made


def segments(made: list[SegmenterOutput]) -> dict[str, list[MediaSegment]]:
    found: dict[str, list[MediaSegment]] = defaultdict(list)
    for piece in made:
        if isinstance(piece, MediaSegment):
            found[piece.track].append(piece)
    return dict(found)


@pytest.fixture
def segmenter() -> Segmenter:
    return Segmenter(("floor", "fr"), 0, 0.0)


def test_all_tracks_are_cut_at_the_picture_s_keyframes(segmenter: Segmenter) -> None:
    made = fed(segmenter, Program(), 7) + list(segmenter.finish())
    found = segments(made)
    assert found.keys() == TRACKS
    assert [(segment.number, segment.start, segment.duration) for segment in found["video"]] == [
        (0, 0.0, 2.0),
        (1, 2.0, 2.0),
        (2, 4.0, 2.0),
        (3, 6.0, 1.0),
    ]
    for track in TRACKS:
        assert [segment.number for segment in found[track]] == [0, 1, 2, 3]
        for sound, picture in zip(found[track], found["video"], strict=True):
            assert picture.start <= sound.start < picture.start + 0.022
        ends = [segment.start + segment.duration for segment in found[track]]
        assert [segment.start for segment in found[track]][1:] == pytest.approx(ends[:-1])


def test_a_segment_is_its_parts_and_no_part_is_longer_than_promised(segmenter: Segmenter) -> None:
    made = fed(segmenter, Program(), 6.1)
    parts: dict[tuple[str, int], list[PartialSegment]] = defaultdict(list)
    for piece in made:
        if isinstance(piece, PartialSegment):
            parts[piece.track, piece.number].append(piece)
        else:
            mine = parts[piece.track, piece.number]
            assert b"".join(part.data for part in mine) == piece.data
            assert [part.index for part in mine] == list(range(len(mine)))
            assert max(part.duration for part in mine) <= PART_S
            assert min(part.duration for part in mine[:-1]) >= PART_S * 0.85
            assert mine[0].independent


def test_a_keyframe_that_somebody_else_asked_for_makes_no_short_segment(
    segmenter: Segmenter,
) -> None:
    program = Program()
    made = fed(segmenter, program, 1)
    program.key_wanted = True
    made += fed(segmenter, program, 3.4)
    (first, second) = segments(made)["video"]
    assert 2.0 <= first.duration <= 2.2
    assert 1.9 <= second.duration <= 2.2


def shown(segment: MediaSegment, first: Packet) -> list[tuple[float, int]]:
    """Return the time of each frame in a segment of the picture, and the grey of its corner."""
    assert segment.data is not None
    with av.open(BytesIO(init_segments.picture(first.data).data + segment.data), "r") as container:
        frames = list(container.decode(video=0))
    return [(float(frame.time), int(frame.to_ndarray(format="gray")[0, 0])) for frame in frames]


def test_without_keyframes_the_promise_holds_and_the_one_before_stands_still(
    segmenter: Segmenter,
) -> None:
    program = Program(key_every=10_000)
    made: list[SegmenterOutput] = []
    packets = list(program.run(9.6))
    for name, packet in packets:
        made += segmenter.picture(packet) if name == "program" else segmenter.sound(name, packet)
    found = segments(made)
    assert [segment.duration for segment in found["video"]] == pytest.approx([LONGEST_S] * 3)
    assert all(segment.data for segment in found["fr.aac"])
    first = next(packet for name, packet in packets if name == "program")
    (at, corner), *_ = shown(found["video"][0], first)
    assert at == 0
    for number in (1, 2):
        times = [number * LONGEST_S + step * PART_S for step in range(10)]
        frames = shown(found["video"][number], first)
        assert [time for time, _ in frames] == pytest.approx(times, abs=0.001)
        assert {grey for _, grey in frames} == {corner}
    assert segmenter.wants_key
    made = fed(segmenter, program, 3)
    *_, after = segments(made)["video"]
    moving = shown(after, first)
    assert moving[0][0] == pytest.approx(after.start, abs=0.001)
    assert len({grey for _, grey in moving}) > 10


@given(
    origin=st.integers(0, 2**33),
    step=st.sampled_from([3000, 3003, 3600, 6000, 9000]),
    keys=st.sets(st.integers(1, 150), max_size=5),
    lost=st.sets(st.integers(1, 150), max_size=40),
)
@example(origin=3_618_000, step=6000, keys={38}, lost=set())
@example(origin=0, step=6000, keys=set(), lost={9, 20, 21, 22, *range(60, 75)})
def test_pictures_follow_each_other_without_a_hole(
    origin: int, step: int, keys: set[int], lost: set[int]
) -> None:
    segmenter = Segmenter((), 0, 0.0)
    taken: list[Sample] = []
    made: list[SegmenterOutput] = []
    take = segmenter.picture_track.take

    def noted(sample: Sample) -> Iterator[PartialSegment]:
        taken.append(sample)
        return take(sample)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmenter.picture_track, "take", noted)
        for number in sorted(set(range(150)) - lost):
            key = number in keys | {0}
            data = b"\0\0\0\1" + (b"\x65key" if key else b"\x41more")
            made += segmenter.picture(Packet(data, origin + number * step, step, key))
    assert (
        max((part.duration for part in made if isinstance(part, PartialSegment)), default=0)
        <= PART_S
    )
    for now, then in pairwise(taken):
        assert then.start > now.start
        # After a gap of more than two pictures, players need a keyframe.
        assert then.key or then.start - now.start <= 2 * now.duration


def test_when_the_picture_stalls_the_sound_goes_on(segmenter: Segmenter) -> None:
    program = Program()
    made = fed(segmenter, program, 3) + fed(segmenter, program, 8, picture=False)
    found = segments(made)
    assert [segment.data is None for segment in found["video"]] == [False] * 4
    parts = [part for part in made if isinstance(part, PartialSegment) and part.track == "video"]
    assert sum(part.duration for part in parts) == pytest.approx(
        sum(segment.duration for segment in found["video"]), abs=0.05
    )
    assert max(part.duration for part in parts) <= PART_S
    assert [segment.data is None for segment in found["fr.opus"]] == [False] * len(found["fr.opus"])
    assert len(found["fr.opus"]) == len(found["video"])
    made = fed(segmenter, program, 5) + list(segmenter.finish())
    assert {len(same) for same in segments(made).values()} == {len(segments(made)["video"])}
    assert max(segment.duration for segment in segments(made)["video"]) <= LONGEST_S + 1e-6


def test_a_last_moment_that_not_every_track_has_is_left_out(segmenter: Segmenter) -> None:
    program = Program()
    made = fed(segmenter, program, 2)
    made += [
        piece
        for name, packet in program.run(0.08)
        if name == "program"
        for piece in segmenter.picture(packet)
    ]
    found = segments(made + list(segmenter.finish()))
    assert {track: len(found[track]) for track in found} == dict.fromkeys(TRACKS, 1)


def test_nothing_is_made_before_the_first_keyframe(segmenter: Segmenter) -> None:
    program = Program(key_every=10_000)
    list(program.run(1))
    assert fed(segmenter, program, 0.4) == []
    assert segmenter.wants_key
    program.key_wanted = True
    made = fed(segmenter, program, 2.5)
    (first,) = segments(made)["video"]
    assert first.start == pytest.approx(1.4)
    assert first.number == 0


def test_the_picture_s_frames_are_all_there(segmenter: Segmenter) -> None:
    made = fed(segmenter, Program(), 4.4) + list(segmenter.finish())
    parts = [part for part in made if isinstance(part, PartialSegment) and part.track == "video"]
    assert sum(part.duration for part in parts) == pytest.approx(4.4)


def test_the_small_picture_is_cut_where_the_whole_one_is() -> None:
    segmenter = Segmenter(("floor",), 0, 0.0, small=True)
    program = Program(("floor",), reduced=True)
    made = fed(segmenter, program, 3) + fed(segmenter, program, 3, picture=False)
    made += fed(segmenter, program, 5) + list(segmenter.finish())
    places: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for piece in made:
        index = piece.index if isinstance(piece, PartialSegment) else None
        places[piece.track].append((piece.number, index, piece.duration))
    assert len(places["video"]) > 30
    assert places["video.small"] == places["video"]
    assert all(segment.data for segment in segments(made)["video.small"])


def test_while_there_is_no_small_picture_nothing_old_stands_in_its_place() -> None:
    segmenter = Segmenter(("floor",), 0, 0.0, small=True)
    program = Program(("floor",), reduced=True)
    made = fed(segmenter, program, 4)
    program.reduced = False
    made += fed(segmenter, program, 4)
    program.reduced = True
    made += fed(segmenter, program, 4) + list(segmenter.finish())
    found = segments(made)
    assert [segment.data is None for segment in found["video.small"]] == [
        False, False, True, True, False, False,
    ]  # fmt: skip
    assert not any(segment.data is None for segment in found["video"])


def test_a_webcast_begins_without_a_small_picture_that_does_not_come() -> None:
    segmenter = Segmenter(("floor",), 0, 0.0, small=True)
    made = fed(segmenter, Program(("floor",)), 9)
    assert not segmenter.has_small
    assert set(segments(made)) == {"video", "floor.opus", "floor.aac"}
    assert segments(made)["video"][0].start == SMALL_WITHIN_S
