"""The connections that a participant's network must allow, from the settings of this site."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.meeting.room import turn

PAGES = _("Pages, lists, the webcast, and setting up the other connections")
DIRECT = _("Sound and picture, directly: the best way")
BY_TCP = _("Sound and picture, where UDP is blocked")
RELAYED = _("Sound and picture through a relay (TURN), where the direct way is blocked")
KINDS = {"udp": "UDP", "tcp": "TCP", "tls": "TCP (TLS)"}


@dataclass(frozen=True, slots=True)
class NetworkNeed:
    """One connection that a network must allow. `host` is a name or an address."""

    host: str
    kind: str
    port: int
    reason: str | Promise


def connections() -> Iterator[NetworkNeed]:
    """Yield the connections in order of preference."""
    site = urlsplit(settings.BASE_URL)
    host = site.hostname or ""
    yield NetworkNeed(host, "TCP", site.port or (443 if site.scheme == "https" else 80), PAGES)
    engine = settings.MEDIA_ENGINE
    for address in engine.addresses or (host,):
        yield NetworkNeed(address, "UDP", engine.port, DIRECT)
        if engine.tcp_port:
            yield NetworkNeed(address, "TCP", engine.tcp_port, BY_TCP)
    for url in settings.TURN.urls:
        host, port, transport = turn.parse_url(url)
        yield NetworkNeed(host, KINDS[transport], port, RELAYED)
