"""Passkeys in a real browser, with a virtual authenticator of Chromium."""

import re
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from playwright.sync_api import Page, expect

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person, Role
from hemicycle.record import writer
from hemicycle.record.writer import Actor

pytestmark = pytest.mark.postgresql("json")

OFFICE = Actor("0" * 32, "secretariat")


def staff(role: Role = Role.MODERATOR) -> Person:
    hearing = uuid4()
    writer.begin(hearing)
    person = Person.objects.create(name="Moderator A", email="moderator@hearing.example")
    actions.appoint(person=person, hearing_id=hearing, role=role, actor=OFFICE)
    return person


@pytest.mark.browser
def test_a_passkey_is_added_signs_in_and_is_removed(page: Page) -> None:
    person = staff()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(actions.issue_link(person=person, next_url="/sign-in/passkeys/", actor=OFFICE))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Name").fill("Office laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey “Office laptop” was added.")).to_be_visible()
    kept = Authenticator.objects.filter(user=person, type="webauthn")
    assert [str(key) for key in kept] == ["Office laptop"]
    page.get_by_role("button", name="I have saved the codes").click()

    page.goto("/office/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/office/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="My hearings")).to_be_visible()

    page.goto("/sign-in/passkeys/")
    page.get_by_role("button", name="Remove Office laptop").click()
    expect(page.get_by_text("was removed")).to_be_visible()
    assert not kept.all().exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", ["", "[]", "{}", '{"response": {}}', '{"response": {"userHandle": "x"}}', "nonsense"]
)
def test_what_is_no_answer_of_a_key_signs_nobody_in(client: Client, answer: str) -> None:
    client.post("/sign-in/passkey/begin/")
    page = client.post("/sign-in/passkey/", {"credential": answer}, follow=True)
    assert "This passkey is not registered here." in page.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"response": {}}', "nonsense"])
def test_what_is_no_key_is_not_kept(client: Client, answer: str) -> None:
    client.force_login(staff())
    client.post("/sign-in/passkeys/begin/")
    page = client.post("/sign-in/passkeys/add/", {"credential": answer}, follow=True)
    assert "The passkey could not be checked." in page.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.django_db
def test_passkeys_are_for_staff(client: Client) -> None:
    client.force_login(staff(Role.STAKEHOLDER))
    assert client.get("/sign-in/passkeys/").status_code == 403
