"""A journalist copies two lines from the page of the chain, and runs a witness with them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hemicycle.hearing.setup import actions, checkpointing, document_mapping
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Cosignature

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHAIN = "/h/2021-trafficking/chain/"
WITHIN_S = 60.0


@pytest.fixture
def tools(tmp_path: Path) -> str:
    """Return a PATH on which `python3` has the package `cryptography`, as the page requires."""
    assert shutil.which("curl"), "the lines on the page need curl"
    (program := tmp_path / "bin/python3").parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


@contextmanager
def running(lines: str, folder: Path, path: str) -> Iterator[Queue[str]]:
    """Run the copied lines in a separate shell; yield a queue of the lines that it prints."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", lines],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: Queue[str] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.put(line)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        yield said
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=15)
        reading.join(timeout=15)


def wait_for(said: Queue[str], pattern: str) -> str:
    """Return the first line that matches, or the group of `pattern` in it."""
    end, before = time.monotonic() + WITHIN_S, ""
    while time.monotonic() < end:
        try:
            line = said.get(timeout=0.5)
        except Empty:
            continue
        before += line
        if found := re.search(pattern, line):
            return found[1] if found.re.groups else line
    raise AssertionError(f"nobody said {pattern!r}:\n{before}")


def test_a_journalist_runs_a_witness_by_copying_two_lines(
    world: World, page: Page, tmp_path: Path, tools: str
) -> None:
    checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(CHAIN)
    section = page.locator("#witnesses")
    expect(section).to_contain_text("This hearing has not named any witnesses yet.")
    section.get_by_role("button", name="Copy").click()
    lines: str = page.evaluate("navigator.clipboard.readText()")
    assert lines.count("\n") == 1
    (folder := tmp_path / "journalist").mkdir()
    with running(lines, folder, tools) as said:
        vkey = wait_for(said, r"This witness: (\S+)")
        wait_for(said, "Cosigned .* at entry")
        wait_for(said, "Give your key to the secretariat")
        _name(world, vkey)
        _until_cosigned()
    page.goto(CHAIN)
    expect(section).to_contain_text("Witnesses that have cosigned: 1. Requested: 1.")
    expect(section.get_by_role("row").nth(1)).to_contain_text("The Example Times")
    assert (folder / "hemicycle-witness/witness.key").stat().st_mode & 0o777 == 0o600


def _name(world: World, vkey: str) -> None:
    """Name the witness, as the secretariat does."""
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    data = document_mapping.to_document(actions.whole(hearing.id))
    row = {"name": "The Example Times", "vkey": vkey, "url": ""}
    data |= {"witnesses": [row], "witnesses_asked": 1}
    actions.change(hearing=hearing, data=data, actor=world.office)


def _until_cosigned() -> None:
    end = time.monotonic() + WITHIN_S
    while not Cosignature.objects.exists():
        assert time.monotonic() < end, "the witness does not come again"
        time.sleep(0.2)
