"""`tools/templates.py`: faults of templates are found."""

from pathlib import Path

import pytest

from tools import templates

FORM = """<form method="post" action="/go/">{% csrf_token %}"""
BUTTON = '<button class="btn">Go</button>'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    settings = "[tool.djangofmt]\nline-length = 100\nindent-width = 2\n"
    (tmp_path / "pyproject.toml").write_text(settings)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("<p>" + "a" * 114 + "</p>", "121 characters, more than 120"),
        ('<p style="margin: 0">a</p>', "a style in the page"),
        ("<style>p { margin: 0 }</style>", "a style in the page"),
        (f'{FORM}<input type="hidden" name="a">{BUTTON}</form>', "a form of one button"),
        (f"{FORM}{BUTTON}\n</form>", "a form of one button"),
    ],
)
def test_a_fault_is_told_with_its_line(line: str, fault: str) -> None:
    found = list(templates.faults(f"<p>a</p>\n{line}\n"))
    assert [(number, text.startswith(fault)) for number, text in found] == [(2, True)]


@pytest.mark.parametrize(
    "line",
    [
        "<p>" + "a" * 113 + "</p>",
        '<a href="#add">&#39; {% translate "Entry #123" %}</a>',
        f"{FORM}{BUTTON}{BUTTON}</form>",
        f"{FORM}{BUTTON} or stay</form>",
        f'{FORM}<input name="a">{BUTTON}</form>',
    ],
)
def test_what_only_looks_like_a_fault_is_none(line: str) -> None:
    assert list(templates.faults(line)) == []


def test_a_letter_carries_its_own_styles() -> None:
    line = '<p style="color: #1d4f7c">a</p>'
    assert list(templates.faults(line, f"mail/outgoing/templates/{templates.LETTER}")) == []


def test_a_template_that_is_not_formatted_is_a_fault(root: Path) -> None:
    page = root / "src" / "page.html"
    page.write_text("<div><p>a</p>\n    <p>b</p></div>\n")
    assert len(templates.check(root)) == 1
    assert templates.formatter(root=root).returncode == 0
    assert page.read_text() == "<div>\n  <p>a</p>\n  <p>b</p>\n</div>\n"
    assert templates.check(root) == []
