"""Staff of a public site: a mailbox alone opens no office; dangerous acts are confirmed."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from hemicycle.hearing.people import actions, factors, second_factor, sessions
from hemicycle.hearing.people.models import Person, Role, SignInSession, Tally
from hemicycle.hearing.people.private_allauth import TOTP, Authenticator, RecoveryCodes
from hemicycle.hearing.setup import actions as hearings
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.writer import Actor
from hemicycle.site import dangerous_acts
from hemicycle.site.operating import admin
from tests.hearing.people.totp import code_of
from tests.support.addresses import patterns
from tests.support.lists import REFERENCE

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.lists import World

pytestmark = pytest.mark.any_database
SYSTEM = Actor.system("test")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = "/sign-in/second-step/"


@pytest.fixture
def public(settings: Settings) -> None:
    """Make the site a public one."""
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def secretary(world: World, public: None) -> Person:
    """Return the secretary, who has an authenticator app."""
    TOTP.activate(world.secretary, SECRET)
    return world.secretary


def forget_codes() -> None:
    """Let a code be used again, as if it were the next one."""
    Tally.objects.all().delete()
    cache.clear()


def link_of(person: Person, **more: Any) -> str:
    return actions.issue_link(person=person, actor=SYSTEM, **more)


def by_app(person: Person, after: str = "/office/", agent: str = "", **meta: Any) -> Client:
    """Return a browser in which the person has signed in with link and code."""
    client = Client(headers={"user-agent": agent}, **meta)
    assert client.post(link_of(person, next_url=after)).headers["Location"] == STEP
    Message.objects.all().delete()
    forget_codes()
    assert client.post(STEP, {"code": code_of(SECRET)}).headers["Location"] == after
    return client


def grown_old(client: Client, minutes: int) -> None:
    """Move the session's times into the past by a number of minutes."""
    session = client.session
    for key in (second_factor.PROVED, sessions.SEEN, sessions.BEGAN):
        if key in session:
            session[key] -= minutes * 60_000
    session.save()


