"""`up` invents nothing; `demo` invents a hearing, sends none of its letters, and removes it."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.utils.html import strip_tags

from tests.support.mail_server import MailServer
from tests.support.site import Site

pytestmark = pytest.mark.real_time
TABLES = ("hearing_hearing", "people_person", "outgoing_message", "record_entry")
WORKERS_TIME_S = 5.0


class Whole(Site):
    """All of Hemicycle on a separate database, with a mail server configured."""

    start_s = 240.0

    def __init__(self, folder: Path, server: MailServer, *command: str) -> None:
        here = {"HEMICYCLE_DATA_DIR": str(folder), "HEMICYCLE_SMTP_URL": server.url}
        self.command, *self.options = command
        super().__init__(folder, f"sqlite:///{folder}/db.sqlite3", more=here)
        self.folder = folder

    def counts(self) -> dict[str, int]:
        """Return the number of rows, by table."""
        with sqlite3.connect(f"file:{self.folder}/db.sqlite3?mode=ro", uri=True) as connection:
            return {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in TABLES
            }

    def page(self) -> str:
        """Return the first page."""
        with urlopen(f"{self.url}/", timeout=20) as answer:
            text: str = answer.read().decode()
        return text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    running = MailServer(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.mark.test_all("deployment")
def test_up_makes_publishes_and_sends_nothing(tmp_path: Path, server: MailServer) -> None:
    site = Whole(tmp_path, server, "up")
    site.start()
    try:
        page = strip_tags(site.page())
        time.sleep(WORKERS_TIME_S)
        assert site.counts() == dict.fromkeys(TABLES, 0)
        assert server.taken() == []
    finally:
        site.stop()
    site.check_log()
    assert "This site has no hearing yet" in page
    log = site.log.read_text()
    for command in ("hemicycle convene", "hemicycle admin role", "hemicycle demo"):
        assert command in page
        assert command in log
    assert "Sign in as:" not in log


@pytest.mark.usefixtures("migrated_folder")
def test_demo_is_marked_sends_nothing_and_is_removed_by_one_command(
    tmp_path: Path, server: MailServer
) -> None:
    site = Whole(tmp_path, server, "demo", "--prepared")
    site.start()
    try:
        page = site.page()
        time.sleep(WORKERS_TIME_S)
        counts = site.counts()
        assert server.taken() == []
    finally:
        site.stop()
    site.check_log()
    assert page.count("REHEARSAL") == 2
    assert "Secretariat" in site.log.read_text()
    assert counts["hearing_hearing"] == 2
    assert counts["outgoing_message"] > 100
    said = site.run("demo", "--remove").splitlines()
    assert len(said) == 2
    assert all(line.startswith("Removed: ") for line in said)
    assert site.counts() == dict.fromkeys(TABLES, 0)
    assert site.run("demo", "--remove") == "There is no demonstration data here.\n"
