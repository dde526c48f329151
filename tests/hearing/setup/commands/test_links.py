"""`hemicycle links` gives each role one way in."""

import json

import pytest
from django.test import Client

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.commands import links
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

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
    assert f"hemicycle admin role ADDRESS --hearing {hearing.slug} --give secretariat" in said
    found = (Appointment.every.count(), Person.objects.count(), Entry.objects.count())
    assert found == (0, 0, entries)


def test_links_of_those_who_are_appointed(
    hearing: Hearing, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = actions.staff_member(name="Ana Example", email="ana@example.org")
    actions.appoint(
        person=ana, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=Actor.system("test")
    )
    assert list(printed(capsys, "--hearing", hearing.slug)) == ["Secretariat"]
    assert links.main(["--hearing", hearing.slug]) == 0
    said = capsys.readouterr().out
    assert "No one has the role: Moderator, Panellist, Interpreter, Captioner, Technician." in said
    assert Appointment.every.count() == 1
    assert links.main(["--hearing", hearing.slug, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    (link,) = [row for row in told.pop("links") if "/sign-in/" in row["link"]]
    assert told == {
        "hearing": hearing.slug,
        "page": f"http://localhost:8000/h/{hearing.slug}/",
        "vacant": ["moderator", "panellist", "interpreter", "captioner", "technician"],
    }
    assert link["role"] == "Secretariat"
    client.post(link["link"].removeprefix("http://localhost:8000"))
    assert client.session["_auth_user_id"] == str(ana.pk)
