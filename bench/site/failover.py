"""The primary of three PostgreSQL servers is killed in a panel while the moderator presses keys.

Patroni elects a standby (`tools/cluster`). A moderator's client gives the floor to one speaker
after the other over HTTP. If a press gets no answer, or a page that says that the database is
unavailable, the client presses again like a person, with the same view of the floor. Before each
kill, people register for a later panel and download their receipts. Afterwards each answered press
must be on the record, the record must verify, all earlier entries must be unchanged, and the site's
page must show each receipt as valid.

The server is killed first, then a whole machine: server, Patroni and etcd.
"""

import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from bench.site.registrant import Registrants
from bench.sizes import size
from tools.cluster.machines import on_loopback
from tools.cluster.patroni import Node, Servers

SPEAKERS = size(60, variable="FAILOVER_SPEAKERS")
KILLS = size("s,machine_s", variable="FAILOVER_FIGURES").split(",")
FIGURES = (*KILLS, "lost", "changed", "twice", "presses", "verifies", "receipts", "refused")
HOW = {"s": Node.crash_server, "machine_s": Node.lose}
BEFORE_S, AFTER_S = size(3.0, 1.0), size(3.0, 1.0)
REGISTRATIONS = size(5, 1)
"""The number of registrations before each kill."""
LONGEST_S = 60.0
PAUSE_S = 0.25


def run() -> dict[str, Any]:
    """Return the figures.

    `s` is the time from the kill of the server to the next press that is done, and `machine_s` the
    same for the loss of its machine. `lost` counts answered presses that are not on the record.
    `refused` counts the receipts, of `receipts`, that the page does not show as valid afterwards.
    """
    with _cluster() as (servers, folder):
        from tests.support.panel import panel_today  # Django is set up by now
        from tests.support.site import Site

        site = Site(folder, servers.url, workers=2)
        site.failures_expected = True
        site.start()
        try:
            with panel_today(site, speakers=SPEAKERS) as panel:
                return _measure(servers, panel)
        finally:
            site.stop()


@contextmanager
def _cluster() -> Iterator[tuple[Servers, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-cluster-"))
    folder.chmod(0o755)  # the servers run as another user
    servers = Servers(on_loopback(folder, ("one", "two", "three")))
    try:
        servers.start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "hemicycle.site.settings"
        os.environ["HEMICYCLE_DATABASE_URL"] = servers.url
        os.environ["HEMICYCLE_DATA_DIR"] = str(folder / "data")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield servers, folder
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Moderator:
    """A client that presses keys, and presses again if it gets no answer."""

    url: str
    cookie: str
    token: str
    seen: str = ""
    done: list[tuple[float, int]] = field(default_factory=list)
    """For each press, the time of its answer (monotonic s) and the number of its act."""
    refused: list[str] = field(default_factory=list)

    def press(self, name: str) -> None:
        """Press a key until it is done, or refused because it was done before.

        Raises AssertionError after `LONGEST_S`.
        """
        limit = time.monotonic() + LONGEST_S
        while time.monotonic() < limit:
            if self._once(name):
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} was not done in {LONGEST_S} s")

    def _once(self, name: str) -> bool:
        data = {"press": name, "seen": self.seen, "csrfmiddlewaretoken": self.token}
        headers = {"Cookie": self.cookie, "HX-Request": "true", "Referer": self.url}
        asked = Request(self.url, urlencode(data).encode(), headers)  # noqa: S310 - our own site
        try:
            with urlopen(asked, timeout=15) as answer:  # noqa: S310 - our own site
                page = answer.read().decode()
        except HTTPError as error:
            if error.code < 500:
                raise
            return False
        except OSError:
            return False
        if act := answer.headers.get("X-Act-Seq"):
            self.done.append((time.monotonic(), int(act)))
            self.seen = act
            return True
        # An earlier press was done, but its answer was lost: the page shows its act.
        shown = re.search(r'id="seen"\s+value="(\d+)"', page)
        self.refused.append(name)
        self.seen = shown[1] if shown else self.seen
        return True


def _measure(servers: Servers, panel: Any) -> dict[str, Any]:
    moderator, registrants = moderator_of(panel), Registrants(panel)
    segment = panel.world.panels[0].id.hex
    for name in ("open_meeting", f"open_segment:{segment}"):
        moderator.press(name)
    figures: dict[str, Any] = {}
    before: dict[int, str] = {}
    for figure in KILLS:
        servers.wait_until_whole()
        before |= _entries(panel)
        stop = threading.Event()
        pressing = threading.Thread(target=_press_on, args=(moderator, stop))
        pressing.start()
        time.sleep(BEFORE_S)
        for _ in range(REGISTRATIONS):
            registrants.register()
        primary = servers.primary()
        assert primary is not None
        killed = time.monotonic()
        HOW[figure](primary)
        answered = _next_press(moderator, killed)
        figures[figure] = round(answered - killed, 1)
        time.sleep(AFTER_S)
        stop.set()
        pressing.join(LONGEST_S)
        primary.start()
    receipts = {"receipts": len(registrants.receipts), "refused": registrants.refused()}
    return figures | _checked(servers, panel, moderator, before) | receipts


def moderator_of(panel: Any) -> Moderator:
    session = panel.world.client(panel.world.moderator).cookies["hemicycle"].value
    cookie = f"hemicycle={session}"
    asked = Request(panel.url("console/"), headers={"Cookie": cookie})  # noqa: S310 - our own site
    with urlopen(asked, timeout=60) as answer:  # noqa: S310 - our own site
        page = answer.read().decode()
        given = re.search(r"csrftoken=([^;]+)", str(answer.headers))
    token = re.search(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', page)
    press = re.search(r'hx-post="([^"]+)"', page)
    seen = re.search(r'id="seen"\s+value="(\d+)"', page)
    assert given, answer.headers
    assert token, page
    assert press, page
    return Moderator(
        panel.site.url + press[1],
        f"{cookie}; csrftoken={given[1]}",
        token[1],
        seen[1] if seen else "",
    )


def _press_on(moderator: Moderator, stop: threading.Event) -> None:
    while not stop.wait(PAUSE_S):
        moderator.press("give_floor")


def _next_press(moderator: Moderator, killed: float) -> float:
    limit = time.monotonic() + LONGEST_S
    while time.monotonic() < limit:
        # A press that was in progress at the kill does not count.
        after = [at for at, _act in tuple(moderator.done) if at > killed + PAUSE_S]
        if after:
            return after[0]
        time.sleep(0.05)
    raise AssertionError(f"no press was done in {LONGEST_S} s")


def _entries(panel: Any) -> dict[int, str]:
    from django.db import connection

    from hemicycle.record.models import Entry

    connection.close()  # it may lead to the killed server
    rows = Entry.objects.filter(hearing=panel.world.hearing.id)
    return dict(rows.values_list("seq", "hash"))


def _checked(
    servers: Servers, panel: Any, moderator: Moderator, before: dict[int, str]
) -> dict[str, Any]:
    from hemicycle.record.models import Entry
    from hemicycle.record.verify.databases import verify_postgresql

    kept = _entries(panel)
    given = Entry.objects.filter(hearing=panel.world.hearing.id, kind="floor.given").order_by("seq")
    slots = [entry.fields()["slot"] for entry in given]
    report = verify_postgresql(servers.url)
    return {
        "lost": sum(act not in kept for _at, act in moderator.done),
        "changed": sum(kept.get(seq) != hash_ for seq, hash_ in before.items()),
        "twice": len(slots) - len(set(slots)),
        "presses": len(moderator.done),
        "verifies": report.holds,
    }
