"""Recorded videos in the formats of browsers and video editors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.video.test_recording_player import recorded


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("videos")


@pytest.fixture(scope="session")
def mp4(folder: Path) -> bytes:
    return recorded(folder / "plain.mp4").read_bytes()


@pytest.fixture(scope="session")
def webm(folder: Path) -> bytes:
    made = recorded(folder / "plain.webm", codecs=("libvpx", "libopus"), seconds=2)
    return made.read_bytes()
