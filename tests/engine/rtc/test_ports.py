"""One port for each peer, and a sentence when there is none."""

import socket

import pytest

from hemicycle.engine.rtc.errors import NoPort
from hemicycle.engine.rtc.ports import Ports


def free_port() -> int:
    """A UDP port that was free a moment ago, and the one after it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return min(int(sock.getsockname()[1]), 65000)


def test_each_peer_has_a_port_of_its_own_until_none_is_left() -> None:
    first = free_port()
    ports = Ports(first, first + 1, ["127.0.0.1"])
    one, two = ports.take(), ports.take()
    assert {bound.port for bound in (*one, *two)} == {first, first + 1}
    assert ports.free == 0
    with pytest.raises(NoPort, match=f"{first} to {first + 1}"):
        ports.take()
    one[0].sock.close()
    ports.give_back(one)
    again = ports.take()
    assert again[0].port == one[0].port
    for bound in (*two, *again):
        bound.sock.close()


def test_a_port_that_another_program_has_is_passed_over() -> None:
    first = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first))
        with pytest.raises(NoPort):
            Ports(first, first, ["127.0.0.1"]).take()


def test_one_port_serves_every_address() -> None:
    first = free_port()
    bound = Ports(first, first, ["127.0.0.1", "127.0.0.2"]).take()
    assert [opened.sock.getsockname() for opened in bound] == [
        ("127.0.0.1", first),
        ("127.0.0.2", first),
    ]
    for opened in bound:
        opened.sock.close()


def test_the_address_of_a_router_is_told_beside_ours() -> None:
    first = free_port()
    (bound,) = Ports(first, first, ["127.0.0.1", "192.0.2.7"]).take()
    assert bound.hosts == ("127.0.0.1", "192.0.2.7")
    bound.sock.close()


def test_where_no_address_is_ours_every_interface_is_listened_on() -> None:
    first = free_port()
    (bound,) = Ports(first, first, ["192.0.2.7"]).take()
    assert (bound.hosts, bound.sock.getsockname()[0]) == (("192.0.2.7",), "0.0.0.0")
    bound.sock.close()


@pytest.mark.parametrize(("first", "last"), [(0, 5), (9, 8), (65535, 65536)])
def test_no_range_is_told(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        Ports(first, last, ["127.0.0.1"])


def test_a_range_is_shared_without_overlap() -> None:
    parts = Ports(40_000, 40_009, ["127.0.0.1"]).shared(3)
    assert [part.ends for part in parts] == [(40_000, 40_002), (40_003, 40_005), (40_006, 40_009)]
