"""A word of the list is found wherever it is, and a right use is not."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools import words

AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@hearing.example", "-c", "commit.gpgsign=false")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the list of this one, and one commit."""
    (tmp_path / "tools").mkdir()
    shutil.copy(words.ROOT / words.LIST, tmp_path / "tools")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "Begin")
    return tmp_path


def git(checkout: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", checkout, *AUTHOR, *arguments], check=True, timeout=60)


def commit(checkout: Path, message: str) -> None:
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", message)


def in_file(checkout: Path, name: str, text: str) -> list[tuple[str, int, str]]:
    """Return what is found in a checkout with one more file: the file, the line and the words."""
    file = checkout / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    found = words.in_files(words.read_list(checkout), [".", "src"], checkout)
    return [(fault.place, fault.line, fault.words) for fault in found]


@pytest.mark.parametrize(
    ("name", "text", "line", "told"),
    [
        ("README.md", "One.\n\nGive it to whoever asks.", 3, "whoever"),
        ("README.md", "WHOEVER asks", 1, "WHOEVER"),
        ("README.md", "Nothing more is to be\nhad here.", 1, "to be had"),
        ("src/a.py", "x = 1\n# Nothing more is to be\n# had here.", 2, "to be had"),
        ("src/a.py", 'def f():\n    """Owe the letter."""', 2, "Owe"),
        ("src/a.py", 'x = _("This form has grown old")', 1, "grown old"),
        ("src/a.py", "owed = owe(f'{owe} owe')", 1, "owe"),
        ("src/a.html", "<p>{% translate 'Please note' %}</p>", 1, "Please note"),
        ("src/a.js", "// It is\n// to be\n// had.", 2, "to be had"),
        ("Makefile", "all: ## build it anew", 1, "anew"),
        ("README.md", "A lone ` begins.\n\nWhoever ends it ` is read.", 3, "Whoever"),
    ],
)
def test_a_word_is_found_with_its_place(
    checkout: Path, name: str, text: str, line: int, told: str
) -> None:
    assert in_file(checkout, name, text) == [(name, line, told)]


@pytest.mark.parametrize(
    "text",
    [
        "showever, `whoever` and\n```\nwhoever\n```\n",
        "The form was sent just before the deadline, owing to a slow line.",
        "Nothing is to be. Had it been known",
    ],
)
def test_parts_of_words_quotations_and_exceptions_are_right(checkout: Path, text: str) -> None:
    assert in_file(checkout, "README.md", text) == []


def test_an_exception_holds_for_its_own_words_alone(checkout: Path) -> None:
    text = "Just before it, and just like that."
    assert in_file(checkout, "README.md", text) == [("README.md", 1, "just")]


def test_words_of_other_people_are_not_read(checkout: Path) -> None:
    assert in_file(checkout, "src/hemicycle/convening/lexicon.py", '"whoever"') == []


def test_advice_says_what_to_write_instead(checkout: Path) -> None:
    (checkout / "README.md").write_text("It has grown old.", "utf-8")
    found = list(words.in_files(words.read_list(checkout), ["."], checkout))
    assert [str(fault) for fault in found] == ["README.md:1: “grown old”: write “has expired”"]


def test_new_commits_are_read_and_those_of_other_repositories_are_not(checkout: Path) -> None:
    commit(checkout, "Find whoever was there")
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    commit(checkout, "A" * 73)
    commit(checkout, "Add a page\n\nIt is built\nanew.")
    commit(checkout, "Mend the page, as long as the list allows".ljust(72, "."))
    commit(checkout, "Write 'people who', not 'whoever'\n\n“Anew” is gone too; it's a riddle.")
    found = words.in_commits(words.read_list(checkout), checkout)
    assert [(fault.line, fault.words) for fault in found] == [
        (1, "Mend"),
        (4, "anew"),
        (1, "A" * 73),
    ]


def test_without_another_repository_the_newest_commits_are_read(checkout: Path) -> None:
    commit(checkout, "Mend the page")
    listed = words.read_list(checkout)
    assert [fault.words for fault in words.in_commits(listed, checkout)] == ["Mend"]
    for number in range(listed.newest):
        commit(checkout, f"Add page {number}")
    assert list(words.in_commits(listed, checkout)) == []
