"""Moving a row of a list of forms: typed values move along, and times are exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.reordering import RowMove
from tests.hearing.setup.office import fields, send

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")

SEGMENTS = "meetings-meetings-0-segments"


def sent(move: str, *rows: dict[str, str], prefix: str = "row") -> QueryDict:
    """Return what a browser sends for rows when the button `move` is pressed."""
    data = QueryDict(mutable=True)
    data.update({"move": move, f"{prefix}-count": str(len(rows)), "other": "stays"})
    for number, row in enumerate(rows):
        data.update({f"{prefix}-{number}-{name}": value for name, value in row.items()})
    return data


def order(data: QueryDict) -> str:
    """Return the names of the rows after the requested move."""
    move = RowMove.asked(data)
    assert move is not None
    moved = move.applied(data)
    assert moved["other"] == "stays"
    return "".join(
        str(moved[f"row-{number}-name"]) for number in range(int(str(data["row-count"])))
    )


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [(1, 0, "bacd"), (0, 1, "bacd"), (3, 0, "dabc"), (0, 3, "bcda"), (2, 2, "abcd")],
)
def test_a_row_goes_to_its_place_and_the_others_keep_their_order(
    source: int, target: int, expected: str
) -> None:
    rows = [{"name": letter} for letter in "abcd"]
    assert order(sent(f"row:{source}:{target}", *rows)) == expected


@given(st.integers(0, 5), st.integers(0, 5))
def test_moving_back_restores_everything(source: int, target: int) -> None:
    rows = [
        {"name": letter, "starts": f"1{n}:00", "ends": f"1{n}:40"}
        for n, letter in enumerate("abcdef")
    ]
    data = sent(f"row:{source}:{target}", *rows)
    there = RowMove.asked(data)
    assert there is not None
    moved = there.applied(data)
    moved["move"] = f"row:{target}:{source}"
    back = RowMove.asked(moved)
    assert back is not None
    restored = back.applied(moved)
    restored["move"] = str(data["move"])
    assert restored == data


def test_what_is_not_sent_and_what_is_inside_goes_along() -> None:
    data = sent(
        "row:1:0",
        {"name": "a", "remove": "on", "inside-count": "1", "inside-0-name": "of a"},
        {"name": "b", "inside-count": "0"},
    )
    move = RowMove.asked(data)
    assert move is not None
    moved = move.applied(data)
    assert moved["row-1-inside-0-name"] == "of a"
    assert (moved["row-0-inside-count"], moved["row-1-remove"]) == ("0", "on")
    assert "row-0-remove" not in moved
    assert "row-0-inside-0-name" not in moved


def times(data: QueryDict) -> list[str]:
    """Return the name and the times of each row after the requested move."""
    move = RowMove.asked(data)
    assert move is not None
    moved = move.applied(data)
    rows = [f"row-{number}-" for number in range(int(str(data["row-count"])))]
    return [f"{moved[row + 'name']} {moved[row + 'starts']}-{moved[row + 'ends']}" for row in rows]


def timed(name: str, starts: str, ends: str, **more: str) -> dict[str, str]:
    return {"name": name, "starts": starts, "ends": ends, **more}


def test_segments_keep_their_length_and_the_breaks_their_place() -> None:
    rows = [
        timed("a", "10:00", "10:10"),
        timed("b", "10:15", "11:15"),
        timed("c", "11:15", "11:30"),
    ]
    assert times(sent("row:1:0", *rows)) == ["b 10:00-11:00", "a 11:05-11:15", "c 11:15-11:30"]
    assert times(sent("row:0:2", *rows)) == ["b 10:00-11:00", "c 11:05-11:20", "a 11:20-11:30"]


def test_segments_across_midnight_keep_their_length() -> None:
    rows = [timed("a", "22:30", "23:30"), timed("b", "23:30", "00:30")]
    assert times(sent("row:1:0", *rows)) == ["b 22:30-23:30", "a 23:30-00:30"]


@pytest.mark.parametrize(
    "row", [timed("b", "", ""), timed("b", "soon", "11:00"), timed("b", "11:00", "12:00", date="")]
)
def test_rows_without_times_or_with_a_day_change_places_alone(row: dict[str, str]) -> None:
    before = timed("a", "10:00", "10:10")
    kept = f"{row['name']} {row['starts']}-{row['ends']}"
    assert times(sent("row:1:0", before, row)) == [kept, "a 10:00-10:10"]


@pytest.mark.parametrize(
    "move", ["", "row", "row:0", "row:0:2", "row:2:0", "row:-1:0", "row:a:b", "row:٠:١", "no:0:1"]
)
def test_a_move_of_rows_that_are_not_there_is_none(move: str) -> None:
    assert RowMove.asked(sent(move, {"name": "a"}, {"name": "b"})) is None


@pytest.mark.parametrize(
    ("source", "target", "button"),
    [(2, 1, "row-1-up"), (1, 0, "row-0-down"), (0, 1, "row-1-down"), (1, 2, "row-2-up")],
)
def test_the_button_that_moves_it_on_can_be_pressed_again(
    source: int, target: int, button: str
) -> None:
    move = RowMove.asked(sent(f"row:{source}:{target}", *[{"name": "a"}] * 3))
    assert move is not None
    assert move.pressed == button


@pytest.mark.django_db
def test_the_office_moves_a_panellist_saves_and_nobody_loses_their_seat(world: World) -> None:
    segments = list(world.panels[0].meeting.segments.order_by("ordinal"))
    place = segments.index(world.panels[0])
    members = list(world.panels[0].members.order_by("ordinal"))
    panellists = [n for n, member in enumerate(members) if member.role == Role.PANELLIST]
    first, second = panellists[:2]
    page = f"/office/{world.hearing.slug}/programme/meetings/"
    people = f"{SEGMENTS}-{place}-members"
    client = world.client()
    shown = send(client, page, move=f"{people}:{second}:{first}")
    assert shown.status_code == 200
    assert list(world.panels[0].members.order_by("ordinal")) == members  # nothing has been saved
    typed = fields(shown.content)
    assert typed[f"{people}-{first}-name"] == members[second].name
    assert f'id="{people}-{first}-' in shown.content.decode()
    assert client.post(page, typed).status_code == 302
    saved = [member.pk for member in world.panels[0].members.order_by("ordinal")]
    expected = [member.pk for member in members]
    expected[first], expected[second] = expected[second], expected[first]
    assert saved == expected
