"""A wrong edge of each kind is found, and its counterpart in the right direction is not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import edges

ROOT = edges.ROOT
UI, SETUP, ROOM = "ui", "hearing/setup", "meeting/room"

type Write = Callable[[str, str], None]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with this one's contracts; each part has a page, a script and a style sheet."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for part, name in ((UI, "ui"), (SETUP, "hearing"), (ROOM, "room")):
        folder = tmp_path / "src/hemicycle" / part
        write(folder / f"templates/{name}/page.html", "<p></p>")
        write(folder / f"static/{name}/page.js", "export {};")
        write(folder / f"static/{name}/page.css", "p { margin: 0 }")
        write(folder / f"templatetags/{name}.py", "")
        write(
            folder / "urls.py",
            'ALL = "office/<slug:slug>"\n'
            f'urlpatterns = [path("h/<slug:slug>/{name}/", view), path(f"{{ALL}}/{name}/", view)]',
        )
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def found(house: Path, file: str, text: str) -> list[str]:
    """Return the wrong edges in a checkout with one more file."""
    write(house / "src/hemicycle" / file, text)
    wrong = edges.wrong_edges(edges.House(house))
    assert {edge.file for edge in wrong} <= {f"src/hemicycle/{file}"}
    return [f"{edge.line} {edge.kind} {edge.target.replace(edges.ANY, '*')}" for edge in wrong]


TEMPLATE, SCRIPT = "{part}/templates/{name}/more.html", "{part}/static/{name}/more.js"
STYLE, PYTHON = "{part}/static/{name}/more.css", "{part}/more.py"
KINDS = [
    (TEMPLATE, '\n{{% extends "{to}/page.html" %}}', "2 template {to}/page.html"),
    (TEMPLATE, "{{% include '{to}/page.html' only %}}", "1 template {to}/page.html"),
    (TEMPLATE, "{{% load i18n {to} %}}", "1 tag library {to}"),
    (TEMPLATE, '<link href="{{% static "{to}/page.css" %}}">', "1 file {to}/page.css"),
    (TEMPLATE, '{{% module "{to}/page.js" %}}', "1 file {to}/page.js"),
    (TEMPLATE, '<a href="/h/{{{{ slug }}}}/{to}/">', "1 address /h/*/{to}/"),
    (SCRIPT, '\nimport {{ a }} from "../{to}/page.js";', "2 file {to}/page.js"),
    (SCRIPT, '/** @typedef {{import("../{to}/page.js").A}} A */', "1 file {to}/page.js"),
    (SCRIPT, "fetch(`/h/${{slug}}/{to}/?after=${{seq}}`);", "1 address /h/*/{to}/"),
    (STYLE, '@import "../{to}/page.css";', "1 file {to}/page.css"),
    (STYLE, "p {{ background: url(../{to}/page.css) }}", "1 file {to}/page.css"),
    (PYTHON, 'render(request, "{to}/page.html")', "1 template {to}/page.html"),
    (PYTHON, 'static("{to}/page.css")', "1 file {to}/page.css"),
    (PYTHON, 'x = f"{{base}}/office/{{slug}}/{to}/"', "1 address /office/*/{to}/"),
    (PYTHON, 'x = "/h/%s/{to}/"', "1 address /h/*/{to}/"),
]


@pytest.mark.parametrize(("file", "text", "says"), KINDS)
def test_an_edge_upwards_is_caught_and_one_downwards_is_not(
    house: Path, file: str, text: str, says: str
) -> None:
    up = found(house, file.format(part=SETUP, name="hearing"), text.format(to="room"))
    assert up == [says.format(to="room")]
    (house / "src/hemicycle" / file.format(part=SETUP, name="hearing")).unlink()
    assert found(house, file.format(part=ROOM, name="room"), text.format(to="hearing")) == []


def test_parts_that_stand_side_by_side_do_not_use_each_other(house: Path) -> None:
    write(house / "src/hemicycle/meeting/captions/templates/captions/page.html", "")
    file = "meeting/webcast/templates/webcast/page.html"
    assert found(house, file, '{% include "captions/page.html" %}') == [
        "1 template captions/page.html"
    ]


def test_a_link_by_name_is_no_edge(house: Path) -> None:
    text = "<a href=\"{% url 'room:seat' slug %}\">{# /h/x/room/ #}</a>"
    assert found(house, "hearing/setup/templates/hearing/more.html", text) == []


def test_the_beginning_of_an_address_belongs_to_the_lowest_of_its_folders(house: Path) -> None:
    assert found(house, "hearing/setup/more.py", 'x = "/office/" + slug') == []
    assert found(house, "ui/more.py", 'x = "/office/" + slug') == []  # ui declares one here
    (house / "src/hemicycle/ui/urls.py").unlink()
    assert found(house, "ui/more.py", 'x = "/office/" + slug') == ["1 address /office/"]


def test_a_wrong_import_is_caught_by_the_contracts(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("static", "templates", "locale", "__pycache__")
    shutil.copytree(ROOT / "src/hemicycle", tmp_path / "src/hemicycle", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    clock = tmp_path / "src/hemicycle/ui/times.py"
    clock.write_text(clock.read_text("utf-8") + "\nimport hemicycle.meeting.room.seats\n", "utf-8")
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert "hemicycle.ui is not allowed to import hemicycle.meeting" in ran.stdout
