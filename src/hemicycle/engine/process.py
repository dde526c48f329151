"""The command `hemicycle media`: the engine's process, from start to end."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

from aiohttp import web

from hemicycle import logs, metrics, readiness
from hemicycle import settings_sources as sources
from hemicycle.engine import settings
from hemicycle.engine.captions import captions
from hemicycle.engine.control import figures, http, probes
from hemicycle.engine.control.cut_orders import CutKeeper
from hemicycle.engine.control.registry import HearingRegistry
from hemicycle.engine.control.sessions import SessionRegistry
from hemicycle.engine.control.web_client import WebClient, http_session
from hemicycle.engine.hls import http as hls
from hemicycle.engine.hls.leftovers import keep_ended
from hemicycle.engine.rtc.checks import UnsupportedLibrary
from hemicycle.engine.rtc.media_port import MediaPort, PortTaken, own_addresses
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.secret import UnusableSecret, make_private
from hemicycle.engine.settings import Settings
from hemicycle.readiness import Readiness
from hemicycle.settings_sources import WrongSetting

FAREWELL_S = 3.0
"""Seconds that open requests have to end."""


def main(arguments: list[str]) -> int:
    """Run the engine until SIGTERM or SIGINT; returns the exit code."""
    options = _options(arguments)
    try:
        chosen = settings.read(os.environ)
        logs.set_up(sources.given().get("HEMICYCLE_LOG_LEVEL", "WARNING"), chosen.log_format)
        make_private(chosen.secret_file.parents[1])
        listener = _listener(options, chosen)
        asyncio.run(_run(chosen, listener, supervised=options.supervised))
    except (
        WrongSetting,
        UnsupportedLibrary,
        UnusableSecret,
        PermissionError,
        PortTaken,
    ) as wrong:
        return _say(str(wrong))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        return _say(f"cannot listen at {chosen.url}: {why}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hemicycle media", description="Run the media engine: sound, picture and webcast."
    )
    parser.add_argument("--descriptor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _listener(options: argparse.Namespace, chosen: Settings) -> socket.socket:
    if options.descriptor is not None:
        return socket.socket(fileno=options.descriptor)
    host, port = chosen.listen
    return socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )


async def _run(chosen: Settings, listener: socket.socket, *, supervised: bool) -> None:
    stop = _stop_event(supervised=supervised)
    addresses = (*own_addresses(), *chosen.addresses)
    port = MediaPort(chosen.port, addresses, tcp=chosen.tcp_port)
    async with http_session() as session:
        client = WebClient(chosen, session)
        hearings = HearingRegistry(chosen, client)
        readers = metrics.Readers(chosen.metrics_networks, chosen.metrics_token)
        exchange = PeerFactory(port, chosen.relays, places=chosen.connections)
        sessions = SessionRegistry()
        ready = Readiness(probes.EngineChecks(chosen.segments, client, exchange).missing)

        async def measured() -> figures.EngineFigures:
            behind = (hearing.webcast_behind_s for hearing in hearings.running())
            return figures.EngineFigures(
                sessions.all(),
                (late for late in behind if late is not None),
                exchange.places_free,
                chosen.segments,
                ready=(await ready.answer())[0] == 200,
                ahead_s=await figures.clock_ahead_s(client),
            )

        app = http.app(
            hearings,
            secret=chosen.secret,
            exchange=exchange,
            registry=sessions,
            trusted=chosen.trusted_proxies,
            routes=[
                *hls.routes(chosen.segments, hearings.live),
                *captions.routes(),
                *probes.routes(ready),
                *figures.routes(readers, measured),
            ],
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        tcp_site = web.SockSite(runner, listener, shutdown_timeout=FAREWELL_S)
        await tcp_site.start()
        ending = asyncio.create_task(keep_ended(chosen.segments))
        cutting = asyncio.create_task(CutKeeper(chosen.segments, client, hearings.cut).keep())
        keeping = asyncio.create_task(hearings.keep())
        print(f"The media engine is at {chosen.url}", flush=True)
        if supervised:
            readiness.tell_supervisor()
        await stop.wait()
        await tcp_site.stop()
        await app[http.ADMISSION].registry.close_all("lost")  # not "over": pages connect again
        keeping.cancel()
        ending.cancel()
        cutting.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await runner.cleanup()


def _stop_event(*, supervised: bool) -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set, and the end of a supervising process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if supervised:
        loop.add_reader(sys.stdin.fileno(), _read_on, stop)
    return stop


def _read_on(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


def _say(sentence: str) -> int:
    print(f"hemicycle media: {sentence}", file=sys.stderr, flush=True)
    return 1
