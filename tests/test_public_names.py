"""People with an alias are named nowhere in public: everything public is read, and searched.

One registrant, mission's speaker, panellist, moderator and co-signer have names that occur nowhere
else. The walk requests every address of the URL table that answers a visitor, so that a new address
is included automatically, and reads the API, the feed, the archive and letters to others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from hemicycle.before.accreditation.models import EditionCopy, FocalPoint
from hemicycle.before.questions import actions as questions
from hemicycle.before.registration import aliases
from hemicycle.before.registration import links as registration_links
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import titles
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.engine import hearing_config
from hemicycle.engine.captions.aliases import public_text
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.people.models import (
    WHOLE_OFFICE,
    Appointment,
    Duty,
    Organization,
    Person,
    Role,
)
from hemicycle.hearing.setup.models import PanelMember, Segment
from hemicycle.mail.outgoing import invitation
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.interpretation import actions as booths
from hemicycle.meeting.room import engine
from hemicycle.outcome.archive import building
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions as summaries
from hemicycle.outcome.summary import translating
from hemicycle.outcome.summary.models import Section, Sentence
from hemicycle.procedure import commands as c
from hemicycle.procedure.state import Holding
from hemicycle.record import feed
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.addresses import Place, furnished, patterns, undone
from tests.support.jobs import work_off
from tests.support.outside import OF_ONE_PERSON, texts_in
from tests.support.translated import WORDS

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


@dataclass(frozen=True, slots=True)
class Protected:
    """Somebody with an alias, and everything that must not be found."""

    alias: str
    name: str
    organization: str
    title: str
    email: str
    other_name: str = ""
    """The organization's name in French."""

    @property
    def words(self) -> list[str]:
        """The words that no output may contain, each found nowhere else."""
        phrases = (self.name, self.organization, self.title, self.other_name)
        return [*(word for phrase in phrases for word in phrase.split()), self.email]


REGISTRANT = Protected(
    "Ms. Heron",
    "Zorblatta Quuxmeister",
    "Quillfeather Kollektivum",
    "Shelterkeeper",
    "zorblatta@quillfeather.example",
    "Plumassière Tournesolette",
)
MISSION = Protected(
    "Delegate Seven",
    "Vexillan Otterbourne",
    "Ruritanova",
    "Plenipotentiarix",
    "vexillan@ruritanova.example",
)
PANELLIST = Protected(
    "Panellist Ash", "Brindlewick Marrowby", "Tidewrackers", "", "brindlewick@tidewrackers.example"
)
MODERATOR = Protected(
    "Moderator Elm", "Cressidora Plimsoll", "Hallowmere", "", "cressidora@hallowmere.example"
)
CO_SIGNER = Protected("Friend of Heron", "Gantrywold", "Gantrywold", "", "gantrywold@joins.example")
PROTECTED = (REGISTRANT, MISSION, PANELLIST, MODERATOR, CO_SIGNER)
SAYS = (
    "{who.name}, {who.organization}.\nI am {who.name} and speak for {who.organization}. "
    "Write to {who.email} or call +44 20 7946 0958.\n"
)
"""The beginning of a statement that names its author."""


def titled(name: str, organization: str, other_name: str) -> GivenTitle:
    """Return a title that names its author, in two languages."""
    return GivenTitle(
        f"{name} of {organization} on shelters", "en", f"{name}, {other_name} : les abris", "fr"
    )


COUNTRY = "Uzbekistan"
"""The country of the registrant and the delegate; nobody else comes from there."""


@pytest.fixture
def place(db: None) -> Iterator[Place]:
    """A hearing that is over, of which everything has been published."""
    with furnished(_differing(), staffed) as place:
        _publish(place)
        yield place
        for archive in Archive.objects.exclude(file=""):
            stored_files.drop(archive.file.name or "")


def _differing() -> dict[str, dict[str, Any]]:
    def own(who: Protected, **more: Any) -> dict[str, Any]:
        return {
            "organization": who.organization,
            "speaker": who.name,
            "title": who.title,
            "email": who.email,
            "alias": who.alias,
            "country": "UZ",
            "consents_to_list": "yes",
            **more,
        }

    return {
        "Open Doors": own(
            REGISTRANT,
            co_signers=(CO_SIGNER.organization,),
            organization_language="en",
            other_names={"fr": REGISTRANT.other_name},
            words=f"{SAYS.format(who=REGISTRANT)}{REGISTRANT.other_name} is our French name.\n",
            question=f"{REGISTRANT.name} of {REGISTRANT.organization} asks: who pays?",
        ),
        "Estmere": own(MISSION, words=SAYS.format(who=MISSION)),
        # A speaker without an alias, joined by an organization that has one.
        "Late Voices": {
            "co_signers": (CO_SIGNER.organization,),
            "consents_to_list": "yes",
            "words": f"We speak with {CO_SIGNER.organization}. Write to {CO_SIGNER.email}.\n",
            "question": f"{CO_SIGNER.organization} asks with us: who pays?",
        },
    }


