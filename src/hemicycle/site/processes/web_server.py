"""The server of the pages: uvicorn, which lets go of the streams when it is told to stop."""

import resource
import socket

import uvicorn

from hemicycle.site.http.impatient_protocol import ImpatientProtocol
from hemicycle.site.http.websocket_streams import STREAMS


class Server(uvicorn.Server):
    """Finishes what it is answering, but waits for no screen to go away."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on the screens, then end as usual."""
        for connection in list(self.server_state.connections):
            scope = getattr(connection, "scope", None)  # None before the first request
            if scope is not None and scope["path"].startswith(STREAMS):
                connection.transport.close()
        await super().shutdown(sockets)


def serve(listener: socket.socket) -> int:
    """Serve on a listening socket until told to stop; 1 if it could not begin."""
    from django.conf import settings

    _allow_many_connections()
    config = uvicorn.Config(
        "hemicycle.site.asgi:application",
        log_level="warning",
        access_log=False,
        log_config=None,  # ours, which leaves out secrets, also in tracebacks
        server_header=False,
        http=ImpatientProtocol,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        ws="websockets-sansio",
        ws_max_size=1024,  # nobody tells us anything there
        ws_per_message_deflate=False,
        backlog=4096,
        timeout_graceful_shutdown=3,
    )
    server = Server(config)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _allow_many_connections() -> None:
    """Each screen holds a connection open, and the usual limit of 1,024 files is soon reached."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
