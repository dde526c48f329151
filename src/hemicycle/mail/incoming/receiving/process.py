"""The process `hemicycle mail`: listeners, mailboxes, and the thread that processes stored mail.

Receiving and processing are separate: a listener only stores, and stored mail is processed
immediately or after the next start. So the process may be killed at any moment.
"""

import asyncio
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence

from django.db import close_old_connections, connection

from hemicycle.mail.incoming import processing
from hemicycle.mail.incoming.config import Config, current
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.receiving import imap, listener, store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""Seconds between two looks for new mail, if no listener reports any."""
CALM_S, GIVE_WAY_S = 0.25, 2.0
"""Processing pauses until no mail has arrived for `CALM_S`, but for at most `GIVE_WAY_S`."""
BATCH = 5
AGAIN_EVERY_S = 20.0
"""Seconds before a failed message is tried again."""


class MailReader(threading.Thread):
    """Processes stored messages one after the other until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="mail-reader")
        self._news = threading.Event()
        self._ended = threading.Event()
        self._told_at = 0.0

    def told(self) -> None:
        """Note that new mail has been stored."""
        self._told_at = time.monotonic()
        self._news.set()

    def _give_way(self) -> None:
        """Leave the CPU to the listeners, whose clients wait for an answer."""
        limit = time.monotonic() + GIVE_WAY_S
        while (now := time.monotonic()) < limit and now - self._told_at < CALM_S:
            if self._ended.wait(0.05):
                return

    def stop(self) -> None:
        """Stop after the present message."""
        self._ended.set()
        self._news.set()
        self.join(10)

    def run(self) -> None:
        """Process mail until `stop` is called; failed messages are tried again later."""
        quiet_s = AGAIN_EVERY_S
        while not self._ended.is_set():
            self._news.clear()
            self._give_way()
            failed_too = quiet_s >= AGAIN_EVERY_S
            if self._look(failed_too=failed_too):
                continue
            quiet_s = 0.0 if failed_too else quiet_s
            self._news.wait(LOOK_EVERY_S)
            quiet_s += LOOK_EVERY_S
        connection.close()

    def _look(self, *, failed_too: bool) -> bool:
        close_old_connections()
        try:
            return bool(processing.process_stored(BATCH, failed_too=failed_too)) and not failed_too
        except Exception:
            log.exception("Stored mail could not be looked at")
            self._ended.wait(LOOK_EVERY_S)
            return False


LEAVE_WITHIN_S = 60.0
"""Seconds for open connections to deliver their message when another process takes over."""


def run(
    sockets: dict[str, socket.socket],
    say: Callable[[str], None] = print,
    ready: Callable[[], None] = lambda: None,
) -> int:
    """Serve until SIGTERM or SIGINT; `sockets` are the bound ones for `smtp` and `lmtp`.

    SIGUSR1 makes it leave: it accepts no more connections, and ends when the last one is closed.
    `ready` is called when it accepts connections.
    """
    return asyncio.run(_run(sockets, current(), say, ready))


async def _run(
    sockets: dict[str, socket.socket],
    config: Config,
    say: Callable[[str], None],
    ready: Callable[[], None],
) -> int:
    stop, leave = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, leave.set)
    committer, reader = store.Committer(), MailReader()
    pollers = [imap.Poller(box, config, committer, reader.told) for box in config.imap]
    threads: Sequence[threading.Thread] = [committer, reader, *pollers]
    for thread in threads:
        thread.start()
    limit = listener.ConnectionLimit(config.connections)
    servers = []
    for source, bound in sockets.items():
        handler = listener.StoringHandler(Mail.Source(source), committer, reader.told)
        servers.append(await listener.serve(bound, handler, config, limit))
        host, port = bound.getsockname()[:2]
        say(f"Hemicycle takes in mail by {source.upper()} at {host} port {port}")
    for box in config.imap:
        say(f"Hemicycle reads the mailbox {box.name}")
    ready()
    await _first(stop, leave)
    for server in servers:
        server.close()
    for poller in pollers:
        poller.stop()
    if not stop.is_set():
        await _first(stop, limit.is_empty, within_s=LEAVE_WITHIN_S)
    await asyncio.to_thread(committer.stop)
    await asyncio.to_thread(reader.stop)
    return 0


async def _first(*events: asyncio.Event, within_s: float | None = None) -> None:
    """Wait for one of the events, at most `within_s` seconds."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
