"""A network with one interface beside loopback, for programs that do not use loopback.

libnice, and so every GStreamer client, offers no loopback address. Programs in this network cannot
reach anything outside. No privileges are needed: an unprivileged user creates the namespace.
"""

import subprocess
import sys

ADDRESS = "10.77.0.1"

SETUP = (
    "ip link set lo up && ip link add d0 type veth peer name d1 && "
    f"ip addr add {ADDRESS}/24 dev d0 && ip link set d0 up && ip link set d1 up && exec "
)


def is_possible() -> bool:
    """Return whether users of this machine may create such a network."""
    tried = ["unshare", "--net", "--map-root-user", "sh", "-c", SETUP + "true"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def run(module: str, *arguments: str, timeout_s: float = 90) -> str:
    """Run a module in such a network; return its output. Raises AssertionError if it failed."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        ["unshare", "--net", "--map-root-user", "sh", "-c", SETUP + '"$@"', "sh", *command],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{module}: {done.stdout}\n{done.stderr}"
    return done.stdout
