"""Leases: no two machines run a hearing at once, even if messages are lost or clocks are wrong."""

import tempfile
from collections.abc import Coroutine, Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.control import lease_promises
from hemicycle.engine.control.lease_keeper import HearingsAnswer, LeaseKeeper
from hemicycle.engine.control.lease_promises import HOLD_S
from hemicycle.engine.control.web_client import WebUnavailable
from hemicycle.meeting.media_machines import lease_rules
from hemicycle.meeting.media_machines.lease_rules import (
    HOLD_MS,
    LEASE_MS,
    SOLE_LEASE_MS,
    Lease,
    LeaseAnswer,
    LeaseRequest,
    Machine,
    NameTaken,
)

FIRST, SECOND = "a" * 32, "b" * 32
PROMISES = "hemicycle.engine.control.lease_promises.LeasePromises"
FOLDER = Path(tempfile.mkdtemp(prefix="hemicycle-test-"))


@dataclass
class Site:
    """The contents of the database, and its clock in milliseconds."""

    now_ms: int = 1_000_000
    wanted: set[str] = field(default_factory=lambda: {FIRST, SECOND})
    machines: dict[str, Machine] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)

    def ask(self, asked: LeaseRequest) -> LeaseAnswer:
        """Answer a request, and store the machine and the leases that it changes."""
        machines = self.machines.values()
        given = lease_rules.answer(asked, self.wanted, machines, self.leases, self.now_ms)
        self.machines[asked.name] = given.machine
        for lease in given.changed:
            before = self.leases.get(lease.hearing)
            assert before is None or lease.epoch >= before.epoch, "an epoch never shrinks"
            self.leases[lease.hearing] = lease
        return given


def asks(name: str, process: str = "1", **more: Any) -> LeaseRequest:
    url = more.pop("url", f"http://{name or 'only'}:8090")
    more["running"] = frozenset(more.get("running", ()))
    return LeaseRequest(name, process, url, **more)


def test_hearings_go_to_the_machine_that_has_the_fewest() -> None:
    site = Site(wanted=set())
    site.ask(asks("b", is_first=True, load=90))
    site.ask(asks("a", is_first=True, load=10))
    site.wanted = {FIRST, SECOND}
    assert site.ask(asks("b", load=90)).held == {}, (
        "of two without a hearing, less load comes first"
    )
    assert site.ask(asks("a", load=10)).held == {FIRST: 1}
    assert site.ask(asks("b", load=90)).held == {SECOND: 1}


def test_the_hearing_of_a_dead_machine_goes_to_another_when_its_lease_has_ended() -> None:
    site = both_there()
    ends_ms = site.now_ms + LEASE_MS
    while site.now_ms < ends_ms:
        assert site.ask(asks("b")).held == {}
        site.now_ms += 500
    assert site.ask(asks("b")).held == {FIRST: 2}
    late = site.ask(asks("a", running={FIRST}))
    assert not late.held
    assert late.elsewhere == {FIRST}


def test_a_machine_that_leaves_gives_its_hearings_back_at_once() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("a", is_first=True))
    site.ask(asks("b", is_first=True))
    leaving = site.ask(asks("a", is_leaving=True, running={FIRST}))
    assert leaving.held == {FIRST: 1}, "it still has to end it"
    assert site.ask(asks("b")).held == {}
    assert site.ask(asks("a", is_leaving=True)).held == {}
    assert site.ask(asks("b")).held == {FIRST: 2}
    assert site.ask(asks("a", is_leaving=True)).held == {}


@pytest.mark.parametrize("name", ["", "a"])
def test_an_engine_that_starts_again_gets_its_hearings_back_at_once(name: str) -> None:
    site = Site(wanted={FIRST})
    assert site.ask(asks(name, "1", is_first=True)).held == {FIRST: 1}
    site.now_ms += 10
    assert site.ask(asks(name, "2", is_first=True)).held == {FIRST: 2}
    with pytest.raises(NameTaken):
        site.ask(asks(name, "1", running={FIRST}))


def test_a_machine_with_the_name_of_another_waits_for_the_end_of_its_leases() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("a", "1", is_first=True))
    elsewhere = "http://elsewhere:8090"
    assert site.ask(asks("a", "2", is_first=True, url=elsewhere)).held == {}
    site.now_ms += LEASE_MS
    assert site.ask(asks("a", "2", url=elsewhere)).held == {}, "the other may hold on"
    while not site.ask(asks("a", "2", url=elsewhere)).held:
        site.now_ms += 500
    assert site.now_ms == 1_000_000 + HOLD_MS