def staffed(world: World) -> None:
    """Put a panellist and a moderator on the first panel, each with a person in the seat."""
    world.hearing.public_list = True
    world.hearing.save(update_fields=["public_list"])
    panel = world.panels[0]
    panel.members.all().delete()
    sits = f"{PANELLIST.name} ({PANELLIST.organization}), asked by {MODERATOR.name}"
    Segment.objects.filter(pk=panel.pk).update(description=sits)
    seats = ((PANELLIST, Role.PANELLIST), (MODERATOR, Role.MODERATOR))
    for number, (who, role) in enumerate(seats, start=1):
        person = Person.objects.create(name=who.name, email=who.email, title=who.organization)
        Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
        PanelMember.objects.create(
            segment=panel,
            ordinal=number,
            role=role,
            person=person,
            name=who.name,
            title=who.organization,
            topic=f"What {who.name} of {who.organization} saw. {who.email}, tel. 020 7946 0958",
            alias=who.alias,
        )


def _publish(place: Place) -> None:
    world = place.world
    CoSigner.objects.update(state=CoSigner.State.CONSENTED)
    asked = CoSigner.objects.filter(organization_name=CO_SIGNER.organization)
    asked.update(email=CO_SIGNER.email)
    for joins in asked:
        aliases.set_co_signer_alias(co_signer=joins, alias=CO_SIGNER.alias, actor=world.office)
    for statement in Statement.objects.filter(hearing_id=place.hearing.id):
        statements.set_consent(statement=statement, publish=True, actor=world.office)
        body = statement.registration.organization
        title = titled(statement.registration.person.name, body.names[0], body.names[-1])
        statements.set_title(statement=statement, title=title, actor=world.office)
        newest = statement.versions.order_by("number").last()
        assert newest is not None
        statements.release_words(
            statement=statement,
            number=newest.number,
            title_read=titles.fingerprint(statement),
            actor=world.office,
        )
    section = Section.objects.get(summary__hearing=place.hearing, key=Section.PARTICIPATION)
    written = []
    for who in PROTECTED:
        said = f"{who.name} of {who.organization} ({who.email}) asked for shelters."
        written.append(
            summaries.write(section=section, text=said, addressee=who.name, actor=world.office)
        )
    summaries.publish(hearing=place.hearing, actor=world.office)
    for language in ("ar", "fr"):
        _translate(place, written, language)
    building.want(place.hearing, public=True)
    work_off()


def _translate(place: Place, rows: list[Sentence], language: str) -> None:
    """Publish a translation whose translators write the names that must not be public."""
    act: dict[str, Any] = {
        "hearing": place.hearing,
        "language": language,
        "actor": place.world.office,
    }
    for who, row in zip(PROTECTED, rows, strict=True):
        translating.translate(
            **act,
            sentence=row.pk,
            text=f"{WORDS[language]} : {who.name}, {who.organization} ({who.email})",
            addressee=who.name,
            state=translating.state_of(row),
            revision=0,
        )
    translating.publish(**act, incomplete=True)


# ── What the outside can read ─────────────────────────────────────────────────────────────────


