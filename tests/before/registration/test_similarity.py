"""Which requests for the floor are similar, and for which reason."""

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration.similarity import (
    FloorRequest,
    Likeness,
    alike,
    common_words,
    subject_words,
)

RIVERS = "Clean rivers need treaties between neighbours and independent monitoring."
ALSO_RIVERS = "Independent monitoring of rivers, and treaties for them, protect our neighbours."
FISH = "Fishing quotas must follow science."


def request(organization: str, text: str = "", *co_signers: str) -> FloorRequest:
    return FloorRequest(organization, frozenset(co_signers), subject_words(text))


def test_like_subjects_are_alike_and_the_words_say_why() -> None:
    found = alike(request("a", RIVERS), request("b", ALSO_RIVERS))
    assert found is not None
    assert found.reasons == (Likeness.SUBJECT,)
    assert {"rivers", "treaties", "monitoring"} <= set(found.words)


def test_other_subjects_are_not() -> None:
    assert alike(request("a", RIVERS), request("b", FISH)) is None
    assert alike(request("a"), request("b")) is None


def test_two_that_name_each_other_or_the_same_third_are_alike() -> None:
    named = alike(request("a", "", "b"), request("b"))
    shared = alike(request("a", "", "c"), request("b", "", "c"))
    assert named is not None
    assert shared is not None
    assert (named.reasons, shared.reasons) == ((Likeness.NAMED,), (Likeness.SHARED,))


def test_two_of_one_organization_are_never_proposed() -> None:
    assert alike(request("a", RIVERS, "c"), request("a", RIVERS, "c")) is None


def test_the_subject_of_the_whole_panel_makes_nobody_alike() -> None:
    panel = [request(name, RIVERS) for name in "abcd"]
    common = common_words(panel)
    assert alike(panel[0], panel[1], common) is None
    assert alike(panel[0], panel[1]) is not None
    assert common_words(panel[:3]) == frozenset()


def test_scripts_without_spaces_are_compared_by_pairs_of_signs() -> None:
    first, second = "清洁河流需要独立监测和条约", "条约和独立监测保护河流"
    found = alike(request("a", first), request("b", second))
    assert found is not None
    assert {"河流", "监测", "条约"} <= set(found.words)


WORDS = st.frozensets(st.sampled_from("abcdefghijkl"), max_size=8)
REQUESTS = st.builds(
    FloorRequest, st.sampled_from("xyz"), st.frozensets(st.sampled_from("xyz")), WORDS
)


@given(REQUESTS, REQUESTS, WORDS)
def test_likeness_is_mutual(
    first: FloorRequest, second: FloorRequest, common: frozenset[str]
) -> None:
    assert alike(first, second, common) == alike(second, first, common)
