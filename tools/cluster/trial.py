"""A rehearsal with sound while each part of a site is killed in turn, with a figure for each."""

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from tools.cluster import rehearsed
from tools.cluster.halls import Halls, halls_at
from tools.cluster.namespaces import HERE
from tools.cluster.probes import Letters, Mails, Presses, Probe
from tools.cluster.programs import wait_for
from tools.cluster.site import COMMAND, SMTP, Site

STARTED_AGAIN_S = 2.0
"""A supervisor such as systemd notices so soon that a process has ended."""
CALM_S = 4.0
EDGE_S, ENGINE_S, DATABASE_S = 3.0, 5.0, 10.0
"""For how long at most nobody may be heard, by what was killed (requirement E6)."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What is killed, and what is measured then."""

    part: str
    """What the table calls it."""
    machine: Callable[[], str]
    """The name of the machine, found when its turn has come."""
    watches: str = ""
    """The client whose longest wait counts; "" for the halls, where somebody listens."""
    aim_s: float | None = None
    """The most that may be; None for a part that waits until it is started again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one kill did: seconds without an answer, and without sound in a hall."""

    part: str
    machine: str
    away_s: float
    silent_s: float
    aim_s: float | None
    heard_again: bool

    @property
    def holds(self) -> bool:
        """Whether it is within the aims."""
        longest = self.aim_s if self.aim_s is not None else ENGINE_S
        away = self.aim_s is None or self.away_s <= self.aim_s
        return self.heard_again and away and self.silent_s <= longest

    def row(self) -> str:
        """A line of the table."""
        aim = "" if self.aim_s is None else f"{self.aim_s:g}"
        heard = "yes" if self.heard_again else "NO"
        mark = "" if self.holds else "  too long"
        return (
            f"{self.part:<18} {self.machine:<8} {self.away_s:>7.1f} {self.silent_s:>9.1f}"
            f" {aim:>5}  {heard:<5}{mark}"
        )


HEAD = f"{'killed':<18} {'machine':<8} {'away s':>7} {'silent s':>9} {'aim':>5}  heard again"


class Trial:
    """The rehearsal, its clients, and what they found."""

    def __init__(self, site: Site, halls: Halls, probes: list[Probe], hearing: str) -> None:
        self.site, self.halls, self.hearing = site, halls, hearing
        self.probes = {probe.name: probe for probe in probes}

    def kills(self) -> Iterator[Kill]:
        """Yield what is killed, in this order."""
        yield Kill("web", lambda: "web1", "the console", ENGINE_S)
        yield Kill("worker", lambda: "worker", "letters")
        yield Kill("mail", lambda: "mail", "mail")
        yield Kill("edge", lambda: self._edge(0), aim_s=EDGE_S)
        yield Kill("the other edge", lambda: self._edge(1), aim_s=EDGE_S)
        yield Kill("media machine", self._engine, aim_s=ENGINE_S)
        yield Kill("database primary", self._primary, "the console", DATABASE_S)
        yield Kill("PgBouncer", lambda: "pool", "the console", DATABASE_S)
        yield Kill("object store", lambda: "store", "mail")

    def carry_out(self, kill: Kill) -> Figure:
        """Kill a part, start it again, and wait until everything works as before."""
        self.halls.settle()
        machine = kill.machine()
        since = time.time()
        self.site.kill(machine)
        started = threading.Thread(target=self._start_again, args=(machine,), daemon=True)
        started.start()
        while started.is_alive():
            self.halls.wait(0.1)
        heard_again = self.halls.settle()
        for probe in self.probes.values():
            heard_again &= self._waits(probe, time.time())
        self.halls.wait(CALM_S)
        silent_s = self.halls.away_s(since)
        away_s = self.probes[kill.watches].away_s(since) if kill.watches else silent_s
        return Figure(kill.part, machine, away_s, silent_s, kill.aim_s, heard_again)

    def _waits(self, probe: Probe, moment: float) -> bool:
        """Wait while the pages go on: their events are read in this thread."""
        limit = time.monotonic() + rehearsed.PATIENCE_S * 5
        while not probe.wait_after(moment, 0.1):
            if time.monotonic() > limit or probe.failed:
                return False
            self.halls.wait(0.1)
        return True

    def _start_again(self, machine: str) -> None:
        time.sleep(STARTED_AGAIN_S)
        if machine in self.site.servers.nodes:
            self.site.servers.wait_until_whole()  # Patroni starts the server by itself
        else:
            self.site.start(machine)

    def _edge(self, number: int) -> str:
        """Return the edge at which a hall hears, or any where both hear at the engine."""
        at = self.halls.at()[number]
        found = {edge.url: name for name, edge in self.site.edges.items()}
        return found.get(at, next(iter(found.values())))

    def _engine(self) -> str:
        from django.db import connection

        from hemicycle.meeting.media_machines import leases

        connection.close()  # the server may be another one by now
        return leases.last_leases()[self.hearing].machine

    def _primary(self) -> str:
        primary = wait_for("a primary", self.site.servers.primary)
        wait_for("a successor", self.site.servers.has_successor)
        return primary.machine.name


