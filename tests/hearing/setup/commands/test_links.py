"""`hemicycle links`: a way in for each role, once."""

import pytest
from django.test import Client

from hemicycle.hearing.setup.commands import links
from hemicycle.hearing.setup.models import Hearing

SITE = "http://localhost:8000"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    assert links.main(list(arguments)) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "/sign-in/" in line]
    return {line[0]: line[-1] for line in lines}


def test_each_role_gets_a_fresh_link(
    hearing: Hearing, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    first = printed(capsys, "--hearing", hearing.slug)
    second = printed(capsys)
    roles = ["Secretariat", "Moderator", "Panellist", "Interpreter", "Captioner", "Technician"]
    assert list(first) == roles
    assert not set(first.values()) & set(second.values())
    doors = {
        role: client.post(link.removeprefix(SITE)).headers["Location"]
        for role, link in first.items()
    }
    assert doors["Secretariat"] == "/office/2021-trafficking/"
    assert doors["Moderator"] == "/h/2021-trafficking/console/"
    assert doors["Technician"] == "/h/2021-trafficking/technician/"


def test_an_unknown_hearing_gets_a_sentence(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert links.main(["--hearing", "nope"]) == 2
    assert capsys.readouterr().err == (
        "There is no hearing “nope”. Known here: 2021-trafficking.\n"
    )
