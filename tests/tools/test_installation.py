"""The handbook's commands, and the transcript of the trial that ran them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.installation import steps
from tools.installation.transcript import Transcript

TRANSCRIPT = "installation-transcript.md"


def test_the_transcript_has_the_commands_of_the_handbook() -> None:
    """A person who changes a command runs `make installation-trial` again."""
    handbook = steps.read()
    ran = dict(steps.BLOCK.findall((steps.ROOT / "docs" / TRANSCRIPT).read_text("utf-8")))
    assert ran == handbook


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
