"""A real Chromium for tests, and pages whose errors are recorded."""

import os
import shutil
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
)
from playwright.sync_api import Error as PlaywrightError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SHELL = "chromium-headless-shell"
"""Chromium without a window. It needs a fifth less processor time."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)


WITHIN_MS = 15_000
"""How long a page may take to show what is expected, in ms; a busy machine needs it."""


YIELDING = Path(__file__).with_name("yielding")
"""The path of a script that runs a program with a lower priority than the server."""


def launch(
    playwright: Playwright,
    *flags: str,
    yielding: bool = False,
    shell: bool = False,
    **environment: str,
) -> Browser:
    """Start Chromium. If none is installed, the tests of pages fail instead of being skipped.

    With `yielding`, the server and the engine have priority on the processor. With `shell`,
    Chromium without a window is started if it is installed. `flags` are added to `FLAGS`, and
    `environment` to the environment of this process.
    """
    chromium = program(*[SHELL] * shell)
    if yielding:
        chromium, environment = str(YIELDING), {**environment, "YIELDING": chromium}
    return playwright.chromium.launch(
        executable_path=chromium, args=[*FLAGS, *flags], env={**os.environ, **environment}
    )


def launch_shy(browser: Browser) -> Browser:
    """Start another browser, in which only a context can grant the microphone and the camera."""
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    return browser.browser_type.launch(executable_path=program(), args=flags)


def program(*preferred: str) -> str:
    """Return the path of the first installed program: one of `preferred`, or else Chromium."""
    found = next(filter(None, map(shutil.which, (*preferred, *NAMES))), None)
    assert found, "No Chromium was found; on Debian: apt-get install chromium"
    return found


UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
"""If this variable is set, Django uses the database in a thread that runs an event loop."""


@contextmanager
def loop_of_its_own() -> Iterator[None]:
    """Keep Playwright's event loop in this thread, in which it runs between the tests, too.

    The context lasts as long as the browser. Tests without a browser can run meanwhile: see
    `without_loop`.
    """
    loop = _get_running_loop()
    os.environ[UNSAFE] = "1"
    try:
        yield
    finally:
        os.environ.pop(UNSAFE, None)
        _set_running_loop(loop)  # the last test may have run without the loop


@contextmanager
def without_loop() -> Iterator[None]:
    """Hide Playwright's event loop from a test that uses no browser.

    With the loop, `asyncio.run` would fail, and Django would treat the thread as asynchronous code,
    for which it opens another connection.
    """
    loop, unsafe = _get_running_loop(), os.environ.pop(UNSAFE, None)
    _set_running_loop(None)
    try:
        yield
    finally:
        if loop is not None and loop.is_running():
            _set_running_loop(loop)
            os.environ[UNSAFE] = unsafe or "1"


class Pages:
    """Opens pages and notes console errors, uncaught exceptions and failed requests in them."""

    def __init__(self, browser: Browser) -> None:
        self.troubles: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._allowed: list[tuple[str, ...]] = []

    def open(self, **options: Any) -> Page:
        """Return a page in a separate browser context, like another person's.

        `options` are Playwright's for a context: `viewport`, `locale`, `base_url`,
        `java_script_enabled` and so on.
        """
        context = self._browser.new_context(**options)
        context.set_default_timeout(WITHIN_MS)
        self._contexts.append(context)
        return self._watch(context.new_page())

    def allow(self, *parts: str) -> None:
        """Expect troubles whose text contains all `parts`, such as "409 " or "/stale-link"."""
        self._allowed.append(parts)

    def close(self) -> None:
        """Close all pages, and fail if one of them had unexpected trouble.

        A test that ends its own site closes its pages before that (`contextlib.closing`).
        """
        while self._contexts:
            self._contexts.pop().close()
        unexpected = [
            trouble
            for trouble in self.troubles
            if not any(all(part in trouble for part in parts) for parts in self._allowed)
        ]
        assert not unexpected, "\n".join(unexpected)

    def _watch(self, page: Page) -> Page:
        page.on("console", self._hear)
        page.on("pageerror", self._except)
        page.on("response", self._answer)
        page.on("requestfailed", self._fail)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # A resource that fails to load is noted with its address by the two methods below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {message.text}")

    def _except(self, error: PlaywrightError) -> None:
        self.troubles.append(f"exception: {error}")

    def _answer(self, response: Response) -> None:
        # Most tests serve the pages without the media engine, for which the site answers 503.
        away = response.status == 503 and "/media/" in response.url
        if response.status >= 400 and not away:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    def _fail(self, request: Request) -> None:
        # Leaving a page aborts what it was still loading, which is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{request.failure} {request.method} {request.url}")