def answers(place: Place, client: Client, suffix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each address that a visitor can open, and the text of its answer."""
    for name, route in patterns().items():
        if OF_ONE_PERSON.search(route):
            continue
        answer = undone(client, "get", place.url(name) + suffix)
        if answer.status_code == 200:
            yield name + suffix, text_of(answer)


def text_of(answer: Any) -> str:
    """Return the text of an answer, including its headers and the files of an archive."""
    body = b"".join(answer) if answer.streaming else answer.content
    return f"{answer.headers}\n" + "\n".join(texts_in(body))


VOUCHING = ("accreditation:approve", "accreditation:approve-evidence")
"""Addresses that a focal point's link opens."""
OWN = ("outgoing:unsubscribe",)
"""Addresses that a link in a letter to the registrant opens."""


def links_of_others(place: Place, client: Client) -> Iterator[tuple[str, str]]:
    """Yield what private links show, except the links of protected people."""
    copies = EditionCopy.objects.exclude(address=MISSION.email)
    instead = {"secret": registration_links.derive(copies.latest("address").id, 1)}
    for name, named in place.ids.items():
        if "secret" in named and name not in (*VOUCHING, *OWN):
            own = instead if name.startswith("accreditation:circulated") else {}
            yield name, text_of(undone(client, "get", place.url(name, **own)))


def followed(place: Any) -> Iterator[tuple[str, str]]:
    """Yield what the feed sends to each audience that does not follow the entries themselves."""
    for audience in feed._audiences.values():
        yield f"feed {audience.name}", json.dumps(audience.render(place.hearing.id))


def burnt_in(place: Any) -> Iterator[tuple[str, str]]:
    """Yield the names that the engine burns into the picture."""
    for meeting in place.hearing.meetings.all():
        # Everyone raises a point of order here, even people who are on no list.
        points = {id.hex: id.hex for id in Person.objects.values_list("id", flat=True)}
        floor = replace(floor_of(meeting.id), points=points)
        plates = (
            engine._places(floor),
            engine.moderators(place.hearing, floor),
            engine._raisers(place.hearing, floor),
        )
        names = [list(plate.values()) for kind in plates for plate in kind.values()]
        yield "plates", json.dumps(names, ensure_ascii=False)


def written_to_others(place: Place) -> Iterator[tuple[str, str]]:
    """Yield each letter to anybody except a protected person and the secretariat.

    Focal points confirm a person whom they know: they are the only others who get a name.
    """
    own = {who.email for who in PROTECTED} | {place.world.secretary.email}
    own |= set(CoSigner.objects.values_list("email", flat=True))
    own |= set(FocalPoint.objects.values_list("person__email", flat=True))
    for message in Message.objects.exclude(address__in=own):
        yield f"letter {message.purpose}", f"{message.subject}\n{message.body}"


def enclosed(place: Any) -> Iterator[tuple[str, str]]:
    """Yield the papers that are enclosed with letters to lists."""
    for kind in invitation.kinds(place.hearing):
        if (paper := kind.make(place.hearing, "en")) is not None:
            yield f"paper {kind.key}", "\n".join(texts_in(paper.content))


def indexed() -> Iterator[tuple[str, str]]:
    """Yield the words by which the search finds statements."""
    table = "statements_listing_search" if connection.vendor == "sqlite" else "statements_listing"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        yield "search index", repr(cursor.fetchall())


def everything(place: Place) -> list[tuple[str, str]]:
    """Return everything that outsiders can read."""
    visitor = Client()
    found = [*answers(place, visitor), *answers(place, visitor, "?lang=ar")]
    found += [*links_of_others(place, visitor), *enclosed(place)]
    return [*found, *followed(place), *burnt_in(place), *written_to_others(place), *indexed()]


def leaks(read: list[tuple[str, str]], words: list[str]) -> list[str]:
    """Return where words are found, each place with its words."""
    found = [(where, [word for word in words if _holds(text, word)]) for where, text in read]
    return sorted({f"{where}: {', '.join(sorted(words))}" for where, words in found if words})


def _holds(text: str, word: str) -> bool:
    return word.casefold() in text.casefold() or escape(word) in text


def words_of_all() -> list[str]:
    return [word for who in PROTECTED for word in who.words] + [COUNTRY, '"UZ"', "7946 0958"]


# ── Tests ─────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def live(world: World) -> World:
    """A panel in which people with an alias present, speak, are next, are asked and ask."""
    staffed(world)
    registered = {
        who: world.ngo(
            who.organization,
            0,
            speaker=who.name,
            title=who.title,
            email=who.email,
            alias=who.alias,
            country="UZ",
            consents_to_list="yes",
            question=f"{who.name} of {who.organization} asks: who pays?",
        )
        for who in (REGISTRANT, MISSION)
    }
    for who, row in registered.items():
        statements.hand_in(
            registration=row,
            inscription=row.inscriptions.get(),
            file_name=f"{who.name}.txt",
            data=SAYS.format(who=who).encode(),
            by=row.person,
            actor=world.office,
            title=titled(who.name, who.organization, who.organization),
        )
    question = registered[REGISTRANT].questions.get()
    panellist = world.panels[0].members.get(role=Role.PANELLIST)
    questions.sort(
        question=question,
        segment=world.panels[0],
        guiding_question=None,
        to=panellist,
        actor=world.office,
    )
    world.open_panel(0)
    world.press(c.GiveFloor())
    world.clock.advance(10_000)
    world.press(c.EndFloor())
    world.press(c.DrawQuestion(question.id.hex, to=panellist.id.hex))
    world.press(c.GiveFloor())
    return world


def pages_of(world: World, client: Client) -> Iterator[tuple[str, str]]:
    """Yield the answers of addresses that need only a hearing, a meeting, a language or a slot."""
    slot = world.inscription(
        Registration.objects.get(organization__name=REGISTRANT.organization)
    ).id.hex
    known = {
        "slug": world.hearing.slug,
        "meeting": world.panels[0].meeting_id,
        "language": "fr",
        "slot": slot,
    }
    for name, route in patterns().items():
        needed = re.findall(r"<(?:\w+:)?(\w+)>", route)
        if set(needed) <= known.keys():
            url = reverse(name, kwargs={part: known[part] for part in needed})
            for query in ("", f"?slot={slot}"):
                answer = undone(client, "get", url + query)
                if answer.status_code != 200:
                    break  # nor does it with a slot
                yield name, text_of(answer)


def test_a_meeting_under_way_names_nobody_who_has_an_alias(live: World) -> None:
    at = SimpleNamespace(hearing=live.hearing)
    read = [*pages_of(live, Client()), *followed(at), *burnt_in(at)]
    assert {"webcast:live", "room:hall", "api:v1-speakers"} <= dict(read).keys()
    assert leaks(read, words_of_all()) == []
    views = dict(read)  # the last answer of each name
    assert MODERATOR.alias in views["plates"]
    for who in (REGISTRANT, PANELLIST):
        assert who.alias in views["feed public"]


@pytest.mark.parametrize(
    ("role", "room"),
    [
        (Role.MODERATOR, "room:console-of"),
        (Role.INTERPRETER, "interpretation:booth"),
        (Role.CAPTIONER, "captions:console"),
        (Role.TECHNICIAN, "room:technician"),
    ],
)
def test_staff_see_the_alias_and_never_the_name_beside_it(
    live: World, role: Role, room: str
) -> None:
    person = Person.objects.create(name="Somebody", email="staff@hearing.example")
    Appointment.objects.create(person=person, hearing_id=live.hearing.id, role=role)
    if role == Role.INTERPRETER:
        booths.assign(hearing=live.hearing, language="fr", person=person, actor=live.office)
    read = list(pages_of(live, live.client(person)))
    assert leaks(read, words_of_all()) == []
    assert any(REGISTRANT.alias in text for name, text in read if name == room)


def test_captions_name_nobody_who_has_an_alias(live: World) -> None:
    """Names and e-mail addresses of people with an alias are always replaced.

    The organization and the telephone number are replaced for the speaker who has the floor.
    """
    config = hearing_config.read(engine.hearing_config(live.hearing))
    floor = floor_of(live.panels[0].meeting_id)
    registered = Registration.objects.get(organization__name=REGISTRANT.organization)
    slots = {
        REGISTRANT: live.inscription(registered).id.hex,
        PANELLIST: live.panels[0].members.get(role=Role.PANELLIST).id.hex,
    }
    for speaker, slot in slots.items():
        told = replace(floor, holder=Holding(slot, 1, 0, 180_000))
        said = [
            public_text(
                f"{who.name} of {who.organization}, {who.email}, tel. 7946 0958", told, config, 0
            )
            for who in (REGISTRANT, MISSION, PANELLIST, MODERATOR)
        ]
        words = [word for who in PROTECTED for word in (*who.name.split(), who.email)]
        words += [speaker.organization, "7946"]
        assert leaks([("captions", text) for text in said], words) == []


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.INTERPRETER])
def test_staff_read_words_under_an_alias_and_get_no_file_of_them(live: World, role: Role) -> None:
    person = Person.objects.create(name="Somebody", email="staff@hearing.example")
    Appointment.objects.create(person=person, hearing_id=live.hearing.id, role=role)
    client = live.client(person)
    for statement in Statement.objects.filter(hearing_id=live.hearing.id):
        address = f"/office/{live.hearing.slug}/statements/{statement.pk}/"
        assert leaks([("statement", text_of(client.get(address)))], words_of_all()) == []
        version = statement.versions.get()
        file = reverse("statements:file", args=(live.hearing.slug, version.pk))
        assert client.get(file).status_code == 404
        assert live.client(live.secretary).get(file).status_code == 200


