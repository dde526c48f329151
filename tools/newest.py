"""Try the newest releases of libraries whose private names we use: `make newest`.

This is a report, not a check: it installs into a temporary environment, and always returns 0. A
name that still exists may have a new meaning, so run the tests of the package that uses it before
you pin a newer version.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]

DJANGO = """
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "allauth", "allauth.account",
        "allauth.mfa",
    ],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    SECRET_KEY="not a secret",
)
django.setup()
"""


class Library(NamedTuple):
    """Packages that are tried together, and code that prints each missing name on a line."""

    packages: tuple[str, ...]
    code: str
    used_by: str


LIBRARIES = (
    Library(
        ("aiortc", "aioice", "pylibsrtp", "av"),
        "from hemicycle.engine.rtc import checks\nprint(*checks.missing(), sep='\\n')",
        "src/hemicycle/engine/rtc/checks.py",
    ),
    Library(
        ("django-allauth[mfa,socialaccount]", "django"),
        f"{DJANGO}\nfrom hemicycle.hearing.people import private_allauth\n"
        "print(*private_allauth.missing(), sep='\\n')",
        "src/hemicycle/hearing/people/private_allauth.py",
    ),
)


def main() -> int:
    """Print a report on each library."""
    for library in LIBRARIES:
        print("\n".join(report(library)), flush=True)
    return 0


def report(library: Library) -> Iterator[str]:
    """Yield the lines of a report: the newest versions, and the names that they lack."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        installed = _install(Path(folder), python, library.packages)
        if installed.returncode:
            last = (installed.stderr.strip().splitlines() or ["no reason given"])[-1]
            yield f"{', '.join(library.packages)}: cannot be installed here ({last})"
            return
        yield from (_versions(python, package) for package in library.packages)
        yield from (f"  {line}" for line in lacking(python, library))


def lacking(python: Path, library: Library) -> list[str]:
    """Return the lines of a report on the names that an environment lacks."""
    asked = subprocess.run(
        [python, "-c", library.code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
    )
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [f"{library.used_by} cannot be read with it: {last}"]
    names = asked.stdout.split()
    return [f"missing: {name} ({library.used_by})" for name in names] or ["nothing is missing"]


def _install(
    folder: Path, python: Path, packages: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    quiet = ("--quiet", "--disable-pip-version-check")
    return subprocess.run(
        [python, "-m", "pip", "install", *quiet, "--upgrade", *packages],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def _versions(python: Path, package: str) -> str:
    name = package.partition("[")[0]
    code = f"from importlib.metadata import version; print(version({name!r}))"
    newest = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return f"{name}: {version(name)} here, {newest.stdout.strip()} newest"


if __name__ == "__main__":
    sys.exit(main())
