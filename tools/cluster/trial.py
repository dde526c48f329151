"""A rehearsal with sound in which each part of a site fails in turn, with figures for each fault.

Parts are killed, and machines are split from each other. Then a second hearing is held on the
second media machine, and the machine of the first hearing is killed.
"""

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from bench.processor import busy_s
from tools.cluster import rehearsed
from tools.cluster.faults import (
    DATABASE_S,
    EDGE_S,
    ENGINE_S,
    HEAD,
    LOST_S,
    Fault,
    Figure,
)
from tools.cluster.namespaces import HERE
from tools.cluster.operations import Operations
from tools.cluster.pages import (
    LOOK_S,
    Browsers,
    Halls,
    begin_to_speak,
    browsers_for,
    halls_at,
    seated,
)
from tools.cluster.probes import Letters, Mails, Presses, Probe
from tools.cluster.programs import wait_for
from tools.cluster.rehearsed import Moderator
from tools.cluster.site import COMMAND, DATABASES, MEDIA, SMTP, WEB, Site
from tools.cluster.webcast import PublicWebcast

STARTED_AGAIN_S = 2.0
"""After how many seconds a part is started again, as a supervisor such as systemd does it."""
MACHINE_BACK_S = 15.0
"""The same for a media machine. It is started later, because its start takes processor time from
the machine that continues.
"""
SPLIT_S = 8.0
PROLONGED = 10
CALM_S = 4.0
NAMED = (*WEB, "worker", "mail", *MEDIA)
SELDOM_S = 3.0
"""The time between two presses at each console of two hearings, in seconds."""
OTHER_S = 1.0
"""The longest silence allowed in the hearing whose machine was not killed, in seconds."""


