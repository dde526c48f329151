"""A training room and the device check on a real engine: who is admitted; nothing leaks."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from hemicycle.engine import settings
from hemicycle.engine.synthetic.client import SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.procedure.meeting import segment

pytestmark = pytest.mark.usefixtures("virtual_time")

ANA = 600


def practising(engine: Aired) -> tuple[SyntheticPublisher, SyntheticListener]:
    """Return somebody's microphone, and the listener that gets the sound back."""
    tokens = [engine.token("practice", "listener", "ana") for _ in range(2)]
    going = SyntheticPublisher(f"{engine.base}/media/whip/{HEARING}", tokens[0], None, Tone(ANA))
    back = f"{engine.base}/media/whep/{HEARING}"
    return going, SyntheticListener(back, tokens[1], "practice", on_sound=Ear().take)


def test_the_site_is_told_what_was_measured_of_who_asked_to_be_checked(tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
            going, coming = practising(engine)
            async with going, coming:
                assert engine.script.checked == []
                assert await engine.control(going.session, do="check") == (200, "")
                await until(lambda: bool(engine.script.checked), "the check is passed", 20)
            (told,) = engine.script.checked
            assert told["person"] == "person-ana"
            assert -38 <= told["level_db"] <= -8
            assert told["echo_db"] == -99
            assert told["returns"]

    asyncio.run(scene())


def test_nothing_of_a_training_room_is_webcast(tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_air(tmp_path, languages=["en"], in_public=False, mark="TRAINING") as engine:
            ear = Ear()
            listed = Listed("ana", "t", "person-ana", languages=("en",))
            engine.script.do(
                c.OpenMeeting(MEETING), segment(listed, rules=Rules(time_limit_ms=600_000))
            )
            async with engine.publisher("ana", ANA, slot="ana"), engine.listener(ear):
                engine.script.do(c.GiveFloor("ana"))
                await until(
                    lambda: bool(np.abs(ear.last(0.3)).max(initial=0) > 0.02), "Ana is heard"
                )
                assert engine.hearing.live(MEETING) is None

    asyncio.run(scene())
    folder = settings.read({"HEMICYCLE_DATA_DIR": str(tmp_path)}).segments
    assert not any(folder.rglob("*"))
