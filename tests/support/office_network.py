"""A network as in an office: a computer behind a router that lets only some packets out.

    computer 10.66.1.2  --  router (NAT)  10.66.2.2  --  this machine 10.66.2.1, 10.66.2.3

The computer and the router have separate network namespaces; this machine gets another interface.
The computer reaches the site's pages at `localhost`, as all browsers of the tests do, through a
socket file that both can open.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

from tests.support.browser import FLAGS, program

SERVER, RELAY = "10.66.2.1", "10.66.2.3"
"""This machine's addresses in that network: the engine's, and that of a relay."""

IN_NETWORK = Path(__file__).with_name("in_network")
NAMES = ("hc-computer", "hc-router")

RULES = """
table ip office {
  chain out {
    type filter hook forward priority filter; policy drop;
    %s
    ct state established,related accept
    %s
  }
  chain nat {
    type nat hook postrouting priority srcnat;
    oifname "outside" masquerade %s
  }
}
"""


def is_possible() -> bool:
    """Return whether this machine lets its user create such a network."""
    if os.geteuid() != 0:
        return False
    try:
        made = subprocess.run(["ip", "netns", "add", "hc-try"], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", "hc-try"], capture_output=True, check=False)
        subprocess.run(["nft", "--version"], capture_output=True, check=True)
    except FileNotFoundError:
        return False
    return made.returncode == 0


class OfficeNetwork:
    """The network, as `office_network` makes it."""

    def lets_out(self, *rules: str, cut: Sequence[str] = (), random_ports: bool = False) -> None:
        """Let out only what these rules of nftables accept; let in answers to it.

        Existing connections continue, except those that the rules in `cut` drop. With
        `random_ports`, the router uses another port for each destination (symmetric NAT).
        """
        nat = "fully-random" if random_ports else ""
        text = RULES % ("\n    ".join(cut), "\n    ".join(rules), nat)
        run("ip", "netns", "exec", "hc-router", "nft", "flush", "ruleset")
        run("ip", "netns", "exec", "hc-router", "nft", "-f", "-", text=text)

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Stop all processes on the computer meanwhile, as when a laptop is closed."""
        processes = [int(number) for number in run("ip", "netns", "pids", "hc-computer").split()]
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def browser(
        self, kind: BrowserType, site_port: int, *flags: str
    ) -> contextlib.AbstractContextManager[Browser]:
        """Start a Chromium on the computer, which reaches the site at `localhost`."""
        return browser_in("hc-computer", kind, site_port, *flags)


@contextlib.contextmanager
def browser_in(namespace: str, kind: BrowserType, site_port: int, *flags: str) -> Iterator[Browser]:
    """Start a Chromium in a namespace, which reaches the site at `localhost`."""
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "NETWORK": namespace,
        "PROGRAM": program(),
    }
    with _site_at_localhost(namespace, site_port):
        browser = kind.launch(executable_path=IN_NETWORK, args=[*FLAGS, *flags], env=environment)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def office_network() -> Iterator[OfficeNetwork]:
    """Create the network, which lets nothing out at first, and remove it in the end."""
    _remove()
    try:
        for name in NAMES:
            run("ip", "netns", "add", name)
            run_in(name, "ip link set lo up")
        _link("hc-server", None, "outside", "hc-router")
        _link("inside", "hc-router", "eth0", "hc-computer")
        for address in (SERVER, RELAY):
            run("ip", "address", "add", f"{address}/24", "dev", "hc-server")
        run("ip", "link", "set", "hc-server", "up")
        run_in("hc-router", "ip address add 10.66.2.2/24 dev outside && ip link set outside up")
        run_in("hc-router", "ip address add 10.66.1.1/24 dev inside && ip link set inside up")
        run_in("hc-router", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        run_in("hc-computer", "ip address add 10.66.1.2/24 dev eth0 && ip link set eth0 up")
        run_in("hc-computer", "ip route add default via 10.66.1.1")
        network = OfficeNetwork()
        network.lets_out()
        yield network
    finally:
        _remove()


def _link(one: str, of_one: str | None, other: str, of_other: str) -> None:
    """Connect two namespaces (None: this machine's) by a pair of interfaces."""
    run("ip", "link", "add", one, "type", "veth", "peer", "name", other, "netns", of_other)
    if of_one is not None:
        run("ip", "link", "set", one, "netns", of_one)


def _remove() -> None:
    for name in NAMES:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", "hc-server"], capture_output=True, check=False)


def run_in(name: str, command: str) -> None:
    """Run a shell command in a namespace. Raises AssertionError if it fails."""
    run("ip", "netns", "exec", name, "sh", "-c", command)


def run(*command: str, text: str = "") -> str:
    """Run a command with `text` on its standard input; return what it prints.

    Raises AssertionError if it fails.
    """
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}{text}"
    return done.stdout


@contextlib.contextmanager
def _site_at_localhost(namespace: str, port: int) -> Iterator[None]:
    """Forward connections to `localhost` in a namespace to this machine, over a socket file."""
    with tempfile.TemporaryDirectory() as folder:
        middle = Path(folder) / "site"
        carry = [sys.executable, "-m", "tests.support.carry"]
        here = subprocess.Popen([*carry, str(middle), f"127.0.0.1:{port}"], stdout=subprocess.PIPE)
        there = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *carry, f"127.0.0.1:{port}", str(middle)],
            stdout=subprocess.PIPE,
        )
        try:
            for process in (here, there):
                assert process.stdout is not None
                assert process.stdout.readline(), "it does not listen"
            yield
        finally:
            for process in (here, there):
                process.kill()
                process.communicate()
