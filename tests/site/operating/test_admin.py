"""`hemicycle admin`: what it changes, on the record and in the security log."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hemicycle.hearing.people import access
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.models import Entry
from hemicycle.site.operating import admin, secret_keys

SITE = "http://localhost:8000"
REFERENCE = Path(__file__).parents[3] / "hearings" / "2021-trafficking.toml"
pytestmark = pytest.mark.django_db


@pytest.fixture
def hearing() -> Hearing:
    """The reference hearing, published."""
    return actions.convene(REFERENCE, publish=True)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run `hemicycle admin` with --json, and return what it prints, decoded."""
    assert admin.main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert admin.main(list(arguments)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err


def signed_in(link: str) -> Client:
    client = Client()
    client.post(link.removeprefix(SITE))
    return client


def test_an_administrator_convenes_the_first_hearing(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "create", "ada@hearing.example", "--name", "Ada")
    client = signed_in(made["link"])
    assert "Convene a hearing" in client.get("/office/").content.decode()
    answer = client.post("/office/convene/", {"empty": "1"})
    hearing = Hearing.objects.get()
    assert answer.headers["Location"] == f"/office/{hearing.slug}/programme/"
    person = Person.objects.get()
    assert access.roles_in(person, hearing.id) == {Role.SECRETARIAT}
    assert run(capsys, "list") == [
        {
            "name": "Ada",
            "address": "ada@hearing.example",
            "active": True,
            "administrator": True,
            "roles": [{"role": "secretariat", "hearing": hearing.slug}],
        }
    ]


def test_who_is_no_administrator_convenes_nothing(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    made = run(capsys, "create", "ada@hearing.example", "--name", "Ada")
    client = signed_in(made["link"])
    assert client.get("/office/convene/").status_code == 200
    run(capsys, "role", "ada@hearing.example", "--hearing", hearing.slug, "--give", "moderator")
    run(capsys, "role", "ada@hearing.example", "--take", "administrator")
    assert client.get("/office/convene/").status_code == 403
    run(capsys, "role", "ada@hearing.example", "--hearing", hearing.slug, "--take", "moderator")
    assert client.get("/office/convene/").status_code == 302


def test_roles_are_on_the_record(hearing: Hearing, capsys: pytest.CaptureFixture[str]) -> None:
    role = ("role", "eve@hearing.example", "--hearing", hearing.slug)
    run(capsys, *role, "--give", "technician", "--name", "Eve")
    assert Appointment.objects.get(person__name="Eve").role == "technician"
    run(capsys, *role, "--take", "technician")
    kinds = Entry.objects.filter(kind__startswith="role.").order_by("seq")
    assert [(entry.kind, entry.actor) for entry in kinds] == [
        ("role.given", "system:admin"),
        ("role.taken", "system:admin"),
    ]


def test_a_disabled_person_is_signed_out_and_gets_no_link(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = run(capsys, "create", "ada@hearing.example", "--name", "Ada")
    client = signed_in(made["link"])
    run(capsys, "disable", "ADA@hearing.example")
    assert client.get("/office/").status_code == 302
    assert "is disabled" in refused(capsys, "link", "ada@hearing.example")
    assert "are disabled" in refused(capsys, "reset", "ada@hearing.example")
    run(capsys, "enable", "ada@hearing.example")
    again = signed_in(run(capsys, "link", "ada@hearing.example")["link"])
    assert again.get("/office/").status_code == 200


def test_a_hearing_is_postponed_and_ended_on_its_record(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "hearing", hearing.slug, "postpone")
    assert Hearing.objects.get().is_postponed
    run(capsys, "hearing", hearing.slug, "keep-dates")
    run(capsys, "hearing", hearing.slug, "end")
    assert [
        (entry.kind, entry.actor)
        for entry in Entry.objects.filter(kind__startswith="hearing.").order_by("seq")
    ][-3:] == [
        ("hearing.postponed", "system:admin"),
        ("hearing.rescheduled", "system:admin"),
        ("hearing.ended", "system:admin"),
    ]


def test_ending_a_hearing_that_was_not_held_cancels_it(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "hearing", hearing.slug, "end")
    assert told["done"] == f"{hearing.slug} is cancelled. Its pages and its record stay."


def test_the_first_of_a_secretariat_gets_a_link_with_the_role(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    role = ("role", "ana@example.org", "--hearing", hearing.slug, "--name", "Ana", "--give")
    given = run(capsys, *role, "secretariat")
    assert signed_in(given["link"]).get(f"/office/{hearing.slug}/").status_code == 200
    assert "link" not in run(capsys, *role, "technician")


def test_an_officer_gets_all_duties_with_the_role(
    hearing: Hearing, capsys: pytest.CaptureFixture[str]
) -> None:
    role = ("role", "ana@example.org", "--hearing", hearing.slug, "--give", "secretariat")
    run(capsys, *role)
    Appointment.objects.filter(person__email="ana@example.org").update(duties=["lists"])
    run(capsys, *role)
    assert Appointment.objects.get(person__email="ana@example.org").duties is None


def test_nothing_is_deleted_without_the_name_of_the_hearing(
    hearing: Hearing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = ("hearing", hearing.slug, "delete")
    assert f"add --yes-delete {hearing.slug}" in refused(capsys, *delete)
    assert "Nothing was deleted" in refused(capsys, *delete, "--yes-delete", "another")
    monkeypatch.setattr("sys.stdin", Terminal("another\n"))
    said = refused(capsys, *delete)
    assert f"This deletes “{hearing}” for good, with:" in said
    assert " 1 Hearing\n" in said
    assert f" {Entry.objects.count()} Entry\n" in said
    assert "Nothing was deleted" in said
    assert Hearing.objects.get() == hearing


def test_a_hearing_is_deleted_once_its_name_is_typed(
    hearing: Hearing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = Entry.objects.count()
    monkeypatch.setattr("sys.stdin", Terminal(f"{hearing.slug}\n"))
    told = run(capsys, "hearing", hearing.slug, "delete")
    assert told["done"] == f"{hearing.slug} is deleted."
    assert (told["deleted"]["Hearing"], told["deleted"]["Entry"]) == (1, entries)
    assert not Hearing.objects.exists()
    assert not Entry.objects.exists()
    assert Client().get(f"/h/{hearing.slug}/").status_code == 404


class Terminal(io.StringIO):
    """A terminal's input, which somebody has typed."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create", "ada", "--name", "Ada"), "“ada” is not an e-mail address"),
        (("create", "ada@hearing.example", "--name", " "), "Give the name"),
        (("disable", "no@hearing.example"), "Nobody works here under no@hearing.example."),
        (("hearing", "nowhere", "end"), "There is no hearing “nowhere”. Hearings here: none."),
        (("role", "a@hearing.example", "--give", "moderator"), "Say for which hearing"),
        (("test-letter", "a@hearing.example"), "Letters have no way out. Set HEMICYCLE_SMTP_URL"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, *arguments)


def test_people_read_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["list"]) == 0
    assert capsys.readouterr().out == "Nobody works here yet. Begin with: hemicycle init\n"
    assert admin.main(["create", "ada@hearing.example", "--name", "Ada"]) == 0
    assert capsys.readouterr().out.startswith("Ada is an administrator.\nSign in once")
    assert admin.main(["list"]) == 0
    assert capsys.readouterr().out == "Ada <ada@hearing.example>: administrator\n"


def test_a_new_key_is_put_above_the_old_ones(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("first")
    assert secret_keys.rotate(file) == 1
    assert secret_keys.rotate(file) == 2
    new, middle, first = file.read_text().split()
    assert len({new, middle, first}) == 3
    assert (first, len(new) >= 50, file.stat().st_mode & 0o777) == ("first", True, 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
