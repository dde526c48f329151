"""Every address of the URL table, and a hearing in which each address has a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration import bulk_decisions, links
from hemicycle.before.registration.importing import reading as reading_tables
from hemicycle.before.registration.models import CoSigner, MissionAddress, Registration
from hemicycle.before.statements.models import Statement
from hemicycle.before.training import actions as trainings
from hemicycle.before.training.actions import SessionPlan
from hemicycle.before.training.models import Session
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people import limits
from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import checkpointing, drafts
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing import importing, lists, mailings, unsubscribing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.meeting.interpretation import actions as booths
from hemicycle.meeting.room import broadcasters
from hemicycle.meeting.wall import actions as walls
from hemicycle.outcome.summary import actions as summaries
from hemicycle.outcome.summary.models import Section, Sentence
from hemicycle.record import clock
from hemicycle.record.log import checkpoints
from hemicycle.record.writer import Actor
from hemicycle.site.api import actions as tokens
from hemicycle.site.api.models import Delivery, Scope, Webhook
from tests.mail.incoming.arriving import arrived
from tests.mail.incoming.letters import docx, letter, with_file
from tests.support.accredited import accredited
from tests.support.documents import added_document
from tests.support.finished import finished_hearing
from tests.support.lists import REFERENCE
from tests.support.markup import markup_shown

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.support.lists import World

ROLES = (
    *("anonymous", *Role.values, "stranger", "dismissed", "not-accepted"),
    *("unconfirmed", "undecided"),
)
"""The visitors.

`anonymous` has not signed in. The roles of the hearing follow. `stranger` has every role in another
hearing, and `dismissed` signed in before losing every role. `not-accepted` is a moderator of
another hearing who has not yet accepted to join the secretariat of this one. `unconfirmed` is a
participant with an unconfirmed mailbox, and `undecided` one whose registration waits for a
decision.
"""


TEXTS = ("text/html", "text/plain", "text/csv", "text/calendar", "application/json")


@cache
def patterns() -> Mapping[str, str]:
    """Return the routes of all addresses by name, except those of the developers' style guide."""
    return {
        name: route
        for name, route in _walk(get_resolver(), "", "")
        if not route.startswith("design/")
    }