def test_a_machine_that_starts_again_does_not_get_what_another_of_its_name_runs() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("a", "1", is_first=True))
    site.ask(asks("a", "2", is_first=True, url="http://elsewhere:8090"))
    assert site.ask(asks("a", "3", is_first=True, url="http://elsewhere:8090")).held == {}


def test_a_machine_that_starts_again_too_late_for_its_lease_waits_for_nobody() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("a", "1", is_first=True))
    site.now_ms += LEASE_MS + 500
    assert site.ask(asks("a", "2", is_first=True)).held == {FIRST: 2}


def both_there() -> Site:
    """Return a site whose machine a runs a hearing and knows of b; both ask at its current time."""
    site = Site(wanted={FIRST})
    site.ask(asks("a", is_first=True))
    site.ask(asks("b", is_first=True))
    site.now_ms += 500
    listed = site.ask(asks("a", running={FIRST})).listed_ms
    site.ask(asks("b"))
    told = site.ask(asks("a", running={FIRST}, listed_ms=listed))
    assert told.peers == {"b": "http://b:8090"}
    return site


def test_after_an_outage_of_the_database_the_machine_that_holds_on_renews_first() -> None:
    site = both_there()
    site.now_ms += 12_000
    for _ in range(4):
        assert site.ask(asks("b")).held == {}, "b was not there all the time"
        site.now_ms += 500
    assert site.ask(asks("a", running={FIRST})).held == {FIRST: 1}


def test_after_an_outage_as_short_as_a_lease_the_holder_renews_first_too() -> None:
    site = both_there()
    site.now_ms += 400
    site.ask(asks("b"))
    site.now_ms += LEASE_MS - 400
    assert site.ask(asks("b")).held == {}, "b was away with the database, as a was"
    assert site.ask(asks("a", running={FIRST})).held == {FIRST: 1}


def test_a_hearing_whose_machine_died_with_the_database_goes_on_after_the_longest_hold() -> None:
    site = both_there()
    died_ms = site.now_ms
    site.now_ms += 12_000
    while not site.ask(asks("b")).held:
        site.now_ms += 500
    assert died_ms + HOLD_MS <= site.now_ms <= died_ms + HOLD_MS + 500


@pytest.mark.parametrize("jump_ms", [60_000, -60_000])
def test_a_primary_whose_clock_is_a_minute_off_ends_no_hearing(jump_ms: int) -> None:
    site = both_there()
    site.now_ms += jump_ms
    assert site.ask(asks("b")).held == {}
    site.now_ms += 500
    assert site.ask(asks("a", running={FIRST})).held == {FIRST: 1}
    assert site.ask(asks("c", is_first=True)).held == {}


def test_the_only_machine_keeps_its_hearings_for_an_hour_without_web() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("", is_first=True))
    site.now_ms += SOLE_LEASE_MS - 1
    assert site.ask(asks("b", is_first=True)).held == {}
    assert site.ask(asks("")).held == {FIRST: 1}


def test_the_only_machine_may_get_a_name() -> None:
    site = Site(wanted={FIRST})
    site.ask(asks("", "1", is_first=True, url="http://only:8090"))
    held = site.ask(asks("a", "2", is_first=True, url="http://only:8090")).held
    assert held == {FIRST: 2}


def test_a_hearing_that_nobody_wants_ends_unless_somebody_attends_it() -> None:
    site = Site(wanted={FIRST, SECOND})
    site.ask(asks("a", is_first=True))
    site.wanted = set()
    given = site.ask(asks("a", running={FIRST, SECOND}, attended=frozenset({FIRST})))
    assert (given.held, given.elsewhere) == ({FIRST: 1}, frozenset())
    assert site.leases[SECOND].ends_ms == 0


def two_versions(second: str) -> Site:
    """Return a site on which a machine a of version 0.1 runs a hearing; b has version `second`."""
    site = Site(wanted={FIRST})
    site.ask(asks("a", is_first=True, version="0.1"))
    site.ask(asks("b", is_first=True, version=second))
    return site


def test_a_hearing_that_an_older_machine_cannot_follow_goes_to_a_newer_one() -> None:
    site = two_versions("0.2")
    told = site.ask(asks("a", version="0.1", running={FIRST}, behind=frozenset({FIRST})))
    assert told.held == {FIRST: 1}
    assert told.to_release == {FIRST}
    assert site.ask(asks("b", version="0.2")).held == {}, "the older one may be heard still"
    gone = site.ask(asks("a", version="0.1", behind=frozenset({FIRST})))
    assert gone.held == {}
    assert gone.to_release == set()
    assert site.ask(asks("b", version="0.2")).held == {FIRST: 2}
    site.ask(asks("b", version="0.2", is_leaving=True))
    alone = site.ask(asks("a", version="0.1", behind=frozenset({FIRST})))
    assert alone.held == {FIRST: 3}, "where no other is left, it runs what it cannot follow"
    assert alone.to_release == set()


