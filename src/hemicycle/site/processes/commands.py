"""Runs Hemicycle's processes: all of them on one machine (`up`), or a single one.

`up` stays in memory to supervise the other processes, so neither this module nor its imports at the
top load Django: each command imports what it needs.
"""

import argparse
import atexit
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from hemicycle import error_reports, logs, readiness
from hemicycle import settings_sources as sources
from hemicycle.site.processes import forking, restarting, supervisor
from hemicycle.site.processes.listening import address_of, listen_at, listen_near
from hemicycle.site.processes.preparation import Prepared, Step, prepare

_BASE_URL = "HEMICYCLE_BASE_URL"


class Trial(NamedTuple):
    """HTTPS in the local network: the file with certificate and key, and the fingerprint."""

    certificate: Path
    fingerprint: str


ENGINE_AT = ("127.0.0.1", 8090)
SOUND_AND_PICTURE_AT = 20_000
MEDIA_PORT = "HEMICYCLE_MEDIA_PORT"
"""The variable with the engine's port for sound and picture."""

_FORKING = (sys.executable, "-m", "hemicycle.site.processes.preloading")

MAIL_PROTOCOLS = ("smtp", "lmtp")
"""The protocols by which this site receives mail."""


def up(arguments: list[str]) -> int:
    """Update the database, and run all processes. Creates no hearing."""
    return _run_all(_options("up", arguments), "migrate", "static")


def demo(arguments: list[str]) -> int:
    """Do the same as `up`, but first rehearse two hearings if the database is empty."""
    return _run_all(_options("demo --prepared", arguments), "migrate", "static", "seed")


def _run_all(options: argparse.Namespace, *steps: Step) -> int:
    listener = listen_near(options.host, options.port)
    trial = _trial(listener)
    inside = listen_at("127.0.0.1", 0) if trial else listener
    engine = _listen_for_engine(inside)
    _announce(listener)
    prepared = prepare(*steps)
    mail_listeners = _listen_for_mail(prepared.mail)
    site = f"{os.environ[_BASE_URL]}/" if trial else address_of(listener)
    print(_welcome(site, prepared, trial), flush=True)
    figures = _shared_folder() if options.workers > 1 else None
    pages = _web_children(listener, options.workers, trial, figures)
    if trial:  # the engine does not trust a self-signed certificate, so it connects by loopback
        pages += _web_children(inside, 1)
    mail_process = _mail_child(mail_listeners)
    children = [*pages, mail_process, _worker_child(), *_engine_children(engine, figures)]
    return _supervise(children, restarting.socket_file(), figures)


def _supervise(
    children: list[supervisor.Child], control: Path | None = None, figures: str | None = None
) -> int:
    """Supervise the children; with `control`, `hemicycle restart` can request a restart there.

    `figures` is the folder that web processes share for their figures.
    """
    given = sources.given()  # the preparation has refused wrong settings
    logs.set_up(
        given.get("HEMICYCLE_LOG_LEVEL", "WARNING"),
        given.get("HEMICYCLE_LOG_FORMAT", "text"),
        *error_reports.handlers(given.get("HEMICYCLE_SENTRY_DSN")),
    )
    return supervisor.run(
        children,
        lambda running: restarting.listening(running, control),
        (*_FORKING, *_folder_option(figures)) if _can_share(children) else None,
    )


def _can_share(children: list[supervisor.Child]) -> bool:
    """Whether several children can share memory as forks, and whether forks are safe here.

    Outside of Linux, system libraries may not survive a fork. Old container sandboxes do not allow
    pidfds, by which the supervisor watches a fork.
    """
    if sys.platform != "linux" or sum(child.arguments is not None for child in children) < 2:
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _child(
    arguments: list[str],
    descriptors: tuple[int, ...] = (),
    successor_options: tuple[str, ...] | None = None,
    leave: signal.Signals = signal.SIGTERM,
) -> supervisor.Child:
    """Return a command of `hemicycle` as a child that can be forked."""
    name, *options = arguments
    arguments = [name, "--supervised", *options]
    command = [*_SELF, *arguments]
    return supervisor.Child(name, command, descriptors, successor_options, leave, arguments)


def _trial(listener: socket.socket) -> Trial | None:
    """Prepare HTTPS with a self-signed certificate if the network reaches us and no address is set.

    Browsers give cameras and microphones only to https sites and to sites on the same machine.
    """
    host, port = listener.getsockname()[:2]
    if sources.given().get(_BASE_URL) or ip_address(host).is_loopback:
        return None
    from hemicycle.engine.secret import made_once, make_private
    from hemicycle.site.processes import own_certificate

    folder = Path(sources.given().get(sources.DATA_DIR, "var")).expanduser().absolute()
    make_private(folder)
    address = own_certificate.own_address(host)
    file = folder / "keys" / "trial.pem"
    fingerprint = own_certificate.made_for(address, file)
    shown = f"[{address}]" if ":" in address else address
    os.environ[_BASE_URL] = f"https://{shown}:{port}"
    if not sources.given().get("HEMICYCLE_SECRET_KEY"):
        made_once(folder / "keys" / "secret")
        os.environ["HEMICYCLE_SECRET_KEY_FILE"] = str(folder / "keys" / "secret")
    return Trial(file, fingerprint)


