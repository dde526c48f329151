"""Try Debian's package on a separate machine: install, upgrade, remove, install again, purge.

`python -m tools.installation.package FOLDER` builds the packages of this version and the next from
`dist/`, and prints the commands that it runs. It needs root and the programs that
`tools/ensure-machine` installs.
"""

import argparse
import os
import platform
import shutil
import sys
import time
from pathlib import Path

from tools import deb
from tools.installation import later, machine, steps

UNITS = ("hemicycle-web", "hemicycle-worker", "hemicycle-mail", "hemicycle-media")
SETTINGS, DATA = "/etc/hemicycle/hemicycle.env", "/var/lib/hemicycle/data"
SITE_S = 300.0
ASK = (
    "python3 -c 'from urllib.request import urlopen;"
    ' print(urlopen("http://127.0.0.1:8000/readyz").read().decode())\''
)


def main() -> int:
    """Run the trial. Return 0 if it succeeded, 2 if it cannot run here; raise on a failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder that keeps Debian’s files")
    options = parser.parse_args()
    if why := machine.why_not():
        print(f"The trial cannot run here: {why}.", file=sys.stderr)
        return 2
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with machine.memory() as scratch, machine.networks():
        root = scratch / "root"
        machine.make_root(root, folder / "debian.tar")
        for package in build(scratch / "dist"):
            shutil.move(package, root / "root")
        with Path("/proc/self/ns/net").open("rb") as registry:
            place = machine.Machine(root, registry.fileno())
            place.start()
            try:
                PackageTrial(place).run()
            finally:
                place.stop()
    print("All went as it should.")
    return 0


def build(dist: Path) -> list[Path]:
    """Build the packages of this version and of the next; return their paths."""
    shutil.copytree(steps.ROOT / "dist", dist)
    later.build(dist, dist)
    architecture = deb.MACHINES[platform.machine()]
    wheels = (f"hemicycle-{version}-py3-none-any.whl" for version in (later.NOW, later.LATER))
    return [deb.build(dist / wheel, architecture) for wheel in wheels]


class PackageTrial:
    """The steps that an administrator carries out with the package, from installation to purge."""

    def __init__(self, place: machine.Machine) -> None:
        self._place = place

    def run(self) -> None:
        """Carry out all steps. Raises AssertionError or SystemExit at the first failure."""
        self._install(later.NOW)
        self._runs(later.NOW)
        rights = self._do(f"stat --format '%a %U %G' {SETTINGS}")
        assert rights == "640 root hemicycle", rights
        assert "@SECRET@" not in self._do(f"cat {SETTINGS}")
        self._do(f"echo HEMICYCLE_MAIL_PER_MINUTE=30 >> {SETTINGS}")
        settings = self._do(f"sha256sum {SETTINGS}")
        self._do("hemicycle admin create --name Clerk clerk@hearing.example")

        self._install(later.LATER)
        self._runs(later.LATER)
        self._keeps(settings)

        self._do("apt-get remove --yes hemicycle")
        self._is_gone()
        assert self._do(f"sha256sum {SETTINGS}") == settings
        self._do(f"test -e {DATA}/db.sqlite3")

        self._install(later.LATER)
        self._runs(later.LATER)
        self._keeps(settings)

        told = self._do("apt-get purge --yes hemicycle")
        assert "the hearings' data stays in /var/lib/hemicycle" in told, told
        self._is_gone()
        self._do("test ! -e /etc/hemicycle && test ! -e /var/cache/hemicycle")
        self._do(f"test -e {DATA}/db.sqlite3 && test -e {DATA}/keys")

    def _install(self, version: str) -> None:
        with self._place.packages():
            file = f"./hemicycle_{version}-1_{deb.MACHINES[platform.machine()]}.deb"
            fetch = f"apt-get update && apt-get install --yes --no-install-recommends {file}"
            self._do(f"export DEBIAN_FRONTEND=noninteractive; cd /root; {fetch}", fetches=True)

    def _runs(self, version: str) -> None:
        limit = time.monotonic() + SITE_S
        while self._place.run(ASK).stdout.strip() != "ready":
            if time.monotonic() > limit:
                raise SystemExit(self._do("journalctl --no-pager --lines 60"))
            time.sleep(0.5)
        states = self._do(f"systemctl is-active {' '.join(UNITS)}").split()
        assert states == ["active"] * len(UNITS), states
        told = self._do("hemicycle --version")
        assert version in told, told

    def _keeps(self, settings: str) -> None:
        assert self._do(f"sha256sum {SETTINGS}") == settings
        people = self._do("hemicycle admin list")
        assert "clerk@hearing.example" in people, people

    def _is_gone(self) -> None:
        left = self._do("systemctl list-units --all --no-legend --plain 'hemicycle*'")
        assert "running" not in left, left
        self._do("test ! -e /opt/hemicycle && test ! -e /usr/bin/hemicycle")

    def _do(self, commands: str, *, fetches: bool = False) -> str:
        """Run commands, print them with the last lines of their output, and return the output."""
        print(f"\n# {commands}", flush=True)
        done = self._place.run(commands, fetches=fetches)
        print("\n".join(done.stdout.splitlines()[-6:]), flush=True)
        if done.returncode:
            raise SystemExit(f"It failed:\n{done.stdout}")
        return done.stdout.strip()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
