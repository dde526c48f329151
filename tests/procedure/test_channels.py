"""Channels and relays: each booth has a source, never a circle, and none keeps a silent one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure.channels import (
    CIRCLE,
    FLOOR,
    ITSELF,
    SILENT,
    UNKNOWN,
    Carried,
    Incoming,
    Situation,
    carries,
    incoming,
    matching,
    settle,
    why_not,
)

SIX = ("ar", "zh", "en", "fr", "ru", "es")


def on_a(*booths: str) -> dict[str, str]:
    return {booth: booth for booth in booths}


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    languages = draw(st.sampled_from((SIX, SIX[:2], SIX[2:], ("pt-BR", "en", "sw"), ("ar",))))
    tags = st.sampled_from(languages)
    live = draw(st.dictionaries(tags, tags))
    return Situation(
        languages=languages,
        live=live,
        speaks=draw(st.sampled_from(("", "de", "en-GB", "pt", *languages))),
        chosen=draw(st.dictionaries(tags, st.sampled_from((FLOOR, "xx", *languages)))),
        ending=draw(st.frozensets(tags)),
    )


def chain(situation: Situation, booth: str) -> list[str]:
    """Return the sources from a booth down to the floor."""
    heard, sources = settle(situation), [booth]
    while sources[-1] != FLOOR:
        sources.append(heard[sources[-1]].source)
        assert len(sources) <= len(situation.languages) + 1, f"a circle: {sources}"
    return sources


@given(situations())
def test_every_channel_always_carries_something(situation: Situation) -> None:
    carried = carries(situation)
    assert tuple(carried) == tuple(situation.languages)
    for channel, what in carried.items():
        if what.source == FLOOR:
            assert what == Carried()
        else:
            assert situation.live[what.source] == channel


@given(situations())
def test_no_circle_and_the_depth_counts_the_interpreters(situation: Situation) -> None:
    carried = carries(situation)
    for booth, heard in settle(situation).items():
        assert heard.depth == len(chain(situation, booth)) - 2
        if heard.channel == FLOOR:
            assert heard == Incoming()
        else:
            assert carried[heard.channel] == Carried(heard.source, heard.depth - 1)


@given(situations(), st.sampled_from(SIX))
def test_dropping_any_booth_leaves_nobody_on_a_dead_source(
    situation: Situation, dropped: str
) -> None:
    live = {booth: into for booth, into in situation.live.items() if booth != dropped}
    after = replace(situation, live=live)
    assert {carried.source for carried in carries(after).values()} <= {FLOOR, *live}
    assert {carried.source for carried in settle(after).values()} <= {FLOOR, *live}


@given(situations(), st.sampled_from(SIX))
def test_a_booth_that_drops_disturbs_none_that_does_not_depend_on_it(
    situation: Situation, dropped: str
) -> None:
    live = {booth: into for booth, into in situation.live.items() if booth != dropped}
    after = replace(situation, live=live)
    before, now = carries(situation), carries(after)
    direct = [channel for channel, carried in before.items() if carried.depth == 0]
    kept = [channel for channel in direct if before[channel].source not in (FLOOR, dropped)]
    assert [now[channel].source for channel in kept] == [before[channel].source for channel in kept]


@given(situations(), st.sampled_from(SIX))
def test_a_choice_that_is_let_through_is_followed(situation: Situation, channel: str) -> None:
    booth = situation.languages[0]
    if why_not(situation, booth, channel):
        return
    chosen = replace(situation, chosen={**situation.chosen, booth: channel})
    heard = incoming(chosen, booth)
    standing = chosen.voices().get(channel, FLOOR)
    assert heard.source == standing or _falls(chosen, standing)


def _falls(situation: Situation, booth: str) -> bool:
    """Return whether the pivot's own choices lead into a circle."""
    passed: set[str] = set()
    while booth != FLOOR and booth not in passed:
        passed.add(booth)
        choice = situation.chosen.get(booth, FLOOR)
        booth = FLOOR if choice == FLOOR else situation.voices().get(choice, FLOOR)
    return booth != FLOOR


@pytest.mark.parametrize(
    ("live", "speaks", "carried"),
    [
        ({}, "fr", {}),
        (on_a("en", "fr"), "ru", {"en": "en", "fr": "fr"}),
        (on_a("en", "fr"), "fr", {"en": "en"}),
        (on_a("en", "fr"), "fr-CH", {"en": "en"}),
        (on_a("en", "fr"), "", {"en": "en", "fr": "fr"}),
        ({"zh": "en", "fr": "fr"}, "zh", {"en": "zh", "fr": "fr"}),
        ({"zh": "en", "en": "en"}, "zh", {"en": "en"}),
        ({"zh": "en", "ar": "en"}, "ru", {"en": "zh"}),
        ({"ar": "en", "zh": "en"}, "ru", {"en": "ar"}),
        ({"en": "fr"}, "ru", {"fr": "en"}),
    ],
)
def test_what_the_channels_carry(
    live: dict[str, str], speaks: str, carried: dict[str, str]
) -> None:
    found = carries(Situation(SIX, live, speaks))
    assert {channel: what.source for channel, what in found.items()} == dict.fromkeys(
        SIX, FLOOR
    ) | carried


