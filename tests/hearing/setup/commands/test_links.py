"""`hemicycle links`: a way in for each role, once."""

import pytest
from django.test import Client

from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.setup.commands import links
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.models import Entry

SITE = "http://localhost:8000"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    assert links.main(list(arguments)) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "/sign-in/" in line]
    return {line[0]: line[-1] for line in lines}


def test_each_role_of_an_invented_hearing_gets_a_fresh_link(
    hearing: Hearing, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    Hearing.objects.update(is_rehearsed=True)
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
        "There is no hearing “nope”. Hearings here: 2021-trafficking.\n"
    )


def test_nobody_is_invented_in_a_real_hearing(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = Entry.objects.count()
    assert links.main([]) == 0
    said = capsys.readouterr().out
    assert "/sign-in/" not in said
    assert f"hemicycle links --hearing {hearing.slug} --appoint ADDRESS" in said
    found = (Appointment.every.count(), Person.objects.count(), Entry.objects.count())
    assert found == (0, 0, entries)


def test_the_first_of_a_secretariat_is_appointed_by_name(
    hearing: Hearing, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    who = ("--appoint", "ana@example.org", "--name", "Ana Example")
    assert list(printed(capsys, "--hearing", hearing.slug, *who)) == ["Secretariat"]
    appointed = Appointment.every.get()
    assert (appointed.role, appointed.person.name) == ("secretariat", "Ana Example")
    assert links.main(["--hearing", hearing.slug]) == 0
    said = capsys.readouterr().out
    assert "No one has the role: Moderator, Panellist, Interpreter, Captioner, Technician." in said
    assert Appointment.every.count() == 1


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["--appoint", "ana@example.org"], "Say for which hearing"),
        (["--hearing", "2021-trafficking", "--appoint", "ana"], "is not an e-mail address"),
    ],
)
def test_who_cannot_be_appointed_so(
    hearing: Hearing, capsys: pytest.CaptureFixture[str], arguments: list[str], refusal: str
) -> None:
    assert links.main(arguments) == 2
    assert refusal in capsys.readouterr().err
    assert not Appointment.every.exists()
