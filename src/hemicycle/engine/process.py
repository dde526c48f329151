"""The command `hemicycle media`: the engine's process, from start to end."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from hemicycle import error_reports, logs, metrics, readiness
from hemicycle import settings_sources as sources
from hemicycle.engine import hand_over, settings
from hemicycle.engine.captions import captions
from hemicycle.engine.control import figures, http, lease_promises, probes
from hemicycle.engine.control.cut_orders import CutKeeper
from hemicycle.engine.control.lease_keeper import LeaseKeeper
from hemicycle.engine.control.lease_promises import PeerClient
from hemicycle.engine.control.registry import HearingRegistry
from hemicycle.engine.control.request_gate import RequestGate
from hemicycle.engine.control.sessions import SessionRegistry
from hemicycle.engine.control.web_client import WebClient, http_session
from hemicycle.engine.edges.publication import EdgeClient
from hemicycle.engine.hand_over import EngineParts, HandOver, NotTaken, TakeOver
from hemicycle.engine.hls import http as hls
from hemicycle.engine.hls import webcast_folder
from hemicycle.engine.hls.leftovers import keep_ended
from hemicycle.engine.hls.publisher import WebcastPublisher
from hemicycle.engine.load_meter import LoadMeter
from hemicycle.engine.rtc.checks import UnsupportedLibrary
from hemicycle.engine.rtc.media_port import MediaPort, PortTaken, own_addresses
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.secret import UnusableSecret, make_private
from hemicycle.engine.settings import Settings
from hemicycle.engine.video import machine_size
from hemicycle.engine.webcast_store import WebcastStore
from hemicycle.readiness import Readiness
from hemicycle.settings_sources import WrongSetting

FAREWELL_S = 3.0
"""Seconds in which open requests can finish."""

LINGER_S = 10.0
"""Seconds for which connections are kept after a hand-over, for requests that are on their way."""


def main(arguments: list[str]) -> int:
    """Run the engine until SIGTERM or SIGINT; returns the exit code."""
    options = _options(arguments)
    try:
        chosen = settings.read(os.environ)
        logs.set_up(
            sources.given().get("HEMICYCLE_LOG_LEVEL", "WARNING"),
            chosen.log_format,
            *error_reports.handlers(chosen.sentry_dsn),
        )
        make_private(chosen.secret_file.parents[1])
        listener = _listener(options, chosen)
        if chosen.size_fits:
            folder = chosen.secret_file.parents[1]
            chosen = chosen.with_size(machine_size.carried(folder, chosen.fps))
        asyncio.run(_run(chosen, listener, options))
    except (
        NotTaken,
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


def listener() -> socket.socket | None:
    """Return the socket at which processes of the engine serve in turn.

    If there can be none, print the reason on standard error and return None.
    """
    try:
        chosen = settings.read(os.environ)
        return _listener(_options([]), chosen)
    except WrongSetting as wrong:
        _say(str(wrong))
    except OSError as error:
        _say(f"cannot listen at {chosen.url}: {os.strerror(error.errno or 0)}")
    return None


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hemicycle media", description="Run the media engine: sound, picture and webcast."
    )
    parser.add_argument("--descriptor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--successor", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--reloadable",
        action="store_true",
        help="at SIGHUP, let a new process take over the connections",
    )
    return parser.parse_args(arguments)


def _listener(options: argparse.Namespace, chosen: Settings) -> socket.socket:
    if options.descriptor is not None:
        return socket.socket(fileno=options.descriptor)
    host, port = chosen.listen
    return socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )


async def _run(chosen: Settings, listener: socket.socket, options: argparse.Namespace) -> None:
    stop = _stop_event(supervised=options.supervised)
    path = chosen.secret_file.parents[1] / hand_over.FILE
    taking = await TakeOver.ask(path) if options.successor else None
    addresses = (*own_addresses(), *chosen.addresses)
    port = MediaPort(
        chosen.port,
        addresses,
        tcp=chosen.tcp_port,
        inherited=taking.port if taking else None,
    )
    gate = RequestGate()
    async with http_session() as session, _published(chosen) as publisher:
        client = WebClient(chosen, session)
        # Passes are signed and checked by the site's clock, which may differ from this machine's.
        comparing = asyncio.create_task(client.keep_comparing_clocks())
        load_meter = LoadMeter()
        leases = LeaseKeeper(chosen, client, load_meter.core_percent, PeerClient(chosen, session))
        edges = EdgeClient(port, session, chosen) if chosen.edges else None
        hearings = HearingRegistry(chosen, client, leases, edges)
        _report(publisher, hearings)
        exchange = PeerFactory(port, chosen.relays, places=chosen.connections)
        sessions = SessionRegistry()
        parts = EngineParts(hearings, sessions, exchange, port, gate)
        ready = Readiness(probes.EngineChecks(chosen.segments, client, exchange).missing)

        async def measured() -> figures.EngineFigures:
            return figures.EngineFigures(
                sessions.all(),
                (
                    late
                    for hearing in hearings.running()
                    if (late := hearing.webcast_behind_s) is not None
                ),
                exchange.places_free,
                chosen.segments,
                ready=(await ready.answer())[0] == 200,
                ahead_s=await figures.clock_ahead_s(client),
                epochs=leases.epochs,
                renewed_s=leases.renewed_s,
            )

        app = http.app(
            hearings,
            secret=chosen.secret,
            exchange=exchange,
            registry=sessions,
            trusted=chosen.trusted_proxies,
            gate=gate,
            load_meter=load_meter,
            routes=[
                *hls.routes(chosen.segments, hearings.live),
                *captions.routes(),
                *probes.routes(ready),
                *lease_promises.routes(leases, chosen),
                *figures.routes(
                    metrics.Readers(chosen.metrics_networks, chosen.metrics_token), measured
                ),
            ],
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        if taking is not None:
            await taking.take(parts)
        tcp_site = web.SockSite(runner, listener, shutdown_timeout=FAREWELL_S)
        await tcp_site.start()
        keeping = asyncio.create_task(hearings.keep())
        print(_sentence(chosen), flush=True)
        if options.supervised:
            readiness.tell_supervisor()
        if taking is not None:
            await taking.begin_webcasts(parts)
        # Not earlier: until now the previous engine may have written to the same folders.
        ending = asyncio.create_task(keep_ended(chosen.segments))
        cutting = asyncio.create_task(
            CutKeeper(chosen.segments, client, hearings.cut, publisher).keep()
        )
        giving = HandOver(parts)
        serving = asyncio.create_task(giving.serve(path)) if options.supervised else None
        await _either(stop, giving.given)
        await tcp_site.stop()
        await app[http.ADMISSION].registry.close_all("lost")  # not "over": pages connect again
        for task in (comparing, keeping, ending, cutting):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        if serving is not None:
            await _end_serving(serving, giving, runner)
        await runner.cleanup()


def _sentence(chosen: Settings) -> str:
    return "The media engine is at {}, with a picture of {}x{}".format(chosen.url, *chosen.size)


@asynccontextmanager
async def _published(chosen: Settings) -> AsyncIterator[WebcastPublisher | None]:
    """Publish the webcast to the object store of the settings, if there is one."""
    if not chosen.webcast_store:
        yield None
        return
    publisher = WebcastPublisher(chosen.segments, WebcastStore(chosen.webcast_store))
    with webcast_folder.mirrored(publisher):
        publisher.start()
        try:
            yield publisher
        finally:
            await asyncio.to_thread(publisher.stop)


def _report(publisher: WebcastPublisher | None, hearings: HearingRegistry) -> None:
    """Report trouble with the store to the technicians of all running hearings."""

    def tell(code: str) -> None:
        for hearing in hearings.running():
            hearing.notice(code)

    if publisher is not None:
        loop = asyncio.get_running_loop()
        publisher.on_trouble = lambda code: loop.call_soon_threadsafe(tell, code)


async def _either(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _end_serving(
    serving: asyncio.Task[None], giving: HandOver, runner: web.AppRunner
) -> None:
    """End the wait for successors; after a hand-over, pass the last requests to the successor."""
    if not giving.given.is_set():
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return
    await serving
    await giving.left()
    loop = asyncio.get_running_loop()
    over = loop.time() + LINGER_S
    # An idle connection is not closed at once: a request may be on its way.
    while runner.server and runner.server.connections and loop.time() < over:  # noqa: ASYNC110
        await asyncio.sleep(0.1)  # aiohttp's list of connections has no event to wait for


def _stop_event(*, supervised: bool) -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set, and the end of a supervising process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # The supervisor sends this when a successor is ready, which has taken over by then.
    loop.add_signal_handler(signal.SIGUSR1, lambda: None)
    if supervised:
        loop.add_reader(sys.stdin.fileno(), _read_on, stop)
    return stop


def _read_on(stop: asyncio.Event) -> None:
    try:
        is_open = bool(os.read(sys.stdin.fileno(), 1024))
    except OSError:  # the supervisor ended without reading what this process has written
        is_open = False
    if not is_open:
        stop.set()


def _say(sentence: str) -> int:
    print(f"hemicycle media: {sentence}", file=sys.stderr, flush=True)
    return 1
