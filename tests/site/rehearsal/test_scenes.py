"""The days on which a hearing is played."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hemicycle.hearing.setup import document_reading
from hemicycle.hearing.setup.schema import Document, InvalidDocument
from hemicycle.site.rehearsal import scenes

OTHER = Path(__file__).with_name("other.toml")


def times(document: Document) -> list[tuple[datetime, datetime]]:
    return [
        (timed["starts"], timed["ends"])
        for meeting in document["meetings"]
        for timed in (meeting, *meeting["segments"])
    ]


def test_the_invented_hearing_is_found_wherever_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert scenes.read()["slug"] == "2021-rehearsal"


def test_the_first_panel_is_moved_to_a_moment() -> None:
    at = datetime(2026, 11, 24, 16, 40, 30, tzinfo=UTC)
    here = scenes.with_panel_at(scenes.read(), at)
    assert scenes.panel_start(here) == datetime(2026, 11, 24, 11, 40, 30)  # noqa: DTZ001 - local
    assert document_reading.read(here) == here


def test_a_meeting_that_runs_past_midnight_is_still_a_hearing() -> None:
    here = scenes.with_panel_at(scenes.read(), datetime(2026, 11, 25, 4, 50, tzinfo=UTC))
    assert document_reading.read(here) == here


def test_ten_times_as_fast_everything_takes_a_tenth_and_the_recess_too() -> None:
    quick = scenes.quickened(scenes.read(), 10)
    start = datetime(2021, 7, 13, 10)  # noqa: DTZ001 - local times
    minute = timedelta(minutes=1)
    assert times(quick) == [
        (start, start + 12 * minute),
        (start, start + 2.5 * minute),
        (start + 2.5 * minute, start + 12 * minute),
        (start + 12.5 * minute, start + 24.5 * minute),
        (start + 12.5 * minute, start + 24 * minute),
        (start + 24 * minute, start + 24.5 * minute),
    ]
    floor = quick["floor"]
    assert (floor["time_limit_seconds"], floor["warning_seconds"]) == (18, 3)
    assert document_reading.read(quick) == quick


def test_at_the_speed_of_life_only_the_lunch_break_is_shorter() -> None:
    document = scenes.read()
    quick = scenes.quickened(document, 1)
    assert times(quick)[:3] == times(document)[:3]
    assert quick["floor"] == document["floor"]


def test_even_at_the_highest_speed_it_is_a_hearing_that_can_be_convened() -> None:
    here = scenes.with_panel_at(scenes.quickened(scenes.read(), 60), datetime.now(UTC))
    assert document_reading.read(here)["floor"]["time_limit_seconds"] == 10


def test_the_limits_of_kinds_of_speakers_are_divided_too() -> None:
    document = scenes.read()
    floor = {**document["floor"], "high_level_seconds": 300}
    tracks = [{**track, "limit_seconds": 600} for track in document["tracks"]]
    quick = scenes.quickened({**document, "floor": floor, "tracks": tracks}, 10)
    assert (quick["floor"]["high_level_seconds"], quick["floor"]["joint_seconds"]) == (30, None)
    assert {track["limit_seconds"] for track in quick["tracks"]} == {60}


def test_what_has_no_meeting_cannot_be_played() -> None:
    with pytest.raises(InvalidDocument, match="meetings"):
        scenes.check({**scenes.read(OTHER), "meetings": []})


def test_a_hearing_is_moved_by_whole_days_to_have_ended_some_days_ago() -> None:
    first, document = scenes.read(), scenes.ended_ago(scenes.read(), 7, date(2030, 5, 20))
    starts = [meeting["starts"] for meeting in document["meetings"]]
    assert {start.date() for start in starts} == {date(2030, 5, 13)}
    assert [start.time() for start in starts] == [
        meeting["starts"].time() for meeting in first["meetings"]
    ]
    assert [deadline["closes"].time() for deadline in document["deadlines"]] == [
        deadline["closes"].time() for deadline in first["deadlines"]
    ]
