"""The handbook's commands that the trial runs, and its transcript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.installation import steps
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
