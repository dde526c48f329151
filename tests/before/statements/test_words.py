"""Text under an alias is public once a person has read it with the names replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import aliases, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.public_words import public_text
from hemicycle.before.statements import actions, projections
from hemicycle.before.statements.models import Statement
from hemicycle.record import writer
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

SAYS = "Amina Otieno, River Watch.\nI am Amina Otieno. Write to amina@river.example. Water is life."
REPLACED = "Voice A.\nI am Voice A. Write to […]. Water is life."


@pytest.fixture
def author(world: World) -> Registration:
    """An author, River Watch, without an alias, whose statement may be published."""
    row = world.ngo("River Watch", speaker="Amina Otieno", consents_to_list="yes")
    hand_in(row)
    statement = Statement.objects.get()
    actions.set_consent(statement=statement, publish=True, actor=actor_of(row))
    Statement.objects.update(release=Statement.Release.WRITTEN)
    return row


def hand_in(row: Registration, text: str = SAYS) -> None:
    actions.hand_in(
        registration=row,
        inscription=None,
        file_name="words.txt",
        data=text.encode(),
        by=row.person,
        actor=actor_of(row),
    )


def hide(row: Registration, alias: str = "Voice A") -> None:
    aliases.set_alias(registration=row, alias=alias, actor=actor_of(row))


def library(world: World, **query: str) -> str:
    """Return the page of the library as a visitor sees it."""
    page = Client().get(f"/h/{world.hearing.slug}/statements/", query)
    assert page.status_code == 200
    return page.text


def press(row: Registration, number: int) -> None:
    """Release the text of a version as the author, on the personal page."""
    page = f"/my/{links.secret_of(row)}/"
    statement = Statement.objects.get()
    client = Client()
    assert "Release this text" in client.get(page).text
    client.post(f"{page}statement/{statement.pk}/consent/", {"words": str(number)})


def test_they_wait_until_the_author_has_read_and_released_them(
    world: World, author: Registration
) -> None:
    address = f"/h/{world.hearing.slug}/statements/{Statement.objects.get().pk}/"
    hide(author)
    assert "Voice A" not in library(world)
    assert Client().get(address).status_code == 404
    press(author, 1)
    assert "Voice A" in library(world, q="water")
    page = Client().get(address).text
    assert "I am Voice A. Write to […]." in page
    for name in ("Amina", "Otieno", "River Watch", "river.example"):
        assert name not in page
        assert "Voice A" not in library(world, q=name)
    kinds = Entry.objects.filter(kind__startswith="statement.words").order_by("seq")
    assert [entry.kind for entry in kinds] == ["statement.words_held", "statement.words_released"]


def test_a_new_version_and_another_alias_wait_again(world: World, author: Registration) -> None:
    hide(author)
    press(author, 1)
    author.refresh_from_db()
    hand_in(author, SAYS + " More.")
    assert "Voice A" not in library(world)
    press(author, 1)  # an old page, on which the author has not read the newer version
    assert "Voice A" not in library(world)
    press(author, 2)
    assert "Voice A" in library(world)
    hide(author, "Voice B")
    assert "Voice" not in library(world)


def test_the_office_may_release_them(world: World, author: Registration) -> None:
    hide(author)
    statement = Statement.objects.get()
    page = f"/office/{world.hearing.slug}/statements/{statement.pk}/"
    client = world.client()
    shown = client.get(page).text
    assert "Text under the alias" in shown
    assert "Write to […]." in shown
    client.post(f"{page}naming/", {"words": "1"})
    assert "Voice A" in library(world)
    client.post(f"{page}naming/", {"words": "x"})  # an invalid number has no effect
    assert not Statement.objects.get().is_held


def test_without_an_alias_nothing_waits(world: World, author: Registration) -> None:
    hide(author)
    hide(author, "")
    assert "River Watch" in library(world)
    assert not Statement.objects.get().is_held


def test_the_words_as_the_public_reads_them(author: Registration) -> None:
    author.alias = "Voice A"
    assert public_text(author, SAYS) == REPLACED


def test_a_co_signer_with_an_alias_is_not_named_by_whoever_speaks_openly(world: World) -> None:
    row = world.ngo("River Watch", consents_to_list="yes", co_signers=("Gantry Wold",))
    hand_in(row, "We, River Watch, speak with Gantry Wold.")
    statement = Statement.objects.get()
    statements_page = f"/h/{world.hearing.slug}/statements/{statement.pk}/"
    actions.set_consent(statement=statement, publish=True, actor=actor_of(row))
    with writer.writing(world.hearing.id, actor=world.office) as record:
        projections.release(record, statement, Statement.Release.WRITTEN)
    assert Client().get(f"{statements_page}file/").status_code == 200
    assert "River Watch" in library(world, q="Gantry")

    aliases.set_co_signer_alias(
        co_signer=row.co_signers.get(), alias="A Friend", actor=world.office
    )
    assert "We, River Watch, speak with A Friend." in Client().get(statements_page).text
    assert Client().get(f"{statements_page}file/").status_code == 404
    assert "Gantry Wold" not in library(world, q="River")
    assert "River Watch" not in library(world, q="Gantry")
