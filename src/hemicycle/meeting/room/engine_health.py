"""The media engine's health, for the technician's page."""

import json
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings

from hemicycle.engine.control import passes
from hemicycle.meeting.media_machines import routes

WAIT_S = 1.5
MOST_BYTES = 1 << 16


def figures(hearing: UUID) -> dict[str, Any] | None:
    """Return the figures of a hearing's engine (`docs/media.md`); None if it does not answer."""
    given = passes.Pass(hearing="", use="service", role="technician", seat="web")
    headers = {"Authorization": f"Bearer {passes.sign(given, settings.MEDIA_ENGINE.secret)}"}
    try:
        address = f"{routes.url(hearing)}/media/health"
        asked = Request(address, headers=headers)  # noqa: S310 - our own engine
        with urlopen(asked, timeout=WAIT_S) as answer:  # noqa: S310
            found = json.loads(answer.read(MOST_BYTES))
    except (URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