@pytest.mark.parametrize("version", ["0.1", "0.0.9", ""])
def test_a_hearing_that_no_newer_machine_can_run_stays_where_it_is(version: str) -> None:
    site = two_versions(version)
    told = site.ask(asks("a", version="0.1", running={FIRST}, behind=frozenset({FIRST})))
    assert told.held == {FIRST: 1}
    assert told.to_release == set()


def test_a_newer_machine_that_cannot_follow_a_hearing_either_does_not_get_it() -> None:
    site = two_versions("0.2")
    site.ask(asks("b", version="0.2", behind=frozenset({FIRST})))
    told = site.ask(asks("a", version="0.1", running={FIRST}, behind=frozenset({FIRST})))
    assert told.to_release == set()


def test_of_two_machines_the_one_that_can_follow_a_hearing_gets_it() -> None:
    site = Site(wanted=set())
    site.ask(asks("a", is_first=True, behind=frozenset({FIRST})))
    site.ask(asks("b", is_first=True, load=900))
    site.wanted = {FIRST}
    assert site.ask(asks("a", behind=frozenset({FIRST}))).held == {}
    assert site.ask(asks("b", load=900)).held == {FIRST: 1}


# ── Engines and a network that loses and delays ────────────────────────────────────────────────
class _Sent:
    """A request that waits for its answer, which the test delivers or withholds."""

    def __await__(self) -> Generator[None, dict[str, Any], dict[str, Any]]:
        return (yield)


class _Web:
    """A stand-in for the engine's client of `web`; the test carries its requests and answers."""

    def __init__(self) -> None:
        self.epochs: dict[str, int] = {}
        self.request: dict[str, Any] = {}

    async def hearings(self, request: dict[str, Any], within_s: float) -> dict[str, Any]:
        self.request = request
        return await _Sent()


class Engine:
    """An engine's leases, with a wrong clock that runs up to 5 percent too fast or too slow."""

    def __init__(self, world: "World", name: str, url: str, rate: float) -> None:
        self.world, self.name, self.url, self.rate = world, name, url, rate
        self._start()

    def _start(self) -> None:
        self.web = _Web()
        web: Any = self.web
        chosen: Any = SimpleNamespace(machine=self.name, url=self.url, segments=FOLDER)
        self.keeper = LeaseKeeper(chosen, web, monotonic=self._clock)
        self.promises: list[tuple[str, frozenset[str], float, float]] = []
        self.asking: Coroutine[None, Any, HearingsAnswer] | None = None
        self.answer: dict[str, Any] | None = None
        self.is_leaving = False

    def _clock(self) -> float:
        return 500 * self.rate + self.world.at_ms / 1000 * self.rate

    def running(self) -> frozenset[str]:
        """Return the hearings that the engine runs by its own clock."""
        return frozenset(self.keeper.epochs) - self.keeper.overdue()

    def act(self, what: str) -> None:
        match what:
            case "ask" if self.asking is None:
                running = self.running()
                leaves = self.is_leaving
                if leaves:
                    for hearing in running:
                        self.keeper.drop(hearing)
                    running = frozenset()
                self.asking = self.keeper.ask(running, (), leaving=leaves)
                self.asking.send(None)
            case "arrive" if self.asking is not None and self.answer is None:
                self._arrive()
            case "answer" if self.asking is not None and self.answer is not None:
                asking, self.asking = self.asking, None
                answer, self.answer = self.answer, None
                with pytest.raises(StopIteration):
                    asking.send(answer)
            case "lose" if self.asking is not None:
                self._lose(0)
            case "start again":
                self._lose(0)
                self._start()
            case "leave":
                self.is_leaving = True
            case "request promises":
                self._request_promises()
            case "receive promises":
                promises, self.promises = self.promises, []
                for promise in promises:
                    self.keeper.receive_promise(*promise)
            case "lose promises":
                self.promises.clear()

    def _request_promises(self) -> None:
        hearings = frozenset(self.keeper.epochs)
        for name, url in self.keeper.to_promise().items():
            (peer,) = (engine for engine in self.world.engines if engine.url == url)
            promise_s = peer.keeper.promise(hearings) if peer.name == name else None
            if promise_s is not None:
                self.promises.append((name, hearings, self._clock(), promise_s))

    def _arrive(self) -> None:
        if self.world.is_away:
            self._lose(0)
            return
        data = dict(self.web.request)
        asked = LeaseRequest(
            data["machine"],
            data["process"],
            data["url"],
            listed_ms=data["listed_ms"],
            is_first=data["first"],
            is_leaving=data["leaving"],
            running=frozenset(data["running"]),
        )
        site = self.world.site
        site.now_ms = self.world.database_ms
        try:
            found = asdict(site.ask(asked))
        except NameTaken:
            self._lose(409)
            for hearing in tuple(self.keeper.epochs):
                self.keeper.drop(hearing)
            return
        self.answer = {
            "hearings": found["held"],
            "elsewhere": found["elsewhere"],
            "lease_s": lease_rules.lease_ms(self.name) / 1000,
            "peers": found["peers"],
            "listed_ms": found["listed_ms"],
        }

    def _lose(self, status: int) -> None:
        asking, self.asking, self.answer = self.asking, None, None
        if asking is not None:
            with pytest.raises(WebUnavailable):
                asking.throw(WebUnavailable("lost", status))


