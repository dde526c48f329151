"""The systemd units: one for each process, all hardened in the same way."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hemicycle.site.cli import COMMANDS

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICES = sorted(UNITS.glob("*.service"))
STARTED = re.compile(r"^ExecStart=/opt/hemicycle/bin/hemicycle (\w+)", re.M)
WORST = 2.0
"""The highest exposure that `systemd-analyze security` may find."""

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze (Debian: systemd)"
)


def test_each_process_has_a_unit() -> None:
    started = {found[1] for unit in SERVICES if (found := STARTED.search(unit.read_text()))}
    assert started == {"web", "worker", "mail", "media", "migrate"}
    assert started <= COMMANDS.keys()


@systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_is_little_exposed(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= WORST


@pytest.mark.test_all("deployment")
@systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """Programs and man pages are not checked, since they are only on a server."""
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/hemicycle/bin/hemicycle", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "hemicycle" in line]
    assert said == []


MDWE = "MemoryDenyWriteExecute=yes"
CONNECTS = """
import asyncio, ctypes, sys
if sys.argv[1] == "denied":
    SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
    if ctypes.CDLL(None).prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
        sys.exit("this kernel is older than 6.3")
import aioice.ice
from aiortc import RTCPeerConnection

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


async def main():
    one, two = RTCPeerConnection(), RTCPeerConnection()
    one.addTransceiver("audio")
    await one.setLocalDescription(await one.createOffer())
    await two.setRemoteDescription(one.localDescription)
    await two.setLocalDescription(await two.createAnswer())
    await one.setRemoteDescription(two.localDescription)
    while "connected" not in (one.connectionState, two.connectionState):
        await asyncio.sleep(0.1)


asyncio.run(asyncio.wait_for(main(), 30))
"""


@pytest.mark.test_all("deployment")
def test_the_media_engine_can_connect_where_its_unit_runs_it() -> None:
    """OpenSSL calls Python through code made at run time, which the unit must not forbid."""
    unit = (UNITS / "hemicycle-media.service").read_text()
    memory = "denied" if f"\n{MDWE}\n" in unit else "free"
    done = subprocess.run(
        [sys.executable, "-c", CONNECTS, memory], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