def web(arguments: list[str]) -> int:
    """Serve the pages and the feed, in one process or several."""
    options = _options("web", arguments)
    if options.supervised:
        supervisor.follow_parent()
    if options.metrics_folder:  # before an import of the library, which reads the variable then
        os.environ[forking.FIGURES_FOLDER] = options.metrics_folder
    if options.descriptor is not None:
        if options.successor:
            _check_ready()
        listener = socket.socket(fileno=options.descriptor)
        return _serve(listener, options.certificate, supervised=options.supervised)
    listener = listen_at(options.host, options.port)
    _announce(listener)
    if options.workers > 1 or options.reloadable:
        prepare("static")
        print(f"Hemicycle is at {address_of(listener)}", flush=True)
        figures = _shared_folder() if options.workers > 1 else None
        pages = _web_children(listener, options.workers, figures=figures)
        return _supervise(pages, figures=figures)
    import django

    django.setup()
    from hemicycle.record import renewal
    from hemicycle.site.http import static_files
    from hemicycle.site.processes import start_checks

    start_checks.check_database()
    renewal.finish_at_start()
    static_files.collect()
    print(f"Hemicycle is at {address_of(listener)}", flush=True)
    return _serve(listener)


def _check_ready() -> None:
    """End the process with a sentence if it could not serve, and load what the pages need.

    So a successor takes no request before it can answer, and its first answer is not slow.
    """
    import django

    django.setup()
    from django.urls import get_resolver

    from hemicycle.site.operating.ready_checks import ReadyChecks
    from hemicycle.site.processes.start_errors import CannotStart

    if missing := ReadyChecks().found():
        raise CannotStart(" ".join(missing))
    _loaded = get_resolver().url_patterns


def worker(arguments: list[str]) -> int:
    """Run the background tasks, and send the mail in the outbox."""
    parser = argparse.ArgumentParser(
        prog="hemicycle worker",
        description="Run the background tasks, and send what waits in the outbox, until Ctrl-C.",
    )
    _add_reloadable(parser)
    options = parser.parse_args(arguments)
    if options.reloadable:
        return _supervise([_worker_child()])
    if options.supervised:
        supervisor.follow_parent()
    # Until the task worker sets its own handler; letters are already being sent by then.
    signal.signal(signal.SIGTERM, _leave)
    from hemicycle.before.registration import housekeeping
    from hemicycle.hearing.jobs import workers
    from hemicycle.hearing.setup import checkpointing, feeding, timestamping
    from hemicycle.mail.outgoing.delivery import sender
    from hemicycle.record import impatient_connection, renewal
    from hemicycle.site.api.webhooks import courier
    from hemicycle.site.operating import signs_of_life
    from hemicycle.site.operating.models import SignOfLife
    from hemicycle.site.processes import start_checks

    impatient_connection.close_silent_after(impatient_connection.WORK_S)
    start_checks.check_database()
    renewal.finish_at_start()
    _tell_walls()
    housekeeping.erase_again()
    with ExitStack() as ends:
        for part in (courier, sender, workers, checkpointing, timestamping, feeding):
            ends.callback(part.start())
        ends.callback(signs_of_life.start(SignOfLife.Name.WORKER))
        if options.supervised:
            readiness.tell_supervisor()
        _do_tasks()
    return 0


def _do_tasks() -> None:
    """Run the tasks in the database until the process is asked to end.

    If the database is unreachable, Django's worker ends and loses its present task; so the tasks
    that schedule themselves are scheduled again.
    """
    from django.db import connections

    from hemicycle.before.registration import housekeeping
    from hemicycle.meeting.wall import gathering
    from hemicycle.site import database_connections
    from hemicycle.site.processes import task_worker

    while True:
        try:
            for schedule in (housekeeping.schedule, gathering.schedule):
                schedule()
            task_worker.run()
        except Exception as error:
            if not database_connections.is_lost(error):
                raise
            logging.getLogger(__name__).warning("tasks wait for the database: %s", error)
        else:
            return
        connections.close_all()
        time.sleep(1)


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)


def _tell_walls() -> None:
    """Log which protections for reading files this machine lacks (SECURITY.md)."""
    from hemicycle.documents.reading import guarded

    for name in guarded.lacking():
        logging.getLogger(__name__).warning(
            "strangers' files are read without %s, which this system does not have", name
        )


