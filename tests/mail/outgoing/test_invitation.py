"""The papers of an invitation, in Arabic and in the words for each audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.documents.writing import BulletList, Heading, Paragraph, Table
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import invitation, letters, mailings, wording
from hemicycle.mail.outgoing.models import Enclosure
from hemicycle.mail.outgoing.texts import Letter, Text
from tests.mail.outgoing.lists import to_list, words_of

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


def test_foreign_words_keep_their_direction_in_arabic(world: World) -> None:
    """The theme's full stop stays at its end, and a meeting's date stays apart from its title."""
    theme = world.hearing.theme
    told = invitation.note(world.hearing, "ar").blocks
    texts = [block.runs[0].text for block in told if isinstance(block, Paragraph)]
    assert f"\u2068{theme}\u2069" in texts
    headings = [block.text for block in told if isinstance(block, Heading) and block.level == 2]
    assert headings[0].startswith("\u2068Morning meeting\u2069، 13 يوليو 2021")
    Hearing.objects.filter(pk=world.hearing.pk).update(original_language="en")
    world.hearing.refresh_from_db()
    marked = invitation.note(world.hearing, "ar").blocks
    said = {block.runs[0].text: block.language for block in marked if isinstance(block, Paragraph)}
    assert said[theme] == "en"


@pytest.mark.parametrize(
    ("language", "symbols", "person"),
    [
        ("en", "A/RES/75/283, A/RES/74/176 and A/RES/64/293", "Moderator A, {title}"),
        (
            "ar",
            "A/RES/75/283 وA/RES/74/176 وA/RES/64/293",
            "\u2068Moderator A\u2069، \u2068{title}\u2069",
        ),
        ("zh", "A/RES/75/283、A/RES/74/176和A/RES/64/293", "Moderator A，{title}"),
    ],
)
def test_lists_have_the_commas_of_the_papers_language(
    world: World, language: str, symbols: str, person: str
) -> None:
    """In Arabic, the comma after a name is an Arabic one, even after a name in Latin script."""
    paper = invitation.note(world.hearing, language)
    assert symbols in dict(paper.facts).values()
    moderator = world.panels[0].members.get(role="moderator").public
    programme = repr([block for block in paper.blocks if isinstance(block, Table)])
    said = person.format(title=moderator.title)
    assert moderator.name == "Moderator A"
    assert repr(said)[1:-1] in programme


def test_what_a_mailbox_is_for_is_said_in_the_papers_language(world: World) -> None:
    lists = [
        "".join(run.text for run in item)
        for block in invitation.note(world.hearing, "ru").blocks
        if isinstance(block, BulletList)
        for item in block.items
    ]
    assert "Заявления: statements@hearing.example" in lists
    assert not any(item.startswith("publication") for item in lists)


def worded_for_missions(world: World) -> None:
    """Change the invitation's text for everyone, and for missions."""
    for audience in ("", "missions"):
        text = Text("Invitation", f"Words for {audience or 'everyone'}. {{link}}")
        wording.change(
            hearing=world.hearing,
            letter=letters.INVITATION,
            language="en",
            text=text,
            actor=world.office,
            audience=audience,
        )


@pytest.mark.parametrize("letter", [letters.INVITATION, letters.ANNOUNCEMENT])
def test_the_enclosed_letter_is_worded_as_its_reader_is_written_to(
    world: World, letter: Letter
) -> None:
    worded_for_missions(world)
    mailing = to_list(world, letter, "letter-pdf", "calendar")
    mailings.confirm(hearing=world.hearing, mailing=mailing, count=2, actor=world.office)
    found = {}
    for message in mailing.messages.all():
        paper = message.enclosures.get(name="letter-en.pdf")
        found[message.address] = words_of(bytes(paper.content))
        assert message.enclosures.count() == 2
    assert "Words for missions." in found["mission@example.org"]
    assert "Words for everyone." in found["ann@example.org"]
    assert "Words for missions." not in found["ann@example.org"]
    # A paper that is the same for both is made once.
    assert Enclosure.objects.filter(hearing_id=world.hearing.id).count() == 3


def test_the_office_sees_a_sample_and_the_papers_of_each_audience(world: World) -> None:
    office = world.client()
    worded_for_missions(world)
    mailing = to_list(world, letters.INVITATION, "letter-pdf")
    base = f"/office/{world.hearing.slug}/letters/"
    page = office.get(f"{base}to-lists/{mailing.pk}/").content.decode()
    assert "Words for missions." in page
    assert "Words for everyone." in page
    assert "English · Missions" in page
    paper = f"{base}papers/letter-pdf/en/"
    assert f"{paper}?for=missions" in page
    assert "Words for missions." in words_of(office.get(f"{paper}?for=missions").content)
    assert "Words for everyone." in words_of(office.get(f"{paper}?for=others").content)
    assert office.get(f"{paper}?for=nobody").status_code == 404
