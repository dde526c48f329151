"""A rehearsed hearing on a site of several machines, held by clients from outside.

The weeks before the meeting are simulated as in `hemicycle rehearse`. Then a moderator's client
presses keys by HTTP, and pages in a real browser speak and listen (`pages`).
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from hemicycle.hearing.people.models import Person
    from hemicycle.hearing.setup.models import Hearing

REGISTRATIONS = 12
LANGUAGES = ("en", "fr")
"""The languages of the hearing. Each needs a channel at the engine and at every edge; a machine
with two processors can run two.
"""
PATIENCE_S = 12.0
"""How long a press waits for its answer, in seconds; a page waits 10 s for the database."""


def hearing_under_way(seed: int, tell: Callable[[str], None]) -> "Hearing":
    """Rehearse a hearing until its first panel; return it, with a programme that begins now."""
    from hemicycle.hearing.setup.commands.links import role_links
    from hemicycle.site.rehearsal import live, scenes

    document = scenes.read()
    document["languages"] = list(LANGUAGES)
    for meeting in document["meetings"]:
        for segment in meeting["segments"]:  # no panellists: the first speaker on the list begins
            segment["members"] = [
                member for member in segment["members"] if member["role"] != "panellist"
            ]
    rehearsal = live.prepared(
        document,
        seed=seed,
        registrations=REGISTRATIONS,
        under_way=timedelta(minutes=1),
        tell=tell,
    )
    list(role_links(rehearsal.hearing))  # gives each role a holder
    return rehearsal.hearing


def session_of(person: "Person") -> str:
    """Sign in as this person, and return the cookie of the new session."""
    from django.test import Client

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["hemicycle"].value


class Moderator:
    """A client that presses keys of the console by HTTP."""

    def __init__(self, site: str, hearing: "Hearing") -> None:
        from hemicycle.hearing.people.models import Appointment, Role
        from hemicycle.hearing.setup.models import Meeting, Segment

        self.meeting = Meeting.objects.filter(hearing=hearing).order_by("ordinal")[0]
        panels = Segment.objects.filter(meeting=self.meeting, kind=Segment.Kind.PANEL)
        self.panel = panels.order_by("starts_at")[0]
        row = Appointment.every.filter(hearing_id=hearing.id, role=Role.MODERATOR)[0]
        self._cookie = f"hemicycle={session_of(row.person)}"
        self._url = f"{site}/h/{hearing.slug}/console/{self.meeting.id}/"
        with urlopen(self._asked(self._url), timeout=60) as answer:  # noqa: S310 - our own site
            page = answer.read().decode()
            given = re.search(r"csrftoken=([^;]+)", str(answer.headers))
        token = re.search(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', page)
        if not given or not token:
            raise AssertionError(f"the console has no form: {page[:2000]}")
        self._cookie += f"; csrftoken={given[1]}"
        self._token, self._seen = token[1], _seen(page)

    def press(self, key: str) -> int:
        """Press a key once; return the number of the act, or 0 if it is refused or not answered.

        Raises HTTPError for a status from 400 to 499.
        """
        data = {"press": key, "seen": self._seen, "csrfmiddlewaretoken": self._token}
        asked = self._asked(f"{self._url}press/", urlencode(data).encode())
        try:
            with urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own site
                page, act = answer.read().decode(), answer.headers.get("X-Act-Seq")
        except HTTPError as error:
            if error.code < 500:
                raise
            return 0
        except OSError:
            return 0
        self._seen = act or _seen(page) or self._seen
        return int(act or 0)

    def open(self) -> str:
        """Open meeting and panel, give the floor to the first speaker, and return the slot.

        Raises AssertionError if one of these is refused.
        """
        from hemicycle.record.floor import floor_of

        for key in ("open_meeting", f"open_segment:{self.panel.id.hex}"):
            if not self.press(key):
                raise AssertionError(f"{key} was refused")
        slot = floor_of(self.meeting.id).waiting()[0].id
        if not self.press(f"give_floor:{slot}"):
            raise AssertionError("the floor was not given")
        return slot

    def _asked(self, url: str, data: bytes | None = None) -> Request:
        headers = {"Cookie": self._cookie, "HX-Request": "true", "Referer": url}
        if data is None:
            del headers["HX-Request"]
        return Request(url, data, headers)  # noqa: S310 - our own site


def _seen(page: str) -> str:
    found = re.search(r'id="seen"[^>]*value="(\d+)"', page)
    return found[1] if found else ""