class Trial:
    """The site, with the halls and clients of the hearings that are held on it."""

    def __init__(
        self, site: Site, halls: Halls, probes: Sequence[Probe], moderator: Moderator
    ) -> None:
        self.site, self.halls = site, halls
        self.probes = {probe.name: probe for probe in probes}
        self._hearing = moderator.meeting.hearing_id.hex

    def faults(self) -> Iterator[Fault]:
        """Yield the faults in their order."""
        yield self._killed("web", lambda: "web1", "the console", ENGINE_S)
        yield self._killed("worker", lambda: "worker", "letters")
        yield self._killed("mail", lambda: "mail", "mail")
        yield self._killed("edge", lambda: self._edge(0), aim_s=EDGE_S)
        yield self._killed("the other edge", lambda: self._edge(1), aim_s=EDGE_S)
        yield self.machine_killed()
        yield self._killed("database primary", self._primary, "the console", DATABASE_S)
        yield self._killed("PgBouncer", lambda: "pool", "the console", DATABASE_S)
        yield self._killed("object store", lambda: "store", "mail")
        yield self._killed("proxy before web", lambda: "proxy", "the console")
        yield self._split("web from database", lambda: "web1", ["pool"], "the console", DATABASE_S)
        yield self._split("media machine from web", self._machine, ["proxy"], aim_s=ENGINE_S)
        yield self._cut_off("media machine, cut off", self._machine, aim_s=ENGINE_S)
        yield self._cut_off("database primary, cut off", self._primary, "the console", LOST_S)
        others = "primary from the others"  # the web machines still reach it
        yield self._split(others, self._primary, DATABASES, "the console", LOST_S)

    def machine_killed(self) -> Fault:
        """Return the fault in which the media machine of the hearing is killed."""
        return self._killed("media machine", self._machine, aim_s=ENGINE_S)

    def carry_out(self, fault: Fault) -> Figure:
        """Strike a part, repair it, and wait until everything works as before."""
        self.halls.settle()
        machine = fault.machine()
        since, before = time.time(), busy_s()
        fault.strike(machine)
        repaired = threading.Thread(target=fault.repair, args=(machine,), daemon=True)
        repaired.start()
        while repaired.is_alive():
            self.halls.wait(LOOK_S)
        heard_again = self.halls.settle()
        for probe in self.probes.values():
            heard_again &= self._waits(probe, time.time())
        self.halls.wait(CALM_S)
        silent_s = max(self.halls.silent_s(since))
        watched = self.probes.get(fault.watches)
        away_s = watched.away_s(since) if watched else max(self.halls.away_s(since))
        whole_s = (time.time() - since) * (os.cpu_count() or 1)
        busy = 100 * (busy_s() - before) / whole_s
        return Figure(fault.part, machine, away_s, silent_s, fault.aim_s, heard_again, busy)

    def _waits(self, probe: Probe, moment: float) -> bool:
        """Wait for an acknowledgement after `moment`, as `Probe.wait_after` does.

        The pages continue to run, because their events are read in this thread.
        """
        limit = time.monotonic() + rehearsed.PATIENCE_S * 5
        while not probe.wait_after(moment, 0):
            if time.monotonic() > limit or probe.failed:
                return False
            self.halls.wait(LOOK_S)
        return True

    def _killed(
        self, part: str, machine: Callable[[], str], watches: str = "", aim_s: float | None = None
    ) -> Fault:
        return Fault(part, machine, self.site.kill, self._start_again, watches, aim_s)

    def _split(
        self,
        part: str,
        machine: Callable[[], str],
        others: Sequence[str],
        watches: str = "",
        aim_s: float | None = None,
    ) -> Fault:
        def each(act: Callable[[str, str], None], name: str) -> None:
            for other in others:
                if other != name:
                    act(name, other)

        def heal(name: str) -> None:
            self._wait_out(name)
            each(self.site.network.heal, name)
            self._wait_until_whole(name)

        split = partial(each, self.site.network.split)
        return Fault(part, machine, split, heal, watches, aim_s)

    def _cut_off(
        self, part: str, machine: Callable[[], str], watches: str = "", aim_s: float | None = None
    ) -> Fault:
        return Fault(part, machine, self.site.network.cut_off, self._join, watches, aim_s)

    def _start_again(self, machine: str) -> None:
        time.sleep(MACHINE_BACK_S if machine in MEDIA else STARTED_AGAIN_S)
        if machine not in self.site.servers.nodes:  # Patroni starts PostgreSQL itself
            self.site.start(machine)
        self._wait_until_whole(machine)

    def _join(self, machine: str) -> None:
        self._wait_out(machine)
        self.site.network.join(machine)
        self._wait_until_whole(machine)

    def _wait_out(self, machine: str) -> None:
        """Wait `SPLIT_S`, and if the primary was split off, until another server replaces it."""
        time.sleep(SPLIT_S)
        servers = self.site.servers
        if machine in servers.nodes:
            others = [node for name, node in servers.nodes.items() if name != machine]
            wait_for("a new primary", lambda: "primary" in [node.role() for node in others])

    def _wait_until_whole(self, machine: str) -> None:
        if machine in self.site.servers.nodes:
            self.site.servers.wait_until_whole()

    def _edge(self, number: int) -> str:
        """Return the name of a hall's edge, or of any edge if the hall listens at the engine."""
        at = self.halls.at()[number]
        found = {edge.url: name for name, edge in self.site.edges.items()}
        return found.get(at, next(iter(found.values())))

    def _machine(self) -> str:
        return machine_of(self._hearing)

    def _primary(self) -> str:
        primary = wait_for("a primary", self.site.servers.primary)
        wait_for("a successor", self.site.servers.has_successor)
        return primary.machine.name


def machine_of(hearing: str) -> str:
    """Return the name of the media machine of a hearing (hex id), or ""."""
    from django.db import connection

    from hemicycle.meeting.media_machines import leases

    connection.close()  # the primary may have changed
    lease = leases.last_leases().get(hearing)
    return lease.machine if lease else ""


@contextmanager
def letter_box() -> Iterator[Counter[str]]:
    """Receive letters by SMTP at this machine's address; yield the count for each recipient."""
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


