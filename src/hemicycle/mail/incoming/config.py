"""The mailroom's settings, read once from the environment by `site.settings` (docs/settings.md)."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

OFF = "none"
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_AUTHENTICATION = ("authheaders", "authres", "dkim", "dns", "spf")
"""Packages of the extra `mail-authentication`, which is optional."""
CLAMD_OF_DEBIAN = "/run/clamav/clamd.ctl"


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """A mailbox that is read over IMAP; `hearing` is the slug of the only hearing it serves."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    secure: bool = True
    hearing: str = ""

    @property
    def name(self) -> str:
        """A name that is unique among the mailboxes."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of incoming mail."""

    smtp: tuple[str, int] | None
    lmtp: tuple[str, int] | None
    most_bytes: int
    connections: int
    certificate: Path | None
    trusted: tuple[str, ...]
    dns: bool
    own_addresses: bool
    imap: tuple[ImapMailbox, ...]
    imap_every_s: int
    clamd: str


def current() -> Config:
    """Return the current settings."""
    found: dict[str, Any] = settings.MAILROOM
    return Config(**found)


def checked_here(raw: str) -> bool:
    """Return whether SPF, DKIM and DMARC are checked here; raise `ValueError`."""
    if raw.lower() not in _FLAGS:
        raise ValueError("it must be 1, true or yes, or 0, false or no")
    if _FLAGS[raw.lower()]:
        _need_authentication()
    return _FLAGS[raw.lower()]


def trusted_servers(raw: str) -> tuple[str, ...]:
    """Return the servers whose `Authentication-Results` are trusted; raise `ValueError`."""
    servers = tuple(filter(None, map(str.strip, raw.split(","))))
    if servers:
        _need_authentication()
    return servers


def _need_authentication() -> None:
    if any(find_spec(package) is None for package in _AUTHENTICATION):
        raise ValueError("install hemicycle[mail-authentication], whose packages are needed for it")


def listening(raw: str) -> tuple[str, int] | None:
    """Parse `host:port`, `[host]:port`, or `none` (None); raise `ValueError`."""
    if raw.lower() == OFF:
        return None
    host, _, port = raw.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("it must be an address and a port, as in 127.0.0.1:8025, or none")
    return host.strip("[]"), int(port)


def mailboxes(raw: str) -> tuple[ImapMailbox, ...]:
    """Parse `imaps://user:password@host[:port]/folder[?hearing=slug]`, several with spaces between.

    Raises `ValueError`.
    """
    return tuple(_mailbox(url) for url in raw.split())


def _mailbox(raw: str) -> ImapMailbox:
    parts = urlsplit(raw)
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise ValueError("it must look like imaps://user:password@host/INBOX")
    secure = parts.scheme == "imaps"
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not secure and not local:
        raise ValueError("a mailbox on another machine must be read by imaps://, not imap://")
    return ImapMailbox(
        host=parts.hostname,
        port=parts.port or (993 if secure else 143),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        secure=secure,
        hearing=parse_qs(parts.query).get("hearing", [""])[0],
    )


def file_or_none(raw: str) -> Path | None:
    """Return the path of an existing file; None for an empty value. Raises `ValueError`."""
    if not raw:
        return None
    path = Path(raw).expanduser().absolute()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def clamd_at(raw: str) -> str:
    """Return the path or `host:port` of clamd; by default Debian's path if it exists, or ""."""
    if raw.lower() == OFF:
        return ""
    return raw or (CLAMD_OF_DEBIAN if Path(CLAMD_OF_DEBIAN).exists() else "")
