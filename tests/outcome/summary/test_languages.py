"""Sources in several languages: each names its language, and its words are marked with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.statements import actions as statements
from hemicycle.outcome.summary import actions, sources

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database

RUSSIAN = (
    "Борьба с торговлей людьми начинается с защиты детей и женщин. "
    "Мы призываем все государства создать убежища для пострадавших женщин и девочек."
)


def test_a_source_says_in_which_language_it_is_written(finished: Finished) -> None:
    """The speaker was inscribed for English, but submitted a text in Russian."""
    row = finished.registrations["Open Doors"]
    statements.hand_in(
        registration=row,
        inscription=row.inscriptions.get(),
        file_name="statement.txt",
        data=RUSSIAN.encode(),
        by=row.person,
        actor=finished.world.office,
    )
    world = finished.world
    own = finished.statement("Open Doors")
    (source,) = (one for one in sources.statements(world.hearing) if one.statement == own)
    assert (source.language, source.language_name) == ("ru", "Russian")
    actions.draft(hearing=world.hearing, actor=world.office)
    office = world.client()
    beside = reverse("summary:source", args=(world.hearing.slug,))
    page = office.get(beside, {"statement": own.id.hex, "sentence": "0"}).text
    assert "Language of this text: Russian" in page
    assert 'lang="ru" dir="ltr"' in " ".join(page.split())
    cite = office.get(reverse("summary:cite", args=(world.hearing.slug, own.pk))).text
    assert "Language of this text: Russian" in cite
    assert len(re.findall(r'<p\s+lang="ru"\s+dir="ltr"', cite)) == 2
    coverage = office.get(reverse("summary:coverage", args=(world.hearing.slug,))).text
    assert "· Russian ·" in " ".join(coverage.split())
