"""Real browsers that open the page with clients and players, each with its own driver."""

import asyncio
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web
from playwright.async_api import async_playwright

from tests.support.browser import FLAGS, program
from tests.support.ports import free_port

PAGE = "<!doctype html><meta charset=utf-8><title>-</title><body><script src=page.js></script>"
STARTS_S = 60.0
ANSWERS_S = 30.0
MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"

FIREFOX = {
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.loopback": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "remote.active-protocols": 1,
}
"""Settings of Firefox with which a page may play without a click and no prompt appears."""


FIREFOX_SANDBOXES = ("CONTENT", "GMP", "RDD", "SOCKET_PROCESS", "UTILITY")


class Tab(Protocol):
    """An open page of a browser."""

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        """Call a JavaScript function in the page; await its promise and return the result."""


@asynccontextmanager
async def served(bundle: Path) -> AsyncIterator[str]:
    """Serve a page with a bundle of scripts on an origin other than the engine's; yield its URL."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def script(_: web.Request) -> web.FileResponse:
        return web.FileResponse(bundle, headers={"Content-Type": "text/javascript"})

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/page.js", script)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


class _Playwright:
    def __init__(self, page: Any) -> None:
        self._page = page

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        return await self._page.evaluate(f"(given) => ({script})(...given)", list(arguments))


@asynccontextmanager
async def chromium(url: str) -> AsyncIterator[Tab]:
    """Open a page in Debian's Chromium."""
    flags = [*FLAGS, "--autoplay-policy=no-user-gesture-required"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=flags)
        try:
            page = await browser.new_page()
            await page.goto(url)
            yield _Playwright(page)
        finally:
            await browser.close()


class _BiDi:
    """A connection to Firefox by WebDriver BiDi, without a driver program between."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._ids, self.context = socket, itertools.count(1), ""

    async def ask(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result. Raises AssertionError with Firefox's message."""
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        try:
            async with asyncio.timeout(ANSWERS_S):
                while (told := await self._socket.receive_json()).get("id") != number:
                    pass
        except TimeoutError as error:
            raise AssertionError(f"Firefox did not answer {method}.") from error
        assert told["type"] == "success", told.get("message", told)
        return told["result"]

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        call = f"(async () => JSON.stringify(await ({script})(...{json.dumps(arguments)})))()"
        told = await self.ask(
            "script.evaluate",
            expression=call,
            target={"context": self.context},
            awaitPromise=True,
            userActivation=True,
        )
        assert told["type"] == "success", told.get("exceptionDetails", {}).get("text", told)
        value = told["result"].get("value")
        return None if value is None else json.loads(value)


@asynccontextmanager
async def _sound_card(folder: Path) -> AsyncIterator[dict[str, str]]:
    """Start a virtual sound device; yield the environment variables of a program that plays there.

    Without a sound device, an AudioContext in Firefox never starts to run.
    """
    socket = folder / "sound"
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    process = await _quiet(
        *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
        *(
            "--load=module-null-sink",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        ),
        environment=environment,
    )
    try:
        yield {"PULSE_SERVER": f"unix:{socket}", "XDG_RUNTIME_DIR": str(folder)}
    finally:
        await _end(process)


@asynccontextmanager
async def firefox(url: str) -> AsyncIterator[Tab]:
    """Open a page in Debian's Firefox ESR, headless."""
    profile = Path(tempfile.mkdtemp(prefix="hemicycle-firefox-"))
    try:
        async with _sound_card(profile) as sound, _firefox(url, profile, sound) as tab:
            yield tab
    finally:
        shutil.rmtree(profile, ignore_errors=True)


@asynccontextmanager
async def _firefox(url: str, profile: Path, sound: dict[str, str]) -> AsyncIterator[Tab]:
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(is_)});" for name, is_ in FIREFOX.items()]
    (profile / "user.js").write_text("\n".join(lines))
    port = free_port()
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile)]
    # Firefox cannot make its own sandboxes in the namespace in which everything runs.
    free = {f"MOZ_DISABLE_{part}_SANDBOX": "1" for part in FIREFOX_SANDBOXES}
    environment = {**os.environ, **free, **sound, "HOME": str(profile), "NO_AT_BRIDGE": "1"}
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--remote-debugging-port", str(port), "about:blank"),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with (
            aiohttp.ClientSession() as http,
            await _patiently(lambda: http.ws_connect(f"ws://127.0.0.1:{port}/session")) as socket,
        ):
            tab = _BiDi(socket)
            await tab.ask("session.new", capabilities={})
            tree = await tab.ask("browsingContext.getTree")
            tab.context = tree["contexts"][0]["context"]
            await tab.ask("browsingContext.navigate", context=tab.context, url=url, wait="complete")
            yield tab
    finally:
        await _end(process)


class _WebDriver:
    """A connection to WebKitGTK's MiniBrowser by its WebDriver."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self.base = http, base

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a command and return its value. Raises AssertionError with the driver's message."""
        async with self._http.request(method, self.base + path, json=body) as response:
            told = (await response.json())["value"]
        assert response.status == 200, told.get("message", told)
        return told

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        call = (
            "const tell = arguments[arguments.length - 1];"
            f"Promise.resolve().then(() => ({script})(...arguments[0]))"
            ".then((value) => tell({ value }), (error) => tell({ error: String(error) }));"
        )
        told = await self.ask("POST", "/execute/async", {"script": call, "args": [arguments]})
        assert "error" not in told, told["error"]
        return told.get("value")


@asynccontextmanager
async def webkit(url: str) -> AsyncIterator[Tab]:
    """Open a page in Debian's WebKitGTK on a virtual screen."""
    port, display = free_port(), f":{free_port() % 1000 + 100}"
    screen = await _quiet("Xvfb", display, "-screen", "0", "800x600x24", "-nolisten", "tcp")
    home = tempfile.mkdtemp(prefix="hemicycle-webkit-")
    environment = {
        **os.environ,
        "DISPLAY": display,
        "HOME": home,
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        "GDK_BACKEND": "x11",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    driver = await _quiet("WebKitWebDriver", f"--port={port}", environment=environment)
    options = {
        "binary": MINI_BROWSER,
        "args": [
            *("--automation", "--enable-webrtc=true", "--enable-media-stream=true"),
            "--autoplay-policy=allow",
        ],
    }
    wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
    base = f"http://127.0.0.1:{port}"
    timeout = aiohttp.ClientTimeout(total=STARTS_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        tab = _WebDriver(http, base)
        try:
            await _patiently(lambda: tab.ask("GET", "/status"))
            told = await tab.ask("POST", "/session", {"capabilities": wanted})
            tab.base = f"{base}/session/{told['sessionId']}"
            await tab.ask("POST", "/timeouts", {"script": 40_000})
            await tab.ask("POST", "/url", {"url": url})
            yield tab
        finally:
            with suppress(Exception):
                await tab.ask("DELETE", "")
            await _end(driver)
            await _end(screen)
            shutil.rmtree(home, ignore_errors=True)


async def _quiet(
    *command: str, environment: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    nothing = subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=nothing, stderr=nothing
    )


async def _patiently(connect: Callable[[], Any]) -> Any:
    """Call `connect` until it succeeds; raise its error after `STARTS_S` seconds."""
    over = asyncio.get_running_loop().time() + STARTS_S
    while True:
        try:
            return await connect()
        except (aiohttp.ClientError, OSError):
            if asyncio.get_running_loop().time() > over:
                raise
            await asyncio.sleep(0.2)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()
