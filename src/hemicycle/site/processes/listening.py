"""Listening sockets: at the address that was asked for, or at the next free port."""

import errno
import socket
from ipaddress import ip_address

TRIES = 50
"""How many ports after the wanted one are tried if it is taken."""


def listen_at(host: str, port: int) -> socket.socket:
    """Listen there and nowhere else; ends the program with a sentence where that is impossible."""
    try:
        return _listen(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def listen_near(host: str, wanted: int) -> socket.socket:
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


def address_of(listener: socket.socket) -> str:
    """The address that a browser on this machine opens, with a slash at its end."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_loopback or ip_address(host).is_unspecified:
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


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


def _cannot_listen(host: str, port: int, error: OSError) -> SystemExit:
    reason = error.strerror or str(error)
    return SystemExit(f"hemicycle: cannot listen on {host} port {port}: {reason}")
