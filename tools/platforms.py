"""Whether the runtime lock installs from wheels alone, for each Python and processor we support.

Nothing is installed: uv resolves `requirements.txt` as if it ran there, and refuses a package that
comes as source alone. `make release` runs it; it asks the package registry.
"""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.12", "3.13", "3.14")
PROCESSORS = ("x86_64", "aarch64")
LIBC = "manylinux_2_28"
"""What Debian 12, Ubuntu 22.04 and Red Hat 8, or newer, can run."""


def main() -> int:
    """Print a line for each platform; returns 1 if one of them lacks a wheel."""
    failed = 0
    for python, processor, why in unresolved(ROOT / "requirements.txt"):
        failed += bool(why)
        print(f"Python {python} on {processor}: {why or 'all from wheels'}")
    return int(failed > 0)


def unresolved(lock: Path) -> Iterator[tuple[str, str, str]]:
    """Yield Python, processor and what uv says against it; "" where all comes from wheels."""
    platforms = [(python, processor) for python in PYTHONS for processor in PROCESSORS]
    with ThreadPoolExecutor(len(platforms)) as pool:  # uv mostly waits for the registry
        reasons = pool.map(lambda platform: _reason(lock, *platform), platforms)
        for (python, processor), why in zip(platforms, reasons, strict=True):
            yield python, processor, why


def _reason(lock: Path, python: str, processor: str) -> str:
    uv = Path(sys.executable).with_name("uv")
    command: list[str | Path] = [uv, "pip", "compile", "--quiet", "--no-header"]
    command += ["--only-binary", ":all:"]
    command += ["--python-version", python, "--python-platform", f"{processor}-{LIBC}"]
    done = subprocess.run([*command, lock], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
