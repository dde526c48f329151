"""A listener on the feed, as a browser's EventSource would be."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: int
    name: str
    data: Any


class Listener:
    """An open connection to a feed; `next()` waits for an event."""

    def __init__(self, url: str, last_event_id: int | None = None, wait_s: float = 10) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=wait_s
        )
        headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        self._connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        self.response = self._connection.getresponse()
        self.status = self.response.status

    def next(self) -> Event:
        """Return the next event; heartbeats and retry times are skipped."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                return Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            else:
                fields = {}

    def take(self, count: int) -> list[Event]:
        """Return the next `count` events."""
        return [self.next() for _ in range(count)]

    def close(self) -> None:
        """Cut the connection."""
        self._connection.close()
