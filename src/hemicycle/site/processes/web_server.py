"""The web server: uvicorn, which closes streams when it is told to stop."""

import resource
import socket
from pathlib import Path

import uvicorn

from hemicycle.site.http.impatient_protocol import ImpatientProtocol
from hemicycle.site.http.websocket_streams import STREAMS


class Server(uvicorn.Server):
    """Finishes the answers in progress, but does not wait for open streams."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on the screens, then end as usual."""
        for connection in list(self.server_state.connections):
            scope = getattr(connection, "scope", None)  # None before the first request
            if scope is not None and scope["path"].startswith(STREAMS):
                connection.transport.close()
        await super().shutdown(sockets)


def serve(listener: socket.socket, certificate: Path | None = None) -> int:
    """Serve on a listening socket until told to stop; return 1 if it could not start.

    With a `certificate` (PEM, with its key) it serves HTTPS.
    """
    _allow_many_connections()
    config = uvicorn.Config(
        "hemicycle.site.asgi:application",
        log_level="warning",
        access_log=False,
        log_config=None,  # ours, which leaves out secrets, also in tracebacks
        server_header=False,
        http=ImpatientProtocol,
        proxy_headers=False,  # `site.asgi` reads them, after the request's id
        ws="websockets-sansio",
        ws_max_size=1024,  # this connection receives nothing
        ws_per_message_deflate=False,
        backlog=4096,
        timeout_graceful_shutdown=3,
        ssl_certfile=certificate,
    )
    server = Server(config)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _allow_many_connections() -> None:
    """Raise the limit of open files: each screen holds a connection, and the usual limit is
    1,024.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
