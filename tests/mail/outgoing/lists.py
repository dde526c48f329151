"""A letter to a small list, and the words of a PDF, for tests of several modules."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pypdf import PdfReader

from hemicycle.mail.outgoing import lists, mailings
from hemicycle.mail.outgoing.models import Mailing, Recipient, Recipients
from hemicycle.record import clock

if TYPE_CHECKING:
    from hemicycle.mail.outgoing.texts import Letter
    from tests.support.lists import World


def to_list(
    world: World, letter: Letter, *enclosed: str, of_mission: str = "en", of_other: str = "en"
) -> Mailing:
    """Return an unconfirmed letter to a mission and to another addressee, in their languages."""
    made = Recipients.objects.create(hearing_id=world.hearing.id, name="A", made_at=clock.now())
    for address, country, language in (
        ("mission@example.org", "FR", of_mission),
        ("ann@example.org", "", of_other),
    ):
        Recipient.objects.create(
            recipients=made,
            address=address,
            address_key=address,
            country=country,
            language=language,
        )
    source = lists.source(world.hearing, f"own:{made.pk.hex}")
    assert source is not None
    return mailings.make(
        hearing=world.hearing, letter=letter, source=source, enclosed=list(enclosed)
    )


def words_of(content: bytes) -> str:
    """Return the words of a PDF, separated by single spaces."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
