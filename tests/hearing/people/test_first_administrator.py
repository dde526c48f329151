"""The first administrator signs up in the browser with the code that `hemicycle up` prints."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hemicycle.hearing.people import actions, first_administrator
from hemicycle.hearing.people.models import Person
from hemicycle.record.writer import Actor

pytestmark = pytest.mark.django_db
PAGE = "/sign-in/first/"
ADA = {"name": "Ada", "email": "ada@hearing.example"}


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> Path:
    """Use a separate folder for keys; return its path."""
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def test_the_code_makes_an_administrator_once(client: Client, keys: Path) -> None:
    code = first_administrator.code()
    assert code == first_administrator.code()
    assert (keys / "first-administrator").stat().st_mode & 0o777 == 0o600
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE, ADA | {"code": code.lower().replace("-", " ")})
    assert answer.headers["Location"] == reverse("hearing:mine")
    person = Person.objects.get()
    assert (person.name, person.email, person.is_administrator) == (*ADA.values(), True)
    office = client.get("/office/").content.decode()
    assert "Press “Convene a hearing” to begin your first one." in office
    assert "gives roles" not in office
    assert client.get("/office/convene/").status_code == 200
    assert not (keys / "first-administrator").exists()
    assert client.post(PAGE, ADA | {"code": code}).status_code == 404


@pytest.mark.parametrize("code", ["", "2222-2222-2222-2222", "é"])
def test_a_wrong_code_keeps_what_was_typed(client: Client, code: str) -> None:
    first_administrator.code()
    answer = client.post(PAGE, ADA | {"code": code})
    assert answer.status_code == 422
    assert 'value="ada@hearing.example"' in answer.content.decode()
    assert not Person.objects.exists()


def test_without_a_code_nothing_opens_it(client: Client) -> None:
    assert client.post(PAGE, ADA | {"code": "-"}).status_code == 422
    assert not Person.objects.exists()


def test_the_page_is_gone_where_somebody_works(client: Client) -> None:
    first_administrator.code()
    actions.make_administrator(name="Eve", email="eve@hearing.example", actor=Actor.system("test"))
    assert client.get(PAGE).status_code == 404


def test_a_public_site_asks_for_a_second_step(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    answer = client.post(PAGE, ADA | {"code": first_administrator.code()})
    assert answer.headers["Location"] == reverse("people:second-step")
    assert client.get("/office/").status_code == 302
