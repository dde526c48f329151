"""Edges: what the engine reports about them, and which viewers are sent to which edge."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hemicycle.engine.control import passes as wire
from hemicycle.engine.edges import addresses
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.meeting.room import edges
from hemicycle.meeting.room.models import EdgeStatus
from tests.meeting.room.test_engine import bearer

if TYPE_CHECKING:
    from tests.support.lists import World


ONE, TWO = "https://edge1.hearing.example", "https://edge2.hearing.example"


@pytest.fixture(autouse=True)
def _two_edges(settings: Any) -> None:
    made = addresses.parse(f"{ONE}, {TWO}")
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, edges=made)


def reported(client: Client, world: World, *told: Any) -> int:
    hearing = world.hearing.id.hex
    return client.post(
        f"/media-api/{hearing}/edges",
        {"edges": list(told)},
        content_type="application/json",
        headers=bearer(hearing),
    ).status_code


def status(edge: str, *, works: bool = True, listeners: int = 0) -> dict[str, object]:
    return {"edge": edge, "works": works, "listeners": listeners}


def asked(world: World, role: Role, **more: str) -> dict[str, Any]:
    person = Person.objects.create(name=f"The {role}")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
    client = Client()
    client.force_login(person)
    path = reverse("room:own-pass", args=(world.hearing.slug,))
    answer = client.post(path, {"use": "listen", "edges": "room", **more})
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    given = wire.read(told["token"], settings.MEDIA_ENGINE.secret)
    assert given.edge == (told["edge"] or {"name": ""})["name"]
    return told


def test_who_only_listens_is_sent_to_an_edge_that_works(panel: World, client: Client) -> None:
    assert asked(panel, Role.TECHNICIAN)["edge"] is None, "nothing was reported yet"
    assert reported(client, panel, status(ONE), status(TWO, works=False)) == 200
    edge = asked(panel, Role.TECHNICIAN)["edge"]
    assert edge["name"] == ONE
    hearing = panel.hearing.id.hex
    outputs = {"program", "floor", *panel.hearing.languages}
    assert edge["whep"] == {name: f"{ONE}/{hearing}/room/{name}/whep" for name in outputs}
    told = jwt.decode(edge["token"], options={"verify_signature": False})
    assert told["mediamtx_permissions"] == [{"action": "read", "path": f"~^{hearing}/room/"}]
    assert told["exp"] - told["iat"] == edge["lasts_s"] == 300


def test_the_public_s_token_opens_no_path_of_the_room(panel: World, client: Client) -> None:
    reported(client, panel, status(ONE))
    edge = asked(panel, Role.TECHNICIAN, edges="public")["edge"]
    told = jwt.decode(edge["token"], options={"verify_signature": False})
    (permission,) = told["mediamtx_permissions"]
    assert permission["path"].endswith("/public/")
    assert all("/public/" in address for address in edge["whep"].values())


def test_who_speaks_or_asks_for_no_edge_stays_with_the_engine(panel: World, client: Client) -> None:
    reported(client, panel, status(ONE), status(TWO))
    assert asked(panel, Role.MODERATOR)["edge"] is None
    assert asked(panel, Role.INTERPRETER)["edge"] is None
    assert asked(panel, Role.TECHNICIAN, edges="")["edge"] is None
    assert asked(panel, Role.TECHNICIAN, edges="all")["edge"] is None
    assert asked(panel, Role.TECHNICIAN, use="attend")["edge"] is None


def test_edges_are_chosen_evenly_and_not_those_that_failed(panel: World, client: Client) -> None:
    reported(client, panel, status(ONE), status(TWO))
    chosen = Counter(edges.choose(panel.hearing) for _ in range(400))
    assert set(chosen) == {ONE, TWO}
    assert min(chosen.values()) > 130
    assert edges.choose(panel.hearing, avoid={ONE}) == TWO
    assert edges.choose(panel.hearing, avoid={ONE, TWO}) == ""
    assert {edges.choose(panel.hearing, keep=TWO) for _ in range(20)} == {TWO}
    assert edges.choose(panel.hearing, avoid={TWO}, keep=TWO) == ONE
    assert asked(panel, Role.CAPTIONER, avoid=f"{ONE} nonsense")["edge"]["name"] == TWO


def test_an_old_report_counts_no_more(panel: World, client: Client) -> None:
    reported(client, panel, status(ONE))
    assert edges.choose(panel.hearing) == ONE
    EdgeStatus.objects.update(heard_at=EdgeStatus.objects.get().heard_at - timedelta(minutes=2))
    assert edges.choose(panel.hearing) == ""
    reported(client, panel, status(ONE))
    reported(client, panel, status(ONE, listeners=7))
    assert [row.listeners for row in EdgeStatus.objects.all()] == [7]


def test_an_edge_that_is_in_no_setting_is_not_kept(panel: World, client: Client) -> None:
    assert reported(client, panel, status("https://elsewhere.example")) == 200
    assert not EdgeStatus.objects.exists()


@pytest.mark.parametrize(
    "told",
    [5, {}, {"edge": ONE}, {**status(ONE), "works": 1}, {**status(ONE), "listeners": -1},
     {**status(ONE), "listeners": 2**40}, {**status(ONE), "edge": 5}],
)  # fmt: skip
def test_what_is_no_report(panel: World, client: Client, told: Any) -> None:
    assert reported(client, panel, told) == 400


def test_a_report_needs_the_pass_of_the_engine(panel: World, client: Client) -> None:
    path = f"/media-api/{panel.hearing.id.hex}/edges"
    assert client.post(path, {"edges": []}, content_type="application/json").status_code == 401


@pytest.mark.django_db
def test_the_public_key_is_open_to_all(client: Client) -> None:
    answer = client.get("/media-api/edges/keys")
    assert answer.status_code == 200
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
