"""The handbook's commands that the trial runs, and its transcript."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hemicycle.engine.streams import SOUND_RATE
from tools.installation import listening, steps
from tools.installation.people import HERTZ
from tools.installation.transcript import Transcript


def test_the_handbook_has_the_steps_that_the_trial_runs() -> None:
    program = (steps.ROOT / "tools/installation/__main__.py").read_text("utf-8")
    run = set(re.findall(r'self\.step\("([a-z-]+)"', program))
    run |= {
        name
        for names in re.findall(r"for name in \((.*?)\):", program)
        for name in re.findall(r'"([a-z-]+)"', names)
    }
    assert set(steps.read()) == run


def test_a_restored_server_has_the_key_that_its_next_backup_needs() -> None:
    """Settings are copied with each backup, and a restore begins by copying them back."""
    handbook = steps.read()
    keys = {key for text in handbook.values() for key in re.findall(r"--key (\S+)", text)}
    assert keys
    assert all(key.startswith("/etc/hemicycle/") for key in keys), keys
    assert "cp --archive /etc/hemicycle /mnt/backups/" in handbook["backup"]
    assert "cp --archive /mnt/backups/hemicycle /etc/" in handbook["restore"]


def test_a_step_has_one_place(tmp_path: Path) -> None:
    for page in steps.PAGES:
        (tmp_path / page).write_text("<!-- trial: start -->\n```\ntrue\n```\n")
    with pytest.raises(ValueError, match="second step 'start'"):
        steps.read(tmp_path)


def test_the_transcript_shows_no_link_that_signs_in_and_no_registry() -> None:
    transcript = Transcript()
    link = "https://hearing.example/sign-in/" + "x" * 43 + "/"
    transcript.command("true", "start", f"{link}\nGet:1 https://mirror.example/debian\n", 0.2)
    page = transcript.page(2)
    assert "https://hearing.example/sign-in/…" in page
    assert "x" * 43 not in page
    assert "mirror" not in page


def test_the_listener_counts_the_time_without_the_speaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 packets in two seconds, 25 have no tone and 25 do not come at all."""
    now = 0.0
    monkeypatch.setattr("tools.installation.listening.time.monotonic", lambda: now)
    packet = 0.1 * np.sin(2 * np.pi * HERTZ * np.arange(SOUND_RATE // 50) / SOUND_RATE)
    listener = listening.Listening("", "")
    for number in range(101):
        now = 10.0 + number * 0.02
        if not 25 <= number < 50:
            listener._hear((packet if number < 75 else 0 * packet).astype(np.float32))
    heard = listener.heard
    assert heard.listened_s == pytest.approx(2.0)
    assert heard.sounding_s == pytest.approx(1.0)
    assert heard.share == pytest.approx(0.5)
    assert heard.longest_gap_ms == pytest.approx(520)
    assert heard.levels == pytest.approx([0.1], abs=0.001)


def test_the_transcript_adds_up_the_time_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("tools.installation.transcript.time.monotonic", lambda: now)
    transcript = Transcript()
    transcript.part("Installing")
    now = 61.0
    transcript.part("A hearing")
    now = 70.0
    page = transcript.page(2)
    assert "| Installing | 61 s |\n| A hearing | 9 s |" in page
