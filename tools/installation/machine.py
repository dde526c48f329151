"""A machine for the trial, with Debian's files, systemd as its first process, and its own network.

`systemd-nspawn` boots it, which needs root and a cgroup hierarchy of version 2. If the system has
version 1, the machine gets version 2 in a mount namespace. Only commands that fetch packages can
use the network of this machine; all others have one connection, to the namespace of the people
outside.
"""

import os
import platform
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SITE, PUBLIC = "hcy-site", "hcy-public"
"""The network namespaces of the machine and of the people outside."""
ADDRESS, OUTSIDE = "10.99.7.2", "10.99.7.1"
RELEASE = "trixie"
BASE = "systemd,systemd-sysv,dbus,ca-certificates,iproute2"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
AUTHORITIES = "etc/authorities-of-the-registry.pem"
BOOT_S, STOP_S = 180.0, 90.0
FIRST = """set -e
mount --make-rprivate /
umount --recursive /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir --parents "/sys/fs/cgroup/$1"
echo $$ > "/sys/fs/cgroup/$1/cgroup.procs"
exec systemd-nspawn --quiet --keep-unit --register=no --console=pipe --resolv-conf=off \\
  --timezone=off --boot --directory="$2" --machine="$1" --network-namespace-path="/run/netns/$1"
"""


def make_root(folder: Path, base: Path) -> None:
    """Install Debian in a folder, from the archive `base` if it exists.

    Otherwise fetch Debian from the sources of this machine's apt, and make the archive.
    """
    if not base.exists():
        draft = base.with_name(f"draft-{base.name}")
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BASE}", RELEASE]
        # Some systems fetch packages through a proxy, or from a mirror with another clock.
        options = subprocess.check_output(["apt-config", "dump"], text=True).splitlines()
        passed_on = ("Acquire::Check-", "Acquire::http::Proxy", "Acquire::https::")
        command += [f"--aptopt={line}" for line in options if line.startswith(passed_on)]
        subprocess.run([*command, draft, SOURCES], check=True)
        draft.rename(base)
    folder.mkdir()
    subprocess.run(["tar", "--extract", "--file", base, "--directory", folder], check=True)
    (folder / "etc/hostname").write_text("hearing\n")


@contextmanager
def memory() -> Iterator[Path]:
    """Yield a folder in memory for the machine's files, which is faster than a disk."""
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-machine-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@contextmanager
def networks() -> Iterator[None]:
    """Make two network namespaces that are joined by a cable, and remove them at the end."""
    for name in (SITE, PUBLIC):
        _ip("netns", "add", name)
    try:
        _ip("-n", SITE, "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", PUBLIC)
        for name, address in ((SITE, ADDRESS), (PUBLIC, OUTSIDE)):
            _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", name, "link", "set", device, "up")
        yield
    finally:
        for name in (SITE, PUBLIC):
            _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


class Machine:
    """The machine, which runs between `start` and `stop`.

    `registry` is the file descriptor of the network namespace from which packages can be fetched.
    """

    def __init__(self, root: Path, registry: int) -> None:
        self.root = root
        self._registry = registry
        self._names = Path("/etc/resolv.conf").read_text()
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._first = 0

    def start(self) -> float:
        """Boot the machine; return after how many seconds all its units had started.

        Raises RuntimeError if it does not start in time.
        """
        begun = time.monotonic()
        self._nspawn = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", FIRST, "sh", SITE, self.root],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = begun + BOOT_S
        while not (self._find_first() and self._has_started()):
            if self._nspawn.poll() is not None or time.monotonic() > limit:
                raise RuntimeError("the machine does not start")
            time.sleep(0.3)
        return time.monotonic() - begun

    def _find_first(self) -> bool:
        assert self._nspawn is not None
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text()
        self._first = int(children.split()[0]) if children.split() else 0
        return bool(self._first)

    def _has_started(self) -> bool:
        state = self._enter(["systemctl", "is-system-running"]).stdout.strip()
        return state in {"running", "degraded"}

    def stop(self) -> None:
        """Power the machine off; kill it if it does not stop in time."""
        if self._nspawn is None:
            return
        if self._nspawn.poll() is None:
            self._enter(["systemctl", "--no-block", "poweroff"])
        try:
            self._nspawn.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait(STOP_S)
        self._nspawn = None

    def run(self, commands: str, *, fetches: bool = False) -> subprocess.CompletedProcess[str]:
        """Run commands in root's shell, and stop at the first failure.

        Standard output and standard error are returned together. With `fetches`, the commands can
        reach the network of this machine. Raises RuntimeError if the machine is off.
        """
        return self._enter(["bash", "-euo", "pipefail", "-c", commands], fetches=fetches)

    def _enter(
        self, command: list[str], *, fetches: bool = False
    ) -> subprocess.CompletedProcess[str]:
        if not self._first:
            raise RuntimeError("the machine is off")
        network = f"--net=/proc/self/fd/{self._registry}" if fetches else "--net"
        enter = ["nsenter", f"--target={self._first}", "--mount", "--uts", "--ipc", "--pid"]
        clean = ["env", "-i", "HOME=/root", "LANG=C.UTF-8", f"PATH={PATH}"]
        if fetches:
            clean.append(f"PIP_CERT=/{AUTHORITIES}")
        return subprocess.run(
            [*enter, network, "--cgroup", "--wdns=/root", *clean, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[self._registry],
            check=False,
        )

    @contextmanager
    def packages(self) -> Iterator[None]:
        """Let the machine find packages of Debian and Python with this machine's settings."""
        names = self.root / "etc/resolv.conf"
        before = names.read_text() if names.exists() else ""
        names.write_text(self._names)
        trusted = os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile
        copies = {trusted: AUTHORITIES, "/etc/pip.conf": "etc/pip.conf"}
        for source, copy in copies.items():
            if source and Path(source).exists():
                shutil.copy(source, self.root / copy)
        try:
            yield
        finally:
            names.write_text(before)
            for copy in copies.values():
                (self.root / copy).unlink(missing_ok=True)

    def ask_outside(self) -> None:
        """Let the machine use the name server of the people outside."""
        (self.root / "etc/resolv.conf").write_text(f"nameserver {OUTSIDE}\n")


def why_not() -> str:
    """Return why the trial cannot run on this machine, or "" if it can."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        return "it needs root on Linux"
    wanted = ("mmdebstrap", "systemd-nspawn", "ip", "nsenter", "certutil")
    missing = [name for name in wanted if shutil.which(name) is None]
    packages = "mmdebstrap systemd-container iproute2 util-linux libnss3-tools"
    return f"it needs {', '.join(missing)} (Debian: {packages})" if missing else ""


def enter_public() -> int:
    """Move this process to the network of the people outside.

    Return the file descriptor of its previous network namespace.
    """
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    with Path("/run/netns", PUBLIC).open("rb") as public:
        os.setns(public.fileno(), os.CLONE_NEWNET)
    return before


def bind(file: Path, over: Path) -> None:
    """Mount `file` over another, for this process and its children only."""
    os.unshare(os.CLONE_NEWNS)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", file, over], check=True)
