"""A person at a laptop, who presses, types and reads in a real browser, with a count of each.

`site` sets up a site as docs/getting-started.md describes it. The walks of a clerk and of a
secretariat use both.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page

VIEWPORT = {"width": 1366, "height": 768}
START_S = 400.0
PROGRAM = Path(sys.executable).with_name("hemicycle")
FILE_PRESSES = 3
"""Presses to choose a file: its button, the file, and “Open”."""


@dataclass(slots=True)
class Tally:
    """The effort for one stage of a walk.

    `presses` counts presses of buttons, links, boxes and options, `fields` the fields that were
    filled, and `characters` the characters typed. `words` counts the words of lines that had not
    been on a page before.
    """

    presses: int = 0
    fields: int = 0
    characters: int = 0
    words: int = 0
    pages: list[str] = field(default_factory=list)


class Laptop:
    """A browser with one window, whose use is counted by stage.

    `keep` is called with each page that is new in a stage, and with a name for its pictures.
    """

    def __init__(
        self, page: Page, folder: Path, keep: Callable[[Page, str], None] | None = None
    ) -> None:
        self.page, self.folder, self._keep = page, folder, keep
        self.stages: dict[str, Tally] = {}
        self._stage = Tally()
        self._read: set[str] = set()
        self._shots = 0

    def begin(self, stage: str) -> None:
        """Count all that follows under the name of this stage."""
        self._stage = self.stages.setdefault(stage, Tally())

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        """Press a button or a link by its name."""
        exact = isinstance(name, str)
        found = self.page.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]
        self.press_on(found.first)

    def press_on(self, target: Locator) -> None:
        """Press an element, and read the page that follows."""
        self._stage.presses += 1
        target.click()
        self.look()

    def type(self, target: Locator, text: str) -> None:
        """Type into a field."""
        self._stage.fields += 1
        self._stage.characters += len(text)
        target.fill(text)

    def choose(self, target: Locator, label: str) -> None:
        """Choose an option from a list, which takes two presses: the list and the option."""
        self._stage.presses += 2
        target.select_option(label=label)

    def tick(self, *targets: Locator) -> None:
        """Select boxes."""
        for target in targets:
            self._stage.presses += 1
            target.check()

    def give(self, target: Locator, file: Path) -> None:
        """Choose a file."""
        self._stage.presses += FILE_PRESSES
        target.set_input_files(file)

    def look(self) -> None:
        """Read the new lines of the page, and save a picture of it."""
        self.page.wait_for_load_state()
        lines = self.page.locator("main").inner_text().splitlines()
        new = [line for line in map(str.strip, lines) if line and line not in self._read]
        self._read.update(new)
        self._stage.words += sum(len(line.split()) for line in new)
        path = self.page.url.partition("//")[2].partition("/")[2].partition("?")[0]
        self._shots += 1
        self.page.screenshot(path=self.folder / f"{self._shots:02d}.png", full_page=True)
        if path not in self._stage.pages:
            self._stage.pages.append(path)
            if self._keep:
                self._keep(self.page, f"{self._shots:02d}")

    @property
    def total(self) -> Tally:
        """The sum of all stages, without their pages."""
        rows = self.stages.values()
        return Tally(
            presses=sum(row.presses for row in rows),
            fields=sum(row.fields for row in rows),
            characters=sum(row.characters for row in rows),
            words=sum(row.words for row in rows),
        )


@dataclass(frozen=True, slots=True)
class SetUp:
    """A site that `hemicycle init` made: its folder, its environment, and the sign-in link.

    `characters` is the number of characters typed to set it up.
    """

    home: Path
    environment: Mapping[str, str]
    link: str
    characters: int

    def run(self, *command: str) -> str:
        """Run a program on the site's data, and return its output."""
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def site(folder: Path, who: tuple[str, str], **more: str) -> Iterator[SetUp]:
    """Set up a site for the administrator `who` (name, address) as in the guide, and run it.

    `more` is added to the environment of its processes.
    """
    commands = ["mkdir my-hearings && cd my-hearings", "hemicycle init", "hemicycle up"]
    typed = "\n" + "".join(f"{answer}\n" for answer in who)
    with socket.socket() as free:  # another program may use the default port
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / "my-hearings"
    home.mkdir()
    environment = {"HOME": str(folder), "PATH": os.defpath, "PYTHONUNBUFFERED": "1", **more}
    init = subprocess.run(
        [PROGRAM, "init"],
        cwd=home,
        env=environment,
        input=f"http://localhost:{port}{typed}",
        capture_output=True,
        text=True,
        check=True,
    )
    link = re.search(r"http://\S+/sign-in/\S+", init.stdout)
    assert link, init.stdout
    log = folder / "up.log"
    with log.open("w") as written:
        up = subprocess.Popen(
            [PROGRAM, "up", "--port", str(port)],
            cwd=home,
            env=environment,
            stdout=written,
            stderr=written,
        )
    try:
        limit = time.monotonic() + START_S
        while "Hemicycle is at" not in log.read_text():
            assert time.monotonic() < limit, log.read_text()
            time.sleep(0.2)
        yield SetUp(home, environment, link[0], sum(map(len, [*commands, typed])))
    finally:
        up.terminate()
        up.wait(30)