def _walk(resolver: URLResolver, route: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"the address {whole} has no name"
            yield f"{space}:{pattern.name}" if space else pattern.name, whole
        else:
            yield from _walk(pattern, whole, pattern.namespace or space)


@dataclass
class Place:
    """A hearing with a target for every address, and a person in each role."""

    world: World
    hearing: Hearing
    other: Hearing
    people: dict[str, Person]
    registration: Registration
    ids: dict[str, dict[str, Any]]
    sessions: dict[str, str]
    """The cookie of each role's session, by role."""

    def url(self, name: str, **instead: Any) -> str:
        """Return the address of that name, with `instead` in place of its usual arguments."""
        wanted = {**self.ids.get(name, {}), **instead}
        if "<slug:slug>" in patterns()[name]:
            wanted.setdefault("slug", self.hearing.slug)
        if "<secret:secret>" in patterns()[name]:
            wanted.setdefault("secret", links.secret_of(self.registration))
        return reverse(name, kwargs=wanted)

    def client(self, role: str, **options: Any) -> Client:
        """Return the browser in which a person with that role has signed in."""
        client = Client(**options)
        if role != "anonymous":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client


def undone(client: Client, method: str, url: str, *args: Any, **options: Any) -> HttpResponse:
    """Make a request, roll its effects back, and return the answer.

    Every request finds the hearing unchanged. The client keeps its cookies, whose sessions exist
    again. Fails if the answer shows markup to its reader.
    """
    limits.forget()  # so that no limit of requests per minute applies
    cookies = dict(client.cookies)
    with transaction.atomic():
        answer: HttpResponse = getattr(client, method)(url, *args, **options)
        if answer.streaming and not answer.is_async:  # type: ignore[attr-defined]
            # Read the file before the rollback, after which it may be gone.
            answer.streaming_content = [b"".join(answer)]  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    _check_markup(url, answer)
    return answer


def _check_markup(url: str, answer: HttpResponse) -> None:
    """Fail if a page or a downloaded text shows markup to its reader."""
    kind = answer.headers.get("content-type", "")
    if answer.streaming or not kind.startswith(TEXTS):
        return
    shown = markup_shown(answer.text, is_html=kind.startswith("text/html"))
    assert not shown, f"{url} shows markup: {shown}"


@contextmanager
def furnished(
    differing: Mapping[str, Mapping[str, Any]] | None = None,
    prepare: Callable[[World], object] = lambda world: None,
) -> Iterator[Place]:
    """Yield the reference hearing after its panels, with a drafted summary, and a second hearing.

    `differing` and `prepare` are passed on to `finished_hearing`.
    """
    with finished_hearing(differing, prepare) as finished:
        world, hearing = finished.world, finished.world.hearing
        registration = finished.registrations["Open Doors"]
        summaries.draft(hearing=hearing, actor=world.office)
        checkpoints.make(hearing.id, checkpointing.origin(hearing))
        other = hearings.convene(REFERENCE, slug="another", publish=True)
        people = {role: _person(role, hearing) for role in Role.values}
        people["stranger"] = _person("secretariat", other, *Role.values)
        people["not-accepted"] = _person("moderator", other)
        people["unconfirmed"] = _another(registration, confirmed_at=None).person
        people["undecided"] = _another(registration, status="submitted").person
        parties.appoint(
            person=people["not-accepted"],
            hearing_id=hearing.id,
            role=Role.SECRETARIAT,
            actor=world.office,
        )
        reading = drafts.store_reading(
            file_name="note.txt",
            found={"title": "A note", "missing": [], "sources": {}},
            actor=Actor(people["secretariat"].id.hex, "secretariat"),
            by=people["secretariat"],
        )
        ids = _ids(finished, people, reading.pk)
        sessions = {role: _session(world, person) for role, person in people.items()}
        sessions["dismissed"] = _old_session(world)
        yield Place(world, hearing, other, people, registration, ids, sessions)


def _session(world: World, person: Person) -> str:
    """Sign a person in, and return the cookie of the session."""
    return world.client(person).cookies[settings.SESSION_COOKIE_NAME].value


def _old_session(world: World) -> str:
    """Return the cookie of a person who signed in with every role, and was then dismissed."""
    person = Person.objects.create(name="No longer here", email="gone@hearing.example")
    given = [
        parties.appoint(person=person, hearing_id=world.hearing.id, role=role, actor=world.office)
        for role in Role
    ]
    cookie = _session(world, person)
    for appointment in given:
        parties.dismiss(appointment=appointment, actor=world.office)
    return cookie


def _person(role: str, hearing: Hearing, *others: str) -> Person:
    address = f"{role}@{hearing.slug}.hearing.example"
    person = Person.objects.create(name=f"The {role}", email=address)
    for held in {role, *others}:
        Appointment.objects.create(person=person, hearing_id=hearing.id, role=held)
    return person


def _another(registration: Registration, **differs: Any) -> Registration:
    """Copy a registration and its place for another person, with the fields `differs` changed."""
    number = Registration.objects.count()
    other = copy(registration)
    other.person = Person.objects.create(name="Somebody", email=f"other{number}@hearing.example")
    other.pk, other.reference, other.form_key = uuid4(), links.new_reference(), uuid4().hex
    other.arrival = -number
    links.renew(other)
    for name, value in differs.items():
        setattr(other, name, value)
    other.save(force_insert=True)
    place = registration.inscriptions.get()
    place.pk, place.registration, place.speaker = uuid4(), other, other.person
    place.place += 1000 + number
    place.save(force_insert=True)
    return other


def _ids(finished: Any, people: dict[str, Person], reading: Any) -> dict[str, dict[str, Any]]:
    """Return the arguments that the addresses need, by the name of the address."""
    hearing, panel = finished.world.hearing, finished.world.panels[0]
    registration = finished.registrations["Open Doors"]
    statement = Statement.objects.get(registration=registration)
    version = statement.versions.get()
    sentence = Sentence.objects.filter(section__summary__hearing=hearing).first()
    section = Section.objects.filter(summary__hearing=hearing).first()
    inscription = registration.inscriptions.get()
    assert sentence is not None
    assert section is not None
    moderator = Appointment.objects.get(person=people["moderator"])
    training = _training(finished.world, registration)
    receipt = {"key": links.receipt_secret(registration)}
    document = added_document(finished.world).pk
    return {
        "people:passkey-remove": {"key": 1},
        "openid_connect_login": {"provider_id": "oidc"},
        "openid_connect_callback": {"provider_id": "oidc"},
        "people:use-link": {"secret": _sign_in_secret(people["moderator"], hearing)},
        "registration:co-sign": {"secret": _co_signers_secret(registration)},
        "hearing:confirm": {"pk": reading},
        "hearing:programme-part": {"part": "floor"},
        "hearing:words-file": {"name": "words.csv"},
        "hearing:send-link": {"pk": moderator.pk},
        "hearing:revoke-links": {"pk": moderator.pk},
        "hearing:dismiss": {"pk": moderator.pk},
        "hearing:duties": {"pk": _officer(hearing, people["secretariat"])},
        "hearing:seat-of": {"pk": panel.members.all()[0].pk},
        "hearing:log-tile": {"path": "0/000.p/1"},
        "about:help-file": {"file": "index.html"},
        "hearing:log-entry": {"seq": 1},
        "hearing:log-inclusion": {"seq": 1},
        "hearing:log-timestamp": {"seq": 1},
        "hearing:log-consistency": {"old": 1, "new": 2},
        "hearing:erase": {"person_id": registration.person_id},
        **_letters(finished.world, registration),
        **_mail(registration),
        "registration:receipt": {"seq": registration.arrival},
        "registration:confirm": {"key": links.confirmation_secret(registration)},
        "registration:received": receipt,
        "registration:received-receipt": {**receipt, "seq": registration.arrival},
        "registration:mission-remove": {"pk": MissionAddress.objects.all()[0].pk},
        "registration:detail": {"pk": registration.pk},
        **{name: {"secret": _readers_secret(panel)} for name in _READER},
        "readers:registration": {"pk": registration.pk},
        "readers:member": {"pk": panel.members.all()[0].pk},
        "on_air:registration": {"pk": registration.pk},
        "on_air:member": {"pk": panel.members.all()[0].pk},
        **_import(finished.world),
        "registration:decided": {"token": _decision(finished.world)},
        "registration:add": {"track": "stakeholders"},
        "registration:edit": {"pk": registration.pk},
        "registration:change": {"key": "k" * 43},
        "registration:joint": {"pk": NOTHING},
        "registration:propose-joint": {"first": inscription.pk, "second": inscription.pk},
        "registration:office-co-signers": {"pk": registration.pk},
        "registration:office-withdraw": {"pk": registration.pk},
        "registration:merge": {"pk": registration.pk},
        "registration:merge-with": {
            "pk": registration.pk,
            "other": finished.registrations["Late Voices"].pk,
        },
        "registration:link": {"pk": registration.pk},
        "registration:alias": {"pk": registration.pk},
        "registration:co-signer-alias": {"pk": CoSigner.objects.all()[0].pk},
        **{
            f"speakers:{name}": {"segment": panel.pk}
            for name in ("list", "rank", "balance", "print", "csv", "xlsx")
        },
        "statements:hand-in-for": {"pk": inscription.pk},
        "statements:consent": {"pk": statement.pk},
        "statements:title": {"pk": statement.pk},
        "statements:office-title": {"pk": statement.pk},
        "statements:own-file": {"pk": version.pk},
        "statements:published": {"pk": statement.pk},
        "statements:published-file": {"pk": statement.pk},
        "statements:export": {"kind": "csv"},
        "statements:detail": {"pk": statement.pk},
        "statements:naming": {"pk": statement.pk},
        "statements:release": {"pk": statement.pk},
        **{f"statements:{name}": {"place": inscription.pk} for name in _VIDEO},
        **{f"statements:{name}": {"pk": NOTHING} for name in ("own-video", "office-video")},
        "statements:video-file": {"pk": NOTHING},
        "cutting:engine-cut": {"hearing": hearing.id.hex},
        "statements:engine-video": {"hearing": hearing.id.hex, "pk": NOTHING},
        "statements:file": {"pk": version.pk},
        "questions:triage": {"pk": registration.questions.get().pk},
        **{f"training:{name}": {"pk": training.pk} for name in _TRAINING},
        **{f"meeting_documents:{name}": {"pk": document} for name in _DOCUMENT},
        **accredited(finished.world, finished.registrations),
        **_wall(finished.world),
        **{
            f"room:{name}": {"meeting": panel.meeting_id}
            for name in ("console-of", "console-updates", "press", "feed", "walk-up")
        },
        "room:broadcaster-remove": {"pk": _broadcaster(finished.world)},
        "room:remove": {"meeting": panel.meeting_id, "person": registration.person_id.hex},
        "room:move": {"meeting": panel.meeting_id, "slot": inscription.pk.hex},
        "room:call": {"meeting": panel.meeting_id, "slot": inscription.pk.hex},
        **{
            f"room:engine-{name}": {"hearing": hearing.id.hex}
            for name in ("about", "facts", "ended", "check", "edges")
        },
        "interpretation:text": {"language": "fr", "slot": inscription.pk.hex},
        **_booths(finished.world, people["interpreter"]),
        **_programs(finished.world, registration.pk, statement.pk),
        "webcast:chronicle": {"meeting": panel.meeting_id},
        "webcast:watch": {"meeting": panel.meeting_id},
        "webcast:embed": {"meeting": panel.meeting_id},
        "captions:console": {"language": "en"},
        "captions:text": {"language": "en"},
        "summary:sentence": {"pk": sentence.pk},
        "summary:move": {"pk": sentence.pk},
        "summary:standing": {"pk": sentence.pk},
        "summary:suggest": {"pk": section.pk},
        "summary:recommendations": {"kind": "csv"},
        "summary:public-recommendations": {"kind": "csv"},
        **{f"summary:{name}": {"language": "fr"} for name in _TRANSLATION},
        "summary:public-recommendations-in": {"language": "fr", "kind": "csv"},
        "summary:translate": {"language": "fr", "pk": sentence.pk},
        "summary:translation-standing": {"language": "fr", "pk": sentence.pk},
        "summary:add": {"pk": section.pk},
        "summary:cite": {"pk": statement.pk},
    }


def _officer(hearing: Hearing, person: Person) -> UUID:
    """Return the id of a person's appointment to a hearing's secretariat."""
    held = Appointment.objects.filter(hearing_id=hearing.id, role=Role.SECRETARIAT)
    return held.get(person=person).pk


NOTHING = UUID(int=0)
"""An id that no row has."""

_VIDEO = ("video", "withdraw-video", "choose-video")
_TRANSLATION = (
    *("translation", "publish-translation", "translation-docx", "translation-pdf"),
    *("public-docx-in", "public-pdf-in", "messages-pdf-in"),
)
_DOCUMENT = ("detail", "remove", "file", "agree", "take-back", "public")
_TRAINING = (
    *("detail", "cancel", "mark", "preside"),
    *("session", "sign-up", "sign-off", "come-in", "calendar"),
)


def _letters(world: World, registration: Registration) -> dict[str, dict[str, Any]]:
    """Create a letter to a list and a list with an import; return the arguments of addresses."""
    hearing = world.hearing
    message = Message.objects.filter(hearing_id=hearing.id, person=registration.person)[0]
    kept = lists.make(
        hearing=hearing, name="Those of the letter", of_missions=True, actor=world.office
    )
    table = b"address,name\nann@example.org,Ann\nnobody,Bob\n"
    read = importing.read(recipients=kept, file_name="list.csv", data=table)
    everybody = lists.source(hearing, "registered:all")
    assert everybody is not None
    mailing = mailings.make(
        hearing=hearing,
        letter=known_letters()["invitation"],
        source=everybody,
        enclosed=["calendar"],
    )
    own_list, own_mailing = {"pk": kept.pk}, {"pk": mailing.pk}
    return {
        "outgoing:detail": {"pk": message.pk},
        "outgoing:act": {"pk": message.pk},
        "outgoing:unsubscribe": {"secret": unsubscribing.secret_of(message)},
        "outgoing:wording": {"key": "receipt", "language": "en"},
        "outgoing:mailing": own_mailing,
        "outgoing:drop-mailing": own_mailing,
        "outgoing:hold-mailing": own_mailing,
        "outgoing:paper": {"kind": "calendar", "language": "en"},
        **{f"outgoing:{name}": own_list for name in ("list", "list-csv", "strike", "upload")},
        "outgoing:import": {**own_list, "found": read.pk},
    }


def _decision(world: World) -> UUID:
    """Create a decision about many registrations that the worker has made, and return its token."""
    job = Job.objects.create(
        kind=bulk_decisions.KIND,
        key=bulk_decisions.key_of(world.hearing),
        state=Job.State.DONE,
        result={"decided": 2, "refused": []},
        asked_at=clock.now(),
        finished_at=clock.now(),
    )
    return job.token


def _import(world: World) -> dict[str, dict[str, Any]]:
    """Read a table of registrations, and return the arguments of its addresses."""
    data = b"entidad,nombre completo,correo\nRiver Watch,Ann,ann@example.org\n"
    table = reading_tables.read(hearing=world.hearing, file_name="people.csv", data=data)
    return {f"registration:{name}": {"pk": table.pk} for name in ("import", "import-rows")}


def _training(world: World, registration: Registration) -> Session:
    """Schedule a training session, sign a participant up, and return the session."""
    plan = SessionPlan(clock.now() + timedelta(days=1), minutes=30, language="en", capacity=9)
    session = trainings.schedule(hearing=world.hearing, plan=plan, actor=world.office)
    trainings.sign_up(session=session, registration=registration, actor=world.office)
    return session


def _wall(world: World) -> dict[str, dict[str, Any]]:
    """Set up a wall with a post and an unread source; return the arguments of their addresses."""
    hearing, by = world.hearing, world.office
    walls.set_up(hearing=hearing, is_public=True, takes_posts=True, is_moderated=True, actor=by)
    post = walls.write(hearing=hearing, name="A", text="Hello", caller="here", language="en")
    source = walls.add_source(
        hearing=hearing,
        origin="mastodon",
        server="https://social.example.org",
        hashtag="hearing",
        actor=by,
    )
    return {
        "wall:post": {"pk": post.pk},
        "wall:author": {"pk": post.author_id},
        "wall:remove-source": {"pk": source.pk},
    }


def _broadcaster(world: World) -> UUID:
    """Add a broadcaster that receives the program in French, and return its id."""
    url = "rtmp://live.example.org/app/key"
    added = broadcasters.add(hearing=world.hearing, url=url, channel="fr", actor=world.office)
    return added.pk


def _booths(world: World, interpreter: Person) -> dict[str, dict[str, Any]]:
    """Create an interpreter in the French booth and one without a booth; return the arguments."""
    own = booths.assign(
        hearing=world.hearing, language="fr", person=interpreter, actor=world.office
    )
    waits = Person.objects.create(name="Without a booth", email="waits@hearing.example")
    given = parties.appoint(
        person=waits, hearing_id=world.hearing.id, role=Role.INTERPRETER, actor=world.office
    )
    return {
        "interpretation:booth": {"language": "fr"},
        "interpretation:updates": {"language": "fr"},
        "interpretation:place": {"pk": given.pk},
        "interpretation:release": {"pk": own.pk},
    }


def _mail(registration: Registration) -> dict[str, dict[str, Any]]:
    """Create an undecided message with a file from a known sender, and return the arguments."""
    message = with_file(letter(subject="Another version", text="Two are attached."))
    mail = arrived(with_file(message, "annex.docx", docx("An annex.")))
    mail.hearing_id = registration.hearing_id  # another hearing may have the same addresses
    mail.registration_id, mail.person_id = registration.id, registration.person_id
    mail.save()
    names = ("detail", "assign", "aside", "reopen")
    return {
        **{f"incoming:{name}": {"pk": mail.pk} for name in names},
        "incoming:take": {"pk": mail.pk, "purpose": "statements"},
        "incoming:file": {"pk": mail.pk, "number": 1},
    }


def _programs(world: World, registration: UUID, statement: UUID) -> dict[str, dict[str, Any]]:
    """Create an API token and a webhook with a delivery; return the arguments of API addresses."""
    webhook = Webhook.objects.create(
        hearing=world.hearing,
        url="https://hooks.example.org/told",
        position=1,
        created_at=clock.now(),
    )
    sent = Delivery.objects.create(
        webhook=webhook, seq=1, kind="a.kind", created_at=clock.now(), next_at=clock.now()
    )
    token, _secret = tokens.make_token(
        hearing=world.hearing,
        owner=world.secretary,
        name="A program",
        scopes=[Scope.RECORD_READ],
        days=9,
        actor=world.office,
    )
    return {
        "api:v1-statement": {"pk": statement},
        "api:v1-registration": {"pk": registration},
        "api:v1-decision": {"pk": registration},
        "api:nothing": {"rest": "v0/hearings"},
        "api:revoke": {"pk": token.pk},
        "api:webhook": {"pk": webhook.pk},
        "api:press": {"pk": webhook.pk},
        "api:again": {"pk": sent.pk},
    }


def _sign_in_secret(person: Person, hearing: Hearing) -> str:
    path = issue_link(
        person=person, hearing_id=hearing.id, role="moderator", actor=Actor.system("test")
    )
    return path.strip("/").rpartition("/")[2]


_READER = ("readers:reader", "room:reader-seat", "room:reader-pass", "room:reader-practice")


def _readers_secret(panel: Segment) -> str:
    """Return the secret in the link of a person who has agreed to read for a panellist."""
    member = panel.members.filter(role=Role.PANELLIST)[0]
    reader, _made = ProxyReader.objects.get_or_create(
        slot=member.pk,
        defaults={
            "hearing": panel.meeting.hearing,
            "person": Person.objects.create(name="Rosa Reader", email="rosa@hearing.example"),
            "voice": "live",
            "named_at": clock.now(),
            "confirmed_at": clock.now(),
        },
    )
    secret = links.derive(reader.id, 1)
    ProxyReader.objects.filter(pk=reader.pk).update(link_hash=hash_secret(secret))
    return secret


def _co_signers_secret(registration: Registration) -> str:
    asked = CoSigner(
        registration=registration,
        organization_name="Ally",
        organization_key="ally",
        email="ally@hearing.example",
        state=CoSigner.State.ASKED,
    )
    secret = links.derive(asked.id, 1)
    asked.link_hash = hash_secret(secret)
    asked.save()
    return secret
