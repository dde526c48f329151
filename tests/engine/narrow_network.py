"""A computer behind a narrow, slow link that loses packets, in a separate network namespace.

    computer 10.67.1.2  --  the link  --  this machine 10.67.1.1

The kernel's queue `tbf` limits the rate of each direction. Few kernels have `netem`, so a process
in the middle of the link (`slow_link`) delays packets and drops those that fall in a hole.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

from tests.engine.rtc.narrow_link import WIDE, LinkShape
from tests.support import office_network
from tests.support.office_network import run, run_in

NEAR, FAR = "10.67.1.1", "10.67.1.2"
"""The addresses of this machine and of the computer in that network."""

NAME, INTERFACE = "hc-far", "hc-narrow"


def is_possible() -> bool:
    """Return whether this machine lets its user create such a network."""
    if not office_network.is_possible() or not Path("/dev/net/tun").exists():
        return False
    tried = "ip netns add hc-try && ip -n hc-try link set lo up && ip netns exec hc-try tc qdisc "
    tried += "add dev lo root tbf rate 1mbit burst 10kb latency 50ms; ip netns del hc-try"
    return not subprocess.run(["sh", "-ec", tried], capture_output=True, check=False).stderr


class NarrowNetwork:
    """The network, as `narrow_network` makes it."""

    def __init__(self, link: "subprocess.Popen[str]") -> None:
        self._link = link

    def shape(self, up: LinkShape, down: LinkShape) -> None:
        """Give each direction a shape from now on; `up` is from the computer to this machine."""
        _narrow(NAME, up)
        _narrow(None, down)
        assert self._link.stdin is not None
        self._link.stdin.write(json.dumps([asdict(up), asdict(down)]) + "\n")
        self._link.stdin.flush()
        _read(self._link, "shaped")

    def sent_up(self) -> tuple[int, int]:
        """Return how many bytes the computer's queue has sent, and how many packets it dropped."""
        command = ("ip", "netns", "exec", NAME, "tc", "-s", "-j", "qdisc", "show", "dev", INTERFACE)
        (queue,) = json.loads(subprocess.check_output(command))
        return int(queue["bytes"]), int(queue["drops"])

    def command(self, *command: str) -> list[str]:
        """Return the command line that runs a command on the computer."""
        return ["ip", "netns", "exec", NAME, *command]

    def browser(
        self, kind: BrowserType, site_port: int, *flags: str
    ) -> contextlib.AbstractContextManager[Browser]:
        """Start a Chromium on the computer, which reaches the site at `localhost`."""
        return office_network.browser_in(NAME, kind, site_port, *flags)


@contextlib.contextmanager
def narrow_network() -> Iterator[NarrowNetwork]:
    """Create the network, with a wide link at first, and remove it in the end."""
    _remove()
    link: subprocess.Popen[str] | None = None
    try:
        run("ip", "netns", "add", NAME)
        run_in(NAME, "ip link set lo up")
        command = [sys.executable, "-m", "tests.support.slow_link", NAME, INTERFACE]
        pipe = subprocess.PIPE
        link = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        _read(link, "ready")
        run("ip", "address", "add", f"{NEAR}/24", "dev", INTERFACE)
        run("ip", "link", "set", INTERFACE, "up")
        run_in(NAME, f"ip address add {FAR}/24 dev {INTERFACE} && ip link set {INTERFACE} up")
        network = NarrowNetwork(link)
        network.shape(WIDE, WIDE)
        yield network
    finally:
        if link is not None:
            link.kill()
            link.communicate()
        _remove()


def _narrow(namespace: str | None, shape: LinkShape) -> None:
    # The burst is one full packet, or what passes within 10 ms if that is more.
    burst = max(1_600, round(shape.kbps * 1000 / 8 * 0.01))
    command = f"tc qdisc replace dev {INTERFACE} root tbf rate {round(shape.kbps)}kbit"
    command += f" burst {burst} latency {round(shape.queue_s * 1000)}ms"
    if namespace is None:
        run("sh", "-c", command)
    else:
        run_in(namespace, command)


def _read(link: "subprocess.Popen[str]", expected: str) -> None:
    assert link.stdout is not None
    assert link.stdout.readline().strip() == expected


def _remove() -> None:
    subprocess.run(["ip", "netns", "del", NAME], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", INTERFACE], capture_output=True, check=False)
