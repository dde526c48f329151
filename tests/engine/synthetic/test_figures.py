"""Synthetic figures show who they are, that they speak, and that the picture is live."""

import av
import numpy as np

from hemicycle.engine.synthetic.figures import FPS, SIZE, SyntheticFigure
from hemicycle.engine.video.geometry import Size
from tests.engine.video.scenes import Image


def image(frame: av.VideoFrame) -> Image:
    return frame.to_ndarray(format="rgb24").astype(np.uint8)


def changed(before: av.VideoFrame, after: av.VideoFrame) -> tuple[float, float]:
    """Return the centre of what changed, as shares of width and height; (0, 0) if nothing did."""
    away = np.abs(image(before).astype(int) - image(after)).max(axis=2) > 30
    if not away.any():
        return 0.0, 0.0
    rows, columns = np.nonzero(away)
    return float(columns.mean() / away.shape[1]), float(rows.mean() / away.shape[0])


def test_a_figure_is_small_and_counts_its_pictures() -> None:
    figure = SyntheticFigure("Ann Lee")
    frames = [figure.frame(n, 0.2) for n in (0, 1, 30)]
    assert {(f.width, f.height, f.format.name) for f in frames} == {(*SIZE, "yuv420p")}
    assert [f.pts for f in frames] == [0, 90_000 // FPS, 180_000]


def test_its_mouth_moves_with_its_voice() -> None:
    figure = SyntheticFigure("Ann Lee")
    closed, open_ = figure.frame(10, 0.0), figure.frame(10, 1.0)
    x, y = changed(closed, open_)
    assert abs(x - 0.5) < 0.02
    assert 0.5 < y < 0.6
    assert changed(closed, figure.frame(10, -3)) == (0, 0)
    assert changed(open_, figure.frame(10, 7)) == (0, 0)


def test_its_clock_goes_on() -> None:
    figure = SyntheticFigure("Ann Lee")
    x, y = changed(figure.frame(FPS * 10, 0), figure.frame(FPS * 25, 0))
    assert x > 0.85
    assert y < 0.25


def test_it_blinks() -> None:
    figure = SyntheticFigure("Ann Lee")
    x, y = changed(figure.frame(FPS * 4, 0), figure.frame(FPS * 4 + 5, 0))
    assert abs(x - 0.5) < 0.02
    assert 0.38 < y < 0.46


def test_a_frame_is_not_drawn_over_by_the_next() -> None:
    figure = SyntheticFigure("Ann Lee")
    kept = figure.frame(10, 0)
    before = image(kept).copy()
    figure.frame(200, 1)
    assert np.array_equal(image(kept), before)


def test_names_and_seeds_tell_figures_apart() -> None:
    first = image(SyntheticFigure("Ann Lee", 1).frame(5, 0))
    assert np.array_equal(first, image(SyntheticFigure("Ann Lee", 1).frame(5, 0)))
    renamed = np.argwhere((first != image(SyntheticFigure("محمد علي", 1).frame(5, 0))).any(axis=2))
    assert len(renamed) > 50
    assert renamed[:, 0].min() > 150
    assert not np.array_equal(first[:100], image(SyntheticFigure("Ann Lee", 2).frame(5, 0))[:100])


def test_a_figure_of_another_size_and_pace() -> None:
    figure = SyntheticFigure("", 3, Size(640, 360), 25)
    assert (figure.frame(25, 1).width, figure.frame(25, 1).pts) == (640, 90_000)
