"""SMTP and LMTP listeners: store a message, then acknowledge it. It is processed later.

Only mail to the hearings' own addresses is accepted, so this can never be an open relay. A message
is acknowledged when its file and its row are on the disk (`store`). If they cannot be written, the
answer asks the sender's server to try again later.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from hemicycle.mail.incoming.addresses import AddressBook, OwnAddress, chosen
from hemicycle.mail.incoming.config import Config
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.receiving import store

log = logging.getLogger(__name__)

IDENT = "Hemicycle mailroom"
MOST_RECIPIENTS = 100
LONGEST_LINE = 65_536
"""The most bytes of a line; the standard allows 998, but some programs send more."""
SILENCE_S = 300.0
BUSY = "421 4.7.0 Too many connections, try again in a minute"
LATER = "451 4.3.0 The message could not be stored, try again later"
NOBODY = "550 5.1.1 No hearing has this address"
TOO_MANY = "452 4.5.3 Too many recipients, send to the others in another message"


class StoringHandler:
    """The handler that aiosmtpd calls for each command; one for all connections of a listener."""

    def __init__(
        self, source: Mail.Source, committer: store.Committer, told: Callable[[], None]
    ) -> None:
        self.source = source
        self.book = AddressBook()
        self.taken = 0
        self._committer = committer
        self._told = told
        self._disk = ThreadPoolExecutor(8, thread_name_prefix="mail-disk")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient whose address belongs to a hearing."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        try:
            found = await self._in_thread(self.book.find, address)
        except Exception:
            log.exception("The addresses could not be read")
            return LATER
        if not found:
            return NOBODY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store the message; on any failure, answer that the sender's server must try again."""
        try:
            await self._store(session, envelope)
        except Exception:
            log.exception("A message could not be stored")
            return LATER
        self.taken += 1
        self._told()
        return "250 2.0.0 Stored"

    async def _store(self, session: Session, envelope: Envelope) -> None:
        raw = bytes(envelope.original_content or b"")
        rows = await self._in_thread(self._write, raw, session, envelope)
        try:
            await asyncio.wrap_future(self._committer.put(rows))
        except Exception:
            await self._in_thread(store.forget, rows[0].file)
            raise

    def _write(self, raw: bytes, session: Session, envelope: Envelope) -> list[Mail]:
        found = [own for recipient in envelope.rcpt_tos for own in self.book.find(recipient)]
        described = self._described(session, envelope, found)
        return store.rows(raw, store.write(raw), described)

    def _described(
        self, session: Session, envelope: Envelope, found: list[OwnAddress]
    ) -> store.Envelope:
        peer: object = session.peer
        return store.Envelope(
            source=self.source,
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            found=chosen(found),
            peer=str(peer[0]) if isinstance(peer, tuple) else "",
            helo=session.host_name or "",
        )

    async def _in_thread[T](self, work: Callable[..., T], *args: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, _on_a_new_connection, work, *args)


def _on_a_new_connection[T](work: Callable[..., T], *args: Any) -> T:
    """Run `work` and close its connection, which the database may end before the next work."""
    try:
        return work(*args)
    finally:
        connection.close()


class SmtpConnection(SMTP):
    """SMTP that accepts lines longer than the standard allows."""

    line_length_limit = LONGEST_LINE
    _is_in = False

    def __init__(self, *args: Any, limit: "ConnectionLimit", **options: Any) -> None:
        super().__init__(*args, **options)
        self._limit = limit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse a connection above the limit, before it uses any resources."""
        is_first = not self._is_in  # STARTTLS calls this a second time
        self._is_in = True
        if is_first and not self._limit.enter(self):
            assert isinstance(transport, asyncio.Transport)
            transport.write(f"{BUSY}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)

    def eof_received(self) -> bool | None:
        """Handle the end of the client's data; a refused connection has no session."""
        return super().eof_received() if self.session is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        """Release the connection's place under the limit."""
        if self._limit.leave(self):
            super().connection_lost(error)


class LmtpConnection(SmtpConnection, LMTP):
    """LMTP: after a message it sends one answer for each recipient (RFC 2033)."""

    _owed = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Receive the message, and answer for each recipient."""
        self._owed = len(self.envelope.rcpt_tos) if self.envelope else 0
        try:
            await super().smtp_DATA(arg)
        finally:
            self._owed = 0

    async def push(self, status: str | bytes) -> None:
        """Send an answer, as many times as there are recipients to answer for."""
        text = status.decode() if isinstance(status, bytes) else status
        once = self._owed < 2 or text[:3] in {"354", "501", "503"}
        await super().push(text if once else "\r\n".join([text] * self._owed))


class ConnectionLimit:
    """Counts the open connections and refuses those above a limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.inside: set[SMTP] = set()
        self.is_empty = asyncio.Event()
        self.is_empty.set()

    def enter(self, connection: SMTP) -> bool:
        """Admit a connection; False above the limit."""
        if len(self.inside) >= self.most:
            return False
        self.inside.add(connection)
        self.is_empty.clear()
        return True

    def leave(self, connection: SMTP) -> bool:
        """Remove a connection; False if it was not admitted."""
        was_inside = connection in self.inside
        self.inside.discard(connection)
        if not self.inside:
            self.is_empty.set()
        return was_inside


def tls(config: Config) -> ssl.SSLContext | None:
    """Return the context for STARTTLS, or None without a certificate."""
    if config.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(config.certificate)
    return context


async def serve(
    listener: socket.socket, handler: StoringHandler, config: Config, limit: ConnectionLimit
) -> asyncio.Server:
    """Serve SMTP, or LMTP if the handler's source is LMTP, on a bound socket."""
    protocol = LmtpConnection if handler.source == Mail.Source.LMTP else SmtpConnection
    context = tls(config)
    loop = asyncio.get_running_loop()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"

    def connection() -> SmtpConnection:
        return protocol(
            handler,
            limit=limit,
            data_size_limit=config.most_bytes,
            enable_SMTPUTF8=True,
            hostname=host,
            ident=IDENT,
            tls_context=context,
            timeout=SILENCE_S,
            loop=loop,
        )

    return await loop.create_server(connection, sock=listener, backlog=1024)