ADDRESS_BOOKS = frozenset(
    {
        *("registration:missions", "outgoing:list-csv"),
        *("accreditation:circulate", "accreditation:list-withdraw"),
    }
)
"""The office's lists of missions, which do not say who takes part under an alias."""


def officer_without_names(world: World) -> Client:
    """Return the client of an officer who has every duty except protected data."""
    person = Person.objects.create(name="An officer", email="officer@hearing.example")
    Appointment.objects.create(
        person=person,
        hearing_id=world.hearing.id,
        role=Role.SECRETARIAT,
        duties=sorted(WHOLE_OFFICE - {Duty.PROTECTED}),
    )
    return world.client(person)


def test_an_officer_reads_no_name_behind_an_alias_without_the_duty(place: Place) -> None:
    """Every page of the office, letter and registration is read, also the results of a search."""
    _undecided(place)
    client = officer_without_names(place.world)
    words = [word for who in PROTECTED for word in who.words] + ["7946 0958"]
    read = [*office(place, client, ""), *_letters_and_people(place, client)]
    assert {"registration:office", "accreditation:office", "outgoing:office"} <= dict(read).keys()
    assert {"speakers:list", "questions:office", "consent:office"} <= dict(read).keys()
    assert leaks(read, words) == []
    # Forms offer every country.
    assert leaks([(where, _without(text, "option")) for where, text in read], [COUNTRY]) == []
    found = list(office(place, client, f"?q={REGISTRANT.organization.split()[0]}&sort=name"))
    # The query is repeated in the field and in links, and only there.
    assert leaks([(where, _without(text, "input", "a")) for where, text in found], words) == []
    assert REGISTRANT.alias in dict(read)["registration:office"]
    assert REGISTRANT.alias in dict(read)["accreditation:office"]
    with_names = place.world.client().get(place.url("registration:office")).text
    assert REGISTRANT.organization in with_names


