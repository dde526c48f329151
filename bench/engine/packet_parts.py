"""The cost of each part of sending one packet, in µs of a core.

The packets have the size of the program's, and are sent to sockets on loopback that are not read,
without the state of a listener. What a seat costs beyond these parts is spent in the Python code
around them.
"""

import ctypes
import socket
import time
from collections.abc import Callable

from pylibsrtp import Policy, Session

from hemicycle.engine.rtc.packetizer import DATAGRAM, HEADER, lay_out
from hemicycle.engine.rtc.srtp import SrtpSender, SrtpSessions

PACKET = DATAGRAM
RUN = 4
"""The usual number of packets of one picture of the program."""

DESTINATIONS = 64
SECONDS = 0.6
UDP_SEGMENT = 103
"""The socket option of that name in linux/udp.h."""


def parts() -> dict[str, float]:
    """Return the cost of each part for one packet, in µs."""
    data = bytes(PACKET)
    seats = [_seat() for _ in range(DESTINATIONS)]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        addresses = [seat.getsockname() for seat in seats]
        return {
            "seal_us": _each(_sealing(), RUN),
            "sendto_us": _each(lambda: _to_all(sender, data, addresses), DESTINATIONS),
            "sendmmsg_us": _each(_many(sender, data, addresses), DESTINATIONS),
            "gso_us": _each(_segmented(sender, data, addresses[0]), RUN),
        }
    finally:
        for one in (sender, *seats):
            one.close()


def _seat() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made


def _each(work: Callable[[], object], packets: int) -> float:
    """Repeat some work; return the processor time for each of its packets, in µs."""
    rounds = 0
    begun = time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        work()
        rounds += 1
    return round(spent * 1e6 / rounds / packets, 2)


def _sealing() -> Callable[[], object]:
    """Return a function that makes the headers of a run and encrypts it, as the engine does."""
    key = bytes(range(28))
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    policy.allow_repeat_tx = True
    session = Session(policy)
    sender = SrtpSender(SrtpSessions("SRTP_AEAD_AES_128_GCM", (key, key), session, session))
    tag = sender.tag
    (run,) = lay_out([bytes(PACKET - HEADER - tag)] * RUN, tag)
    count = 0

    def seal() -> object:
        nonlocal count
        count += len(run.lengths)
        return sender.seal(run, 96, count, 0, 1, ends=True)

    return seal


def _to_all(sender: socket.socket, data: bytes, addresses: list[tuple[str, int]]) -> None:
    for address in addresses:
        sender.sendto(data, address)


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Head(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("head", _Head), ("sent", ctypes.c_uint32))


def _many(
    sender: socket.socket, data: bytes, addresses: list[tuple[str, int]]
) -> Callable[[], object]:
    """Return a function that sends a packet to each destination in one call, `sendmmsg`."""
    buffer = ctypes.create_string_buffer(data, len(data))
    vector = _Vector(ctypes.addressof(buffer), len(data))
    names = [
        ctypes.create_string_buffer(
            socket.AF_INET.to_bytes(2, "little")
            + port.to_bytes(2, "big")
            + socket.inet_aton(host)
            + bytes(8),
            16,
        )
        for host, port in addresses
    ]
    messages = (_Message * len(addresses))()
    for message, name in zip(messages, names, strict=True):
        message.head.name, message.head.name_length = ctypes.addressof(name), 16
        message.head.vectors, message.head.count = ctypes.pointer(vector), 1
    call = ctypes.CDLL(None, use_errno=True).sendmmsg
    number = sender.fileno()

    def send(kept: object = (buffer, names)) -> object:
        done = call(number, messages, len(addresses), 0)
        assert done == len(addresses), done
        return kept

    return send


def _segmented(
    sender: socket.socket, data: bytes, address: tuple[str, int]
) -> Callable[[], object]:
    """Return a function that sends a run to one destination; the kernel splits it (UDP GSO)."""
    whole = data * RUN
    control = [(socket.IPPROTO_UDP, UDP_SEGMENT, len(data).to_bytes(2, "little"))]
    return lambda: sender.sendmsg([whole], control, 0, address)
