"""What belongs to one hearing or one person opens to nobody of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from tests.support.addresses import patterns, undone
from tests.support.lists import REFERENCE

if TYPE_CHECKING:
    from tests.support.addresses import Place

pytestmark = pytest.mark.any_database
SECRET = re.compile(r"/sign-in/([\w-]{43})/")


def _ids(name: str, place: Place) -> dict[str, Any]:
    """Return the ids of this hearing's rows in an address, without words, secrets and numbers."""
    wanted = place.ids.get(name, {})
    return {
        key: value
        for key, value in wanted.items()
        if key not in {"secret", "part", "kind", "language", "key", "seq", "name", "track"}
    }


def test_no_id_of_one_hearing_opens_anything_of_another(place: Place) -> None:
    """The requests come from someone with every role in the other hearing, and none in this one."""
    person = place.people["stranger"]
    for role in Role.values:
        Appointment.objects.get_or_create(person=person, hearing_id=place.other.id, role=role)
    foreign = place.other.slug
    with_ids = [
        name
        for name, route in patterns().items()
        if "<slug:slug>" in route and _ids(name, place) and "<secret:secret>" not in route
    ]
    assert len(with_ids) >= 26
    client = place.client("stranger")
    answers = {
        (name, method): undone(client, method, place.url(name, slug=foreign)).status_code
        for name in with_ids
        for method in ("get", "post")
    }
    opened = {key: status for key, status in answers.items() if status not in {401, 403, 404, 405}}
    # An unknown panel has no speaker whose rank could be set; the page after the redirect says so.
    assert opened == {("speakers:rank", "post"): 302}


def test_what_is_posted_names_no_row_of_another_hearing(place: Place) -> None:
    """The secretariat of the other hearing sends these ids in the body of a form."""
    client, slug = place.client("stranger"), place.other.slug
    registration = place.registration
    question, statement = registration.questions.get(), registration.statements.get()
    before = (registration.status, question.state, statement.versions.count())
    client.post(
        f"/office/{slug}/registrations/decide/",
        {"outcome": "refused", "reason": "no", "chosen": [str(registration.pk)]},
    )
    client.post(f"/office/{slug}/questions/many/", {"chosen": [str(question.pk)], "do": "sort"})
    place_on_list = registration.inscriptions.get().pk
    client.post(f"/office/{slug}/statements/missing/", {"chosen": [str(place_on_list)]})
    registration.refresh_from_db()
    question.refresh_from_db()
    assert before == (registration.status, question.state, statement.versions.count())


def test_a_personal_link_opens_nothing_of_somebody_else(place: Place) -> None:
    """The addresses contain another participant's ids and the secret of one's own link."""
    other = Registration.objects.exclude(pk=place.registration.pk).filter(
        inscriptions__isnull=False
    )[0]
    secret = links.secret_of(other)
    own = {"registration:receipt", "statements:hand-in-for", "statements:own-file"}
    own |= {"accreditation:own-evidence"}
    answers = {
        name: undone(Client(), "get", place.url(name, secret=secret)).status_code for name in own
    }
    assert answers == dict.fromkeys(own, 404)
    consent = place.url("statements:consent", secret=secret)
    assert undone(Client(), "post", consent, {"publish": "yes"}).status_code == 404


def test_no_page_shows_a_link_made_for_another_person(place: Place) -> None:
    """Appointing another hearing's officer must not let anyone sign in as that person."""
    victim, client = place.people["stranger"], place.client("secretariat")
    people = f"/office/{place.hearing.slug}/people/"
    client.post(people, {"name": "X", "email": victim.email, "role": "panellist"})
    own = Appointment.every.get(person=victim, hearing_id=place.hearing.id)
    answer = client.post(f"{people}{own.pk}/link/", {"show": "1"}, follow=True)
    letters = Message.objects.filter(person=victim)
    secrets = [found for letter in letters for found in SECRET.findall(letter.body)]
    assert len(secrets) == 2  # one with the appointment, one asked for
    messages = [f"/office/{place.hearing.slug}/outbox/{letter.pk}/" for letter in letters]
    pages = [answer.content, *(client.get(path).content for path in messages)]
    assert [secret for secret in secrets for page in pages if secret in page.decode()] == []


def test_nobody_is_appointed_as_whoever_registered_under_their_address(place: Place) -> None:
    registered = place.registration.person
    client = place.client("secretariat")
    people = f"/office/{place.hearing.slug}/people/"
    client.post(people, {"name": "Bo", "email": registered.email, "role": "moderator"})
    appointed = Person.objects.get(name="Bo")
    assert appointed.pk != registered.pk
    assert [appointment.role for appointment in appointed.appointments.all()] == ["moderator"]


def test_a_draft_is_seen_by_its_secretariat_only(db: None) -> None:
    draft = actions.convene(REFERENCE, slug="draft")
    assert Client().get("/h/draft/").status_code == 404
    client = _secretary(draft)
    assert client.get("/h/draft/").status_code == 404
    assert client.get("/office/draft/").status_code == 200


def test_the_office_shows_each_person_the_rooms_that_are_open_to_them(db: None) -> None:
    hearing = actions.convene(REFERENCE, publish=True)
    page = _secretary(hearing).get(f"/office/{hearing.slug}/").content.decode()
    for room in ("people", "programme", "record", "outbox"):
        assert f'href="/office/{hearing.slug}/{room}/"' in page


def _secretary(hearing: Hearing) -> Client:
    person = Person.objects.create(name="Ana", email="ana@hearing.example")
    Appointment.objects.create(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
