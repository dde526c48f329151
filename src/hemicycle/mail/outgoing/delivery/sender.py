"""The sender: a thread of the worker that delivers due messages, one by one."""

import logging
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import signals
from hemicycle.mail.outgoing.delivery import claims, mail
from hemicycle.mail.outgoing.delivery.transport import (
    BackEnd,
    Dropped,
    NoAnswer,
    ServerReply,
    Smtp,
    Transport,
    Unreachable,
)
from hemicycle.mail.outgoing.models import Enclosure, Message
from hemicycle.record import clock

log = logging.getLogger(__name__)

POLL_S = 1.0
CHORES_S = 30.0
BATCH = 20
LONGEST_PAUSE_S = 300


def transport() -> Transport | None:
    """Return the configured transport; None if mail stays in the outbox."""
    if settings.MAIL_BACKEND:
        return BackEnd()
    return Smtp(settings.SMTP, mail.host()) if settings.SMTP else None


@dataclass
class Sender:
    """Sends through one transport; several senders may run, on one machine or on many."""

    transport: Transport
    per_minute: int = 0
    held_for: timedelta = claims.HELD_FOR
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    stop: threading.Event = field(default_factory=threading.Event)
    failures: int = 0
    hearings: dict[UUID | None, Hearing | None] = field(default_factory=dict)

    def run(self) -> None:
        """Send until `stop` is set; log errors and continue."""
        while not self.stop.is_set():
            close_old_connections()
            try:
                wait_s = 0.0 if self.round() else POLL_S
            except Exception:
                log.exception("the post stopped for a moment")
                wait_s = 10 * POLL_S
            if wait_s:
                self.transport.close()
                self.stop.wait(wait_s)
        claims.release(self.token)
        self.transport.close()
        connection.close()

    def round(self) -> int:
        """Claim some messages and send them; return how many were claimed."""
        claimed = claims.claim(self.token, self._batch(), self.held_for)
        if not claimed:
            return 0
        self.hearings.clear()  # so that the next letters use edited texts
        try:
            self.transport.open()
            for message in claimed:
                if self.stop.is_set():
                    break
                self._send(message)
            self.failures = 0
        except (Unreachable, Dropped) as error:
            self._stand_back(str(error))
        finally:
            claims.release(self.token)
        return len(claimed)

    def _batch(self) -> int:
        """Return how many to claim: ten seconds' worth, so that no claim expires before sending."""
        return max(1, min(BATCH, self.per_minute // 6)) if self.per_minute else BATCH

    def _send(self, message: Message) -> None:
        try:
            written = self._written(message)
        except mail.Unwritable as error:
            claims.end(message, self.token, ServerReply(500, str(error)))
            return
        self.transport.open()
        try:
            answer = self.transport.deliver(written, lambda: claims.begin(message.pk, self.token))
        except claims.Lost:
            return
        except Dropped as error:
            # This message may be what breaks the connection; it must not hold up the others.
            claims.end(message, self.token, ServerReply(451, str(error)))
            raise
        except NoAnswer as error:
            claims.unanswered(message, self.token, str(error))
            return
        claims.end(message, self.token, answer)
        if self.per_minute:
            self.stop.wait(60 / self.per_minute)

    def _written(self, message: Message) -> mail.OutgoingMail:
        enclosures: list[Enclosure] = list(message.enclosures.order_by("name"))
        return mail.write(message, self._hearing(message.hearing_id), enclosures)

    def _hearing(self, pk: UUID | None) -> Hearing | None:
        if pk not in self.hearings:
            self.hearings[pk] = Hearing.objects.filter(pk=pk).first() if pk else None
        return self.hearings[pk]

    def _stand_back(self, why: str) -> None:
        """Wait longer each time the server is unavailable, and count no attempt."""
        self.failures += 1
        pause = min(5 * 2**self.failures, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        log.warning("the mail server does not take mail (%s); again in %.0f s", why, pause)
        claims.release(self.token, why=why, again_at=clock.now() + timedelta(seconds=pause))


def start() -> Callable[[], None]:
    """Start threads that send mail and do the chores; return a function that stops them."""
    stop = threading.Event()
    threads = [threading.Thread(target=_chores, args=(stop,), daemon=True, name="post-chores")]
    way_out = transport()
    if way_out is not None:
        sender = Sender(way_out, settings.MAIL_PER_MINUTE, stop=stop)
        threads.append(threading.Thread(target=sender.run, daemon=True, name="post"))
    for thread in threads:
        thread.start()

    def finish() -> None:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)

    return finish


def _chores(stop: threading.Event) -> None:
    while not stop.wait(CHORES_S):
        close_old_connections()
        for chore in signals.sender_chores:
            try:
                chore()
            except Exception:
                log.exception("a chore of the post failed")
    connection.close()
