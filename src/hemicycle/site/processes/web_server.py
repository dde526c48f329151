"""The web server: uvicorn, which ends its streams when it has to stop or to leave.

To *stop* is to end within seconds, as after Ctrl-C. To *leave* is to give way to a successor that
already serves on the same socket: no request fails, and streams end with a hint to reconnect.
"""

import asyncio
import resource
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from hemicycle.site.http.impatient_protocol import ImpatientProtocol
from hemicycle.site.http.open_streams import open_streams
from hemicycle.site.operating import signs_of_life
from hemicycle.site.processes.supervisor import LEAVE

LEAVE_WITHIN_S = 300.0
"""Seconds for requests in progress when this process leaves, such as long downloads."""


class Server(uvicorn.Server):
    """A server that finishes answers in progress, but does not wait for open streams."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._is_leaving = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and report that."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_signal_handler(LEAVE, self._leave)
        self._ready()

    def _leave(self) -> None:
        self._is_leaving = self.should_exit = True
        signs_of_life.fall_silent()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then shut down; if the process leaves, finish every request before."""
        if self._is_leaving:
            for server in self.servers:
                server.close()  # connections not accepted yet go to the successor
            await self._finish_requests()
        else:
            await open_streams.end_all(spread=False)
        await super().shutdown(sockets)

    async def _finish_requests(self) -> None:
        """Wait until each connection is closed, at most for `LEAVE_WITHIN_S`.

        An idle connection is not closed at once, since a request may be on its way. It closes after
        the answer to that request, or when its keep-alive ends, which clients must always expect.
        """
        ImpatientProtocol.is_leaving = True
        try:
            async with asyncio.timeout(LEAVE_WITHIN_S):
                await open_streams.end_all()
                while self.server_state.connections:  # noqa: ASYNC110 - it is uvicorn's set
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return


def serve(
    listener: socket.socket,
    certificate: Path | None = None,
    ready: Callable[[], None] = lambda: None,
) -> int:
    """Serve on a listening socket until asked to stop; return 1 if the server could not start.

    With a `certificate` (PEM, with its key), this serves HTTPS. `ready` is called when it serves.
    """
    _allow_many_connections()
    config = uvicorn.Config(
        "hemicycle.site.asgi:application",
        log_level="warning",
        access_log=False,
        log_config=None,  # our own configuration leaves out secrets, also in tracebacks
        server_header=False,
        http=ImpatientProtocol,
        proxy_headers=False,  # `site.asgi` reads them after it has set the request's id
        ws="websockets-sansio",
        ws_max_size=1024,  # browsers send nothing over these sockets
        ws_per_message_deflate=False,
        backlog=4096,
        timeout_graceful_shutdown=3,
        ssl_certfile=certificate,
    )
    server = Server(config, ready)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _allow_many_connections() -> None:
    """Raise the limit of open files to the maximum: each screen holds a connection, and the default
    limit is 1,024.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