def meeting_on_air(
    site: Site, browsers: Browsers, seed: int, tell: Callable[[str], None]
) -> Moderator:
    """Rehearse a hearing until a speaker speaks in its first panel; return its moderator."""
    from django.db import connection

    from hemicycle.record.models import Entry

    connection.close()  # the primary may have changed
    hearing = rehearsed.hearing_under_way(seed, tell)
    moderator = Moderator(site.url, hearing)
    slot = moderator.open()
    for _ in range(PROLONGED):  # the pages take some minutes to open on a busy machine
        moderator.press("extend")
    opened = Entry.objects.filter(hearing=hearing.id, kind="microphone.opened")
    begin_to_speak(seated(browsers.seats, site.url, hearing, slot), opened.exists)
    tell("The speaker has the floor.")
    return moderator


@contextmanager
def watched(
    site: Site, browsers: Browsers, moderators: Sequence[Moderator], probes: Sequence[Probe]
) -> Iterator[Trial]:
    """Open a hall at an edge for each moderator's hearing, and start the clients.

    Raises TimeoutError if a hall does not hear the speaker.
    """
    with ExitStack() as stack:
        edges = {edge.url: edge for edge in site.edges.values()}
        hearings = [moderator.meeting.hearing for moderator in moderators]
        halls = stack.enter_context(halls_at(browsers.halls, site.url, hearings, edges))
        if not halls.settle():
            raise TimeoutError("the halls do not hear the speaker")
        for probe in probes:
            probe.start()
            stack.callback(probe.stop)
        yield Trial(site, halls, probes, moderators[0])


@contextmanager
def one_hearing(
    site: Site,
    browsers: Browsers,
    moderator: Moderator,
    boxes: Counter[str],
    tell: Callable[[str], None],
) -> Iterator[Trial]:
    """Watch one hearing with two halls, and with clients for its console, mail and letters."""
    _until_edges_work(len(site.edges))
    tell("Two halls come in, one at each edge.")
    mail = site.machines["mail"].address
    to = "statements@hearing.example"
    probes = [Presses(moderator), Mails(mail, SMTP, to), Letters(lambda: dict(boxes))]
    with watched(site, browsers, [moderator, moderator], probes) as trial:
        yield trial