def mail(arguments: list[str]) -> int:
    """Receive mail by SMTP, LMTP and IMAP."""
    parser = argparse.ArgumentParser(prog="hemicycle mail")
    for protocol in MAIL_PROTOCOLS:
        parser.add_argument(f"--{protocol}-descriptor", type=int, help=argparse.SUPPRESS)
    _add_reloadable(parser)
    options = vars(parser.parse_args(arguments))
    if options["reloadable"]:
        listeners = _listen_for_mail(prepare().mail)  # open while the child is replaced
        return _supervise([_mail_child(listeners)])
    if options["supervised"]:
        supervisor.follow_parent()
    descriptors = {protocol: options[f"{protocol}_descriptor"] for protocol in MAIL_PROTOCOLS}
    from hemicycle.mail.incoming import config
    from hemicycle.mail.incoming.receiving import process
    from hemicycle.record import impatient_connection
    from hemicycle.site.operating import signs_of_life
    from hemicycle.site.operating.models import SignOfLife
    from hemicycle.site.processes import start_checks

    impatient_connection.close_silent_after(impatient_connection.WORK_S)
    start_checks.check_database()
    if options["supervised"] or any(number is not None for number in descriptors.values()):
        listeners = {
            protocol: socket.socket(fileno=number)
            for protocol, number in descriptors.items()
            if number is not None
        }
    else:
        wanted = {"smtp": config.current().smtp, "lmtp": config.current().lmtp}
        listeners = _listen_for_mail({name: at for name, at in wanted.items() if at})
    ready = readiness.tell_supervisor if options["supervised"] else lambda: None
    end_signs = signs_of_life.start(SignOfLife.Name.MAIL)
    try:
        return process.run(listeners, lambda line: print(line, flush=True), ready)
    finally:
        end_signs()


def media(arguments: list[str]) -> int:
    """Run the media engine for sound and picture."""
    from hemicycle.engine import process

    if _RELOADABLE not in arguments:
        return process.main(arguments)
    listener = process.listener()
    return 1 if listener is None else _supervise([_engine_child(listener)])


def migrate(arguments: list[str]) -> None:
    """Migrate the database."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hemicycle", "migrate", "--verbosity=0", *arguments])


def manage(arguments: list[str]) -> None:
    """Run one of Django's own commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hemicycle manage", *arguments])


_SELF = (sys.executable, "-m", "hemicycle.site.cli")
_SUCCESSOR = "--successor"
_RELOADABLE = "--reloadable"