class World:
    """A site and three engines; by default, the third one has the same name as the first."""

    def __init__(self, rates: tuple[float, float, float], ahead_ms: int, third: str = "a") -> None:
        self.at_ms, self.ahead_ms, self.site = 0, ahead_ms, Site()
        self.is_away = False
        """Whether the database is unreachable."""
        named = zip(("a", "b", third), ("one", "two", "three"), rates, strict=True)
        self.engines = [Engine(self, name, f"http://{url}:1", rate) for name, url, rate in named]

    @property
    def database_ms(self) -> int:
        return self.at_ms + self.ahead_ms

    def check(self) -> None:
        for hearing in (FIRST, SECOND):
            runs = [engine for engine in self.engines if hearing in engine.running()]
            assert len(runs) <= 1, f"{hearing} runs on {len(runs)} machines"


def test_a_machine_without_an_answer_for_two_seconds_gets_no_hearing() -> None:
    world = World((1.0, 1.0, 1.0), 0)
    engine = world.engines[0]
    assert not engine.keeper.is_cut_off, "it has just begun"
    for what in ("ask", "arrive", "answer"):
        engine.act(what)
    world.at_ms += 1_900
    assert not engine.keeper.is_cut_off
    world.at_ms += 200
    assert engine.keeper.is_cut_off


rates = st.floats(0.95, 1.05)
acts = st.sampled_from(
    ["ask", "arrive", "answer", *("ask", "arrive", "answer") * 4, "lose", "start again", "leave"]
)
steps = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 2), acts), max_size=80)


@given(st.tuples(rates, rates, rates), st.integers(0, 10**9), steps)
def test_two_machines_never_run_a_hearing_at_once(
    rates: tuple[float, float, float], ahead_ms: int, steps: list[tuple[int, int, str]]
) -> None:
    world = World(rates, ahead_ms)
    for after_ms, number, what in steps:
        world.at_ms += after_ms
        world.check()
        world.engines[number].act(what)
        world.check()
    for engine in world.engines:  # no coroutine is left unfinished
        engine.act("lose")


# What can happen to an engine for some seconds: the steps of its requests to `web` and to others.
PROMISED = ("request promises", "receive promises")
FATES: dict[str, tuple[str, ...]] = {
    "is well": ("ask", "arrive", "answer", *PROMISED),
    "is cut off": ("ask", "lose", *PROMISED),
    "gets no answers": ("ask", "arrive", "lose", *PROMISED),
    "gets late answers": ("answer", "ask", "arrive", *PROMISED),
    "gets no promises": ("ask", "arrive", "answer", "request promises", "lose promises"),
    "gets late promises": ("ask", "lose", "receive promises", "request promises"),
    "stands still": (),
    "starts again": ("start again", "ask", "arrive", "answer"),
    "leaves": ("leave", "ask", "arrive", "answer"),
}
WEIGHTS = [4, 4, *(1 for _ in range(len(FATES) - 2))]
fates = st.sampled_from(list(FATES))


@dataclass(frozen=True)
class Phase:
    """A number of rounds of `round_ms` each, in which the machines act in a given order."""

    rounds: int
    round_ms: int
    order: tuple[int, ...]
    fates: tuple[str, ...]
    database_is_away: bool


