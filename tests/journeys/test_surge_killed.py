"""The web process is killed during a surge: every receipt that was shown is on the record."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.people.models import Organization
from hemicycle.hearing.setup import verification
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.site import Site

pytestmark = [
    pytest.mark.postgresql("transactions"),
    pytest.mark.real_time,
    pytest.mark.django_db(transaction=True),
]

CLIENTS, ENOUGH = 50, 60
TOKEN = "t" * 32
REFERENCE = re.compile(r"HC-[0-9A-Z]{3}-[0-9A-Z]{3}")
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Cookie": f"csrftoken={TOKEN}",
}


class Client:
    """A client that registers people until the server is gone, and keeps the receipts shown."""

    def __init__(self, port: int, address: str, common: dict[str, str], number: int) -> None:
        self.port, self.address, self.common, self.number = port, address, common, number
        self.shown: list[str] = []

    def run(self, go: threading.Event) -> list[str]:
        """Register people until a connection breaks; return the references shown."""
        go.wait()
        try:
            for turn in range(1000):
                self._register(turn)
        except (OSError, HTTPException):
            pass
        return self.shown

    def _register(self, turn: int) -> None:
        connection = HTTPConnection("localhost", self.port, timeout=30)
        visitor = {"X-Forwarded-For": f"10.{self.number}.{turn // 250}.{turn % 250 + 1}"}
        form = urlencode(self._form(turn))
        connection.request("POST", self.address, form, HEADERS | visitor)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302
        connection.request("GET", answer.headers["Location"], headers=visitor)
        page = connection.getresponse().read().decode()
        found = REFERENCE.search(page)
        assert found
        self.shown.append(found[0])
        connection.close()

    def _form(self, turn: int) -> dict[str, str]:
        name = f"Association {self.number} {turn}"
        return {
            **self.common,
            "form_key": f"{self.number:021d}-{turn:021d}",
            "organization": name,
            "name": f"Speaker of {name}",
            "email": f"a{self.number}-{turn}@hearing.example",
        }


def test_no_receipt_is_lost_and_nothing_is_half_saved(site: Site) -> None:
    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        shown = _surge(world, site)
        site.kill()
        site.start()
        _whole(world, shown)


def _surge(world: World, site: Site) -> list[str]:
    """Kill the process during a surge of registrations; return all references that clients saw."""
    go, address = threading.Event(), f"/h/{world.hearing.slug}/register/"
    common = {
        "csrfmiddlewaretoken": TOKEN,
        "country": "KE",
        "category": str(world.hearing.categories.get(key="civil-society").pk),
        "language": "en",
        "wishes_to_intervene": "yes",
        "segment": str(world.panels[0].pk),
        "question": "What helps survivors most?",
    }
    clients = [Client(site.port, address, common, number) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client.run, go) for client in clients]
        go.set()
        while sum(len(client.shown) for client in clients) < ENOUGH:
            assert not any(client.done() for client in running), "a client met with a refusal"
            time.sleep(0.02)
        site.kill()
        return [reference for client in running for reference in client.result(timeout=60)]


def _whole(world: World, shown: list[str]) -> None:
    rows = {row.reference: row for row in world.hearing.registrations.all()}
    assert len(shown) == len({*shown}) >= ENOUGH
    assert {*shown} <= rows.keys()
    entries = Entry.objects.filter(hearing=world.hearing.id)
    told = {
        kind: sorted(entry.fields()["registration"] for entry in entries.filter(kind=kind))
        for kind in ("registration.received", "speaker.inscribed", "question.submitted")
    }
    assert told == dict.fromkeys(told, sorted(row.id.hex for row in rows.values()))
    organizations = {row.organization_id for row in rows.values()}
    kept = (
        Inscription.objects.count(),
        Message.objects.filter(purpose=Message.Purpose.CONFIRMATION).count(),
        len(organizations),
        Organization.objects.count(),
    )
    assert kept == (len(rows),) * 4
    assert verification.run(world.hearing).broken_seq is None
