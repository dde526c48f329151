"""Fixtures that several journeys share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.tones import WITHIN_S

if TYPE_CHECKING:
    from tests.support.floor import Held


@pytest.fixture
def unhurried(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """Yield a panel of today with a time limit that does not cut anyone off on a busy machine."""
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    pages.allow(".m4s")
    with held(site, pages, floor_time_limit_s=600) as held_meeting:
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield held_meeting
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)