def _undecided(place: Place) -> None:
    """Give the undecided registration, which has an alias, a protected name and address."""
    waits = Registration.objects.get(person=place.people["undecided"])
    assert waits.alias
    waits.person.name, waits.person.email = REGISTRANT.name, "shelter@quillfeather.example"
    waits.person.save()


def office(place: Place, client: Client, query: str) -> Iterator[tuple[str, str]]:
    """Yield each page of the office that answers, and its answer."""
    for name, route in patterns().items():
        if route.startswith("office/") and name not in ADDRESS_BOOKS:
            answer = undone(client, "get", place.url(name) + query)
            if answer.status_code in {200, 403}:
                yield name, text_of(answer)


def _letters_and_people(place: Place, client: Client) -> Iterator[tuple[str, str]]:
    """Yield the pages of all messages and of all registrations."""
    letters = Message.objects.filter(hearing_id=place.hearing.id)
    for name, rows in (
        ("outgoing:detail", letters),
        ("registration:detail", Registration.objects.filter(hearing=place.hearing)),
        ("registration:edit", Registration.objects.filter(hearing=place.hearing)),
        ("statements:detail", Statement.objects.filter(hearing_id=place.hearing.id)),
    ):
        for pk in rows.values_list("pk", flat=True):
            yield name, text_of(undone(client, "get", place.url(name, pk=pk)))


def _without(text: str, *tags: str) -> str:
    """Return a page without the tags of some elements, and without the texts of options."""
    return re.sub(rf"<(?:{'|'.join(tags)})\b[^>]*>(?:[^<]*</option>)?", "", text)


def test_the_record_leads_from_no_alias_to_a_colleague_who_is_named(world: World) -> None:
    """From the slot with the alias, ids are followed through all entries that share one."""
    hidden = world.ngo("Quillfeather", 0, alias=REGISTRANT.alias)
    named = world.ngo("Quillfeather", 1)
    personal = {
        "registration": {row.id.hex for row in Registration.objects.all()},
        "slot": {row.id.hex for row in Inscription.objects.all()},
        "person": {row.id.hex for row in Person.objects.all()},
        "organization": {row.id.hex for row in Organization.objects.all()},
    }
    ids = set().union(*personal.values()) - {world.secretary.id.hex, world.moderator.id.hex}
    told = [
        set(re.findall(r"[0-9a-f]{32}", f"{entry.actor} {entry.body}")) & ids
        for entry in Entry.objects.filter(hearing=world.hearing.id)
    ]
    reached = {world.inscription(hidden).id.hex}
    while more := set().union(*(group for group in told if group & reached)) - reached:
        reached |= more
    assert hidden.organization_id.hex in reached
    assert not reached & {named.id.hex, named.person_id.hex, named.organization_id.hex}


def test_nothing_names_whoever_has_an_alias_once_all_is_published(place: Place) -> None:
    read = everything(place)
    assert {"summary:public", "archive:public-zip", "statements:published"} <= dict(read).keys()
    assert WORDS["ar"] in dict(read)["summary:public?lang=ar"]
    assert WORDS["fr"] in dict(read)["summary:public-pdf-in"]
    assert leaks(read, words_of_all()) == []
    everywhere = "\n".join(text for _where, text in read)
    for who in PROTECTED:
        assert who.alias in everywhere