def test_a_booth_that_is_still_finishing_is_heard_out() -> None:
    situation = Situation(SIX, on_a("fr"), speaks="fr", ending={"fr"})
    assert carries(situation)["fr"] == Carried("fr")
    assert carries(replace(situation, ending=()))["fr"] == Carried(FLOOR)


def test_relay_and_relay_of_relay() -> None:
    situation = Situation(
        SIX, on_a("zh", "en", "fr"), "zh", chosen={"fr": "en", "es": "fr", "ru": "zh"}
    )
    assert settle(situation) == {
        "ar": Incoming(),
        "zh": Incoming(),
        "en": Incoming(),
        "fr": Incoming("en", "en", 1),
        "ru": Incoming(),
        "es": Incoming("fr", "fr", 2),
    }
    assert carries(situation)["fr"] == Carried("fr", 1)


def test_relay_through_output_b() -> None:
    situation = Situation(SIX, {"zh": "en", "fr": "fr"}, "zh", chosen={"fr": "en"})
    assert incoming(situation, "fr") == Incoming("en", "zh", 1)


def test_a_dropped_pivot_falls_to_a_direct_booth_first_and_comes_back() -> None:
    chosen = {"es": "fr", "ar": "en"}
    situation = Situation(SIX, on_a("fr", "en", "ru", "ar"), "zh", chosen=chosen)
    assert incoming(situation, "es") == Incoming("fr", "fr", 1)
    without = replace(situation, live=on_a("ar", "en", "ru"))
    assert incoming(without, "es") == Incoming("en", "en", 1)
    assert incoming(replace(without, live=on_a("ar")), "es") == Incoming()
    assert incoming(situation, "es") == Incoming("fr", "fr", 1)


def test_a_booth_that_has_fallen_is_no_refuge() -> None:
    situation = Situation(SIX, on_a("fr", "es"), "zh", chosen={"fr": "en", "es": "en"})
    assert (incoming(situation, "fr"), incoming(situation, "es")) == (Incoming(), Incoming())


def test_who_chose_a_booth_that_has_fallen_stays_with_it() -> None:
    situation = Situation(SIX, on_a("fr", "es"), "zh", chosen={"fr": "en", "es": "fr"})
    assert incoming(situation, "es") == Incoming("fr", "fr", 1)


def test_a_circle_that_arises_is_broken_at_its_first_booth() -> None:
    situation = Situation(SIX, on_a("en", "fr"), "ru", chosen={"en": "fr", "fr": "en"})
    assert incoming(situation, "en") == Incoming()
    assert incoming(situation, "fr") == Incoming("en", "en", 1)


@pytest.mark.parametrize(
    ("booth", "channel", "code"),
    [
        ("es", FLOOR, ""),
        ("es", "en", ""),
        ("es", "zh", ""),
        ("es", "pt", UNKNOWN),
        ("es", "es", ITSELF),
        ("ru", "ar", ITSELF),
        ("es", "fr", SILENT),
        ("en", "es", CIRCLE),
    ],
)
def test_what_cannot_be_chosen(booth: str, channel: str, code: str) -> None:
    live = {**on_a("en", "es"), "ru": "ar"}
    chosen = {"es": "en", "fr": "en"}
    assert why_not(Situation(SIX, live, "zh", chosen), booth, channel) == code


@pytest.mark.parametrize(
    ("tag", "languages", "heard"),
    [
        ("pt-BR", ("pt", "en"), {"pt"}),
        ("pt", ("pt-BR", "pt-PT", "en"), {"pt-BR", "pt-PT"}),
        ("pt-BR", ("pt-BR", "pt"), {"pt-BR"}),
        ("PT-br", ("pt-BR", "pt-PT"), {"pt-BR"}),
        ("en-GB", ("en-US", "fr"), {"en-US"}),
        ("zh-Hant-TW", ("zh-Hant", "zh"), {"zh-Hant"}),
        ("de", SIX, set()),
        ("", SIX, set()),
    ],
)
def test_languages_are_matched_by_their_tags(
    tag: str, languages: tuple[str, ...], heard: set[str]
) -> None:
    assert matching(languages, tag) == heard
