"""The command `hemicycle worker` on a test's own database, and what a person does after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hemicycle.mail.outgoing.delivery.mail import message_id
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.support.lists import World
from tests.support.mail_peers import Postfix


class Worker:
    """A worker in a separate process. It may be killed and started again."""

    def __init__(self, folder: Path, database_url: str, **more: str) -> None:
        self.log = folder / "worker.log"
        self._environment = os.environ | {
            "HEMICYCLE_DATABASE_URL": database_url,
            "HEMICYCLE_DEBUG": "0",
            "PYTHONUNBUFFERED": "1",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hemicycle.site.cli", "worker"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """Kill the worker at once, at any point of its work."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the worker to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)


def settle(world: World, postfix: Postfix) -> int:
    """Look for unclear messages in Postfix's log, and press the right button for each.

    Return their number. The worker has been killed; the time after which a message is unclear is
    skipped.
    """
    left = Message.objects.filter(state=Message.State.SENDING)
    left.update(claimed_until=clock.now())
    office = world.client()
    for line in (found := list(left)):
        said = "arrived" if postfix.took(message_id(line)) else "lost"
        office.post(f"/office/{world.hearing.slug}/outbox/{line.pk}/act/", {"act": said})
    return len(found)
