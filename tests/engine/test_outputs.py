"""A recorded video is not heard if the plan has changed before its file is open."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from hemicycle.engine import plan, settings
from hemicycle.engine.outputs import Outputs
from hemicycle.engine.protection import OPEN
from hemicycle.engine.streams import FLOOR
from hemicycle.engine.video import prefetch
from hemicycle.engine.video.recording_player import RecordingPlayer
from tests.engine.aired import until
from tests.engine.video.test_recording_player import spoken

VIDEO = plan.video_of("a")
OPENS: tuple[plan.PlanOperation, ...] = (plan.PlayVideo("a"), plan.OpenMicrophone(VIDEO))
SILENT_DB = -90.0


class SlowFiles:
    """Recordings that stay closed until a test lets them open."""

    def __init__(self) -> None:
        self.asked, self.go_on = Event(), Event()
        self.players: list[RecordingPlayer] = []

    def open(self, path: Path) -> RecordingPlayer:
        self.asked.set()
        assert self.go_on.wait(10)
        self.players.append(RecordingPlayer(path))
        return self.players[-1]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowFiles]:
    slow = SlowFiles()
    monkeypatch.setattr(prefetch, "RecordingPlayer", slow.open)
    yield slow
    slow.go_on.set()


def play(folder: Path, scene: Callable[[Outputs], Awaitable[None]]) -> None:
    """Play a scene on outputs that have the video of slot "a"."""

    async def fetch(_address: str, path: Path) -> None:
        shutil.copy(spoken(folder / "sound.m4a", seconds=5), path)

    async def whole() -> None:
        made = settings.read({"HEMICYCLE_DATA_DIR": str(folder)})
        outputs = Outputs((), made, lambda: 0, fetch)
        outputs.protection_of = lambda slot: OPEN
        try:
            outputs.videos.want({"a": "video"})
            await until(lambda: outputs.videos.ready == {"a"}, "the video is not there")
            await scene(outputs)
        finally:
            await outputs.close()

    asyncio.run(whole())


def peak(outputs: Outputs, name: str) -> float:
    level = outputs.sound.levels().get(name)
    return level.peak if level else SILENT_DB


async def heard(outputs: Outputs) -> bool:
    """Return whether the video is heard within half a second."""
    for _ in range(25):
        await asyncio.sleep(0.02)
        if peak(outputs, f"channel:{FLOOR}") > SILENT_DB / 2:
            return True
    return False


def test_a_video_is_heard_once_its_file_is_open(tmp_path: Path, files: SlowFiles) -> None:
    async def scene(outputs: Outputs) -> None:
        for operation in OPENS:
            outputs.carry_out(operation)
        files.go_on.set()
        assert await heard(outputs)

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("then", "plays"),
    [
        ((plan.CloseMicrophone(VIDEO),), True),
        ((plan.CloseMicrophone(VIDEO), plan.PlayVideo("")), False),
    ],
    ids=["muted", "ended"],
)
@pytest.mark.parametrize("is_begun", [True, False])
def test_what_the_plan_closed_meanwhile_stays_closed(
    tmp_path: Path,
    files: SlowFiles,
    then: tuple[plan.PlanOperation, ...],
    plays: bool,
    is_begun: bool,
) -> None:
    async def scene(outputs: Outputs) -> None:
        for operation in OPENS:
            outputs.carry_out(operation)
        if is_begun:
            await until(files.asked.is_set, "the file is not asked for")
        for operation in then:
            outputs.carry_out(operation)
        files.go_on.set()
        assert not await heard(outputs)
        assert (outputs.videos.playing is not None) is plays

    play(tmp_path, scene)
