"""Walk through the whole outcome of a rehearsed hearing, as docs/outcome.md describes it.

A hearing is rehearsed with 150 statements. Its summary is edited by two people at once in two real
browser pages, published, circulated, exported and archived. The papers are laid out by LibreOffice
and converted to pictures. The archive is verified with its own `verify.pyz`, which must also find
each change of one byte. The exit status is 0 if every check passed.
"""

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import launch
from tools.walking import expect, until

ROOT = Path(__file__).parent.parent
SLUG = "2021-rehearsal"
FIRST_WORDS, SECOND_WORDS = "Of the first editor.", "Of the second editor."
BOTH = "Statements came in the six official languages."
WORKERS_TIME_S = 10
"""How long to wait for letters that the worker must not send, in seconds."""
OFFLINE = ("unshare", "--user", "--map-root-user", "--net")


def main() -> int:
    """Walk through the outcome. Return 0 if every check passed; exit at the first failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder for what is made; new or empty")
    parser.add_argument("--statements", type=int, default=150)
    parser.add_argument("--registrations", type=int, default=240)
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    folder = options.folder.resolve()
    walk = Walk(folder, options.port)
    walk.rehearse(options.registrations, options.statements)
    with walk.serving():
        walk.edit_publish_circulate()
    walk.papers()
    walk.archives()
    print(f"All went as it should. The pages to look at lie in {folder / 'pages'}.")
    return 0


class Walk:
    """One walk, which saves its results in `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.base = folder, f"http://127.0.0.1:{port}"
        self.port = port
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HEMICYCLE_")}
        self.mail = f"127.0.0.1:{port + 1}"
        self.environment = kept | {
            "HEMICYCLE_DATA_DIR": str(folder / "data"),
            "HEMICYCLE_BASE_URL": self.base,
            "HEMICYCLE_SMTP_URL": f"smtp://{self.mail}?tls=never",
        }
        self.program = str(Path(sys.executable).parent / "hemicycle")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        expect(done.returncode == 0, f"hemicycle {' '.join(arguments)}", done.stderr[-2000:])
        return done.stdout

    # ── The hearing ───────────────────────────────────────────────────────────────────────────
    def rehearse(self, registrations: int, statements: int) -> None:
        told = self.run(
            *("rehearse", "--ago", "7", "--registrations", str(registrations)),
            *("--statements", str(statements), "--keep", str(self.folder / "data")),
            "--json",
        )
        figures = json.loads(told)
        expect(figures["statements"] == statements, f"{statements} statements were handed in")

    @contextmanager
    def serving(self) -> Iterator[None]:
        command = [self.program, "up", "--port", str(self.port)]
        log = (self.folder / "server.log").open("w")
        box = [sys.executable, "-m", "aiosmtpd", "-n", "-l", self.mail, "-c"]
        kept = str(self.folder / "mailbox")
        post = subprocess.Popen([*box, "aiosmtpd.handlers.Mailbox", kept], stdout=log, stderr=log)
        process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            until(self._answers, "the server answers")
            yield
        finally:
            for server in (process, post):
                server.terminate()
                server.wait(30)
            log.close()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.base}/", timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _way_in(self) -> str:
        lines = self.run("links", "--hearing", SLUG).splitlines()
        line = next(line for line in lines if line.strip().lower().startswith("secretariat"))
        return self.base + "/" + line.split()[-1].partition("://")[2].partition("/")[2]

    # ── Two editors, publication, circulation ─────────────────────────────────────────────────
    def edit_publish_circulate(self) -> None:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            pages = [browser.new_context(accept_downloads=True).new_page() for _ in range(2)]
            for page in pages:
                page.goto(self._way_in())
                page.locator("main form button").first.click()
                page.goto(f"{self.base}/office/{SLUG}/summary/")
            self._edit(*pages)
            self._publish(pages[0])
            self._circulate(pages[0])
            browser.close()

    def _edit(self, first: Page, second: Page) -> None:
        """Edit one sentence in both pages; check that the second to save is shown both texts."""
        sentence = first.locator(".summary__sentence", has_text="By language:").first
        id = sentence.get_attribute("id")
        for page in (first, second):
            page.locator(f"#{id}").get_by_role("link", name="Edit").click()
        second.locator(f"#{id}").get_by_label("Sentence").fill(SECOND_WORDS)
        first.locator(f"#{id}").get_by_label("Sentence").fill(FIRST_WORDS)
        second.get_by_role("button", name="Save", exact=True).click()
        second.get_by_text(SECOND_WORDS, exact=True).wait_for()
        first.get_by_role("button", name="Save", exact=True).click()
        first.locator("#theirs").wait_for()
        expect(first.locator("#theirs").inner_text() == SECOND_WORDS, "the other's words are shown")
        expect(first.locator("#yours").inner_text() == FIRST_WORDS, "one's own words are kept")
        first.get_by_label("Sentence").fill(BOTH)
        first.get_by_role("button", name="Save this text").click()
        first.get_by_text(BOTH, exact=True).wait_for()
        first.screenshot(path=str(self.folder / "editor.png"))

    def _publish(self, page: Page) -> None:
        page.goto(f"{self.base}/office/{SLUG}/summary/")
        page.get_by_role("button", name="Publish").click()
        page.get_by_text("The summary is public and cannot be changed.").wait_for()
        for name in ("DOCX", "PDF"):
            with page.expect_download() as coming:
                page.get_by_role("link", name=name, exact=True).click()
            coming.value.save_as(self.folder / f"summary.{name.lower()}")

    def _circulate(self, page: Page) -> None:
        page.goto(f"{self.base}/office/{SLUG}/summary/circulation/")
        page.get_by_role("button", name="Send it to").click()
        page.get_by_text("The summary is being sent.").wait_for()
        page.screenshot(path=str(self.folder / "circulation.png"))
        answer = page.request.get(f"{self.base}/office/{SLUG}/summary/circulation.csv")
        (self.folder / "circulation.csv").write_bytes(answer.body())
        rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig"))))[1:]
        queued = [row for row in rows if "queued" in row]
        expect(len(rows) > 1 and queued == rows, f"{len(rows)} messages lie in the outbox")
        time.sleep(WORKERS_TIME_S)
        left = [path.name for path in (self.folder / "mailbox").rglob("*") if path.is_file()]
        expect(not left, "none of a rehearsal's leaves, though a mail server is set", str(left))

    # ── The papers ────────────────────────────────────────────────────────────────────────────
    def papers(self) -> None:
        """Convert our PDF, and the DOCX as LibreOffice lays it out, to pictures of each page."""
        laid, pages = self.folder / "laid-out", self.folder / "pages"
        pages.mkdir(exist_ok=True)
        profile = f"-env:UserInstallation=file://{self.folder / 'office'}"
        office = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(laid)]
        docx = str(self.folder / "summary.docx")
        subprocess.run([*office, docx], check=True, capture_output=True, timeout=300)
        for name, paper in (("own", self.folder / "summary.pdf"), ("docx", laid / "summary.pdf")):
            subprocess.run(["pdftoppm", "-r", "70", "-png", paper, pages / name], check=True)
            count = len(list(pages.glob(f"{name}-*.png")))
            expect(count > 5, f"{count} pages as pictures, {name}")

    # ── The archive ───────────────────────────────────────────────────────────────────────────
    def archives(self) -> None:
        for public in (False, True):
            flags = ["--zip", *["--public"] * public]
            key = self.run("export", SLUG, "--to", str(self.folder), *flags).split()[-1]
            name = f"{SLUG}-public" if public else SLUG
            with tempfile.TemporaryDirectory(prefix="elsewhere-") as elsewhere:
                with zipfile.ZipFile(self.folder / f"{name}.zip") as packed:
                    packed.extractall(elsewhere)
                self._verified(Path(elsewhere) / name, key)

    def _verified(self, archive: Path, key: str) -> None:
        code, said = alone(archive)
        expect(code == 3, f"{archive.name}, its signer unknown: {said}")
        code, said = alone(archive, "--key", key)
        expect(code == 0 and said.startswith("Verified:"), f"{archive.name}: {said}")
        for path in one_of_each_kind(archive):
            whole = path.read_bytes()
            path.write_bytes(changed(whole))
            code, said = alone(archive, "--key", key)
            path.write_bytes(whole)
            name = path.relative_to(archive)
            expect(code in {1, 2}, f"{archive.name}, one byte of {name} changed: {said}")
        (added := archive / "added.txt").write_text("never handed in")
        code, said = alone(archive, "--key", key)
        added.unlink()
        expect(code == 1, f"{archive.name}, a file added: {said}")
        expect(alone(archive, "--key", key)[0] == 0, f"{archive.name} holds again")


def alone(archive: Path, *arguments: str) -> tuple[int, str]:
    """Verify an archive with its own program, without Hemicycle and, where possible, the network.

    The system's Python runs it in an empty home. Return the exit status and the first line.
    """
    offline = OFFLINE if subprocess.run([*OFFLINE, "true"], check=False).returncode == 0 else ()
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [
                *offline,
                "/usr/bin/python3",
                "-I",
                str(archive / "verify.pyz"),
                str(archive),
                *arguments,
            ],
            cwd=home,
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.returncode, (done.stdout + done.stderr).strip().partition("\n")[0]


def one_of_each_kind(archive: Path) -> list[Path]:
    """Return the files in the archive's own folder, and one file of each type below it."""
    files = sorted(path for path in archive.rglob("*") if path.is_file())
    kinds = {path.suffix if path.parent != archive else path.name: path for path in files}
    return [path for path in kinds.values() if path.stat().st_size]


def changed(whole: bytes) -> bytes:
    """Return the same bytes with one bit of the middle byte changed."""
    at = len(whole) // 2
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


if __name__ == "__main__":
    sys.exit(main())
