"""A running `hemicycle mail` on the test's database, and letters to send to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.mail.incoming.letters import FRONT
from tests.support import database

START_S = 60.0


@pytest.fixture(autouse=True)
def front(settings: Any) -> None:
    """Trust the mail server in front of Hemicycle, which checks senders."""
    settings.MAILROOM = {**settings.MAILROOM, "trusted": (FRONT,)}


class Post:
    """The process that receives mail. It can be killed and started again on the same ports."""

    def __init__(self, folder: Path, database_url: str, **more: str) -> None:
        self.log = folder / "mail.log"
        self.ports = {"SMTP": 0, "LMTP": 0}
        self._environment = os.environ | {
            "HEMICYCLE_DATABASE_URL": database_url,
            "HEMICYCLE_DEBUG": "0",
            "HEMICYCLE_MAILROOM_TRUSTED": FRONT,
            "PYTHONUNBUFFERED": "1",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; return once it listens."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        ports = {
            f"HEMICYCLE_MAILROOM_{name}": f"127.0.0.1:{port}" for name, port in self.ports.items()
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hemicycle.site.cli", "mail"],
                env=self._environment | ports,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for name in self.ports:
            self.ports[name] = int(wait_for(lambda name=name: self._told(name, begun)))  # type: ignore[misc]

    def _told(self, name: str, begun: int) -> str:
        assert self._process is not None
        said = self.log.read_bytes()[begun:].decode()
        assert self._process.poll() is None, said
        found = re.search(rf"by {name} at \S+ port (\d+)", said)
        return found[1] if found else ""

    def kill(self) -> None:
        """Kill the process, without a chance to clean up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(20)


def wait_for[T](look: Callable[[], T], seconds: float = START_S) -> T:
    """Call `look` until its result is true, and return that; fail after `seconds`."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing came in {seconds} s")


@pytest.fixture
def make_post(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Post]]:
    """Yield a function that starts the mail process with given settings; all end with the test."""
    made: list[Post] = []

    def make(**more: str) -> Post:
        url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
        post = Post(tmp_path, url, **more)
        made.append(post)
        post.start()
        return post

    yield make
    for post in made:
        post.stop()


@pytest.fixture
def post(make_post: Callable[..., Post]) -> Post:
    """Start the mail process, and return it once it listens."""
    return make_post()
