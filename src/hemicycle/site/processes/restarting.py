"""`hemicycle restart`: new processes replace those of `hemicycle up`, and no request fails.

The supervisor listens at a socket in the data folder, which only the user who runs Hemicycle can
open. A request is a line of JSON with the names of the processes. Each line of the answer is a JSON
object: `said` is a sentence on the progress, and `done` is true in the last line of a complete
restart. SIGHUP requests the same without an answer.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hemicycle import private_sockets
from hemicycle import settings_sources as sources
from hemicycle.site.processes.preparation import prepare
from hemicycle.site.processes.supervisor import NotReady, Supervisor

log = logging.getLogger(__name__)

FILE = "restart.socket"


def main(arguments: list[str]) -> int:
    """Ask the running `hemicycle up` for a restart, and print its answer.

    Exit status: 0 done; 1 not done; 2 wrong options.
    """
    options = _parser().parse_args(arguments)
    said: list[str] = []
    done = False
    try:
        with (
            private_sockets.connected(socket_file()) as line,
            line.makefile("rw", encoding="utf-8") as file,
        ):
            file.write(f"{json.dumps(options.processes)}\n")
            file.flush()
            for text in file:
                answer = json.loads(text)
                done = answer.get("done", False)
                if sentence := answer.get("said"):
                    said.append(sentence)
                    if not options.json:
                        print(sentence, flush=True)
    except OSError:
        sentence = (
            f"hemicycle: no `hemicycle up` runs on {socket_file().parent}. Services of systemd "
            "are restarted by `systemctl reload hemicycle-web`, and so on."
        )
        print(sentence, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"done": done, "said": said}))
    return 0 if done else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle restart",
        description="Let new processes take over from those of `hemicycle up`. No request fails. "
        "Without names: all of them.",
    )
    parser.add_argument("processes", nargs="*", help="web, mail, worker or media")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def socket_file() -> Path:
    """Return the path of the socket of this installation's supervisor."""
    return Path(sources.given().get(sources.DATA_DIR, "var")).expanduser().absolute() / FILE


@asynccontextmanager
async def listening(supervisor: Supervisor, control: Path | None) -> AsyncIterator[None]:
    """Accept restart requests within the block: by SIGHUP and, if it is given, at `control`."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def asked_by_signal() -> None:
        task = asyncio.create_task(_log_restart(supervisor))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(signal.SIGHUP, asked_by_signal)
    async with _server(supervisor, control):
        yield
    for task in tuple(tasks):
        task.cancel()


async def _log_restart(supervisor: Supervisor) -> None:
    async for sentence, _done in _restart(supervisor, []):
        log.warning("%s", sentence)


@asynccontextmanager
async def _server(supervisor: Supervisor, control: Path | None) -> AsyncIterator[None]:
    listener = _listener(control) if control else None
    if listener is None or control is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            names = json.loads(await reader.readline())
            async for sentence, done in _restart(supervisor, names):
                writer.write(f"{json.dumps({'said': sentence, 'done': done})}\n".encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, sock=listener)
    try:
        yield
    finally:
        server.close()
        control.unlink(missing_ok=True)  # noqa: ASYNC240 - the supervisor ends


async def _restart(supervisor: Supervisor, names: Sequence[str]) -> AsyncIterator[tuple[str, bool]]:
    """Yield a sentence for each step, and whether the restart is complete."""
    wanted = list(names) or supervisor.names
    if unknown := sorted(set(wanted) - set(supervisor.names)):
        yield f"There is no process {unknown[0]}; there are {', '.join(supervisor.names)}.", False
        return
    if not await asyncio.to_thread(_is_prepared):
        yield "Nothing was restarted: the new version cannot start. Its log says why.", False
        return
    try:
        async for sentence in supervisor.restart(wanted):
            yield sentence, False
    except NotReady as error:
        yield f"Stopped: {error}. The log says why.", False
        return
    yield "Done.", True


def _is_prepared() -> bool:
    """Update the static files; return False if the database is of another version."""
    try:
        prepare("static", behind=True)
    except SystemExit:  # the child has printed the reason
        return False
    return True


# ── The socket in the data folder ─────────────────────────────────────────────────────────────


def _listener(path: Path) -> socket.socket | None:
    """Return a socket that listens there; None if another `hemicycle up` has it."""
    return None if private_sockets.is_listened_at(path) else private_sockets.listener(path)
