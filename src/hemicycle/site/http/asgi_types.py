"""Types of ASGI: the messages between a server and an application."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]
type Headers = Iterable[tuple[bytes, bytes]]

ARRIVED = "hemicycle.arrived"
"""Our key in a scope: the arrival of the request, in seconds of the monotonic clock."""
