"""The duties that open each page of the office, tested with an officer of each duty.

A new page of the office needs a line of its own here only if the line of its app does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import resolve

from hemicycle.hearing.people.access import HeldRoles
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.ui import navigation
from tests.support.addresses import patterns, undone

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.addresses import Place

pytestmark = pytest.mark.any_database

REGISTRATION, LISTS, DOCUMENTS, MEDIA, LETTERS, PROTECTED = (frozenset({duty}) for duty in Duty)
EVERY, NONE = WHOLE_OFFICE, frozenset[Duty]()
"""Open to an officer with any duty, and open to no officer with a single duty."""

APPS = {
    "accreditation": REGISTRATION,
    "api": NONE,
    "archive": NONE,
    "captions": MEDIA,
    "consent": MEDIA,
    "cutting": MEDIA,
    "hearing": NONE,
    "incoming": LETTERS,
    "interpretation": MEDIA,
    "on_air": PROTECTED,
    "meeting_documents": DOCUMENTS,
    "operating": NONE,
    "outgoing": LETTERS,
    "questions": DOCUMENTS,
    "readers": PROTECTED,
    "registration": REGISTRATION,
    "rehearsal": NONE,
    "room": MEDIA,
    "security": NONE,
    "speakers": LISTS,
    "statements": DOCUMENTS,
    "summary": DOCUMENTS,
    "training": REGISTRATION,
    "wall": MEDIA,
}
PAGES = {
    **dict.fromkeys(("hearing:office", "hearing:day", "hearing:search", "hearing:verify"), EVERY),
    "hearing:preview": EVERY,
    **dict.fromkeys(("hearing:people", "hearing:seat-of", "hearing:office-privacy"), PROTECTED),
    **dict.fromkeys(("room:console", "room:console-of", "room:console-updates"), EVERY),
    **dict.fromkeys(("room:diagnostics", "room:feed"), EVERY),
    **{f"room:{name}": LISTS for name in ("press", "move", "call", "walk-up", "remove")},
    **dict.fromkeys(("registration:office", "registration:detail"), REGISTRATION | PROTECTED),
    **dict.fromkeys(("registration:alias", "registration:co-signer-alias"), PROTECTED),
    "registration:decision-letters": REGISTRATION | LETTERS,
    "meeting_documents:file": DOCUMENTS | MEDIA,
    "meeting_documents:presentations": MEDIA,
    **{f"statements:{name}": MEDIA for name in ("videos", "office-video", "video-file")},
    # These contain real names beside aliases, so two duties are needed.
    **{
        f"{app}:{kind}": NONE
        for app in ("registration", "speakers", "questions", "training", "outgoing")
        for kind in ("csv", "xlsx")
    },
    **dict.fromkeys(("summary:circulation-csv", "summary:messages-csv"), NONE),
    **dict.fromkeys(("statements:export", "statements:naming", "statements:office-title"), NONE),
}


def of_single_duties(place: Place) -> dict[Duty, Client]:
    """Return the browsers of officers who have one duty each."""
    clients = {}
    for duty in Duty:
        person = Person.objects.create(name=duty.value, email=f"{duty}@hearing.example")
        Appointment.objects.create(
            person=person,
            hearing_id=place.hearing.id,
            role=Role.SECRETARIAT,
            duties=[duty.value],
        )
        clients[duty] = place.world.client(person)
    return clients


def office_addresses(place: Place) -> dict[str, str]:
    """Return the addresses that the secretariat's role opens, by name."""
    urls = {name: place.url(name) for name in patterns()}
    views = {name: resolve(url).func for name, url in urls.items()}
    return {
        name: urls[name]
        for name, view in views.items()
        if Role.SECRETARIAT in getattr(view, "roles", ())
    }


def test_each_page_of_the_office_is_open_to_the_duties_that_it_names(place: Place) -> None:
    addresses = office_addresses(place)
    assert addresses.keys() >= PAGES.keys()
    assert {name.partition(":")[0] for name in addresses} == APPS.keys()
    expected = {name: PAGES.get(name, APPS[name.partition(":")[0]]) for name in addresses}
    found = {
        name: frozenset(duty for duty in Duty if navigation.is_open(url, with_duties(duty)))
        for name, url in addresses.items()
    }
    assert {name: open_to for name, open_to in found.items() if open_to != expected[name]} == {}