def test_a_link_alone_opens_nothing(secretary: Person) -> None:
    client = Client()
    answer = client.post(link_of(secretary, next_url="/office/"))
    assert answer.headers["Location"] == STEP
    assert client.get("/office/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert "Show that it is you" in client.get(STEP).content.decode()


def test_link_and_code_open_it_and_a_code_works_once(secretary: Person) -> None:
    code = code_of(SECRET)
    first, second = Client(), Client()
    for client in (first, second):
        client.post(link_of(secretary, next_url="/office/"))
    assert first.post(STEP, {"code": f"{code[:3]} {code[3:]}"}).headers["Location"] == "/office/"
    assert first.get("/office/").status_code == 200
    again = second.post(STEP, {"code": code})
    assert (again.status_code, "Each code works once" in again.content.decode()) == (422, True)
    assert second.get("/office/").status_code == 302


def test_a_wrong_or_old_code_opens_nothing_and_guessing_ends(secretary: Person) -> None:
    client = Client()
    client.post(link_of(secretary))
    typed = ["", "x", "12345", "١٢٣٤٥٦", "0" * 500, code_of(SECRET, time.time() - 300)]
    assert {client.post(STEP, {"code": code}).status_code for code in typed} == {422}
    tried = [client.post(STEP, {"code": "000000"}).status_code for _ in range(5)]
    assert tried == [422, 422, 422, 422, 429]
    assert client.post(STEP, {"code": code_of(SECRET)}).status_code == 429
    assert "_auth_user_id" not in client.session


def test_the_second_step_has_its_time(secretary: Person) -> None:
    client = Client()
    client.post(link_of(secretary))
    session = client.session
    session[second_factor.PENDING] |= {"until": int(time.time() * 1000) - 1}
    session.save()
    answer = client.post(STEP, {"code": code_of(SECRET)})
    assert answer.headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_who_is_dismissed_between_the_steps_does_not_come_in(
    world: World, secretary: Person
) -> None:
    client = Client()
    client.post(link_of(secretary))
    actions.dismiss(appointment=secretary.appointments.get(), actor=world.chair)
    assert client.post(STEP, {"code": code_of(SECRET)}).headers["Location"] == "/sign-in/"


def test_a_recovery_code_works_once(secretary: Person) -> None:
    RecoveryCodes.activate(secretary)
    code = factors.recovery_codes(secretary)[3]
    for expected in (302, 422):
        client = Client()
        client.post(link_of(secretary))
        assert client.post(STEP, {"code": code}).status_code == expected
    assert len(factors.recovery_codes(secretary)) == 9


def test_who_has_no_factor_sets_one_up_before_coming_in(world: World, public: None) -> None:
    client = Client()
    client.post(link_of(world.secretary, next_url="/office/"))
    page = client.get(STEP).content.decode()
    found = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    assert "data:image/svg+xml;base64," in page
    assert client.post(STEP, {"code": "000000"}).status_code == 422
    assert client.post(STEP, {"code": code_of(found[1])}).status_code == 302
    codes = client.get("/sign-in/recovery-codes/").content.decode()
    assert len(re.findall(r"<code>\d{4} \d{4}</code>", codes)) == 10
    assert client.post("/sign-in/recovery-codes/").headers["Location"] == "/office/"
    assert client.get("/sign-in/recovery-codes/").status_code == 302  # not shown again
    (letter,) = Message.objects.filter(person=world.secretary)
    assert "An authenticator app was added" in letter.body


def test_an_administrator_without_a_hearing_sees_their_recovery_codes(
    transactional_db: None, public: None
) -> None:
    """On a new site, the first person has no role yet."""
    first = actions.make_administrator(name="Ada", email="ada@hearing.example", actor=SYSTEM)
    client = Client()
    assert client.post(link_of(first, next_url="/office/")).headers["Location"] == STEP
    found = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', client.get(STEP).content.decode())
    assert found is not None
    assert client.post(STEP, {"code": code_of(found[1])}).status_code == 302
    codes = client.get("/sign-in/recovery-codes/").content.decode()
    assert len(re.findall(r"<code>\d{4} \d{4}</code>", codes)) == 10
    assert client.post("/sign-in/recovery-codes/").headers["Location"] == "/office/"
    assert client.get("/sign-in/passkeys/").status_code == 200


def test_who_has_lost_every_factor_begins_anew_by_mail(
    world: World, secretary: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator of the site resets the sign-in, also of a person with several hearings."""
    other = hearings.convene(REFERENCE, slug="another", publish=True)
    actions.appoint(person=secretary, hearing_id=other.id, role=Role.SECRETARIAT, actor=SYSTEM)
    RecoveryCodes.activate(secretary)
    old, unused, waiting = by_app(secretary), link_of(secretary), Client()
    waiting.post(link_of(secretary, next_url="/office/"))
    assert waiting.get(STEP).status_code == 200

    assert admin.main(["reset", secretary.email.upper()]) == 0
    assert "sign-in" not in capsys.readouterr().out
    assert old.get("/office/").status_code == 302
    assert Client().post(unused).status_code == 410
    assert not Authenticator.objects.filter(user=secretary).exists()
    # An attacker who is half-way through cannot set up another key either.
    assert waiting.get(STEP).headers["Location"] == "/sign-in/"
    assert waiting.post(STEP, {"code": "000000"}).headers["Location"] == "/sign-in/"

    (letter,) = Message.objects.filter(person=secretary)
    assert "has reset your sign-in" in letter.body
    (path,) = re.findall(r"/sign-in/[\w-]{43}/", letter.body)
    new = Client()
    assert new.post(path).headers["Location"] == STEP
    found = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', new.get(STEP).content.decode())
    assert found is not None
    assert new.post(STEP, {"code": code_of(found[1])}).status_code == 302
    for slug in (world.hearing.slug, other.slug):
        assert new.get(f"/office/{slug}/").status_code == 200
    assert admin.main(["reset", "nobody@hearing.example"]) == 2


def test_a_participant_is_not_reset(world: World, public: None) -> None:
    """Anybody can register with any address, so a registered one gets no reset link."""
    registration = world.ngo("River Watch", 0)
    before = Message.objects.count()
    assert admin.main(["reset", registration.person.email]) == 2
    assert Message.objects.count() == before


def test_secrets_are_kept_encrypted(secretary: Person) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert second_factor.proof_by_code(secretary, code_of(SECRET)) == sessions.Proof.TOTP


def test_who_only_takes_part_needs_none(world: World, public: None) -> None:
    panellist = actions.staff_member(name="P", email="p@hearing.example")
    for_hearing: dict[str, Any] = {"hearing_id": world.hearing.id, "actor": world.office}
    actions.appoint(person=panellist, role=Role.PANELLIST, **for_hearing)
    client = Client()
    assert client.post(link_of(panellist, next_url="/office/")).headers["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    # The session must not reach the office by a role that needs a second factor.
    actions.appoint(person=panellist, role=Role.MODERATOR, **for_hearing)
    assert client.get("/office/").status_code == 302
    assert client.get(f"/h/{world.hearing.slug}/console/").status_code == 302


def test_on_this_machine_alone_a_link_is_enough(world: World) -> None:
    assert not site.STAFF_SECOND_FACTOR
    client = Client()
    client.post(link_of(world.secretary))
    assert client.get("/office/").status_code == 200


def test_what_is_dangerous_asks_once_more_and_loses_nothing(
    world: World, secretary: Person
) -> None:
    client = by_app(secretary)
    people = f"/office/{world.hearing.slug}/people/"
    new = {"name": "Zoë <b>", "email": "zoe@hearing.example", "role": "technician"}
    grown_old(client, site.CONFIRM_AFTER_MINUTES + 1)
    asked = client.post(people, new)
    text = asked.content.decode()
    assert (asked.status_code, "Confirm that it is you" in text) == (403, True)
    assert "Zoë &lt;b&gt;" in text
    assert not Person.objects.filter(email="zoe@hearing.example").exists()
    wrong = client.post(people, {**new, "confirm": "1", "confirm-code": "000000"})
    assert (wrong.status_code, Person.objects.filter(email="zoe@hearing.example").exists()) == (
        422,
        False,
    )
    forget_codes()
    done = client.post(people, {**new, "confirm": "1", "confirm-code": code_of(SECRET)})
    assert done.status_code == 302
    assert Person.objects.filter(email="zoe@hearing.example").exists()
    assert client.post(people, {**new, "role": "captioner"}).status_code == 302  # still confirmed


def test_an_export_comes_after_the_confirmation(world: World, secretary: Person) -> None:
    client = by_app(secretary)
    table = reverse("registration:csv", args=(world.hearing.slug,))
    grown_old(client, site.CONFIRM_AFTER_MINUTES + 1)
    assert client.get(table).status_code == 403
    forget_codes()
    answer = {"confirm": "1", "confirm-method": "GET", "confirm-code": code_of(SECRET)}
    assert client.post(table, answer).headers["Location"] == table
    assert client.get(table).status_code == 200


def test_a_confirmation_for_one_method_does_not_do_for_another(
    world: World, secretary: Person
) -> None:
    """A confirmation that claims to be for a GET must not let a POST pass."""
    client = by_app(secretary)
    grown_old(client, site.CONFIRM_AFTER_MINUTES + 1)
    people = f"/office/{world.hearing.slug}/people/"
    new = {"name": "A", "email": "a@hearing.example", "role": "technician"}
    for more in ({"confirm": "1", "confirm-method": "GET"}, {"confirm-method": "PUT"}):
        client.post(people, {**new, **more})
    for method in ("", "DELETE", "HEAD"):
        client.post(people, {**new, "confirm": "1", "confirm-method": method})
    assert not Person.objects.filter(email="a@hearing.example").exists()


def test_each_dangerous_act_is_an_address_and_no_export_was_forgotten() -> None:
    names = patterns()
    assert sorted(set(dangerous_acts.ACTS) - set(names)) == []
    tables = re.compile(r"(csv|xlsx|zip|export|table)$")
    exports = {
        name
        for name, route in names.items()
        if route.startswith("office/") and tables.search(name.partition(":")[2])
    }
    harmless = {
        "hearing:export",  # the content of the public page, as a file
        "summary:recommendations",
    }
    assert sorted(exports - set(dangerous_acts.ACTS) - harmless) == []


def test_sessions_are_listed_and_the_others_ended(secretary: Person) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    own = by_app(secretary, agent=firefox, REMOTE_ADDR="192.0.2.7")
    other = by_app(secretary, REMOTE_ADDR="198.51.100.9")
    page = own.get("/sign-in/passkeys/").content.decode()
    assert "Firefox, Windows" in page
    assert ("192.0.2.0/24" in page, "192.0.2.7" in page) == (True, False)
    assert "authenticator app" in page
    own.post("/sign-in/sessions/end-others/")
    assert (own.get("/office/").status_code, other.get("/office/").status_code) == (200, 302)


def test_a_new_place_is_told_by_mail_and_a_known_one_is_not(secretary: Person) -> None:
    by_app(secretary, REMOTE_ADDR="192.0.2.7")
    assert not Message.objects.exists()  # the first place causes no letter
    by_app(secretary, REMOTE_ADDR="192.0.2.99")
    assert not Message.objects.exists()
    by_app(secretary, REMOTE_ADDR="2001:db8:7::1", agent="X11; Linux Chrome/140.0 Safari/537.36")
    (letter,) = Message.objects.filter(person=secretary)
    assert "2001:db8:7::/48" in letter.body
    assert "Chrome, Linux" in letter.body


def test_a_session_ends_when_left_alone_and_when_it_is_old(secretary: Person) -> None:
    idle = by_app(secretary)
    grown_old(idle, site.SESSION_IDLE_MINUTES + 1)
    assert idle.get("/office/").status_code == 302
    old = by_app(secretary)
    session = old.session
    session[sessions.BEGAN] -= (site.SESSION_HOURS * 60 + 1) * 60_000
    session.save()
    assert old.get("/office/").status_code == 302
    assert SignInSession.objects.filter(person=secretary, ended_at=None).count() == 0


def test_the_only_factor_cannot_be_taken_away(secretary: Person) -> None:
    client = by_app(secretary)
    client.post("/sign-in/app/remove/")
    assert Authenticator.objects.filter(user=secretary, type="totp").exists()
    data = {"name": "Key", "credential": {}}
    Authenticator.objects.create(user=secretary, type="webauthn", data=data)
    client.post("/sign-in/app/remove/")
    assert not Authenticator.objects.filter(user=secretary, type="totp").exists()


def test_no_own_page_of_allauth_is_served() -> None:
    """allauth's pages do not know our second step, so none of them may have an address."""
    routes = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert not [route for route in routes if route.startswith("accounts")]
