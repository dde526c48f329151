"""ARCHITECTURE.md and the list of decisions name existing files."""

import re
from pathlib import Path

import pytest

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
    sentences = [
        sentence
        for module in modules
        for sentence in re.findall(r'^[A-Z]+_[A-Z]+ = "(.+)"$', (HOUSE / module).read_text(), re.M)
    ]
    assert len(sentences) == 8
    assert [sentence for sentence in sentences if f"| {sentence} |" not in page] == []
