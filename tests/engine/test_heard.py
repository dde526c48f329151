"""Who is heard in random histories of the floor: nobody muted, removed or past the time limit.

From the facts of the floor alone, the tests work out who may be heard. They compare the result with
each plan, and with the output of a mixer that has carried out every plan since the meeting began.
Each session sends a tone to that mixer.
"""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine import plan
from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.plan import ProgramPlan, Publisher
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import clock
from hemicycle.procedure import commands as c
from hemicycle.procedure.state import Floor
from tests.engine.audio.studio import Studio, Tone
from tests.procedure.histories import SLOTS, Run
from tests.support.examples import examples

PRESIDING = frozenset({"x"})
"""The person in the histories who presides and may be removed."""

SETTLED_TICKS = 4
"""Ticks until every fader is at its end and the limiter's look-ahead has passed."""

HEARD_MS = 20


def seat(session: str, person: str, slot: str = "", role: str = "speaker") -> Publisher:
    return Publisher(session, "publish", role, person, slot)


CHAIRS = (seat("chair", "x", role="moderator"), seat("deputy", "y", role="moderator"))
SEATS = tuple(seat(f"seat-{slot}", f"person-{slot}", slot) for slot in SLOTS)
OTHERS = (
    seat("elsewhere", "person-a", "a"),
    seat("hall", "z", role="technician"),
    Publisher("screen", "screen", "speaker", "person-b", "b"),
)
EVERYBODY = (*CHAIRS, *SEATS, *OTHERS)
VIDEOS = {plan.video_of(slot): slot for slot in SLOTS}
HERTZ = {
    source: 400 + 200 * number
    for number, source in enumerate((*(one.session for one in EVERYBODY), *VIDEOS))
}
crowds = st.lists(st.sampled_from(EVERYBODY), unique=True)


def press(run: Run) -> None:
    """Take a step of a history: often one after which somebody may not be heard."""
    if run.random.random() < 0.6:
        run.take(run.choose())
        return
    floor = run.floor
    slot = floor.holder.slot if floor.holder else "a"
    forbids = (
        c.Mute(slot),
        c.Interrupt("moderator"),
        c.Join("chair", "x"),
        c.RemoveParticipant("x"),
        c.RemoveParticipant(f"person-{slot}"),
        c.GiveFloor(),
    )
    run.take(run.random.choice(forbids))


def past_limit(floor: Floor, now: int) -> bool:
    """Return whether the limit has closed the holder's microphone."""
    holder, rules = floor.holder, floor.rules
    if holder is None or rules.at_limit != "cut":
        return False
    if holder.running_since is None:
        return False
    counted = holder.used_before_ms + now - holder.running_since
    return counted >= holder.limit_ms + rules.grace_ms


def may_be_heard(floor: Floor, source: str, here: tuple[Publisher, ...], now: int) -> bool:
    """Return whether one source may be heard by the rules of `docs/meeting.md`."""
    if floor.phase != "open":
        return False
    slot = VIDEOS.get(source)
    if slot is None:
        (publisher,) = (one for one in here if one.session == source)
        if publisher.person in floor.removed or publisher.use != "publish":
            return False
        if publisher.role == "moderator" or publisher.person == floor.point_raiser:
            return True
        slot = publisher.slot
        if floor.discussion is not None:
            return in_discussion(floor, slot)
    holder = floor.holder
    if holder is None or slot != holder.slot or slot in floor.muted:
        return False
    return holder.stopped != "moderator" and not past_limit(floor, now)


def in_discussion(floor: Floor, slot: str) -> bool:
    """Return whether the open discussion keeps the microphone of this slot open."""
    presents = slot in floor.slots and floor.slots[slot].role in {"panellist", "moderator", "chair"}
    return presents and slot not in floor.muted and not floor.hearing_point


@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    crowds,
    st.sets(st.sampled_from(SLOTS)),
    st.integers(0, 300_000),
)
def test_no_plan_lets_anybody_be_heard_who_may_not(
    seed: int, length: int, crowd: list[Publisher], videos: set[str], later: int
) -> None:
    here, run = tuple(crowd), Run(seed)
    for _ in range(length):
        press(run)
        floor = run.floor
        for at in (floor.at, floor.at + later, clock.cut_at(floor) or floor.at):
            now = max(at, floor.at)
            heard = plan.wanted(floor, here, videos, {}, now=now, presiding=PRESIDING).heard
            assert [one for one in sorted(heard) if not may_be_heard(floor, one, here, now)] == []


@examples(60)
@given(st.integers(0, 2**32), st.integers(20, 60))
def test_who_holds_the_floor_is_heard_unless_something_forbids_it(seed: int, length: int) -> None:
    run = Run(seed)
    for _ in range(length):
        press(run)
        floor = run.floor
        heard = plan.wanted(floor, SEATS, (), {}, now=floor.at).heard
        slot = floor.holder.slot if floor.holder else ""
        own = f"seat-{slot}"
        if own not in HERTZ or floor.cut or (floor.holder and floor.holder.stopped):
            continue
        assert heard == ({own} if may_be_heard(floor, own, SEATS, floor.at) else set())


@examples(25)
@given(st.integers(0, 2**32), st.integers(5, 25))
def test_the_mixer_lets_through_what_may_be_heard_and_nothing_else(seed: int, length: int) -> None:
    run, actual = Run(seed), ProgramPlan()
    studio = Studio()
    studio.add(**{source: Tone(hertz, 0.02) for source, hertz in HERTZ.items()})
    for _ in range(length):
        press(run)
        floor = run.floor
        want = plan.wanted(
            floor, EVERYBODY, SLOTS, {}, now=floor.at, presiding=PRESIDING, first=frozenset("cd")
        )
        for operation in plan.plan(want, actual):
            match operation:
                case plan.OpenMicrophone(source):
                    studio.mixer.microphone(source, studio.now, on=True)
                case plan.CloseMicrophone(source):
                    studio.mixer.microphone(source, studio.now, on=False)
        actual = replace(want)
        studio.run(SETTLED_TICKS)
        last = studio.heard()[-SOUND_RATE * HEARD_MS // 1000 :]
        heard = {source for source, hertz in HERTZ.items() if tones(last, [hertz])}
        assert [one for one in heard if not may_be_heard(floor, one, EVERYBODY, floor.at)] == []
        assert heard == want.heard


def test_the_histories_forbid_in_every_way() -> None:
    forbidden: Counter[str] = Counter()
    for seed in range(100):
        run = Run(seed)
        for _ in range(30):
            press(run)
            floor = run.floor
            if floor.phase != "open" or floor.holder is None:
                continue
            forbidden["muted"] += floor.holder.slot in floor.muted
            forbidden["stopped"] += floor.holder.stopped == "moderator"
            forbidden["past limit"] += past_limit(floor, floor.at + 300_000)
            forbidden["chair removed"] += "x" in floor.removed
            forbidden["speaker removed"] += any(p.startswith("person") for p in floor.removed)
    assert len(forbidden) == 5
    assert min(forbidden.values()) > 10
