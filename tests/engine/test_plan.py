"""The plan: the operations that bring the desk to the wanted state; afterwards, none is left."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine import plan
from hemicycle.engine.plan import ProgramPlan, Publisher, Scene
from hemicycle.procedure import Listed, Rules, clock
from hemicycle.procedure import commands as c
from hemicycle.procedure.channels import Carried
from hemicycle.procedure.state import Floor
from tests.procedure.histories import SLOTS, Run
from tests.procedure.meeting import opened

PANEL = Listed("p", "panel", "person-p", "panellist")
OTHER = Listed("q", "panel", "person-q", "panellist")
CHAIR = Publisher("chair", "publish", "moderator", person="m")
CUT = Rules(time_limit_ms=60_000, at_limit="cut", grace_ms=2_000)


def seat(slot: str, role: str = "speaker") -> Publisher:
    return Publisher(f"s-{slot}", "publish", role, f"person-{slot}", slot)


HERE = (CHAIR, seat("p", "panellist"), seat("q", "panellist"), seat("a"), seat("b"))


def want(floor: Floor, *here: Publisher, now: int | None = None, videos: str = "") -> ProgramPlan:
    at = floor.at if now is None else now
    return plan.wanted(floor, here, videos, {}, now=at)


def test_nobody_is_heard_before_the_meeting_opens() -> None:
    assert want(Floor(), *HERE) == ProgramPlan(scene=Scene("card", card="before"))


def test_whoever_presides_is_heard_and_seen_while_the_floor_is_free() -> None:
    meeting = opened(PANEL, "a", "b")
    assert want(meeting.floor, *HERE) == ProgramPlan(
        heard=frozenset({"chair"}), preview="s-p", scene=Scene("speaker", main="chair", person="m")
    )
    assert want(meeting.floor, seat("a")) == ProgramPlan(scene=Scene("card", card="between"))


def test_the_panels_own_moderator_presides_or_else_whoever_is_here() -> None:
    floor = opened("a").floor
    own = Publisher("own", "publish", "moderator", person="n")

    def heard(*here: Publisher) -> frozenset[str]:
        presiding = frozenset({"n"})
        return plan.wanted(floor, here, (), {}, now=floor.at, presiding=presiding).heard

    assert heard(CHAIR, own) == {"own"}
    assert heard(CHAIR) == {"chair"}


def test_the_holder_is_heard_and_the_next_is_warm() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor())
    assert want(meeting.floor, *HERE) == ProgramPlan(
        heard=frozenset({"chair", "s-a"}),
        preview="s-b",
        scene=Scene("speaker", main="s-a", slot="a"),
    )


def test_a_panellist_is_shown_with_the_panel_and_with_their_screen() -> None:
    meeting = opened(PANEL, OTHER, "a")
    meeting.do(c.GiveFloor())
    stranger = Publisher("s-z", "publish", "panellist", "person-z", "z")
    assert want(meeting.floor, *HERE, stranger).scene == Scene(
        "panel", main="s-p", others=("chair", "s-q"), slot="p"
    )
    screen = Publisher("screen", "screen", "panellist", "person-p", "p")
    assert want(meeting.floor, *HERE, screen).scene == Scene(
        "screen", main="s-p", others=("chair",), screen="screen", slot="p"
    )


def test_a_recorded_video_stands_in_for_who_is_not_there() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor())
    assert want(meeting.floor, videos="a") == ProgramPlan(
        heard=frozenset({"video:a"}),
        playing="a",
        scene=Scene("video", main="video:a", slot="a"),
    )
    assert want(meeting.floor, seat("a"), videos="a").playing == ""
    first = plan.wanted(
        meeting.floor, [seat("a")], {"a"}, {}, now=meeting.floor.at, first=frozenset("a")
    )
    assert (first.playing, first.heard) == ("a", frozenset({"video:a"}))


def test_the_microphone_closes_by_the_engines_own_clock() -> None:
    meeting = opened("a", rules=CUT)
    meeting.do(c.GiveFloor())
    at = clock.cut_at(meeting.floor)
    assert at == meeting.floor.at + 62_000
    assert want(meeting.floor, *HERE, now=at - 1).heard == {"chair", "s-a"}
    assert want(meeting.floor, *HERE, now=at).heard == {"chair"}
    meeting.after(62).do(c.Tick())
    assert clock.cut_at(meeting.floor) is None
    assert want(meeting.floor, *HERE).heard == {"chair"}
    meeting.do(c.Extend())
    assert want(meeting.floor, *HERE).heard == {"chair", "s-a"}


def test_nothing_closes_where_the_rules_only_signal_or_the_clock_stands() -> None:
    meeting = opened("a", rules=replace(CUT, at_limit="signal"))
    meeting.do(c.GiveFloor())
    assert clock.cut_at(meeting.floor) is None
    meeting = opened("a", rules=CUT)
    meeting.do(c.GiveFloor(), c.Interrupt("technical"))
    assert clock.cut_at(meeting.floor) is None
    assert want(meeting.floor, *HERE).heard == {"chair", "s-a"}


def test_in_a_discussion_the_panel_is_heard_and_seen_together() -> None:
    meeting = opened(PANEL, OTHER, "a", rules=Rules(discussion="allowed"))
    meeting.do(c.OpenDiscussion())
    assert want(meeting.floor, *HERE) == ProgramPlan(
        heard=frozenset({"chair", "s-p", "s-q"}),
        preview="s-p",
        scene=Scene("grid", others=("chair", "s-p", "s-q")),
    )
    floor, now = meeting.floor, meeting.floor.at
    speaking = plan.wanted(floor, HERE, (), {}, now=now, speaking=("s-q", "s-a"))
    assert speaking.scene.speaking == ("s-q",)
    without = plan.wanted(floor, HERE, (), {}, now=now, apart=frozenset("q"))
    assert without.heard == {"chair", "s-p"}
    assert without.scene.others == ("chair", "s-p")
    assert want(meeting.floor).scene == Scene("card", card="between")
    meeting.do(c.Suspend())
    assert want(meeting.floor, *HERE).heard == frozenset()
    assert want(meeting.floor, *HERE).scene == Scene("card", card="suspended")


def test_a_point_of_order_is_heard_and_seen_from_the_list_and_from_outside_it() -> None:
    meeting = opened("a", "b", rules=Rules(points_of_order=True))
    mission = Publisher("s-m", "publish", "speaker", "delegate")
    meeting.do(c.GiveFloor("a"), c.RaisePointOfOrder("one", "person-b"))
    meeting.do(c.RaisePointOfOrder("two", "delegate"))
    here = (*HERE, mission)
    assert want(meeting.floor, *here).heard == {"chair", "s-a"}
    meeting.do(c.HearPointOfOrder("one"))
    first = want(meeting.floor, *here)
    assert first.heard == {"chair", "s-b"}
    assert first.scene == Scene("speaker", main="s-b", slot="b", person="person-b")
    assert want(meeting.floor, CHAIR, seat("a")).scene.main == "s-a"
    meeting.do(c.RulePointOfOrder("one", "upheld"), c.HearPointOfOrder("two"))
    second = want(meeting.floor, *here)
    assert second.heard == {"chair", "s-m"}
    assert second.scene == Scene("speaker", main="s-m", person="delegate")
    meeting.do(c.Suspend())
    assert want(meeting.floor, *here).heard == frozenset()


def test_a_suspended_meeting_is_silent() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor(), c.Suspend())
    assert want(meeting.floor, *HERE) == ProgramPlan(scene=Scene("card", card="suspended"))


def carried(want: ProgramPlan, actual: ProgramPlan) -> ProgramPlan:
    """Return the state of the desk after it has carried out the plan."""
    for operation in plan.plan(want, actual):
        match operation:
            case plan.OpenMicrophone(source):
                actual = replace(actual, heard=actual.heard | {source})
            case plan.CloseMicrophone(source):
                actual = replace(actual, heard=actual.heard - {source})
            case plan.ShowPreview(session):
                actual = replace(actual, preview=session)
            case plan.PlayVideo(slot):
                actual = replace(actual, playing=slot)
            case plan.ShowScene(scene):
                actual = replace(actual, scene=scene)
            case plan.RouteChannel(channel, _):
                actual = replace(actual, carries={**actual.carries, channel: want.carries[channel]})
    return actual


publishers = st.lists(
    st.builds(
        Publisher,
        session=st.sampled_from("stuvwxyz"),
        use=st.sampled_from(("publish", "screen")),
        role=st.sampled_from(("speaker", "panellist", "moderator")),
        slot=st.sampled_from(("", *SLOTS)),
    ),
    unique_by=lambda publisher: publisher.session,
)
carries = st.dictionaries(
    st.sampled_from(("en", "fr", "ar")),
    st.builds(Carried, st.sampled_from(("floor", "en", "fr"))),
)


@given(st.integers(0, 10_000), publishers, st.sets(st.sampled_from(SLOTS)), carries)
def test_carrying_out_the_plan_leaves_nothing_to_do(
    seed: int, here: list[Publisher], videos: set[str], channels: dict[str, Carried]
) -> None:
    actual, presiding = (
        ProgramPlan(),
        {publisher.session for publisher in here if publisher.role == "moderator"},
    )
    run = Run(seed)
    for _ in range(40):
        run.take(run.choose())
        floor = run.floor
        full = {"en": Carried(), "fr": Carried(), "ar": Carried(), **channels}
        wish = plan.wanted(floor, here, videos, full, now=run.now)
        actual = carried(wish, actual)
        assert plan.plan(wish, actual) == ()
        assert actual.heard == wish.heard
        held = {
            publisher.session
            for publisher in here
            if floor.holder and publisher.slot == floor.holder.slot
        }
        video = {plan.video_of(floor.holder.slot)} if floor.holder else set()
        talk = floor.panel if floor.discussion else frozenset()
        discuss = {publisher.session for publisher in here if publisher.slot in talk}
        assert actual.heard <= presiding | held | video | discuss
