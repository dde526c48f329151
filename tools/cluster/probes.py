"""Clients that repeat one act, and record when each was acknowledged.

Each acknowledged act must be found afterwards; `lost` counts those that are not.
"""

import smtplib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from email.message import EmailMessage
from hashlib import sha256
from itertools import pairwise
from typing import Any

from tools.cluster.rehearsed import Moderator

EVERY_S = 1.0
"""Seconds between two acts. Every page fetches changes after a press, so more presses would
themselves load the site.
"""
CLAIMED_S = 90.0
"""How long to wait for letters, in seconds: a worker that died may have claimed some for a minute
(`delivery.claims.HELD_FOR`).
"""


class Probe(ABC):
    """A client that runs in its own thread from `start` to `stop`."""

    def __init__(self, name: str, every_s: float = EVERY_S) -> None:
        self.name, self._every_s = name, every_s
        self.acknowledged: list[tuple[float, Any]] = []
        """When each thing was acknowledged (Unix epoch), and what it was."""
        self.failed: list[BaseException] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)

    def start(self) -> None:
        """Start the thread, and return when the first act was acknowledged."""
        self._thread.start()
        self.wait_after(time.time())

    def stop(self) -> None:
        """End the thread after the current act."""
        self._stop.set()
        self._thread.join(60)

    def wait_after(self, moment: float, within_s: float = 60) -> bool:
        """Wait until an act that began after `moment` (Unix epoch) is acknowledged.

        Return False if there is none within this time, or if the client failed.
        """
        limit = time.monotonic() + within_s
        while not any(at > moment + self._every_s for at, _what in tuple(self.acknowledged)):
            if time.monotonic() > limit or self.failed:
                return False
            time.sleep(0.05)
        return True

    def away_s(self, since: float) -> float:
        """Return the longest time without an acknowledgement from `since` on, in seconds."""
        times = [at for at, _what in tuple(self.acknowledged)]
        gaps = [after - max(before, since) for before, after in pairwise(times) if after > since]
        return max(gaps, default=time.time() - since)

    @abstractmethod
    def once(self) -> Any:
        """Act once; return what was acknowledged, or None."""

    @abstractmethod
    def lost(self) -> int:
        """Return how many acknowledged acts are not found."""

    def _run(self) -> None:
        from django.db import connection

        try:
            while not self._stop.wait(self._every_s):
                what = self.once()
                if what is not None:
                    self.acknowledged.append((time.time(), what))
        except BaseException as error:  # noqa: BLE001 - the trial reports it
            self.failed.append(error)
        finally:
            connection.close()


class Presses(Probe):
    """A moderator who extends the speaker's time again and again."""

    def __init__(
        self, moderator: Moderator, name: str = "the console", every_s: float = EVERY_S
    ) -> None:
        super().__init__(name, every_s)
        self._moderator = moderator

    def once(self) -> int | None:
        """Press once; return the number of the act on the record, or None."""
        return self._moderator.press("extend") or None

    def lost(self) -> int:
        """Return how many acknowledged acts are not on the record."""
        from hemicycle.record.models import Entry

        hearing = self._moderator.meeting.hearing_id
        kinds = dict(Entry.objects.filter(hearing=hearing).values_list("seq", "kind"))
        return sum(kinds.get(act) != "floor.extended" for _at, act in self.acknowledged)


class Mails(Probe):
    """A mail server that sends messages to the site by SMTP; each is stored as a file."""

    def __init__(self, host: str, port: int, to: str) -> None:
        super().__init__("mail")
        self._at, self._to = (host, port), to
        self._number = 0

    def once(self) -> str | None:
        """Send a message; return its digest if the site accepted it, or None."""
        self._number += 1
        message = EmailMessage()
        message["From"], message["To"] = "writer@example.org", self._to
        message["Message-ID"] = f"<trial-{self._number}@example.org>"
        message["Subject"] = f"Message {self._number}"
        message.set_content("Please find here what we have to say.")
        raw = message.as_bytes().replace(b"\n", b"\r\n")
        try:
            with smtplib.SMTP(*self._at, timeout=10) as server:
                server.sendmail("writer@example.org", [self._to], raw)
        except (OSError, smtplib.SMTPException):
            return None
        return sha256(raw).hexdigest()

    def lost(self) -> int:
        """Return how many accepted messages have no row, or no file with the same content."""
        from hemicycle.mail.incoming.models import Mail

        rows = {row.sha256: row for row in Mail.objects.all()}
        return sum(not _is_whole(rows.get(digest)) for _at, digest in self.acknowledged)


def _is_whole(row: Any) -> bool:
    if row is None:
        return False
    try:
        content: bytes = row.raw()
    except OSError:
        return False
    return sha256(content).hexdigest() == str(row.sha256)


class Letters(Probe):
    """A process of the site that queues letters, which the worker sends to our mail server."""

    def __init__(self, boxes: Callable[[], dict[str, int]]) -> None:
        super().__init__("letters")
        self._boxes = boxes
        self._number = 0
        self.queued: set[str] = set()

    def once(self) -> int | None:
        """Queue a letter; return how many have arrived if there is a new one, or None."""
        from django.db import DatabaseError, connection

        before = len(self._boxes())
        try:
            self._queue(f"reader{self._number + 1}@example.org")
        except DatabaseError:
            return None
        finally:
            connection.close()  # the next connection finds the primary
        self._stop.wait(self._every_s)
        return len(self._boxes()) if len(self._boxes()) > before else None

    def lost(self) -> int:
        """Return how many letters have not arrived after any claims on them have expired.

        Letters that were being sent when the worker died are not counted: the site does not know
        whether they arrived, and asks a person to check (`unclear`).
        """
        limit = time.monotonic() + CLAIMED_S
        while (missing := self.queued - set(self._boxes())) and time.monotonic() < limit:
            time.sleep(0.5)
        return len(missing) - len(self.unclear())

    def unclear(self) -> set[str]:
        """Return the addresses whose letters a person has to check."""
        from hemicycle.mail.outgoing.models import Message

        rows = Message.objects.filter(state=Message.State.SENDING)
        return {row.address for row in rows} - set(self._boxes())

    def _queue(self, address: str) -> None:
        from django.db import transaction

        from hemicycle.mail.outgoing import actions
        from hemicycle.mail.outgoing.models import Message

        with transaction.atomic():
            actions.queue(
                hearing_id=None,
                purpose=Message.Purpose.ANNOUNCEMENT,
                subject="The programme",
                body="The panel begins at ten.",
                address=address,
            )
        self._number += 1
        self.queued.add(address)