@contextmanager
def rehearsal(site: Site, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold a hearing without faults, so that people can look at the site."""
    with (
        letter_box() as boxes,
        browsers_for(site.url) as browsers,
        one_hearing(site, browsers, meeting_on_air(site, browsers, 1, tell), boxes, tell),
    ):
        _tell_what_runs_where(site, tell)
        yield


def _until_edges_work(count: int) -> None:
    from hemicycle.meeting.room.models import EdgeStatus

    working = EdgeStatus.objects.filter(works=True)
    wait_for("working edges", lambda: working.count() == count, 60)


def hold(site: Site, only: Sequence[str], tell: Callable[[str], None]) -> bool:
    """Hold two rehearsals, cause each fault, and print the figures.

    Faults in the first hearing whose names contain none of the words `only` are left out. Return
    whether nothing was lost, the record and the webcasts are whole, and all times are within aims.
    """
    with ExitStack() as stack:
        boxes = stack.enter_context(letter_box())
        browsers = stack.enter_context(browsers_for(site.url))
        first = meeting_on_air(site, browsers, 1, tell)
        with one_hearing(site, browsers, first, boxes, tell) as trial:
            _tell_what_runs_where(site, tell)
            tell(f"\n{HEAD}")
            faults = [fault for fault in trial.faults() if any(part in fault.part for part in only)]
            figures = [_carried_out(trial, fault, tell) for fault in faults]
        probes: list[Probe] = list(trial.probes.values())
        second = meeting_on_air(site, browsers, 2, tell)
        wait_for("two machines with a hearing each", partial(_apart, first, second))
        presses = [
            Presses(first, every_s=SELDOM_S),
            Presses(second, "the other console", every_s=SELDOM_S),
        ]
        with watched(site, browsers, [first, second], presses) as trial:
            figures += _one_of_two(trial, tell)
        probes += presses
        tell("\nthe webcast, as viewers find it in the object store:")
        webcasts = [_is_published(site, one, tell) for one in (first, second)]
    tell("\nacknowledged, and lost of it:")
    lost = sum(map(partial(_lost, tell), probes))
    holds = _verifies(site, tell) and not lost and all(webcasts)
    return holds and all(figure.is_within_aims for figure in figures)


def _tell_what_runs_where(site: Site, tell: Callable[[str], None]) -> None:
    """Wait until the operations page names every machine, and print its rows."""
    operations = Operations(site.url)
    edges = [edge.machine.address for edge in site.edges.values()]
    wait_for("all machines on the operations page", lambda: not operations.lacks([*NAMED, *edges]))
    tell("\nWhat runs where, by the operations page:")
    for row in operations.rows():
        tell(f"  {row}")


def _carried_out(trial: Trial, fault: Fault, tell: Callable[[str], None]) -> Figure:
    since = time.time()
    figure = trial.carry_out(fault)
    _tell_figures([figure], trial, since, tell)
    return figure


def _tell_figures(
    figures: Sequence[Figure], trial: Trial, since: float, tell: Callable[[str], None]
) -> None:
    """Print the figures of a fault, and the state of the halls' pages if one is over its aim."""
    for figure in figures:
        tell(figure.row())
    if not all(figure.is_within_aims for figure in figures):
        tell(f"  from {since:.3f} ({time.strftime('%H:%M:%S', time.gmtime(since))} UTC):")
        tell("\n".join(trial.halls.states()))


def _apart(first: Moderator, second: Moderator) -> bool:
    machines = {machine_of(one.meeting.hearing_id.hex) for one in (first, second)}
    return len(machines) == 2 and "" not in machines


def _one_of_two(trial: Trial, tell: Callable[[str], None]) -> list[Figure]:
    """Kill the machine of the first hearing; return the figures of both hearings."""
    since = time.time()
    figure = trial.carry_out(trial.machine_killed())
    away_s, _of_the_other = trial.halls.away_s(since)
    own, other = trial.halls.silent_s(since)
    both = figure.heard_again, figure.busy
    figures = [
        Figure("one of two media machines", figure.machine, away_s, own, ENGINE_S, *both),
        Figure("  the other hearing", "", other, other, OTHER_S, *both),
    ]
    _tell_figures(figures, trial, since, tell)
    return figures


def _is_published(site: Site, moderator: Moderator, tell: Callable[[str], None]) -> bool:
    """Print what the store has of a meeting's webcast; return if it is whole and continues."""
    meeting = moderator.meeting
    webcast = PublicWebcast(site.store.public_url, meeting.hearing_id.hex, meeting.id.hex)
    goes_on, is_whole = webcast.goes_on(), webcast.is_whole()
    tell(
        f"  {len(webcast.segments())} segments of {webcast.runs()} runs, "
        f"{'all there' if is_whole else 'NOT ALL THERE'}; "
        f"{'goes on' if goes_on else 'DOES NOT GO ON'}"
    )
    return goes_on and is_whole


def _lost(tell: Callable[[str], None], probe: Probe) -> int:
    from django.db import connection

    connection.close()  # the primary may have changed
    lost = probe.lost()
    tell(f"  {probe.name:<18} {len(probe.acknowledged):>6} {lost:>4}")
    for error in probe.failed:
        tell(f"  {probe.name} failed: {error!r}")
    return lost + len(probe.failed)


def _verifies(site: Site, tell: Callable[[str], None]) -> bool:
    """Run `hemicycle verify` on the site's database; return whether the records verify."""
    done = subprocess.run(
        [*COMMAND, "verify"],
        env=site.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    tell(f"\nhemicycle verify: exit status {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.returncode == 0
