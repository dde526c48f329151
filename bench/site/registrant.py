"""People who register over HTTP, keep their receipts, and have the site check them."""

import re
import time
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TOKEN = "t" * 32
HEADERS = {"Cookie": f"csrftoken={TOKEN}"}
LONGEST_S = 60.0


class Registrants:
    """People who register for the last panel of a hearing, one after the other."""

    def __init__(self, panel: Any) -> None:
        """Postpone the deadlines of the hearing of `panel` (`tests.support.panel`)."""
        from hemicycle.record import clock  # Django is set up by now

        self._url = panel.site.url
        self._form = panel.url("register/")
        hearing = panel.world.hearing
        hearing.deadlines.update(at=clock.now() + timedelta(days=1))
        self._common = {
            "csrfmiddlewaretoken": TOKEN,
            "country": "KE",
            "category": str(hearing.categories.get(key="civil-society").pk),
            "language": "en",
            "wishes_to_intervene": "yes",
            "segment": str(panel.world.panels[-1].pk),
            "question": "What helps survivors most?",
        }
        self.receipts: list[str] = []

    def register(self) -> None:
        """Register another person, and download the receipt."""
        number = len(self.receipts)
        name = f"Association {number}"
        shown = self._ask(
            self._form,
            {
                **self._common,
                "form_key": f"{number:021d}-{number:021d}",
                "organization": name,
                "name": f"Speaker of {name}",
                "email": f"a{number}@hearing.example",
            },
        )
        link = re.search(r'href="([^"]+/receipt-\d+\.json)"', shown)
        assert link, shown
        self.receipts.append(self._ask(f"{self._url}{link[1]}"))

    def refused(self) -> int:
        """Return how many receipts the site's page for checking does not show as valid."""
        address = f"{self._url}/receipts/"
        answers = [
            self._ask(address, {"csrfmiddlewaretoken": TOKEN, "text": receipt})
            for receipt in self.receipts
        ]
        return sum("This receipt is valid." not in answer for answer in answers)

    def _ask(self, url: str, form: dict[str, str] | None = None) -> str:
        """Return a page after redirects; ask again while the database is unavailable."""
        data = None if form is None else urlencode(form).encode()
        limit = time.monotonic() + LONGEST_S
        while True:
            asked = Request(url, data, HEADERS)  # noqa: S310 - our own site
            try:
                with urlopen(asked, timeout=15) as answer:  # noqa: S310 - our own site
                    page: str = answer.read().decode()
                    return page
            except (HTTPError, OSError) as error:
                is_away = not isinstance(error, HTTPError) or error.code == 503
                if not is_away or time.monotonic() > limit:
                    raise
            time.sleep(0.2)
