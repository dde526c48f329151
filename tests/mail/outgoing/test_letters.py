"""Texts of letters: built-in ones are valid, and a secretariat's own use known fields only."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import audiences, mailings, wording
from hemicycle.mail.outgoing.letters import INVITATION, general
from hemicycle.mail.outgoing.models import Message, Recipient, Wording
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import Field, Letter, Text, faults, fill, known_letters, text_of
from hemicycle.record.models import Entry
from tests.hearing.setup.office import fields
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from tests.support.finished import Finished
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
NEEDED = {
    *("invitation", "receipt", "registration-accepted", "registration-refused", "co-signer"),
    "co-signer-public-name",
    *("co-signer-joins", "co-signer-declines", "moved-up", "place-free", "speaker", "no-speaker"),
    *("link", "link-replaced", "withdrawal", "floor-given-up", "confirmation", "draft"),
    *("approval", "approval-given", "approval-declined", "listed", "no-objection", "objection"),
    *("training-place", "missing-statement", "forecast", "floor-link", "not-reached"),
    *("publication", "question-put", "summary", "calendar-request", "calendar-cancel"),
}


@pytest.fixture
def office(world: World) -> Client:
    return world.client()


def test_every_letter_that_is_needed_is_there() -> None:
    assert set(known_letters()) >= NEEDED


@pytest.mark.parametrize("language", ["en", "ar"])
def test_built_in_texts_have_their_places_and_no_others(world: World, language: str) -> None:
    found = {
        key: faults(letter, text_of(letter, world.hearing.id, language))
        for key, letter in known_letters().items()
    }
    assert {key: said for key, said in found.items() if said} == {}


def test_examples_fill_every_place(finished: Finished) -> None:
    hearing = finished.world.hearing
    for letter in known_letters().values():
        values = letter.example(hearing) if letter.example else None
        if values is not None:
            assert {*letter.places} <= {"hearing", "greeting", *values}, letter.key


def test_an_invitation_says_who_invites_where_no_convener_is_named(world: World) -> None:
    world.hearing.convener = ""
    text = fill(text_of(INVITATION, world.hearing.id, "en"), general(world.hearing))
    assert "The secretariat of the hearing invites you to" in text.body


def letter(*fields: Field) -> Letter:
    return Letter("x", Message.Purpose.RECEIPT, "x", lambda: Text("s", "b"), fields)


def test_a_paragraph_with_nothing_in_it_is_left_out() -> None:
    text = Text("{who}: news", "Dear {who},\n\nReason: {why}\n\n{who} or {why}\n\nBye")
    assert fill(text, {"who": "Ana", "why": ""}) == Text("Ana: news", "Dear Ana,\n\nAna or \n\nBye")


def test_what_fills_a_place_is_never_read_as_a_place() -> None:
    assert fill(Text("s", "{a}"), {"a": "{b}", "b": "secret"}).body == "{b}"


def test_faults_are_told_one_by_one() -> None:
    own = letter(Field("link", "the page", required=True), Field("name", "the name"))
    assert faults(own, Text("Hello", "{name}: {link}")) == []
    assert faults(own, Text("Hello {link}", "{nmae} {")) == [
        (
            "{nmae} is not a field of this letter. "
            "Its fields are: {hearing}, {greeting}, {link}, {name}."
        ),
        "{link} must be in the text, not only in the subject.",
        "A brace is unpaired. Write fields as {name}, with both braces.",
    ]
    assert faults(own, Text("Hello", "Nothing")) == ["{link} is missing. Add it to the text."]


def test_the_secretariats_words_stand_in_the_next_letters(world: World, office: Client) -> None:
    url = f"/office/{world.hearing.slug}/letters/text/receipt/en/"
    words = {"subject": "{hearing}: we have it", "body": "Welcome, {name}.\n\n{link}"}
    lacking = office.post(url, {**words, "body": "Welcome, {nobody}.", "act": "keep"})
    assert lacking.status_code == 422
    assert "{nobody} is not a field of this letter" in lacking.content.decode()
    assert "Welcome, {nobody}." in lacking.content.decode()
    assert Wording.objects.count() == 0
    assert office.post(url, {**words, "act": "keep"}).status_code == 302
    row = world.ngo("Open Doors", 0, speaker="Ana Ruiz")
    receipt = Message.objects.get(purpose=Message.Purpose.RECEIPT, person=row.person)
    assert receipt.subject == f"{world.hearing}: we have it"
    assert receipt.body == f"Welcome, Ana Ruiz.\n\n{links.personal_url(row)}"
    preview = office.post(url, {**words, "body": "{name}! {link}", "act": "preview"})
    assert "Ana Ruiz!" in preview.content.decode()
    assert links.secret_of(row) not in preview.content.decode()
    office.post(url, {"act": "restore"})
    assert Wording.objects.count() == 0
    kinds = Entry.objects.filter(kind__startswith="letter.").order_by("seq")
    assert [entry.fields() for entry in kinds] == [
        {"letter": "receipt", "language": "en", "audience": ""}
    ] * 2


def test_a_language_without_a_catalogue_can_have_words_too(world: World) -> None:
    receipt = known_letters()["receipt"]
    assert text_of(receipt, world.hearing.id, "pt").language == "en"
    Wording.objects.create(
        hearing_id=world.hearing.id,
        letter="receipt",
        language="fr",
        subject="Reçu",
        body="{link}",
        changed_at="2021-06-24T00:00Z",
    )
    assert text_of(receipt, world.hearing.id, "fr") == Text("Reçu", "{link}", "fr")


@pytest.mark.any_database
def test_an_audience_reads_its_own_text_or_the_one_for_everyone(world: World) -> None:
    url = f"/office/{world.hearing.slug}/letters/text/receipt/en/"
    office = world.client()
    built_in = {"missions": "built-in", "organizations": "built-in", "others": "built-in"}
    receipt = known_letters()["receipt"]

    def sources() -> dict[str, str]:
        return {one.key: one.source for one in wording.by_audience(world.hearing, receipt, "en")}

    assert sources() == built_in
    office.post(url, {"subject": "All", "body": "{link}", "act": "keep"})
    office.post(f"{url}?for=missions", {"subject": "States", "body": "{link}", "act": "keep"})
    assert sources() == {"missions": "own", "organizations": "general", "others": "general"}
    page = office.get(f"{url}?for=missions").content.decode()
    assert ("States" in page, "Use the text for everyone" in page) == (True, True)
    rows = world.mission("Estmere", 0), world.ngo("Open Doors", 0)
    subjects = [Message.objects.get(purpose="receipt", person=row.person).subject for row in rows]
    assert subjects == ["States", "All"]
    assert office.get(f"{url}?for=nobody").status_code == 404
    office.post(f"{url}?for=missions", {"act": "restore"})
    assert set(sources().values()) == {"general"}
    entries = Entry.objects.filter(kind__startswith="letter.").order_by("seq")
    assert [entry.fields()["audience"] for entry in entries] == ["", "missions", "missions"]


def test_who_is_an_audience(world: World) -> None:
    estmere = world.mission("Estmere", 0)
    doors = world.ngo("Open Doors", 0, co_signers=("Hope",))
    listed_missions(world, "mission@example.org")
    signer = doors.co_signers.get().email
    asked = (
        estmere.person.email.upper(),
        doors.person.email,
        "Mission@example.org",
        "x@example.org",
    )
    found = audiences.of_addresses(world.hearing.id, [*asked, signer])
    assert [found[address.casefold()] for address in (*asked, signer)] == [
        *("missions", "organizations", "missions", "others", "organizations")
    ]


def test_a_letter_to_a_list_is_worded_for_each_audience(world: World) -> None:
    listed_missions(world, "mission@example.org")
    letter = known_letters()["announcement"]
    for audience, subject in (("", "All"), ("missions", "States")):
        text = Text(subject, "{link}")
        wording.change(
            hearing=world.hearing,
            letter=letter,
            language="en",
            text=text,
            actor=world.office,
            audience=audience,
        )
    to = [Addressee("mission@example.org"), Addressee("x@example.org")]
    plan = mailings.plan_for(world.hearing, letter, "Some", to)
    assert [written.text.subject for written in plan.written] == ["States", "All"]


def test_every_letter_can_be_looked_at(finished: Finished) -> None:
    """Pages differ only in the letter that they show, so some are enough."""
    client = finished.world.client()
    hearing = finished.world.hearing
    slug = hearing.slug
    assert client.get(f"/office/{slug}/letters/").status_code == 200
    letters = list(zip(known_letters().values(), cycle(("en", "ar", "fr")), strict=False))
    for letter, language in letters:
        assert wording.preview(hearing, letter, language).text.body, letter.key
    for letter, language in letters[::7]:
        page = client.get(f"/office/{slug}/letters/text/{letter.key}/{language}/")
        assert page.status_code == 200, letter.key
    assert client.get(f"/office/{slug}/letters/text/nothing/en/").status_code == 404


def test_a_language_that_letters_use_is_removed_with_a_sentence_and_nothing_is_lost(
    world: World,
) -> None:
    office, slug = world.client(), world.hearing.slug
    path = f"/office/{slug}/programme/facts/"

    def speaking(*languages: str) -> str:
        sent = fields(office.get(path).content) | {"facts-languages": list(languages)}
        return office.post(path, sent, follow=True).text

    assert "letters use it" not in speaking("en", "fr", "ar")
    own = {"subject": "Bienvenue", "body": "{greeting}\n\n{link}"}
    page = f"/office/{slug}/letters/text/invitation/fr/"
    assert office.post(page, own).status_code == 302
    listed_missions(world, "mission@example.org")
    Recipient.objects.filter(address="mission@example.org").update(language="sw")
    said = speaking("en", "ar")
    assert "French is not among the languages of this hearing, but letters use it: 1 text" in said
    assert "Swahili is not among the languages" in said
    assert "Bienvenue" in office.get(page).text
    assert "fr" in wording.languages_of(Hearing.objects.get(pk=world.hearing.pk))
    again = fields(office.get(path).content) | {"facts-venue": "Hall 9"}
    assert "letters use it" not in office.post(path, again, follow=True).text
