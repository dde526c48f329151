"""The size of the program picture for this machine, measured once and kept.

It is 1280x720 if that takes at most an eighth of the machine's processors, and otherwise 640x360:
the rest is for seats, sound and the site. The answer is kept in a file, since an engine that takes
over connections has to make pictures of the same size as the previous engine.
"""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from hemicycle.engine.video import picture_cost
from hemicycle.engine.video.geometry import LARGE, SMALL, Size

log = logging.getLogger(__name__)

FILE = "media-picture.json"
SHARE = 8
"""The larger picture may take one in `SHARE` of the machine's processors."""
PICTURES = 25


def _measured(fps: int) -> float:
    return picture_cost.measure(LARGE, fps, PICTURES).all


def carried(
    folder: Path,
    fps: int,
    *,
    cores: int | None = None,
    cost: Callable[[int], float] = _measured,
) -> Size:
    """Return the larger of the two sizes that this machine can make at `fps` pictures a second.

    The answer is kept in `folder`, until the number of processors or `fps` changes. `cost` returns
    the percent of a core that the larger size takes; it needs about a second.
    """
    cores = cores or os.cpu_count() or 1
    file = folder / FILE
    if (size := _kept(file, cores, fps)) is not None:
        return size
    percent = cost(fps)
    size = LARGE if percent * SHARE <= cores * 100 else SMALL
    found = {"cores": cores, "fps": fps, "percent_720": round(percent, 1), "size": list(size)}
    try:
        file.write_text(json.dumps(found) + "\n")
    except OSError as error:
        log.warning("The size of the picture will be measured again: %s", error)
    return size


def _kept(file: Path, cores: int, fps: int) -> Size | None:
    try:
        kept = json.loads(file.read_text())
        size = Size(*kept["size"])
        same = (kept["cores"], kept["fps"]) == (cores, fps)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return size if same and size in {SMALL, LARGE} else None
