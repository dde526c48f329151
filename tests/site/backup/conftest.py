"""A site's folder with data of each kind, its backup and the keys."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from hemicycle.site.backup import database, envelope, restoring, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys

WORDS = "correct horse battery staple"
RECORDING = bytes(range(256)) * 300


def furnish(data: Path) -> SiteFolders:
    """Fill a data folder with all but the database, and return the site's folders."""
    keys = data / "keys"
    shutil.copytree(settings.KEYS_DIR, keys) if settings.KEYS_DIR.exists() else keys.mkdir()
    (keys / "secret").touch()
    for name, content in {
        "uploads/statement.docx": b"a statement",
        "uploads/mail/2026-11-28/one.eml": b"From: ana@example.org\n\nA letter.",
        "uploads/empty": b"",
        "uploads/Ünïcode – речь.pdf": b"a name in two scripts",
        "security/2026-11-28.jsonl": b'{"event": "sign-in"}\n',
        "segments/meeting/program.m4s": RECORDING,
        "static/site.css": b"body {}",
        "db.sqlite3-wal": b"never copied like this",
    }.items():
        file = data / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return SiteFolders(data, data / "segments", data / "static")


@pytest.fixture(scope="module")
def empty_database(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An empty database, with all migrations applied."""
    folder = tmp_path_factory.mktemp("empty")
    return database.copy_sqlite(Path(connection.settings_dict["NAME"]), folder).file


@pytest.fixture
def folders(
    db: None, tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> SiteFolders:
    """A site's folders, with an empty database."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copy(empty_database, data / "db.sqlite3")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(data / "db.sqlite3"))
    return furnish(data)


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A secret key; the public one is in the file beside it, with `.pub` after its name."""
    file = tmp_path_factory.mktemp("keys") / "site.key"
    file.with_name("site.key.pub").write_text(f"# ours\n{envelope.make_key(file)}\n")
    return file


@pytest.fixture
def seal(identity: Path) -> Encryption:
    """The encryption of a backup."""
    return Encryption(recipients=envelope.recipients_in(identity.with_name("site.key.pub")))


@pytest.fixture
def keys(identity: Path) -> Keys:
    """The keys that decrypt a backup."""
    return Keys(identities=envelope.identities_in(identity))


@pytest.fixture
def backup(folders: SiteFolders, tmp_path: Path, seal: Encryption) -> Path:
    """A backup of the folders."""
    return writing.make(folders, tmp_path / "backups", seal).path


@pytest.fixture
def files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the last step, which takes seconds, in tests of what comes before it."""
    monkeypatch.setattr(restoring, "_finish_database", lambda into, found, lock: (0, 0))


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it, without SQLite's temporary files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("db.sqlite3-")
    }