def test_each_page_of_the_office_refuses_the_other_duties(place: Place) -> None:
    clients, found = of_single_duties(place), {}
    for number, (name, url) in enumerate(sorted(office_addresses(place).items())):
        open_to = PAGES.get(name, APPS[name.partition(":")[0]])
        # Try another refused duty for each page, since trying all of them would take long.
        turn = [*Duty][number % 6 :] + [*Duty][: number % 6]
        refused = next((duty for duty in turn if duty not in open_to), None)
        if refused:
            found[name] = answer_of(clients[refused], url)
    assert {name: status for name, status in found.items() if status != 403} == {}
    assert len(found) > 150


def test_each_page_of_the_menu_opens_with_one_of_its_duties(place: Place) -> None:
    clients = of_single_duties(place)
    found = {}
    for link in navigation.links("office", place.hearing.slug, "/"):
        may = [duty for duty in Duty if navigation.is_open(link.url, with_duties(duty))]
        for duty in may[:1]:
            found[link.url] = undone(clients[duty], "get", link.url).status_code
    assert {url: status for url, status in found.items() if status not in {200, 302}} == {}
    assert len(found) > 15


def with_duties(*duties: Duty) -> HeldRoles:
    """Return the roles that an officer with these duties holds."""
    return HeldRoles(frozenset({Role.SECRETARIAT}), frozenset(duties))


def answer_of(client: Client, url: str) -> int:
    """Return the status of a GET request, or of a POST request if GET is not allowed."""
    status = undone(client, "get", url).status_code
    return undone(client, "post", url).status_code if status == 405 else status


def test_two_duties_open_a_table_with_real_names(place: Place) -> None:
    for name, duty in {
        "registration:csv": Duty.REGISTRATION,
        "speakers:csv": Duty.LISTS,
        "statements:export": Duty.DOCUMENTS,
        "questions:csv": Duty.DOCUMENTS,
        "training:csv": Duty.REGISTRATION,
        "outgoing:csv": Duty.LETTERS,
    }.items():
        both = with_duties(duty, Duty.PROTECTED)
        others = with_duties(*WHOLE_OFFICE - {duty})
        assert navigation.is_open(place.url(name), both), name
        assert not navigation.is_open(place.url(name), others), name
    for name in ("hearing:programme", "hearing:people", "api:office", "archive:office"):
        assert navigation.is_open(place.url(name), with_duties(*Duty))


def test_menu_and_overview_lead_only_to_what_is_open(place: Place) -> None:
    for duty, client in of_single_duties(place).items():
        for name in ("hearing:office", "hearing:day", "room:diagnostics"):
            page = client.get(place.url(name)).text
            standing = with_duties(duty)
            office = f"/office/{place.hearing.slug}/"
            links = {part.split('"')[0] for part in page.split('href="') if part.startswith(office)}
            assert {url for url in links if not navigation.is_open(url, standing)} == set(), name


def test_a_refusal_says_what_is_lacking_and_whom_to_ask(place: Place) -> None:
    clients = of_single_duties(place)
    refused = undone(clients[Duty.MEDIA], "get", place.url("speakers:office")).content.decode()
    assert "This page needs the duty: lists of speakers. Ask " in refused
    assert place.people["secretariat"].name in refused
    refused = undone(clients[Duty.LETTERS], "get", place.url("registration:office")).text
    assert "This page needs the duty: registration. Ask " in refused
    refused = undone(place.client("speaker"), "get", place.url("hearing:programme")).text
    assert "This page is for: Secretariat." in refused
    refused = undone(clients[Duty.MEDIA], "get", place.url("hearing:programme")).content.decode()
    assert "This page is for officers with all duties. Ask " in refused
    refused = undone(clients[Duty.LISTS], "get", place.url("registration:csv")).content.decode()
    assert "This page needs the duty: registration and protected data. Ask " in refused
