"""Each role sees what it should and nothing else: roles × addresses, one table.

Whoever adds a room adds its line. A line names the address and, for each role, the answer to a
plain GET: 200 sees it, 403 may not, 302 is sent to sign in. `{slug}` is the hearing's.
"""

from pathlib import Path

import pytest
from django.test import Client

from hemicycle.hearings import actions
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Appointment, Person, Role

REFERENCE = Path(__file__).parents[1] / "hearings" / "2021-trafficking.toml"

EVERYBODY = dict.fromkeys(["public", *Role.values], 200)


def only(*roles: Role) -> dict[str, int]:
    """200 for `roles`, 403 for the others, and a visitor is sent to sign in."""
    return {
        "public": 302,
        **{role.value: 200 if role in roles else 403 for role in Role},
    }


SECRETARIAT = only(Role.SECRETARIAT)
STAFF = only(Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER, Role.TECHNICIAN)
SENT_ON = {role: 302 if answer == 200 else answer for role, answer in STAFF.items()}
"""As `STAFF`, who are sent on to the meeting that is next."""
SIGNED_IN = {**EVERYBODY, "public": 302}

TABLE: dict[str, dict[str, int]] = {
    "/": EVERYBODY,
    "/sign-in/": EVERYBODY,
    "/h/{slug}/": EVERYBODY,
    "/h/{slug}/calendar.ics": EVERYBODY,
    "/office/": SIGNED_IN,
    "/office/convene/": SECRETARIAT,
    "/office/{slug}/": SECRETARIAT,
    "/office/{slug}/programme/": SECRETARIAT,
    "/office/{slug}/programme/meetings/": SECRETARIAT,
    "/office/{slug}/programme/file/": SECRETARIAT,
    "/office/{slug}/programme/hearing.toml": SECRETARIAT,
    "/office/{slug}/people/": SECRETARIAT,
    "/office/{slug}/record/": SECRETARIAT,
    "/office/{slug}/outbox/": SECRETARIAT,
    "/office/{slug}/end/": SECRETARIAT,
    "/sign-in/passkeys/": STAFF,
    "/receipts/": EVERYBODY,
    "/h/{slug}/take-part/": EVERYBODY,
    "/h/{slug}/register/": EVERYBODY,
    "/h/{slug}/inscribe/": EVERYBODY,
    "/h/{slug}/chain/": EVERYBODY,
    "/h/{slug}/live/": EVERYBODY,
    "/h/{slug}/hall/": EVERYBODY,
    "/h/{slug}/statements/": EVERYBODY,
    "/h/{slug}/console/": SENT_ON,
    "/h/{slug}/diagnostics/": STAFF,
    "/h/{slug}/seat/": SIGNED_IN,
    "/office/{slug}/registrations/": SECRETARIAT,
    "/office/{slug}/registrations.csv": SECRETARIAT,
    "/office/{slug}/registrations.xlsx": SECRETARIAT,
    "/office/{slug}/lists/": SECRETARIAT,
    "/office/{slug}/questions/": SECRETARIAT,
    "/office/{slug}/summary/": SECRETARIAT,
    "/office/{slug}/statements/": only(Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER),
}


@pytest.fixture
def hearing(db: None) -> Hearing:
    return actions.convene(REFERENCE, publish=True)


def visitor(role: str, hearing: Hearing) -> Client:
    """A browser in which somebody with that role has signed in."""
    client = Client()
    if role != "public":
        person = Person.objects.create(name=role, email=f"{role}@hearing.example")
        Appointment.objects.create(person=person, hearing_id=hearing.id, role=role)
        client.force_login(person)
    return client


@pytest.mark.parametrize("role", ["public", *Role.values])
def test_each_role_sees_its_rooms_only(hearing: Hearing, role: str) -> None:
    client = visitor(role, hearing)
    answers = {
        address: client.get(address.format(slug=hearing.slug)).status_code for address in TABLE
    }
    assert answers == {address: expected[role] for address, expected in TABLE.items()}


def test_a_role_in_one_hearing_is_none_in_another(hearing: Hearing) -> None:
    other = actions.convene(REFERENCE, slug="other", publish=True)
    client = visitor("secretariat", other)
    inside = [address for address in TABLE if address.startswith("/office/{slug}/")]
    assert {client.get(each.format(slug=hearing.slug)).status_code for each in inside} == {403}


def test_a_draft_is_seen_by_its_secretariat_only(db: None) -> None:
    draft = actions.convene(REFERENCE, slug="draft")
    assert Client().get("/h/draft/").status_code == 404
    client = visitor("secretariat", draft)
    assert client.get("/h/draft/").status_code == 404
    assert client.get("/office/draft/").status_code == 200


def test_the_office_shows_each_person_the_rooms_that_are_open_to_them(hearing: Hearing) -> None:
    page = visitor("secretariat", hearing).get(f"/office/{hearing.slug}/").content.decode()
    for room in ("people", "programme", "record", "outbox"):
        assert f'href="/office/{hearing.slug}/{room}/"' in page
