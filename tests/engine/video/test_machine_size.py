"""The size of the picture that a machine can process."""

from pathlib import Path

import pytest

from hemicycle.engine.video import machine_size, picture_cost
from hemicycle.engine.video.geometry import LARGE, SMALL, Size


@pytest.mark.parametrize(
    ("cores", "percent", "size"),
    [(2, 34.0, SMALL), (2, 24.9, LARGE), (4, 34.0, LARGE), (4, 50.1, SMALL), (16, 150.0, LARGE)],
)
def test_the_larger_one_takes_an_eighth_at_most(
    tmp_path: Path, cores: int, percent: float, size: Size
) -> None:
    assert machine_size.carried(tmp_path, 25, cores=cores, cost=lambda _fps: percent) == size


def test_it_is_measured_once_for_the_same_machine(tmp_path: Path) -> None:
    asked: list[int] = []

    def cost(fps: int) -> float:
        asked.append(fps)
        return 34.0

    assert machine_size.carried(tmp_path, 25, cores=4, cost=cost) == LARGE
    assert machine_size.carried(tmp_path, 25, cores=4, cost=lambda _fps: 90.0) == LARGE
    assert machine_size.carried(tmp_path, 25, cores=2, cost=cost) == SMALL  # another machine
    assert machine_size.carried(tmp_path, 50, cores=2, cost=cost) == SMALL
    assert asked == [25, 25, 50]


@pytest.mark.parametrize("kept", ["", "[]", '{"cores": 2, "fps": 25, "size": [9, 9]}'])
def test_a_file_that_says_nothing_useful_is_replaced(tmp_path: Path, kept: str) -> None:
    (tmp_path / machine_size.FILE).write_text(kept)
    assert machine_size.carried(tmp_path, 25, cores=2, cost=lambda _fps: 10.0) == LARGE
    assert machine_size.carried(tmp_path, 25, cores=2, cost=lambda _fps: 99.0) == LARGE


def test_a_folder_that_takes_no_file_is_no_fault(tmp_path: Path) -> None:
    away = tmp_path / "away"
    assert machine_size.carried(away, 25, cores=2, cost=lambda _fps: 99.0) == SMALL


def test_the_larger_picture_costs_more() -> None:
    small, large = (picture_cost.measure(size, 25, 6) for size in (SMALL, LARGE))
    assert 0 < small.whole < small.all < large.all
