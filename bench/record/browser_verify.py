"""The verifier page on an archive of 100,000 entries: from the choice of its folder to the result.

The entries are written by the record's own writer, as in `record_verify`. The archive is a folder
with the record, its checkpoints, the manifest, the seal and the page, which a phone-sized Chromium
opens by `file://` without a network. `subtle_ms` is the time that the browser needs for the digests
alone: two for each entry, a thousand at a time.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from bench.fixtures import fresh
from bench.record.record_verify import ENTRIES, TIMES, write
from tests.support.browser import launch

FIGURES = ("browser_verify_ms", "entries", "subtle_ms")
SUBTLE = """async (count) => {
  const bytes = new Uint8Array(300), begun = performance.now();
  for (let done = 0; done < count; done += 1000)
    await Promise.all(Array.from({length: 1000}, () => crypto.subtle.digest("SHA-256", bytes)));
  return performance.now() - begun;
}"""


def run() -> dict[str, Any]:
    """Return `browser_verify_ms` (median of 3), the number of verified entries, and `subtle_ms`."""
    with fresh() as folder:
        write(ENTRIES)
        return measure(folder)


def measure(folder: Path, witnesses: Sequence[str] = ()) -> dict[str, Any]:
    """Return these figures for the only record in the database, verified with witnesses' keys."""
    key = write_archive(archive := folder / "archive")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en")
        page.context.set_offline(True)
        page.goto(f"file://{archive}/verify.html#key={key}")
        page.get_by_text("Keys of witnesses").click()
        page.locator("#witnesses").fill("\n".join(witnesses))
        taken = [verify(page, archive) for _ in range(TIMES)]
        result = page.locator(".result")
        assert result.get_attribute("data-status") == "0"
        assert not witnesses or "did not rewrite entries" not in result.inner_text()
        entries = page.locator(".facts dd").first.inner_text()
        subtle = page.evaluate(SUBTLE, 2 * ENTRIES)
        browser.close()
    return {
        "browser_verify_ms": round(median(taken) * 1000),
        "entries": int(entries),
        "subtle_ms": round(subtle),
    }


def verify(page: Page, archive: Path) -> float:
    """Return the seconds from the choice of the folder to the result of the page."""
    before = page.locator("html").get_attribute("data-checked") or ""
    begun = perf_counter()
    page.locator("#folder").set_input_files(archive)
    expect(page.locator("html")).not_to_have_attribute("data-checked", before, timeout=120_000)
    return perf_counter() - begun


def write_archive(folder: Path) -> str:
    """Write an archive of the only record in the database; return the key's fingerprint."""
    from hemicycle.record import keys, seals
    from hemicycle.record.chain import canonical
    from hemicycle.record.log import carried, checkpoints
    from hemicycle.record.models import Head
    from hemicycle.ui.verifier import page

    head = Head.objects.get()
    files = {
        "record.jsonl": "".join(_lines()).encode(),
        "notes.jsonl": b"",
        carried.NAME: canonical(carried.document(checkpoints.carried(head.hearing, head.seq))),
        page.NAME: page.packed(),
    }
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    manifest = canonical({"format": "hemicycle-archive-1", "files": digests})
    seal = seals.seal_archive(
        seals.End(head.hearing.hex, head.seq, head.hash),
        sha256(manifest).hexdigest(),
        origin="https://hearing.example",
        at=head.at,
        signer=keys.signing_key(),
    )
    folder.mkdir()
    for name, content in {**files, "manifest.json": manifest, "seal.json": canonical(seal)}.items():
        (folder / name).write_bytes(content)
    return keys.fingerprint()


def _lines() -> Iterator[str]:
    from hemicycle.record.chain import Content
    from hemicycle.record.models import Entry

    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        content = Content.of(entry.__dict__)
        row = {name: getattr(content, name) for name in Content.__slots__}
        yield json.dumps({**row, "digest": entry.digest, "hash": entry.hash}) + "\n"
