"""Each answer of the engine has the id of its request, also refusals and streams."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.engine.engine import running, token

GIVEN = "3f1c2a9e-0d7b-4c55-9f0a-1b2c3d4e5f60"


@pytest.mark.parametrize(
    ("trusted", "expected"), [(["127.0.0.1"], GIVEN), ([], "[0-9a-f]{32}")], ids=["proxy", "else"]
)
def test_answers_refusals_and_streams_have_the_id(trusted: list[str], expected: str) -> None:
    async def ask() -> None:
        async with running(trusted=trusted) as engine:
            begun = await engine.post("attend", token("attend"))
            paths = ["/media/health", "/media/nowhere", "/media/session/a/x/events"]
            paths.append(f"{begun.headers['Location']}/events")
            for path in paths:
                answer = await engine.client.get(path, headers={"X-Request-Id": GIVEN})
                (found,) = answer.headers.getall("X-Request-Id")
                assert re.fullmatch(expected, found), path
                answer.close()
            assert answer.content_type == "text/event-stream"

    asyncio.run(ask())
