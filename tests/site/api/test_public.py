"""Public data of the API: the same as on the public pages, and nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from hemicycle.before.registration import queries
from hemicycle.before.statements import actions as statements
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import actions as summaries
from hemicycle.record.models import Entry
from tests.site.api.support import Program, program
from tests.support.documents import added_document, slides

if TYPE_CHECKING:
    from tests.support.finished import Finished
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")


def test_a_hearing_with_its_programme(world: World) -> None:
    found = program(world).get("")
    panel = world.panels[0]
    segments = [one for meeting in found["meetings"] for one in meeting["segments"]]
    told = next(one for one in segments if one["id"] == str(panel.id))
    assert (told["kind"], told["title"], told["starts_at"]) == (
        "panel",
        panel.title,
        "2021-07-13T14:25:00Z",
    )
    assert [deadline["track"] for deadline in found["deadlines"]] == [
        "stakeholders",
        "member-states",
    ]
    assert found["deadlines"][0]["closes_at"] == "2021-07-05T21:00:00Z"
    assert found["is_rehearsed"] is False
    Hearing.objects.update(is_rehearsed=True)
    assert program(world).get("")["is_rehearsed"] is True
    assert len(found["guiding_questions"]) == world.hearing.guiding_questions.count()


def test_a_draft_is_nobodys(world: World) -> None:
    world.hearing.status = "draft"
    world.hearing.save()
    status, says = program(world).problem("")
    assert (status, says) == (404, "No hearing is published at this address.")
    assert Program(Client(), "/api/v1/hearings").get("") == {"items": [], "next": None}


def test_a_list_names_who_agreed_to_it(world: World) -> None:
    world.ngo("Open Doors", 0, consents_to_list="yes")
    world.ngo("Safe Harbour", 0)
    caller = program(world)
    closed = caller.get("/speakers")
    assert (closed["published"], closed["panels"][0]["inscribed"]) == (False, 2)
    assert closed["panels"][0]["lines"] == []
    world.hearing.public_list = True
    world.hearing.save()
    lines = caller.get("/speakers")["panels"][0]["lines"]
    assert [(one["position"], one["organization"], one["speaker"]) for one in lines] == [
        (1, "Open Doors", "Speaker of Open Doors"),
        (2, None, None),
    ]


def test_statements_are_published_while_their_authors_consent(finished: Finished) -> None:
    world, caller = finished.world, program(finished.world)
    assert caller.get("/statements") == {"items": [], "next": None}
    given = [finished.statement(name) for name in ("Open Doors", "Paper Only", "Estmere")]
    for record in given:
        statements.set_consent(statement=record, publish=True, actor=world.office)
    page = caller.get("/statements", limit=2)
    assert [one["organization"] for one in page["items"]] == ["Estmere", "Open Doors"]
    rest = caller.get("/statements", limit=2, cursor=page["next"])
    assert [one["organization"] for one in rest["items"]] == ["Paper Only"]
    assert rest["next"] is None
    one = caller.get(f"/statements/{given[0].pk}")
    assert (one["release"], one["note"]) == ("delivered", "Check against delivery")
    assert "trust fund" in one["text"]
    statements.set_consent(statement=given[0], publish=False, actor=world.office)
    assert caller.problem(f"/statements/{given[0].pk}")[0] == 404


def test_documents_are_those_of_the_page(world: World) -> None:
    caller = program(world)
    assert caller.get("/documents") == {"items": []}
    titles = {"en": "Concept note", "ar": "مذكرة"}
    added_document(world, is_public=False)
    slides(world)
    note = added_document(world, says={"titles": titles, "language": "fr"})
    paper = added_document(world, says={"kind": "background", "titles": {"en": "Paper"}})
    first, second = caller.get("/documents")["items"]
    assert first == {
        "id": str(note.pk),
        "kind": "note",
        "title": "Concept note",
        "original_language": "en",
        "title_languages": ["ar"],
        "language": "fr",
        "file_name": "slides.pdf",
        "size": note.size,
        "sha256": note.sha256,
        "url": f"{settings.BASE_URL}/h/{world.hearing.slug}/documents/{note.pk}/",
    }
    assert (second["id"], second["language"]) == (str(paper.pk), "")
    in_arabic = json.loads(caller.ask("/documents", headers={"accept-language": "ar"}).content)
    assert in_arabic["items"][0]["title"] == titles["ar"]


def test_the_summary_once_it_is_published(finished: Finished) -> None:
    world, caller = finished.world, program(finished.world)
    summaries.draft(hearing=world.hearing, actor=world.office)
    assert caller.problem("/summary")[0] == 404
    summaries.publish(hearing=world.hearing, actor=world.office)
    letter, *parts = caller.get("/summary")["sections"]
    assert letter["heading"] == "Cover letter"  # the President's own words, which cite nobody
    said = [one for part in parts for one in part["sentences"]]
    assert said
    assert all(one["sources"] for one in said)


def test_the_whole_chain_page_by_page(world: World) -> None:
    world.ngo("Open Doors", 0)
    caller, found = program(world), []
    page = caller.get("/chain", limit=2)
    while page["next"]:
        found += page["items"]
        page = caller.get("/chain", limit=2, cursor=page["next"])
    found += page["items"]
    rows = Entry.objects.filter(hearing=world.hearing.id).order_by("seq")
    assert found == list(rows.values("seq", "digest", "hash"))
    assert page["head"] == found[-1]


def test_a_receipt_is_checked(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    entry = Entry.objects.get(hearing=world.hearing.id, seq=row.arrival)
    receipt = queries.signed_receipt(entry)
    caller = Program(Client(), "/api/v1/receipts/check")
    good = json.loads(caller.post("", receipt).content)
    assert (good["holds"], good["entry"], good["hearing"]) == (
        True,
        row.arrival,
        world.hearing.slug,
    )
    bad = json.loads(caller.post("", {**receipt, "hash": "0" * 64}).content)
    assert (bad["holds"], bad["entry"]) == (False, None)
    assert "has been changed" in bad["problem"]


def test_scripts_of_other_sites_may_read_what_is_open_and_nothing_else(world: World) -> None:
    client, base = Client(), f"/api/v1/hearings/{world.hearing.slug}"
    answer = client.get(base, headers={"origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = client.options(base)
    assert (asked.status_code, asked.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    closed = client.get(f"{base}/office/record")
    assert "Access-Control-Allow-Origin" not in closed.headers
    assert "Access-Control-Allow-Origin" not in client.options(f"{base}/office/record").headers


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    caller = program(world)
    etag = caller.ask("").headers["ETag"]
    assert caller.ask("", headers={"if-none-match": etag}).status_code == 304
    world.hearing.title = "Another title"
    world.hearing.save()
    assert caller.ask("", headers={"if-none-match": etag}).status_code == 200
