"""Sign-in with the accounts of an institution, at a real OpenID Connect server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from hemicycle.hearing.people import actions, institution_config
from hemicycle.hearing.people.models import Person, Role, SignInSession
from tests.hearing.people import institution
from tests.support.ports import free_port

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.lists import World

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.skipif(bool(institution.why_not()), reason=institution.why_not()),
]
SITE = "http://testserver"
BEGIN = "/sign-in/institution/oidc/login/"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "ana": {"email": "ana@institution.example", "email_verified": True, "name": "Ana"},
    "silent": {"email": "bo@institution.example", "name": "Bo"},
    "unverified": {"email": "bo@institution.example", "email_verified": False},
    "elsewhere": {"email": "eve@elsewhere.example", "email_verified": True},
    "new": {"email": "new@institution.example", "email_verified": True},
    "ana-2": {"email": "ANA@institution.example", "email_verified": True},
    "nobody": {"name": "No address"},
}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    with institution.openid_connect(folder, port, SITE, ACCOUNTS) as issuer:
        yield issuer


@pytest.fixture
def staff(world: World, settings: Settings, issuer: str) -> dict[str, Person]:
    """Set up a public site with an institution; return the appointed people by address."""
    settings.STAFF_SECOND_FACTOR = True
    settings.INSTITUTION_DOMAINS = ("institution.example",)
    settings.SOCIALACCOUNT_PROVIDERS = institution_config.oidc(
        issuer=issuer,
        client_id=institution.CLIENT,
        secret=institution.SECRET,
        name="The Institution",
    )
    people = {}
    for name in ("ana@institution.example", "bo@institution.example", "eve@elsewhere.example"):
        people[name] = actions.staff_member(name=name, email=name)
        actions.appoint(
            person=people[name],
            hearing_id=world.hearing.id,
            role=Role.MODERATOR,
            actor=world.office,
        )
    return people


def signed_in(client: Client, account: str, after: str = "/office/") -> int:
    """Sign in with an account; return the status of the site's last answer."""
    start = client.get(BEGIN, {"next": after})
    back = institution.pass_openid_connect(start.headers["Location"], account, SITE)
    return client.get(back.removeprefix(SITE)).status_code


def is_in(client: Client) -> bool:
    return client.get("/office/").status_code == 200


def test_the_sign_in_page_offers_it(staff: dict[str, Person]) -> None:
    page = Client().get("/sign-in/", {"next": "/office/"}).content.decode()
    assert "Sign in with The Institution" in page
    assert f'href="{BEGIN}?next=%2Foffice%2F"' in page


def test_who_was_appointed_gets_in_without_a_second_step(staff: dict[str, Person]) -> None:
    client = Client()
    assert signed_in(client, "ana") == 302
    assert is_in(client)
    person = staff["ana@institution.example"]
    assert SignInSession.objects.get(person=person).proof == "institution"
    kept = SocialAccount.objects.get(user=person)
    assert (kept.uid, kept.extra_data) == ("ana", {})  # no more than is needed


def test_an_address_without_a_word_on_its_proof_does_within_its_domains(
    staff: dict[str, Person],
) -> None:
    client = Client()
    assert signed_in(client, "silent") == 302
    assert is_in(client)


@pytest.mark.parametrize("account", ["unverified", "elsewhere", "new", "nobody"])
def test_other_accounts_open_nothing_and_none_is_made(
    staff: dict[str, Person], account: str
) -> None:
    before = Person.objects.count()
    client = Client()
    assert signed_in(client, account) == 403
    assert not is_in(client)
    assert (Person.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_an_address_that_changed_hands_opens_nothing_to_its_new_owner(
    staff: dict[str, Person],
) -> None:
    assert signed_in(Client(), "ana") == 302
    client = Client()
    assert signed_in(client, "ana-2") == 403
    assert not is_in(client)


def test_who_was_dismissed_is_refused_from_then_on(world: World, staff: dict[str, Person]) -> None:
    client = Client()
    signed_in(client, "ana")
    person = staff["ana@institution.example"]
    actions.dismiss(appointment=person.appointments.get(), actor=world.office)
    assert not is_in(client)
    assert signed_in(client, "ana") == 403
    assert not SocialAccount.objects.exists()


def test_an_answer_that_was_not_asked_for_opens_nothing(staff: dict[str, Person]) -> None:
    """An answer for another browser, a forged one or a refusal lacks the session's own state."""
    start = Client().get(BEGIN)
    back = institution.pass_openid_connect(start.headers["Location"], "ana", SITE)
    stranger = Client()
    callback = back.removeprefix(SITE)
    for path in (callback, callback.partition("?")[0], callback.partition("?")[0] + "?error=x"):
        assert stranger.get(path).status_code == 403
    assert not is_in(stranger)


def test_it_leads_nobody_to_another_site(staff: dict[str, Person]) -> None:
    client = Client()
    start = client.get(BEGIN, {"next": "https://elsewhere.example/"})
    back = institution.pass_openid_connect(start.headers["Location"], "ana", SITE)
    assert client.get(back.removeprefix(SITE)).headers["Location"] == "/office/"


def test_without_an_institution_there_is_nothing(db: None, client: Client) -> None:
    assert client.get(BEGIN).status_code == 404
    assert "institution" not in client.get("/sign-in/").content.decode()
