"""Headers of every answer of the server, including answers without Django.

Django sets the headers that pages need. This adds headers that are missing on the feed, the clock,
static files, sound and picture, refusals and failures.
"""

from django.conf import settings

from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send

EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NO_PAGE = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
)
"""For an answer that is not a page and must not be run, loaded or framed.

Static files have no such policy: the policy on a worker's script would apply to the worker.
"""
OVER_TLS = ((b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}".encode()),)


class Headers:
    """An ASGI application whose answers get these headers unless they set their own."""

    def __init__(self, application: Application, *, pages: bool = False) -> None:
        self._application = application
        self._added = (
            *EVERYWHERE,
            *(() if pages else NO_PAGE),
            *(OVER_TLS if settings.SECURE_HSTS_SECONDS else ()),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an exception that no one has handled becomes a plain 500."""
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": self._complete(message.get("headers", ()))}
            await send(message)

        try:
            await self._application(scope, receive, with_headers)
        except Exception:
            if not begun and scope["type"] == "http":
                await _fail(with_headers)
            raise  # the server logs it

    def _complete(self, headers: object) -> list[tuple[bytes, bytes]]:
        own = [(name.lower(), value) for name, value in headers]  # type: ignore[attr-defined]
        names = {name for name, _value in own}
        return [*own, *(header for header in self._added if header[0] not in names)]


async def _fail(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": b"Something went wrong on our side."})
