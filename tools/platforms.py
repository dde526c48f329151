"""Check that wheels alone satisfy the runtime lock, for each supported Python and processor.

Nothing is installed: uv resolves `requirements.txt` for each platform, and refuses packages that
have no wheel. `make release` runs this check, which queries the package registry.
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
"""The platform tag of wheels that run on Debian 12, Ubuntu 22.04, Red Hat 8 and newer versions."""


def main() -> int:
    """Print a line for each platform; return 1 if one of them lacks a wheel."""
    failed = 0
    for python, processor, why in unresolved(ROOT / "requirements.txt"):
        failed += bool(why)
        print(f"Python {python} on {processor}: {why or 'all from wheels'}")
    return int(failed > 0)


def unresolved(lock: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each Python and processor with the error of uv, which is "" if there are all wheels."""
    platforms = [(python, processor) for python in PYTHONS for processor in PROCESSORS]
    with ThreadPoolExecutor(len(platforms)) as pool:  # uv mostly waits for the registry
        reasons = pool.map(lambda platform: _reason(lock, *platform), platforms)
        for (python, processor), why in zip(platforms, reasons, strict=True):
            yield python, processor, why


def _reason(lock: Path, python: str, processor: str) -> str:
    uv = Path(sys.executable).with_name("uv")
    command: list[str | Path] = [uv, "pip", "compile", "--quiet", "--no-header"]
    command += ["--python", sys.executable]  # without it, uv downloads a Python of that version
    command += ["--only-binary", ":all:"]
    command += ["--python-version", python, "--python-platform", f"{processor}-{LIBC}"]
    done = subprocess.run([*command, lock], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
