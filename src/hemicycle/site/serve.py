"""Runs Hemicycle's processes: all of them on one machine (`up`), or one alone."""

import argparse
import errno
import os
import socket
import sys
from importlib import import_module
from ipaddress import ip_address

import django
from django.core.management import call_command, execute_from_command_line

from hemicycle.site import server, static_files, supervise

ENGINE_AT = ("127.0.0.1", 8090)
"""Where `up` lets the media engine listen, or on the next free port."""

LETTER_BOXES = ("smtp", "lmtp")
"""The protocols by which mail is handed to us."""

TRIES = 50
"""How many ports after the wanted one are tried when it is taken."""


def up(arguments: list[str]) -> int:
    """Bring the database up to date, fill an empty one, and run all there is to run."""
    options = _options("up", arguments)
    listener = _listen_near(options.host, options.port)
    engine = _listen_for_engine(listener)
    _set_up(listener)
    migrate([])
    static_files.collect()
    links = _seed()
    letter_boxes = _listen_for_mail()
    print(_welcome(_address(listener), links), flush=True)
    worker_process = supervise.Child("worker", [*_SELF, "worker", "--supervised"])
    pages = _web_children(listener, options.workers)
    mail_process = _mail_child(letter_boxes)
    return supervise.run([*pages, worker_process, mail_process, *_engine_children(engine)])


def web(arguments: list[str]) -> int:
    """Serve the pages and the feed, in one process or several."""
    options = _options("web", arguments)
    if options.supervised:
        supervise.follow_parent()
    if options.descriptor is not None:
        return server.serve(socket.socket(fileno=options.descriptor))
    listener = _listen_at(options.host, options.port)
    _set_up(listener)
    static_files.collect()
    print(f"Hemicycle is at {_address(listener)}", flush=True)
    if options.workers == 1:
        return server.serve(listener)
    return supervise.run(_web_children(listener, options.workers))


def worker(arguments: list[str]) -> None:
    """Run the background tasks, and send what waits in the outbox."""
    parser = argparse.ArgumentParser(
        prog="hemicycle worker",
        description="Run the background tasks, and send what waits in the outbox, until Ctrl-C.",
    )
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args(arguments).supervised:
        supervise.follow_parent()
    from hemicycle.before.registration import housekeeping
    from hemicycle.mail.outgoing.delivery import sender
    from hemicycle.meeting.wall import gathering
    from hemicycle.site.api.webhooks import courier

    housekeeping.schedule()
    gathering.schedule()
    ends = [courier.start(), sender.start()]
    try:
        call_command("db_worker", verbosity=0)
    finally:
        for end in ends:
            end()


