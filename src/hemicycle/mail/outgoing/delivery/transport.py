"""Transports: a mail server by SMTP (RFC 5321), or a mail back end of Django's.

A transport calls `about_to_end` when all but the last line has been sent, and sends that line only
if the call returns. So if a message fails before that, the server has certainly not accepted it.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from hemicycle.mail.outgoing.delivery.mail import OutgoingMail

COMMAND_S = 60
END_OF_DATA_S = 300
"""Seconds to wait for an answer; RFC 5321 (4.5.3.2) gives servers the longest time at the end
of data.
"""
_LINE_START_DOT = re.compile(rb"(?m)^\.")
_CLOSING = 421


@dataclass(frozen=True, slots=True)
class ServerReply:
    """The server's reply: 250 means accepted, 4xx not now, 5xx never."""

    code: int
    text: str = ""

    @property
    def taken(self) -> bool:
        """Whether the server has accepted the message."""
        return 200 <= self.code < 300

    @property
    def for_good(self) -> bool:
        """Whether another attempt is useless."""
        return self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text


class Unreachable(Exception):
    """There is no server, or it refuses all our mail; this is not the fault of a message."""


class Dropped(Exception):
    """The connection broke before the end of a message, which was not accepted."""


class NoAnswer(Exception):
    """The connection broke after the end of a message; it is unknown whether it was accepted."""


AboutToEnd = Callable[[], None]


class Transport(Protocol):
    """A connection over which mail is sent."""

    def open(self) -> None:
        """Connect; raises `Unreachable` with the server's words."""

    def deliver(self, mail: OutgoingMail, about_to_end: AboutToEnd) -> ServerReply:
        """Send one message. Raises `Dropped` or `NoAnswer`, and what `about_to_end` raises."""

    def close(self) -> None:
        """Disconnect, if there is a connection."""


def tls() -> ssl.SSLContext:
    """Return the TLS context for mail servers: trusted are the system's and `MAIL_AUTHORITIES`.

    It is used for reading mailboxes too: the default of `imaplib` accepts every certificate.
    """
    context = ssl.create_default_context()
    if settings.MAIL_AUTHORITIES:
        context.load_verify_locations(settings.MAIL_AUTHORITIES)
    return context


class Smtp:
    """A mail server. `server` is what `site.env.smtp` reads from the setting."""

    def __init__(self, server: dict[str, Any], name: str) -> None:
        self.server, self.name = server, name
        self.link: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, secure the connection and sign in, unless this has been done."""
        if self.link is not None:
            return
        try:
            self.link = self._connected()
        except smtplib.SMTPResponseException as error:
            raise Unreachable(str(_answer(error.smtp_code, error.smtp_error))) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        server, context = self.server, tls()
        where: dict[str, Any] = {"local_hostname": self.name, "timeout": COMMAND_S}
        if server["tls"] == "implicit":
            link: smtplib.SMTP = smtplib.SMTP_SSL(
                server["host"], server["port"], context=context, **where
            )
        else:
            link = smtplib.SMTP(server["host"], server["port"], **where)
        if link.sock is not None:
            # The last line must be sent without waiting for an acknowledgement of the previous
            # ones.
            link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._greet(link, context)
        except BaseException:
            link.close()
            raise
        return link

    def _greet(self, link: smtplib.SMTP, context: ssl.SSLContext) -> None:
        link.ehlo_or_helo_if_needed()
        if self.server["tls"] == "required" or (
            self.server["tls"] == "offered" and link.has_extn("starttls")
        ):
            link.starttls(context=context)
            link.ehlo()
        if self.server["user"]:
            link.login(self.server["user"], self.server["password"])

    def deliver(self, mail: OutgoingMail, about_to_end: AboutToEnd) -> ServerReply:
        """Send envelope, data, and the line that ends them."""
        try:
            refusal = self._envelope(mail)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Dropped(str(error) or type(error).__name__) from error
        if refusal is not None:
            return self._after_refusal(refusal)
        try:
            about_to_end()
        except BaseException:
            self._drop()  # without the last line, the server discards the message
            raise
        return self._end()

    def _envelope(self, mail: OutgoingMail) -> ServerReply | None:
        """Send all but the last line; return the server's refusal, or None."""
        link = self._open_link()
        for code, text in (link.mail(mail.envelope_from), link.rcpt(mail.to)):
            if code not in {250, 251}:
                return _answer(code, text)
        code, text = link.docmd("DATA")
        if code != 354:
            return _answer(code, text)
        link.send(_LINE_START_DOT.sub(b"..", mail.data))
        return None

    def _after_refusal(self, refusal: ServerReply) -> ServerReply:
        link = self._open_link()
        if refusal.code == _CLOSING:
            self._drop()
            raise Dropped(str(refusal))
        with suppress(OSError, smtplib.SMTPException):
            link.rset()
        return refusal

    def _end(self) -> ServerReply:
        link = self._open_link()
        try:
            if link.sock is not None:
                link.sock.settimeout(END_OF_DATA_S)
            link.send(b".\r\n")
            code, text = link.getreply()
            if link.sock is not None:
                link.sock.settimeout(COMMAND_S)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise NoAnswer(str(error) or type(error).__name__) from error
        if code == _CLOSING:
            self._drop()
        return _answer(code, text)

    def _open_link(self) -> smtplib.SMTP:
        if self.link is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        return self.link

    def _drop(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None

    def close(self) -> None:
        """Disconnect."""
        if self.link is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.link.quit()
        self._drop()


class BackEnd:
    """One of Django's mail back ends, such as django-anymail's: `MAILERS["default"]`.

    It does not report its progress, so the outcome is unknown during its whole call.
    """

    def __init__(self) -> None:
        self.link: Any = None

    def open(self) -> None:
        """Connect."""
        from django.core.mail import mailers

        if self.link is None:
            try:
                link = mailers["default"]
                link.open()
            except Exception as error:  # each provider raises errors of its own
                raise Unreachable(str(error) or type(error).__name__) from error
            self.link = link

    def deliver(self, mail: OutgoingMail, about_to_end: AboutToEnd) -> ServerReply:
        """Pass the message to the back end."""
        message = mail.for_django()
        about_to_end()
        try:
            accepted = self.link.send_messages([message])
        except (TimeoutError, ConnectionError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        except Exception as error:  # noqa: BLE001 - each provider has errors of its own
            return _told_by(error)
        return ServerReply(250, "accepted") if accepted else ServerReply(451, "not accepted")

    def close(self) -> None:
        """Disconnect."""
        if self.link is not None:
            with suppress(Exception):
                self.link.close()
        self.link = None


def _told_by(error: Exception) -> ServerReply:
    """Return a provider's refusal; it is final if the error names the message or the address."""
    status = getattr(error, "status_code", None) or getattr(error, "smtp_code", None)
    said = str(error) or type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    refused = type(error).__name__ == "AnymailRecipientsRefused"
    for_good = refused or (isinstance(status, int) and status in {400, 404, 406, 413, 422})
    return ServerReply(550 if for_good else 451, said)


def _answer(code: int, text: bytes | str) -> ServerReply:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return ServerReply(code if code > 0 else 451, " ".join(told.split())[:500])
