"""Gives each request an id, which its lines in the log and its answer have."""

from hemicycle import logs
from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send

_NAME = logs.REQUEST_ID.lower().encode()


class WithRequestIds:
    """An ASGI application that gives each request an id.

    It wraps the middleware that replaces a proxy's address by the visitor's, since ids are accepted
    only from trusted proxies.
    """

    def __init__(self, application: Application, ids: logs.RequestIds) -> None:
        self._application, self._ids = application, ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        chosen = self._ids.begin(*_asked(scope)).encode()

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An answer passed on from the media engine has the same header already.
                others = [item for item in message.get("headers", ()) if item[0].lower() != _NAME]
                message = {**message, "headers": [*others, (_NAME, chosen)]}
            await send(message)

        await self._application(scope, receive, with_id)


def _asked(scope: Scope) -> tuple[str, str]:
    """Return the address of the connection, and the id in the request's header, or ""."""
    client = scope.get("client")
    given = next((value for name, value in scope["headers"] if name == _NAME), b"")
    return client[0] if client else "", given.decode("latin-1")
