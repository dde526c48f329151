"""Each role can open what it should and nothing else, at every address of the site.

A new address needs a line here, or `test_each_address_of_the_site_has_its_line` fails. A line gives
the answers to a plain GET and an empty POST: one status for everyone, or a status for each role
(`support.answers`). A visitor without a role is sent to sign in (302), and a wrong role is refused
(403).
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from django.urls import resolve

from hemicycle.hearing.people.access import HeldRoles
from hemicycle.hearing.people.models import WHOLE_OFFICE, Role
from hemicycle.site.about import help_pages
from tests.support.addresses import ROLES, patterns, undone
from tests.support.answers import (
    Answer,
    anybodys_staff,
    booth,
    captions,
    chair,
    office,
    offices,
    on_panels,
    signed_in,
    staff,
    to,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.support.addresses import Place

pytestmark = pytest.mark.any_database

OUTSIDE = (
    *("anonymous", "stranger", "dismissed", "not-accepted", "unconfirmed", "undecided"),
    *(
        "mission",
        "stakeholder",
        "speaker",
    ),  # no registration is behind their role
)

TABLE: dict[str, tuple[Answer, Answer]] = {
    "favicon": (302, 302),
    "set_language": (302, 302),
    "people:sign-in": (200, 200),
    "people:first-administrator": (404, 404),  # the site has staff already
    "people:sign-out": (405, 302),
    "people:passkeys": (anybodys_staff(200), signed_in(405)),
    "people:passkey-begin": (signed_in(405), anybodys_staff(200)),
    "people:passkey-add": (signed_in(405), anybodys_staff(302)),
    "people:passkey-remove": (signed_in(405), anybodys_staff(404)),
    "people:passkey-begin-sign-in": (405, 200),
    "people:passkey-sign-in": (405, 302),
    "people:second-step": (302, 302),  # no sign-in waits for it
    "people:second-step-begin": (405, 403),
    "people:confirm-begin": (signed_in(405), anybodys_staff(200)),
    "people:app": (anybodys_staff(200), anybodys_staff(422)),
    "people:app-remove": (signed_in(405), anybodys_staff(404)),
    "people:recovery-codes": (anybodys_staff(302), anybodys_staff(302)),
    "people:end-others": (signed_in(405), anybodys_staff(302)),
    "openid_connect_login": (404, 404),  # no institution is set up
    "openid_connect_callback": (404, 404),
    "people:use-link": (200, 302),
    "hearing:index": (200, 405),
    "hearing:page": (200, 405),
    "hearing:calendar": (200, 405),
    "hearing:log-checkpoint": (200, 405),
    "hearing:log-cosignatures": (405, 400),
    "hearing:log-key": (200, 405),
    "hearing:log-successions": (200, 405),
    "hearing:log-tile": (200, 405),
    "hearing:log-entry": (200, 405),
    "hearing:log-inclusion": (200, 405),
    "hearing:log-timestamp": (404, 405),
    "hearing:log-consistency": (200, 405),
    "hearing:privacy": (200, 405),
    "hearing:mine": (signed_in(200), signed_in(405)),
    "operating:page": (to(200), to(405)),  # for administrators
    "operating:delete-draft": (office(404), office(404)),  # the hearing is no draft
    "hearing:convene": (offices(200), offices(422)),
    "hearing:convene-copy": (signed_in(405), offices(422)),
    "hearing:convene-preset": (signed_in(405), offices(422)),
    "hearing:confirm": (office(200), office(200)),
    "hearing:office": (office(200), office(405)),
    "hearing:day": (office(200), office(405)),
    "hearing:search": (office(200), office(405)),
    "hearing:verify": (office(405), office(302)),
    "hearing:publish": (office(200), office(302)),
    "hearing:preview": (office(302), 405),  # it is published already
    "hearing:unpublish": (office(405), office(302)),
    "hearing:move": (office(200), office(200)),
    "hearing:close-registration": (office(405), office(302)),
    "hearing:postpone": (office(200), office(302)),
    "hearing:end": (office(200), office(302)),
    "hearing:programme": (office(200), office(422)),
    "hearing:programme-part": (office(200), office(422)),
    "hearing:file": (office(200), office(422)),
    "hearing:export": (office(200), office(405)),
    "hearing:words": (office(200), office(422)),
    "hearing:words-file": (office(200), office(405)),
    "hearing:people": (office(200), office(200)),
    "hearing:send-link": (office(405), office(302)),
    "hearing:revoke-links": (office(405), office(302)),
    "hearing:dismiss": (office(405), office(302)),
    "hearing:duties": (office(200), office(422)),
    "hearing:erase": (office(200), office(302)),
    "hearing:seat-of": (office(200), office(200)),
    "hearing:public-name": (on_panels(200), on_panels(200)),
    "hearing:record": (office(200), office(405)),
    "hearing:office-privacy": (office(200), office(405)),
    "security:office": (office(200), 405),
    "about:accessibility": (200, 405),
    "about:privacy": (200, 405),
    "about:imprint": (200, 405),
    "about:network": (200, 405),
    "about:security-txt": (404, 405),  # no contact is set
    "about:manifest": (200, 405),
    **dict.fromkeys(("about:help", "about:help-file"), (404, 405)),  # it is not built
    "outgoing:office": (office(200), office(405)),
    "outgoing:detail": (office(200), office(405)),
    "outgoing:csv": (office(200), office(200)),
    "outgoing:xlsx": (office(200), office(200)),
    "outgoing:act": (405, office(302)),
    "outgoing:sending": (office(302), 405),  # no batch is named
    "outgoing:cancel-rest": (office(302), office(302)),
    "outgoing:unsubscribe": (200, 200),
    "outgoing:plan": (office(200), office(302)),
    "outgoing:letters": (office(200), 405),
    "outgoing:calendars": (405, office(302)),
    "outgoing:letterhead": (office(200), office(302)),
    "outgoing:letterhead-picture": (office(404), 405),  # there is none
    "outgoing:wording": (office(200), office(422)),
    "outgoing:mailings": (office(200), office(422)),
    "outgoing:mailing": (office(200), office(302)),
    "outgoing:drop-mailing": (405, office(302)),
    "outgoing:hold-mailing": (405, office(302)),
    "outgoing:paper": (office(200), 405),
    "outgoing:lists": (office(200), office(422)),
    "outgoing:list": (office(200), office(422)),
    "outgoing:list-csv": (office(200), 405),
    "outgoing:strike": (405, office(302)),
    "outgoing:upload": (405, office(422)),
    "outgoing:import": (office(200), office(302)),
    "incoming:office": (office(200), office(405)),
    "incoming:detail": (office(200), office(405)),
    "incoming:assign": (office(405), office(302)),
    "incoming:aside": (office(405), office(422)),
    "incoming:reopen": (office(405), office(302)),
    "incoming:take": (office(200), office(422)),
    "incoming:file": (office(200), office(405)),
    # A secret in the address opens it for every holder.
    "registration:choose": (200, 200),
    "registration:register": (200, 422),
    "registration:inscribe": (200, 422),
    "registration:register-several": (200, 422),
    "registration:decision-letters": (405, office(302)),
    "registration:propose-joint": (405, office(302)),
    "registration:joint": (405, 404),
    "registration:ask-again": (200, 422),
    "registration:personal": (200, 405),
    "registration:receipt": (200, 405),
    "registration:received": (200, 405),
    "registration:received-receipt": (200, 405),
    "registration:confirm": (302, 302),
    "registration:calendar": (200, 405),
    "registration:details": (200, 200),
    "registration:replace": (200, 422),
    "registration:withdraw": (200, 422),
    "registration:address": (200, 422),
    "registration:panels": (200, 200),
    "registration:co-signers": (200, 422),
    "registration:change": (410, 410),
    "registration:office-co-signers": (office(200), office(422)),
    "registration:erase": (200, 422),
    "registration:public-name": (200, 200),
    "on_air:personal": (200, 422),
    "readers:personal": (200, 422),
    "readers:reader": (200, 302),
    "registration:co-sign": (200, 200),
    "registration:check-receipt": (200, 422),
    "registration:chain": (200, 405),
    "registration:chain-json": (200, 405),
    "registration:public-key": (200, 405),
    "registration:verifier": (200, 405),
    "registration:verify-page": (200, 405),
    "registration:office": (office(200), 405),
    "registration:decide": (405, office(302)),
    "registration:decided": (office(200), office(200)),
    "registration:similar": (office(200), 405),
    "registration:imports": (office(200), office(422)),
    "registration:import": (office(200), office(422)),
    "registration:import-rows": (office(200), 405),
    "registration:csv": (office(200), office(200)),
    "registration:xlsx": (office(200), office(200)),
    "registration:detail": (office(200), 405),
    "registration:add": (office(200), office(422)),
    "registration:edit": (office(200), office(422)),
    "registration:office-withdraw": (office(200), office(422)),
    "registration:merge": (office(200), 405),
    "registration:merge-with": (office(200), office(422)),
    "registration:link": (405, office(302)),
    "registration:alias": (405, office(422)),
    "on_air:registration": (office(200), office(422)),
    "on_air:member": (office(200), office(422)),
    "readers:registration": (office(200), office(422)),
    "readers:member": (office(200), office(422)),
    "readers:seat": (to(302, "panellist"), to(302, "panellist")),
    "on_air:seat": (to(302, "panellist", "moderator"), to(302, "panellist", "moderator")),
    "registration:co-signer-alias": (405, office(302)),
    "registration:missions": (office(200), office(422)),
    "registration:mission-remove": (405, office(302)),
    "consent:own": (200, 302),
    "consent:office": (office(200), office(302)),
    "consent:seat": (to(302, "panellist", "moderator"), to(302, "panellist", "moderator")),
    "speakers:public": (200, 405),
    "speakers:office": (office(200), office(405)),
    "speakers:rule": (office(200), office(200)),
    "speakers:list": (office(200), office(200)),
    "speakers:rank": (office(405), office(302)),
    "speakers:balance": (office(200), office(200)),
    "speakers:print": (office(200), office(405)),
    "speakers:csv": (office(200), office(200)),
    "speakers:xlsx": (office(200), office(200)),
    "statements:hand-in": (200, 422),
    "statements:hand-in-for": (200, 422),
    "statements:consent": (405, 302),
    "statements:title": (200, 302),
    "statements:own-file": (200, 405),
    "statements:library": (200, 405),
    "statements:library-csv": (200, 405),
    "statements:sitemap": (200, 405),
    "statements:sitemap-index": (200, 405),
    "statements:robots": (200, 405),
    "statements:published": (404, 405),  # its author has not consented
    "statements:published-file": (404, 405),
    "statements:office": (booth(200), 405),
    "statements:missing": (office(200), office(302)),
    "statements:export": (office(200), office(200)),
    "statements:detail": (booth(200), {**to(200, "moderator", "interpreter"), "secretariat": 422}),
    "statements:naming": (office(200), office(422)),
    "statements:release": (office(302), office(302)),  # the meeting has released it
    "statements:office-title": (office(200), office(302)),
    "statements:file": (booth(200), 405),
    "statements:video": (200, 422),
    "statements:withdraw-video": (405, 302),
    "statements:choose-video": (405, 302),
    "statements:own-video": (404, 405),  # nobody has handed one in
    "statements:videos": (staff(200), 405),
    "statements:office-video": (staff(404), staff(404)),  # nobody has handed one in
    "statements:video-file": (staff(404), 405),
    "statements:engine-video": (401, 401),
    "questions:office": (office(200), office(405)),
    "questions:bulk": (office(405), office(200)),
    "questions:first": (office(302), office(405)),
    "questions:triage": (office(200), office(200)),
    "questions:csv": (office(200), office(200)),
    "questions:xlsx": (office(200), office(200)),
    "questions:own": (200, 200),
    "meeting_documents:office": (office(200), office(422)),
    "meeting_documents:detail": (office(200), office(422)),
    "meeting_documents:remove": (405, office(302)),
    "meeting_documents:panel": (on_panels(200), on_panels(200)),  # without a seat, there is no form
    "meeting_documents:agree": (405, on_panels(404)),  # the document is the office's
    "meeting_documents:take-back": (405, on_panels(404)),
    "meeting_documents:presentations": (to(200, "secretariat", "technician"), 405),
    "meeting_documents:file": (
        {**to(404, "technician", "panellist", "moderator"), "secretariat": 200},
        to(405, "secretariat", "technician", "panellist", "moderator"),
    ),
    "meeting_documents:public": (200, 405),
    "training:office": (office(200), office(422)),
    "training:detail": (office(200), office(422)),
    "training:cancel": (office(200), office(302)),
    "training:mark": (405, office(302)),
    "training:preside": (405, office(302)),
    "training:csv": (office(200), office(200)),
    "training:xlsx": (office(200), office(200)),
    "training:session": (200, 405),
    "training:sign-up": (405, 302),
    "training:sign-off": (405, 302),
    "training:come-in": (405, 302),
    "training:calendar": (200, 405),
    "accreditation:office": (office(200), 405),
    **{
        f"accreditation:{name}": (405, office(302))
        for name in ("ask-all", "ask", "revoke", "dismiss", "close", "settle", "list-hold")
    },
    **{
        f"accreditation:list-{name}": (405, office(422))
        for name in ("leave-out", "discard", "correct")
    },
    "accreditation:circulate": (office(302), office(302)),
    "accreditation:list-withdraw": (office(200), office(422)),
    "accreditation:evidence-file": (office(200), 405),
    "accreditation:focal-points": (office(200), office(422)),
    "accreditation:editions": (office(200), office(422)),
    "accreditation:edition": (office(200), office(422)),
    "accreditation:edition-file": (office(200), office(200)),
    "accreditation:evidence": (200, 422),
    "accreditation:own-evidence": (200, 405),
    "accreditation:evidence-remove": (405, 302),
    "accreditation:approve": (200, 422),
    "accreditation:approve-evidence": (200, 405),
    "accreditation:circulated": (200, 422),
    "accreditation:circulated-file": (200, 405),
    "wall:page": (200, 422),
    "wall:posts": (200, 405),
    "wall:office": (office(200), 405),
    "wall:many": (405, office(422)),
    "wall:next": (office(302), 405),
    "wall:post": (office(200), office(302)),
    "wall:author": (405, office(302)),
    "wall:screen": (405, to(302, "technician", "secretariat")),
    "wall:setup": (office(200), office(302)),
    "wall:add-source": (405, office(422)),
    "wall:remove-source": (405, office(302)),
    "room:console": (staff(302), staff(302)),
    "room:console-of": (staff(200), staff(200)),
    "room:console-updates": (staff(200), staff(200)),
    "room:press": (405, chair(302)),
    "room:feed": (405, to(302, "technician", "secretariat", "moderator")),
    "room:move": (chair(200), chair(200)),
    "room:call": (chair(200), chair(200)),
    "room:own-encoder": (signed_in(200), signed_in(403)),  # only people with a microphone get a key
    "room:encoder": (200, 403),
    "room:whip": (405, 401),  # encoders come with a key
    "room:own-seat": (signed_in(200), signed_in(200)),  # the page says so if there is no seat
    "room:seat": (200, 400),
    "room:remove": (chair(200), chair(200)),
    "room:walk-up": (chair(200), chair(302)),
    # Participants get the page; others read how to enter.
    "room:own-practice": (200, 405),
    "room:practice": (200, 405),
    "room:technician": (to(200, "technician", "secretariat"), 405),
    "room:protect": (405, to(400, "technician", "secretariat")),
    "room:technician-act": (405, to(400, "technician", "secretariat")),
    "room:engine-health": (to(200, "technician", "secretariat"), 405),
    "room:floor": (office(200), office(422)),
    "cutting:office": (office(200), office(422)),
    "room:broadcaster-remove": (405, office(302)),
    "room:hall": (200, 200),
    "room:beat": (405, 400),
    "room:diagnostics": (staff(200), staff(200)),
    # A pass is for a use, and the request names none.
    "room:own-pass": (405, 403),
    "room:pass": (405, 403),
    "room:reader-pass": (405, 403),
    "room:reader-seat": (200, 400),
    "room:reader-practice": (200, 405),
    # The media engine comes with a pass of its own.
    "room:engine-hearings": (401, 401),
    "room:engine-about": (401, 401),
    "room:engine-facts": (401, 401),
    "room:engine-ended": (401, 401),
    "room:engine-check": (401, 401),
    "room:engine-edges": (401, 401),
    "room:edge-keys": (200, 405),
    "cutting:engine-cuts": (401, 401),
    "cutting:engine-cut": (401, 401),
    "cutting:engine-removed": (401, 401),
    "interpretation:own-booth": (to(302, "interpreter"), 405),
    "interpretation:booth": (to(200, "interpreter"), 405),
    "interpretation:updates": (to(200, "interpreter"), 405),
    "interpretation:text": (to(200, "interpreter"), 405),
    "interpretation:office": (office(200), office(422)),
    "interpretation:glossary": (office(200), office(422)),
    "interpretation:place": (405, office(302)),
    "interpretation:release": (405, office(302)),
    "webcast:live": (200, 405),
    "webcast:chronicle": (200, 405),
    "webcast:watch": (200, 405),
    "webcast:embed-live": (200, 405),
    "webcast:embed": (200, 405),
    "captions:door": (captions(302), captions(405)),
    "captions:console": (captions(200), captions(405)),
    "captions:text": (captions(200), captions(405)),
    "summary:public": (404, 405),  # not published
    "summary:public-docx": (404, 405),
    "summary:public-pdf": (404, 405),
    "archive:public-zip": (404, 405),
    "summary:public-recommendations": (404, 405),
    "summary:messages": (404, 405),
    "summary:messages-pdf": (404, 405),
    "summary:messages-pdf-in": (404, 405),
    "summary:office-messages": (office(200), office(302)),
    "summary:publish-messages": (office(405), office(302)),
    "summary:messages-csv": (office(200), office(405)),
    "summary:public-docx-in": (404, 405),
    "summary:public-pdf-in": (404, 405),
    "summary:public-recommendations-in": (404, 405),
    "summary:translations": (office(200), office(405)),
    "summary:translation": (office(200), office(405)),
    "summary:translate": (office(200), office(422)),
    "summary:translation-standing": (office(200), office(405)),
    "summary:publish-translation": (office(405), office(302)),
    "summary:translation-docx": (office(200), office(405)),
    "summary:translation-pdf": (office(200), office(405)),
    "summary:office": (office(200), office(405)),
    "summary:standing": (office(200), office(405)),
    "summary:versions": (office(200), office(302)),
    "summary:compare": (office(302), office(405)),  # no version is kept
    "summary:circulation": (office(200), office(302)),
    "summary:circulation-csv": (office(200), office(405)),
    "summary:recommendations": (office(200), office(405)),
    "summary:suggest": (office(404), office(404)),  # no model is set up
    "summary:draft": (office(405), office(302)),
    "summary:publish": (office(405), office(302)),
    "summary:coverage": (office(200), office(405)),
    "summary:source": (office(404), office(405)),  # none is named
    "summary:sentence": (office(200), office(422)),
    "summary:move": (office(405), office(302)),
    "summary:add": (office(200), office(422)),
    "summary:cite": (office(200), office(422)),
    "summary:docx": (office(200), office(405)),
    "summary:pdf": (office(200), office(405)),
    "archive:office": (office(200), office(405)),
    "archive:build": (office(405), office(302)),
    "archive:office-zip": (office(302), office(405)),  # none is built yet
    "api:page": (200, 405),
    "api:description": (200, 405),
    "api:nothing": (404, 404),
    "api:v1-hearings": (200, 405),
    "api:v1-hearing": (200, 405),
    "api:v1-speakers": (200, 405),
    "api:v1-statements": (200, 405),
    "api:v1-statement": (404, 405),  # its author has not consented
    "api:v1-documents": (200, 405),
    "api:v1-summary": (404, 405),  # not published
    "api:v1-chain": (200, 405),
    "api:v1-receipts": (405, 415),
    # No sign-in session opens these: a token does.
    **{f"api:v1-{name}": (401, 405) for name in ("registrations", "registration", "record")},
    **{f"api:v1-{name}": (401, 405) for name in ("lists", "all-statements", "questions")},
    **{
        f"api:v1-{name}-table": (401, 405)
        for name in ("registrations", "lists", "statements", "questions")
    },
    "api:v1-decision": (405, 401),
    "api:v1-import": (405, 401),
    "api:office": (office(200), office(422)),
    "api:import": (office(200), office(422)),
    "api:revoke": (405, office(302)),
    "api:webhook": (office(200), 405),
    "api:press": (405, office(302)),
    "api:again": (405, office(302)),
    "rehearsal:remove": (office(404), office(404)),  # this hearing is no rehearsal
}


@pytest.fixture(autouse=True)
def without_a_handbook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the handbook: a test of the package may build it at any time."""
    monkeypatch.setattr(help_pages, "BUILT", tmp_path)


