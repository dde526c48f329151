"""The documentation names existing files, addresses and ports, and the measured figures."""

import re
from pathlib import Path

import pytest

from hemicycle import settings_table
from hemicycle.site.api.operations import ROUTES
from hemicycle.site.processes import start_errors

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src/hemicycle"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?|[a-z_]+\.py)`", ARCHITECTURE)))


@pytest.mark.parametrize("path", PATHS)
def test_each_path_of_the_architecture_exists(path: str) -> None:
    places = [ROOT / path, HOUSE / path, *HOUSE.glob(f"**/{path}")]
    assert any(place.exists() for place in places)


def test_the_pages_of_docs_name_files_that_exist() -> None:
    named = {
        (page.name, path)
        for page in (ROOT / "docs").glob("*.md")
        for path in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|html|css|js))`", page.read_text())
    }
    folders = (HOUSE, ROOT / "tests", ROOT / "tools", ROOT / "bench")
    files = [path.as_posix() for folder in folders for path in folder.rglob("*.*")]
    missing = {name for name in named if not any(file.endswith(f"/{name[1]}") for file in files)}
    assert named
    assert missing == set()


def test_the_architecture_has_a_paragraph_for_each_folder() -> None:
    folders = {
        folder.name
        for folder in HOUSE.iterdir()
        if folder.is_dir() and folder.name not in {"locale", "fonts", "__pycache__"}
    }
    assert set(re.findall(r"^\*\*`([a-z]+)/`\*\*", ARCHITECTURE, re.M)) == folders


def test_each_decision_is_listed_once() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"^\| \[\d+\]\((.+?)\)", (folder / "README.md").read_text(), re.M)
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_the_page_about_watching_has_each_sentence_of_readiness() -> None:
    page = (ROOT / "docs/watching.md").read_text("utf-8")
    modules = ("site/operating/ready_checks.py", "engine/control/probes.py")
    told = re.compile(r'^[A-Z_]+ = (?:gettext_noop\(\s*)?("[^"]+"(?:\s+"[^"]+")*)', re.M)
    sentences = [
        "".join(re.findall(r'"([^"]+)"', literals))
        for module in modules
        for literals in told.findall((HOUSE / module).read_text())
    ]
    assert len(sentences) == 10
    sentences.append(" ".join(start_errors.NOT_MIGRATED))
    assert [sentence for sentence in sentences if f"| {sentence} |" not in page] == []


def test_the_page_about_the_api_names_addresses_that_exist() -> None:
    page = (ROOT / "docs/api.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(hearings\S*)`", page, re.M))
    named |= set(re.findall(r"hearing\.example/api/v1/(\S+)", page))
    known = {route.path.replace("<slug:slug>", "SLUG") for route in ROUTES.values()}
    assert len(named) == 8
    assert named - known == set()


def test_the_page_about_the_firewall_names_the_ports_of_the_settings() -> None:
    page = (ROOT / "docs/firewall.md").read_text("utf-8")
    known = settings_table.settings()
    media = known["HEMICYCLE_MEDIA_PORT"].default
    for kind in ("UDP", "TCP"):
        assert f"| {kind} {media} |" in page
    assert f"udp dport {media} accept" in page
    assert f"tcp dport {{ 22, 80, 443, {media} }} accept" in page
    local = ("MAILROOM_SMTP", "MAILROOM_LMTP", "MEDIA_URL", "BASE_URL")
    for name in local:
        port = (known[f"HEMICYCLE_{name}"].default or "").rpartition(":")[2]
        assert re.search(rf"\b{port}\b", page), name


def test_the_figures_of_sizing_are_those_of_the_pages_that_measure_them() -> None:
    page = (ROOT / "docs/sizing.md").read_text("utf-8")
    media = (ROOT / "docs/media.md").read_text("utf-8")
    surge = (ROOT / "docs/decisions/0008-surge.md").read_text("utf-8")
    size = (ROOT / "docs/decisions/0016-dependencies.md").read_text("utf-8")
    (all_seats, lag, fifty, hundred, mixing) = re.findall(
        r"200 seats: (\d+) % of a core, loop lag p99 (\d+) ms "
        r"\(10: \d+ %, 50: (\d+) %, 100: (\d+) %; mixing and encoding alone (\d+) %\)",
        media,
    )[0]
    assert f"Mixing and encoding takes {mixing} % of a core" in page
    assert (
        f"50 seats: {fifty} % of a core. 100 seats: {hundred} %. 200 seats: {all_seats} %; "
        f"the engine’s loop is late by {lag} ms"
    ) in page
    assert f"one relay: {all_seats} % of a core without" in page
    assert f"3 engines: 3 × {all_seats} % of a core" in page
    (relayed,) = re.findall(r"200 seats: (\d+) % of the engine's core", media)
    assert f"200 seats with one relay: {relayed} % of the engine’s core" in page
    assert "1,206 connections" in media
    assert "1,206 connections" in page
    confirmed = surge.partition("| confirmed registrations a second |")[2]
    assert re.findall(
        r"^\| (?:PostgreSQL, two workers|SQLite, one worker) \| (\d+) ", confirmed, re.M
    ) == [
        *re.findall(r"with two web processes: (\d+) ", page),
        *re.findall(r"SQLite with one: (\d+)", page),
    ]
    (idle,) = re.findall(r"idle site: (\d+) MB", page)
    assert f"| {idle} MB |" in size
    (packages, own) = re.findall(r"(\d+) MB of packages, (\d+) MB of Hemicycle", page)[0]
    assert f"| {packages} MB |" in size
    assert f"| {own} MB |" in size


def test_each_bench_that_the_pages_name_exists() -> None:
    folder = ROOT / "bench"
    known = {path.stem for path in folder.glob("*/*.py")}
    page = (ROOT / "docs/sizing.md").read_text("utf-8")
    named = set(re.findall(r"\| `([a-z_]+)` \|$", page, re.M))
    assert named
    assert named - known == set()
