"""Listening sockets: at a given address, or at the next free port."""

import errno
import socket
from ipaddress import ip_address

TRIES = 50
"""The number of ports that are tried after the wanted one if it is taken."""


def listen_at(host: str, port: int) -> socket.socket:
    """Listen at this address; if that is impossible, end the program with a sentence."""
    try:
        return _listen(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def listen_near(host: str, wanted: int) -> socket.socket:
    """Listen at the wanted port, or at the next free one and print which."""
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
    """Return the address that a browser on this machine opens, ending with a slash."""
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