def who_sees(name: str, method: str) -> str | None:
    """Return a role that gets a page at an address, with `get` or `post`; None if nobody does."""
    answer = TABLE[name][method == "post"]
    answers = answer if isinstance(answer, dict) else {"anonymous": answer}
    seeing = [role for role, status in answers.items() if status in {200, 422}]
    return "secretariat" if "secretariat" in seeing else next(iter(seeing), None)


def test_each_address_of_the_site_has_its_line() -> None:
    assert sorted(TABLE) == sorted(patterns())


def app_of(name: str) -> str:
    """Return the app to which an address belongs; "" for addresses of the whole site."""
    return name.rpartition(":")[0]


HELD = pytest.mark.test_all("held", by="tests/test_roles.py::test_each_role_sees_its_rooms_only")


def visitors(url: str, told: Answer, others: Iterator[str]) -> Iterable[str]:
    """Return who asks at an address daily: everyone who gets in, and two who get the same answer.

    A guard names the roles that it lets in. Where a view has another guard, everyone asks.
    """
    let_in = set[str]()
    if not isinstance(told, int):
        opens_to = getattr(resolve(url).func, "opens_to", None)
        if opens_to is None:
            return ROLES
        let_in = {role for role in Role if opens_to(HeldRoles(frozenset({role}), WHOLE_OFFICE))}
        assert let_in == {role for role in Role if told[role] != 403}, url
    return "anonymous", *sorted(let_in), next(role for role in others if role not in let_in)


@pytest.mark.parametrize("who", ["in turn", pytest.param("all", marks=HELD)])
@pytest.mark.parametrize("app", sorted({app_of(name) for name in TABLE}))
def test_each_role_sees_its_rooms_only(place: Place, app: str, who: str) -> None:
    clients = {role: place.client(role) for role in ROLES}
    others = cycle(ROLES[1:])
    differ, marked = [], set[str]()
    for name, row in TABLE.items():
        for method, told in zip(("get", "post"), row, strict=True) if app_of(name) == app else ():
            url = place.url(name)
            for role in visitors(url, told, others) if who == "in turn" else ROLES:
                answer = undone(clients[role], method, url)
                status = told if isinstance(told, int) else told[role]
                if answer.status_code != status:
                    differ.append((name, method, role, answer.status_code, status))
                if not answer.streaming and b"REHEARSAL" in answer.content:
                    marked.add(name)
    assert differ == []
    assert marked == set(), "no hearing here is rehearsed"