phases = st.lists(
    st.builds(
        Phase,
        st.integers(1, 8),
        st.integers(200, 600),
        st.permutations(range(3)).map(tuple),
        st.tuples(fates, fates, fates),
        st.sampled_from([False, False, True]),
    ),
    min_size=3,
    max_size=14,
)
worlds = st.builds(
    World,
    st.tuples(rates, rates, rates),
    st.integers(0, 10**9),
    st.sampled_from(["a", "c"]),
)


def play(world: World, phases: list[Phase]) -> None:
    """Run the phases, after a first one in which two machines work without faults."""
    begun = Phase(5, 500, (0, 1), ("is well",) * 3, database_is_away=False)
    for phase in (begun, *phases):
        world.is_away = phase.database_is_away
        for _ in range(phase.rounds):
            world.at_ms += phase.round_ms
            world.check()
            for number in phase.order:
                for what in FATES[phase.fates[number]]:
                    world.engines[number].act(what)
                world.check()
    for engine in world.engines:  # no coroutine is left unfinished
        engine.act("lose")


@given(worlds, phases)
def test_two_machines_never_run_a_hearing_at_once_while_the_database_comes_and_goes(
    world: World, phases: list[Phase]
) -> None:
    play(world, phases)


def takes_at_once(machine: Machine, lease: Lease | None, now_ms: int) -> bool:
    """Return whether a lease has ended: without promises, a machine would take the hearing then."""
    return lease is None or not lease.holds(now_ms)


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        (f"{PROMISES}.is_late", lambda promises, now: True),
        (f"{PROMISES}.withholds", lambda promises, hearing, now: False),
        (f"{lease_rules.__name__}.may_take", takes_at_once),
        (f"{lease_promises.__name__}.MARGIN_S", -3.0),
    ],
)
def test_the_simulation_finds_a_wrong_rule(
    what: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what, wrong)

    def simulate() -> None:
        for seed in range(2000):
            play(*drawn(Random(seed)))

    with pytest.raises(AssertionError, match="runs on 2 machines"):
        simulate()


def alone_and_cut_off() -> tuple[World, list[Phase]]:
    """Return a world in which a machine runs all hearings, is cut off, and another one starts."""
    cut_off = ("is cut off", "is well", "stands still")
    return World((1.0, 1.0, 1.0), 0), [
        Phase(8, 500, (0,), ("is well",) * 3, database_is_away=False),
        Phase(10, 500, (0,), cut_off, database_is_away=False),
        Phase(70, 500, (0, 1), cut_off, database_is_away=False),
    ]


def test_a_machine_that_has_just_come_waits_until_nobody_holds_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, phases = alone_and_cut_off()
    play(world, phases)
    assert world.engines[1].running() == {FIRST, SECOND}
    monkeypatch.setattr(lease_promises, "HOLD_S", HOLD_S + 10)
    with pytest.raises(AssertionError, match="runs on 2 machines"):
        play(*alone_and_cut_off())


def drawn(random: Random) -> tuple[World, list[Phase]]:
    """Draw a world and its phases at random; Hypothesis would take longer to draw as many."""
    speeds = random.uniform(0.95, 1.05), random.uniform(0.95, 1.05), random.uniform(0.95, 1.05)
    phases = [
        Phase(
            random.randint(1, 8),
            random.randint(200, 600),
            tuple(random.sample(range(3), 3)),
            tuple(random.choices(list(FATES), WEIGHTS, k=3)),
            random.random() < 0.3,
        )
        for _ in range(random.randint(3, 14))
    ]
    return World(speeds, random.randint(0, 10**9), random.choice(["a", "c"])), phases


def test_the_simulation_would_notice_a_lease_counted_from_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If an engine counts its lease too long, two machines run a hearing."""
    monkeypatch.setattr("hemicycle.engine.control.lease_keeper.MARGIN_S", -3.0)
    with pytest.raises(AssertionError, match="runs on 2 machines"):
        for _ in _taken_over():
            pass


def test_a_hearing_is_on_another_machine_three_seconds_after_its_own_was_killed() -> None:
    assert list(_taken_over()) == [FIRST]


def _taken_over() -> Generator[str]:
    """Cut off the machine that runs a hearing, and yield the hearing once the other runs it."""
    world = World((1.0, 1.0, 1.0), 7)
    world.site.wanted = {FIRST}
    first, second, _ = world.engines
    for engine in (first, second) * 5:
        for what in ("ask", "arrive", "answer"):
            engine.act(what)
        world.at_ms += 250
    assert first.running() == {FIRST}
    cut_ms = world.at_ms
    while FIRST not in second.running():
        assert world.at_ms <= cut_ms + 3000
        for what in ("ask", "arrive", "answer"):
            second.act(what)
        world.check()
        world.at_ms += 500
    yield FIRST