def mail(arguments: list[str]) -> int:
    """Take in mail, by SMTP, LMTP and IMAP."""
    parser = argparse.ArgumentParser(prog="hemicycle mail")
    for name in LETTER_BOXES:
        parser.add_argument(f"--{name}-descriptor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    options = vars(parser.parse_args(arguments))
    if options["supervised"]:
        supervise.follow_parent()
    given = {name: options[f"{name}_descriptor"] for name in LETTER_BOXES}
    from hemicycle.mail.incoming import process

    if options["supervised"] or any(each is not None for each in given.values()):
        bound = {
            name: socket.socket(fileno=each) for name, each in given.items() if each is not None
        }
    else:
        bound = _listen_for_mail()
    return process.run(bound, lambda line: print(line, flush=True))


def migrate(arguments: list[str]) -> None:
    """Bring the database up to date."""
    execute_from_command_line(["hemicycle", "migrate", "--verbosity=0", *arguments])


def manage(arguments: list[str]) -> None:
    """Run one of Django's own commands."""
    execute_from_command_line(["hemicycle manage", *arguments])


_SELF = (sys.executable, "-m", "hemicycle.site.cli")


def _set_up(listener: socket.socket) -> None:
    """Set up Django, here and in the children to come, for the address that was found."""
    os.environ.setdefault("HEMICYCLE_BASE_URL", _address(listener))
    django.setup()


def _options(name: str, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"hemicycle {name}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port; 0 for any (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (%(default)s)")
    parser.add_argument("--descriptor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _web_children(listener: socket.socket, count: int) -> list[supervise.Child]:
    """Processes that share one listening socket, so a caller waits while one starts again."""
    descriptor = listener.fileno()
    command = [*_SELF, "web", "--supervised", "--descriptor", str(descriptor)]
    return [supervise.Child("web", command, (descriptor,)) for _ in range(count)]


def _listen_for_engine(site: socket.socket) -> socket.socket | None:
    """A port of the media engine's own, which `web` is told; None where one runs elsewhere."""
    if os.environ.get("HEMICYCLE_MEDIA_URL"):
        return None
    host, port = ENGINE_AT
    listener = _listen_near(host, port)
    os.environ["HEMICYCLE_MEDIA_URL"] = f"http://{host}:{listener.getsockname()[1]}"
    os.environ.setdefault("HEMICYCLE_MEDIA_SITE", _address(site))
    return listener


def _engine_children(listener: socket.socket | None) -> list[supervise.Child]:
    if listener is None:
        return []
    descriptor = listener.fileno()
    command = [*_SELF, "media", "--supervised", "--descriptor", str(descriptor)]
    return [supervise.Child("media", command, (descriptor,))]


def _listen_for_mail() -> dict[str, socket.socket]:
    """The sockets for SMTP and LMTP; a port that nobody has named gives way to one that is free."""
    from hemicycle.mail.incoming import config

    found: dict[str, socket.socket] = {}
    for name in LETTER_BOXES:
        wanted: tuple[str, int] | None = getattr(config.current(), name)
        if wanted is None:
            continue
        named = bool(os.environ.get(f"HEMICYCLE_MAILROOM_{name.upper()}"))
        found[name] = _listen_at(*wanted) if named else _listen_near(*wanted)
    return found


def _mail_child(bound: dict[str, socket.socket]) -> supervise.Child:
    """The mail process; its sockets are ours, so that senders wait while it starts again."""
    given = [
        word
        for name, each in bound.items()
        for word in (f"--{name}-descriptor", str(each.fileno()))
    ]
    command = [*_SELF, "mail", "--supervised", *given]
    return supervise.Child("mail", command, tuple(each.fileno() for each in bound.values()))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(4096)
    except OSError:
        listener.close()
        raise
    return listener


def _listen_at(host: str, port: int) -> socket.socket:
    try:
        return _listen(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def _listen_near(host: str, wanted: int) -> socket.socket:
    """Listen on the wanted port, or on the next free one, and say so."""
    for port in range(wanted, wanted + TRIES):
        try:
            listener = _listen(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _cannot_listen(host, port, error) from error
            continue
        if port != wanted:
            print(f"Port {wanted} is taken; using {port}.")
        return listener
    raise SystemExit(f"hemicycle: none of the ports {wanted} to {wanted + TRIES - 1} is free")


def _cannot_listen(host: str, port: int, error: OSError) -> SystemExit:
    reason = error.strerror or str(error)
    return SystemExit(f"hemicycle: cannot listen on {host} port {port}: {reason}")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_loopback or ip_address(host).is_unspecified:
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _seed() -> list[tuple[str, str]]:
    """Fill an empty database; returns sign-in links as pairs of role and path."""
    found: list[tuple[str, str]] = import_module("hemicycle.site.rehearsal.seed").ensure()
    return found


def _welcome(address: str, links: list[tuple[str, str]]) -> str:
    lines = [f"Hemicycle is at {address}"]
    if links:
        width = max(len(role) for role, _ in links)
        lines += ["", "Sign in as:"]
        lines += [f"  {role:<{width}}  {address.rstrip('/')}{path}" for role, path in links]
    return "\n".join([*lines, "", "Stop it with Ctrl-C."])
