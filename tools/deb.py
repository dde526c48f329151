"""Debian's package: `python -m tools.deb WHEEL` writes it into the wheel's folder.

It contains a Python environment in `/opt/hemicycle` that uses Debian's Python, the systemd units,
example configurations of proxies, and scripts that make a user and settings at installation. All
Python packages come as wheels in the locked versions; `--architecture arm64` builds for another
processor.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import slim

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
HOME = "opt/hemicycle"
PYTHON = (3, 13)
"""The Python version of Debian 13."""
PLATFORMS = {"amd64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
PROGRAM = """#!/opt/hemicycle/bin/python
import sys

from hemicycle.site.cli import main

sys.exit(main())
"""
FILES = {
    "deploy/systemd/*": "usr/lib/systemd/system",
    "deploy/debian/hemicycle": "usr/bin",
    "deploy/debian/hemicycle.env": "usr/share/hemicycle",
    "deploy/nginx/*": "usr/share/doc/hemicycle/nginx",
    "deploy/caddy/*": "usr/share/doc/hemicycle/caddy",
    "deploy/varnish/*": "usr/share/doc/hemicycle/varnish",
    "docs/*.md": "usr/share/doc/hemicycle",
    "CHANGELOG.md": "usr/share/doc/hemicycle",
}
"""For each pattern of files in the repository, their folder in the package."""


def main(arguments: list[str]) -> None:
    """Build the package that the arguments ask for, and print its path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument(
        "--architecture", choices=PLATFORMS, default=MACHINES.get(platform.machine(), "amd64")
    )
    options = parser.parse_args(arguments)
    print(build(options.wheel.absolute(), options.architecture))


def build(wheel: Path, architecture: str) -> Path:
    """Build the package from a wheel, and return its path."""
    version = wheel.name.split("-")[1]
    package = wheel.parent / f"hemicycle_{version}-1_{architecture}.deb"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        install(wheel, root, architecture)
        place_files(root)
        write_control(root, version, architecture)
        # Every dpkg since 2022 reads zstd, which compresses the package in seconds.
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build"]
        subprocess.run([*command, root, package], check=True, stdout=subprocess.DEVNULL)
    return package


def install(wheel: Path, root: Path, architecture: str) -> None:
    """Make the environment: a link to Debian's Python, and packages from wheels only."""
    home = root / HOME
    minor = ".".join(map(str, PYTHON))
    packages = home / f"lib/python{minor}/site-packages"
    packages.mkdir(parents=True)
    uv = Path(sys.executable).with_name("uv")
    command: list[str | Path] = [uv, "pip", "install", "--quiet", "--link-mode", "copy"]
    command += ["--target", packages]
    command += ["--python-version", minor, "--python-platform", PLATFORMS[architecture]]
    command += ["--only-binary", ":all:"]
    lock = ROOT / "requirements.txt"
    subprocess.run([*command, "--require-hashes", "--requirement", lock], check=True)
    subprocess.run([*command, "--no-deps", wheel], check=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)  # they start this machine's Python
    for lock_file in packages.glob(".lock"):
        lock_file.unlink()
    slim.slim(packages)
    (home / "bin").mkdir()
    (home / "bin/python").symlink_to(f"/usr/bin/python{minor}")
    (home / "bin/hemicycle").write_text(PROGRAM)
    (home / "bin/hemicycle").chmod(0o755)
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")


def place_files(root: Path) -> None:
    """Copy units, examples and docs to where Debian has them."""
    for pattern, target in FILES.items():
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(ROOT.glob(pattern)):
            shutil.copy(file, folder)  # keeps its mode
    licence = root / "usr/share/doc/hemicycle/copyright"
    shutil.copy(ROOT / "LICENSE", licence)
    (root / "etc/hemicycle").mkdir(parents=True)


def write_control(root: Path, version: str, architecture: str) -> None:
    """Write the description of the package, and the scripts for its installation and removal."""
    control = root / "DEBIAN"
    control.mkdir()
    size = sum(path.lstat().st_size for path in root.rglob("*"))
    text = (DEPLOY / "debian/control").read_text("utf-8")
    major, minor = PYTHON
    (control / "control").write_text(
        text.format(
            version=version,
            architecture=architecture,
            python=f"{major}.{minor}",
            next_python=f"{major}.{minor + 1}",
            kilobytes=size // 1024,
        )
    )
    for script in ("postinst", "prerm", "postrm"):
        shutil.copy(DEPLOY / "debian" / script, control)


if __name__ == "__main__":
    main(sys.argv[1:])
