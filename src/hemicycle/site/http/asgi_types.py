"""Types of ASGI: what a server and an application say to each other."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]
type Headers = Iterable[tuple[bytes, bytes]]

ARRIVED = "hemicycle.arrived"
"""Our key of a scope: when the request came, in seconds by the monotonic clock."""
