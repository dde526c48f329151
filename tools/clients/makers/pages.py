"""Browsers, and clients and players that run in their pages."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tools.clients import browsers
from tools.clients.browsers import Tab
from tools.clients.hall import THEIRS_HZ, Heard, Way, heard_in_time, seen_in_time
from tools.clients.makers.installed import BUILT, HERE, debian, needs_npm, needs_programs, npm
from tools.clients.rows import ROLES, TIMES, Client, Player

BUNDLE = BUILT / "page.js"
ESBUILD = HERE / "node_modules/.bin/esbuild"


@dataclass(frozen=True)
class Browser:
    """A browser, and the function that opens a page in it."""

    name: str
    version: Callable[[], str]
    needs: Callable[[], str]
    open: Callable[[str], AbstractAsyncContextManager[Tab]]


CHROMIUM = Browser("Chromium", debian("chromium"), needs_programs("chromium"), browsers.chromium)
FIREFOX = Browser(
    "Firefox ESR",
    debian("firefox-esr"),
    needs_programs("firefox-esr", "pulseaudio"),
    browsers.firefox,
)
WEBKIT = Browser(
    "WebKitGTK",
    debian("webkit2gtk-driver"),
    needs_programs("WebKitWebDriver", "Xvfb"),
    browsers.webkit,
)


NO_OPENH264 = (
    "Firefox fetches its H.264, OpenH264, after its first start, and this network has no way out. "
    "Until it has that, the answer refuses its video line and gives it the sound."
)
NO_WEBRTC = "Debian builds WebKitGTK without it. People follow the webcast there, by hls.js."
NO_HLS = "Debian’s WebKitGTK leaves HLS to hls.js, by which our pages play there."


def bundled() -> str:
    """Bundle the page's script; return what is missing or the error, or ""."""
    if missing := needs_npm("esbuild")():
        return missing
    BUILT.mkdir(exist_ok=True)
    command = [
        str(ESBUILD),
        "--bundle",
        "--format=iife",
        "--log-level=error",
        f"--outfile={BUNDLE}",
    ]
    done = subprocess.run(
        [*command, str(HERE / "pages/page.js")], capture_output=True, text=True, check=False
    )
    return done.stderr.strip()


def _needs(browser: Browser) -> Callable[[], str]:
    return lambda: browser.needs() or bundled()


@asynccontextmanager
async def _tab(browser: Browser) -> AsyncIterator[Tab]:
    async with browsers.served(BUNDLE) as url, browser.open(url) as tab:
        yield tab


async def _heard(tab: Tab) -> Heard:
    told: dict[str, Any] = await tab.evaluate("() => clients.heard()")
    assert not told["errors"], f"The page says: {told['errors'][0]}"
    await asyncio.sleep(0.1)
    return Heard(float(told["hertz"] or 0), int(told["width"]), int(told["height"]))


class _InPage:
    """A client in a page, by its name in `pages/page.js`."""

    def __init__(self, browser: Browser, kind: str) -> None:
        self._browser, self._kind = browser, kind

    @asynccontextmanager
    async def publish(self, way: Way) -> AsyncIterator[None]:
        """Let the client speak as long as the context is open."""
        async with _tab(self._browser) as tab:
            await tab.evaluate(
                "(...given) => clients.publish(...given)",
                *(self._kind, way.url, way.token, THEIRS_HZ),
            )
            yield
            with suppress(Exception):
                await tab.evaluate("() => clients.stop()")

    @asynccontextmanager
    async def listen(self, way: Way) -> AsyncIterator[Callable[[], Awaitable[Heard]]]:
        """Let the client listen as long as the context is open."""
        async with _tab(self._browser) as tab:
            await tab.evaluate(
                "(...given) => clients.listen(...given)", self._kind, way.url, way.token
            )
            yield lambda: _heard(tab)
            with suppress(Exception):
                await tab.evaluate("() => clients.stop()")


def _client(browser: Browser, **more: Any) -> Client:
    made = _InPage(browser, "browser")
    return Client(
        browser.name,
        "from Debian",
        version=browser.version,
        needs=_needs(browser),
        publish=made.publish,
        listen=made.listen,
        **more,
    )


def _packaged(browser: Browser, kind: str, of: str, *packages: str, **more: Any) -> Client:
    made = _InPage(browser, kind)
    names = " and ".join(package.rpartition("/")[2] for package in packages)
    return Client(
        f"{names} in {browser.name}",
        of,
        version=lambda: " and ".join(npm(package)() for package in packages),
        needs=lambda: needs_npm(*packages)() or _needs(browser)(),
        publish=made.publish,
        listen=made.listen,
        **more,
    )


CLIENTS = [
    _client(CHROMIUM),
    _client(FIREFOX, done={"listener": NO_OPENH264}),
    _client(WEBKIT, done=dict.fromkeys(ROLES, NO_WEBRTC)),
    _packaged(CHROMIUM, "medooze", "Medooze, from npm", "whip-whep"),
    _packaged(FIREFOX, "medooze", "Medooze, from npm", "whip-whep", done={"listener": NO_OPENH264}),
    _packaged(
        CHROMIUM,
        "eyevinn",
        "Eyevinn, from npm",
        *("@eyevinn/whip-web-client", "@eyevinn/webrtc-player"),
    ),
]


def _player(browser: Browser, kind: str, package: str = "", how: str = "") -> Player:
    async def play(url: str, hertz: float) -> Heard:
        async with _tab(browser) as tab:
            await tab.evaluate("(...given) => clients.play(...given)", kind, url, 0)
            heard = await heard_in_time(lambda: _heard(tab), hertz)
            heard = await seen_in_time(lambda: _heard(tab), heard)
            with suppress(Exception):
                await tab.evaluate("() => clients.stop()")
            return heard

    own = kind == "native"
    return Player(
        f"{browser.name}’s own player" if own else f"{kind} in {browser.name}",
        "from Debian" if own else f"from npm{how}",
        version=browser.version if own else npm(package),
        needs=_needs(browser),
        play=play,
        done=dict.fromkeys(TIMES, NO_HLS) if own else {},
    )


PLAYERS = [
    _player(CHROMIUM, "hls.js", "hls.js"),
    _player(CHROMIUM, "shaka", "shaka-player"),
    _player(CHROMIUM, "video.js", "video.js", ", with `llhls: false`"),
    _player(FIREFOX, "hls.js", "hls.js"),
    _player(FIREFOX, "shaka", "shaka-player"),
    _player(WEBKIT, "hls.js", "hls.js"),
    _player(WEBKIT, "native"),
]
