"""Remove the files of an environment that no process reads: `python slim.py SITE_PACKAGES`.

It is for environments that we distribute whole, as in Debian's package and the container image. It
removes symbols of libraries, tests of packages, type stubs, headers, and the sources of catalogues.
It needs only the standard library, and `strip` from Debian's binutils for the symbols.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UNREAD = (".pyi", ".pxd", ".h", ".po", ".pot")


def slim(packages: Path) -> None:
    """Remove the files that no process reads from a folder of installed packages."""
    for file in [path for path in packages.rglob("*") if path.suffix in UNREAD and path.is_file()]:
        file.unlink()
    for folder in sorted(packages.rglob("tests")):  # but not Django's `test`, a library
        shutil.rmtree(folder, ignore_errors=True)
    if strip := shutil.which("strip"):
        for library in libraries(packages):
            # `strip` refuses libraries for other processors, which stay as they are.
            command = [strip, "--strip-unneeded", str(library)]
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def libraries(packages: Path) -> Iterator[Path]:
    """Yield the shared libraries below a folder."""
    for path in sorted(packages.rglob("*")):
        if ".so" in path.suffixes and path.is_file() and not path.is_symlink():
            yield path


if __name__ == "__main__":
    slim(Path(sys.argv[1]))
