"""Ports for servers that tests start."""

import random
import socket

PORTS = range(20_000, 32_000)
"""Below the ports that systems give to connections, so that a port stays free for a while."""

_random = random.SystemRandom()  # Hypothesis seeds the other one alike in each process


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port of an address of this machine that is free for UDP and TCP."""
    while True:
        port = _random.choice(PORTS)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((host, port))
                udp.bind((host, port))
            except OSError:
                continue
            return port
