"""The media engine's health, for the technician's page."""

import json
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

from hemicycle.engine.control import passes

WAIT_S = 1.5
MOST_BYTES = 1 << 16


def figures() -> dict[str, Any] | None:
    """Return the engine's figures (`docs/media.md`, health); None without an answer."""
    engine = settings.MEDIA_ENGINE
    given = passes.Pass(hearing="", use="service", role="technician", seat="web")
    headers = {"Authorization": f"Bearer {passes.sign(given, engine.secret)}"}
    try:
        asked = Request(f"{engine.url}/media/health", headers=headers)  # noqa: S310 - our own engine
        with urlopen(asked, timeout=WAIT_S) as answer:  # noqa: S310
            found = json.loads(answer.read(MOST_BYTES))
    except (URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
