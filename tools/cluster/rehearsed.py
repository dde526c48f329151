"""A rehearsed hearing on a site of several machines, held from outside as people hold it.

The weeks before are the rehearsal's (`hemicycle rehearse`). Then a moderator's client presses keys
by HTTP. The pages of a real browser speak and listen (`pages`).
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
"""Each language costs a channel at the engine and at every edge: two processors carry these two."""
PATIENCE_S = 12.0
"""A page waits 10 s for its database."""


def hearing_under_way(seed: int, tell: Callable[[str], None]) -> "Hearing":
    """Return a rehearsed hearing whose first panel begins now, by its programme."""
    from hemicycle.hearing.setup.commands.links import role_links
    from hemicycle.site.rehearsal import live, scenes

    document = scenes.read()
    document["languages"] = list(LANGUAGES)
    for meeting in document["meetings"]:
        for segment in meeting["segments"]:  # the first speaker of the list begins
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
    list(role_links(rehearsal.hearing))  # each role has a holder now
    return rehearsal.hearing


def session_of(person: "Person") -> str:
    """Return the cookie of a new session of somebody who has signed in."""
    from django.test import Client

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["hemicycle"].value


class Moderator:
    """Presses keys of the console by HTTP; what got no answer is pressed again, as people do."""

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
        """Press once; returns the number of the act, or 0 without an answer or at a refusal."""
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
        """Open meeting and panel, and give the floor to the first speaker; returns the slot."""
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