def _options(name: str, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"hemicycle {name}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port; 0 for any (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (%(default)s)")
    parser.add_argument("--descriptor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--certificate", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(forking.FIGURES, help=argparse.SUPPRESS)
    parser.add_argument(_SUCCESSOR, action="store_true", help=argparse.SUPPRESS)
    if name == "web":
        _add_reloadable(parser)
    else:
        parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _add_reloadable(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        _RELOADABLE,
        action="store_true",
        help="at SIGHUP, let a new process take over without a gap",
    )


def _announce(listener: socket.socket) -> None:
    """Give later processes the address of the site, in the environment."""
    if not sources.given().get(_BASE_URL):
        os.environ[_BASE_URL] = address_of(listener)


def _serve(
    listener: socket.socket, certificate: Path | None = None, *, supervised: bool = False
) -> int:
    import django

    django.setup()
    from hemicycle.record import database_clock, impatient_connection
    from hemicycle.site.operating import signs_of_life
    from hemicycle.site.operating.models import SignOfLife
    from hemicycle.site.processes import web_server

    impatient_connection.close_silent_after(impatient_connection.PAGES_S)
    database_clock.compare_at_start()
    ready = readiness.tell_supervisor if supervised else lambda: None
    end_signs = signs_of_life.start(SignOfLife.Name.WEB)
    try:
        return web_server.serve(listener, certificate, ready)
    finally:
        end_signs()


def _web_children(
    listener: socket.socket, count: int, trial: Trial | None = None, figures: str | None = None
) -> list[supervisor.Child]:
    """Return processes that share a listening socket, so requests wait while one starts again."""
    descriptor = listener.fileno()
    arguments = ["web", "--descriptor", str(descriptor)]
    if trial:
        arguments += ["--certificate", str(trial.certificate)]
    arguments += _folder_option(figures)
    child = _child(arguments, (descriptor,), (_SUCCESSOR,), supervisor.LEAVE)
    return [child] * count


def _worker_child() -> supervisor.Child:
    """Return the worker; the old one ends first, since only one worker may build archives."""
    return _child(["worker"])


def _folder_option(figures: str | None) -> list[str]:
    return [forking.FIGURES, figures] if figures else []


def _shared_folder() -> str:
    """Return a folder for the figures of processes that share a socket; it is deleted at exit.

    The process that answers `/metrics` reports the figures of all of them.
    """
    folder = tempfile.mkdtemp(prefix="hemicycle-metrics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _listen_for_engine(site: socket.socket) -> socket.socket | None:
    """Return the socket of the local media engine, and set its address for `web`.

    Returns None if an engine runs elsewhere.
    """
    if sources.given().get("HEMICYCLE_MEDIA_URL"):
        return None
    host, port = ENGINE_AT
    listener = listen_near(host, port)
    found = listener.getsockname()[1]
    os.environ["HEMICYCLE_MEDIA_URL"] = f"http://{host}:{found}"
    if not sources.given().get(MEDIA_PORT):
        # A second site on this machine also gets another port for sound and picture.
        os.environ[MEDIA_PORT] = str(SOUND_AND_PICTURE_AT + found - port)
    if not sources.given().get("HEMICYCLE_MEDIA_SITE"):
        os.environ["HEMICYCLE_MEDIA_SITE"] = address_of(site)
    return listener


def _engine_children(listener: socket.socket | None, figures: str | None) -> list[supervisor.Child]:
    if listener is None:
        return []
    child = _engine_child(listener)
    # A fork would share the web processes' folder and report its own figures among theirs.
    return [child if figures is None else replace(child, arguments=None)]


def _engine_child(listener: socket.socket) -> supervisor.Child:
    """Return the media engine; a successor takes over its connections."""
    descriptor = listener.fileno()
    arguments = ["media", "--descriptor", str(descriptor)]
    return _child(arguments, (descriptor,), (_SUCCESSOR,), supervisor.LEAVE)


def _listen_for_mail(wanted: dict[str, tuple[str, int]]) -> dict[str, socket.socket]:
    """Return the sockets for SMTP and LMTP; if a default port is taken, a free one replaces it."""
    listeners: dict[str, socket.socket] = {}
    for protocol, (host, port) in wanted.items():
        named = bool(sources.given().get(f"HEMICYCLE_MAILROOM_{protocol.upper()}"))
        listeners[protocol] = listen_at(host, port) if named else listen_near(host, port)
    return listeners


def _mail_child(listeners: dict[str, socket.socket]) -> supervisor.Child:
    """Return the mail process; the parent holds its sockets, so senders wait during a restart."""
    options = [
        word
        for protocol, listener in listeners.items()
        for word in (f"--{protocol}-descriptor", str(listener.fileno()))
    ]
    descriptors = tuple(listener.fileno() for listener in listeners.values())
    return _child(["mail", *options], descriptors, (), supervisor.LEAVE)


EMPTY = (
    "There is no hearing here yet.",
    "  To draft one from its concept note:  hemicycle convene FILE",
    "  To look around, with invented data:  hemicycle demo",
    "  To let the secretariat of a hearing in:",
    "    hemicycle admin role ADDRESS --hearing SLUG --give secretariat",
)
"""The message of `up` if there is no hearing; `BEGIN` if there is no officer either."""
BEGIN = "  To make the first administrator:     hemicycle init"
CONVENE = "“Convene a hearing”"

WARNED = (
    "This is for a trial in the local network: the certificate is of its own making, so each",
    "browser warns once (“not private”, “not trusted”). Look at the certificate in the warning,",
    "compare its SHA-256 fingerprint with this one, and go on only if they are the same:",
    "  {fingerprint}",
    "For a public site, set HEMICYCLE_BASE_URL and put a proxy with a real certificate before it.",
)
"""The message of `up` if it serves HTTPS itself."""


def _welcome(address: str, prepared: Prepared, trial: Trial | None = None) -> str:
    lines = [f"Hemicycle is at {address}"]
    sign_in = f"{address.rstrip('/')}/sign-in/"
    if trial:
        lines += ["", *(line.format(fingerprint=trial.fingerprint) for line in WARNED)]
    if prepared.links:
        width = max(len(role) for role, _ in prepared.links)
        lines += ["", "Sign in as:"]
        lines += [
            f"  {role:<{width}}  {address.rstrip('/')}{path}" for role, path in prepared.links
        ]
    elif prepared.is_empty:
        first = BEGIN if prepared.first_code else f"  Sign in at {sign_in} and press {CONVENE}."
        lines += ["", EMPTY[0], first, *EMPTY[1:]]
    elif not prepared.first_code:
        lines += ["", f"Sign in at {sign_in}"]
    if prepared.first_code:
        lines += [
            "",
            "Nobody works here yet. To become the first administrator, open",
            f"  {sign_in}first/ and enter the code {prepared.first_code}",
        ]
    return "\n".join([*lines, "", "Stop it with Ctrl-C."])
