"""The ASGI root: Django, and a few addresses that are answered without it.

The feed, which thousands of screens keep open, their clock, the media engine, static files and the
probes of this process are answered without middleware and without the threads of pages.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hemicycle.record.clock import now_ms
from hemicycle.site.http import websocket_streams
from hemicycle.site.http.asgi_types import Application, Receive, Scope, Send
from hemicycle.site.http.open_streams import is_stream, open_streams

type Hook = Callable[[], Awaitable[None]]


class Bare(NamedTuple):
    """An application without Django, with optional hooks for the start and stop of the server."""

    application: Application
    startup: Hook | None = None
    shutdown: Hook | None = None


class Root:
    """Hands each request to the bare application at its address, or to `default`.

    An address that ends with a slash matches every address that begins with it. `alongside` has the
    (startup, shutdown) hooks of tasks that run in the server's loop and have no address.
    """

    def __init__(
        self,
        default: Application,
        bare: Mapping[str, Bare],
        alongside: Sequence[tuple[Hook, Hook]] = (),
    ) -> None:
        self._default = default
        self._mounts = [(place, part.application) for place, part in bare.items()]
        self._startups = [part.startup for part in bare.values() if part.startup]
        self._shutdowns = [part.shutdown for part in bare.values() if part.shutdown]
        self._startups += [startup for startup, _ in alongside]
        self._shutdowns += [shutdown for _, shutdown in alongside]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the hooks of the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            application = self._find(scope["path"])
            if is_stream(scope):
                await open_streams.serve(application, scope, receive, send)
            else:
                await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await websocket_streams.app(self._find(scope["path"]), scope, receive, send)

    def _find(self, path: str) -> Application:
        for place, application in self._mounts:
            if path == place or (place.endswith("/") and path.startswith(place)):
                return application
        return self._default

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for startup in self._startups:
            await startup()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for shutdown in reversed(self._shutdowns):
            await shutdown()
        await send({"type": "lifespan.shutdown.complete"})


async def tell_time(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the server's clock: milliseconds since the Unix epoch, as text.

    Headers give the scheme of the request and, if `hemicycle doctor` asks, the address that it came
    from: so the doctor finds out whether a proxy passes them on.
    """
    headers = [(b"content-type", b"text/plain; charset=ascii"), (b"cache-control", b"no-store")]
    headers.append((b"x-arrived-by", scope["scheme"].encode()))
    if asked := dict(scope["headers"]).get(b"x-arrived-from"):
        from hemicycle.site.http import arrival  # needs Django set up

        address = (scope.get("client") or ("", 0))[0]
        headers.append((b"x-arrived-from", arrival.answer(asked, address).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(now_ms()).encode()})


def build() -> Application:
    """Set up Django, and return the ASGI application of the whole site."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    import django

    django.setup(set_prefix=False)
    from django.conf import settings
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    from hemicycle import logs, metrics
    from hemicycle.engine.load_meter import LoadMeter
    from hemicycle.meeting.room import ticker
    from hemicycle.readiness import Readiness
    from hemicycle.record import feed  # these modules need Django set up
    from hemicycle.site.http import health, media_proxy, static_files, threaded_handler
    from hemicycle.site.http.figures import Measured, TellFigures
    from hemicycle.site.http.headers import Headers
    from hemicycle.site.http.request_ids import WithRequestIds
    from hemicycle.site.operating import figures
    from hemicycle.site.operating.ready_checks import ReadyChecks
    from hemicycle.site.security.brake import Streams

    ready_checks = ReadyChecks()
    readiness = Readiness(ready_checks.missing, ready_checks.limits)
    engine = settings.MEDIA_ENGINE
    readers = metrics.Readers(engine.metrics_networks, engine.metrics_token)
    load_meter = LoadMeter(beat_s=0.1)
    root = Root(
        Headers(threaded_handler.ThreadedHandler(8), pages=True),
        {
            "/time": Bare(Headers(tell_time)),
            "/healthz": Bare(Headers(health.tell_alive)),
            "/readyz": Bare(Headers(health.TellReady(readiness))),
            metrics.ADDRESS: Bare(Headers(TellFigures(readers, readiness, figures.exposition))),
            "/feed/": Bare(Headers(Streams(feed.app)), feed.startup, feed.shutdown),
            "/media/": Bare(Headers(media_proxy.app), media_proxy.startup, media_proxy.shutdown),
            "/static/": Bare(Headers(static_files.application(), pages=True)),
        },
        alongside=[
            (ticker.startup, ticker.shutdown),
            (load_meter.start, load_meter.stop),
        ],
    )
    visitors: Any = ProxyHeadersMiddleware(Measured(root), settings.TRUSTED_PROXIES)  # type: ignore[arg-type]
    return WithRequestIds(visitors, logs.RequestIds(settings.TRUSTED_PROXIES))


application = build()
