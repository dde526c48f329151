"""The library's search also finds sentences of the published summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from hemicycle.outcome.summary import actions

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.finished import Finished

pytestmark = pytest.mark.postgresql("search")

WORDS = "publish figures"


def elsewhere(finished: Finished, client: Client, query: str) -> list[str]:
    """Return the passages of other pages that the library shows for a search."""
    address = reverse("statements:library", args=(finished.world.hearing.slug,))
    page = LexborHTMLParser(client.get(f"{address}?{query}").content.decode())
    return [node.text().casefold() for node in page.css("section [class=library__passage]")]


def test_a_published_summary_is_searched_with_the_library(
    finished: Finished, client: Client
) -> None:
    hearing, office = finished.world.hearing, finished.world.office
    actions.draft(hearing=hearing, actor=office)
    assert elsewhere(finished, client, f"q={WORDS}") == []  # the draft is not public
    actions.publish(hearing=hearing, actor=office)
    found = elsewhere(finished, client, f"q={WORDS}")
    assert found
    assert all("publish" in words and "figure" in words for words in found)
    assert elsewhere(finished, client, "q=publish+nowhere") == []
    assert elsewhere(finished, client, f"q={WORDS}&status=written") == []  # a filter for statements