@contextmanager
def letter_box() -> Iterator[Counter[str]]:
    """Take letters by SMTP at this machine's address; yields how many came to each address."""
    from aiosmtpd import smtp
    from aiosmtpd.controller import Controller

    boxes: Counter[str] = Counter()

    class Handler:
        async def handle_DATA(  # noqa: N802 - the name that aiosmtpd looks for
            self, server: smtp.SMTP, session: smtp.Session, envelope: smtp.Envelope
        ) -> str:
            boxes.update(envelope.rcpt_tos)
            return "250 2.0.0 taken"

    controller = Controller(Handler(), hostname=HERE, port=SMTP)
    controller.start()
    try:
        yield boxes
    finally:
        controller.stop()


@contextmanager
def rehearsal(site: Site, tell: Callable[[str], None]) -> Iterator[Trial]:
    """Hold a rehearsed hearing, with a speaker, two halls, and clients who keep asking."""
    with ExitStack() as stack:
        boxes = stack.enter_context(letter_box())
        hearing = rehearsed.hearing_under_way(tell)
        moderator = rehearsed.Moderator(site.url, hearing)
        slot = moderator.open()
        secret = site.environment()["HEMICYCLE_MEDIA_SECRET"]
        stack.enter_context(rehearsed.speaking(site.url, secret, hearing.id.hex, slot))
        edges = {edge.url: edge for edge in site.edges.values()}
        _until_edges_work(len(edges))
        tell("The speaker has the floor; two halls come in, one at each edge.")
        halls = stack.enter_context(halls_at(site.url, hearing, edges))
        if not halls.settle():
            raise TimeoutError("the halls do not hear the speaker")
        mail = site.machines["mail"].address
        to = "statements@hearing.example"
        probes = [Presses(moderator), Mails(mail, SMTP, to), Letters(lambda: dict(boxes))]
        for probe in probes:
            probe.start()
            stack.callback(probe.stop)
        yield Trial(site, halls, probes, hearing.id.hex)


def _until_edges_work(count: int) -> None:
    from hemicycle.meeting.room.models import EdgeStatus

    working = EdgeStatus.objects.filter(works=True)
    wait_for("working edges", lambda: working.count() == count, 60)


def hold(site: Site, tell: Callable[[str], None]) -> bool:
    """Hold the rehearsal, kill each part, print the figures; whether nothing was lost."""
    with rehearsal(site, tell) as trial:
        tell(f"\n{HEAD}")
        figures = []
        for kill in trial.kills():
            figures.append(trial.carry_out(kill))
            tell(figures[-1].row())
        for probe in trial.probes.values():
            probe.stop()
        tell("\nacknowledged, and lost of it:")
        lost = sum(map(partial(_lost, tell), trial.probes.values()))
    return all(figure.holds for figure in figures) and not lost and _verifies(site, tell)


def _lost(tell: Callable[[str], None], probe: Probe) -> int:
    from django.db import connection

    connection.close()  # the server may be another one by now
    lost = probe.lost()
    tell(f"  {probe.name:<16} {len(probe.acknowledged):>6} {lost:>4}")
    for error in probe.failed:
        tell(f"  {probe.name} failed: {error!r}")
    return lost + len(probe.failed)


def _verifies(site: Site, tell: Callable[[str], None]) -> bool:
    """Run `hemicycle verify` on the database."""
    done = subprocess.run(
        [*COMMAND, "verify", site.servers.url],
        env=site.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    tell(f"\nhemicycle verify: exit status {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.returncode == 0
