"""Booths: one open microphone, handed over without silence, returned after a lost connection."""

from dataclasses import replace
from typing import Any

import pytest

from hemicycle.engine.booths import rules
from hemicycle.engine.booths.effects import COUGH_MS, ENDING_MS, PAUSE_MS, RETURN_MS, Transition
from hemicycle.engine.booths.rules import OFFER_MS, SIGNAL_MS, handle
from hemicycle.engine.booths.state import (
    BoothEffect,
    BoothRefused,
    Booths,
    BoothSession,
    ReportFact,
    SendEvent,
    SetCough,
    SwitchChannel,
    SwitchVoice,
)
from hemicycle.engine.booths.view import QUIETEST, view
from hemicycle.procedure.channels import CIRCLE, FLOOR, SILENT, Carried
from hemicycle.procedure.commands import ReportBooth, ReportSignal
from hemicycle.procedure.state import Booth as Reported

NOW = 1_770_000_000_000
LANGUAGES = ("ar", "en", "fr")


def here(person: str, booth: str, use: str = "publish", **more: Any) -> BoothSession:
    return BoothSession(
        f"{person}-{use}", use, "interpreter", person, person.title(), booth, **more
    )


ADA, BEA, CID = here("ada", "fr"), here("bea", "fr"), here("cid", "fr")
DAN = here("dan", "en")
EAR = here("ada", "fr", "listen")
TECHNICIAN = BoothSession("tec", "attend", "technician", "tec", "Tec")


def booths_with(*present: BoothSession) -> Booths:
    state = rules.begin(LANGUAGES, NOW)
    for session in present:
        state, _effects = rules.session_began(state, session, NOW)
    return state


def do(state: Booths, who: BoothSession, verb: str, now: int = NOW, /, **more: Any) -> Transition:
    return handle(state, who.session, {"do": verb, **more}, now)


def hear(state: Booths, who: BoothSession, channel: str) -> Transition:
    return handle(state, who.session, {"do": "incoming", "from": channel}, NOW)


def live(*present: BoothSession) -> Booths:
    """Return booths with these sessions, in which the first one has the microphone."""
    return do(booths_with(*present), present[0], "microphone", on=True)[0]


def refused(state: Booths, who: BoothSession, verb: str, /, **more: Any) -> str:
    with pytest.raises(BoothRefused) as caught:
        do(state, who, verb, **more)
    return caught.value.code


def said(*effects: BoothEffect) -> list[str]:
    """Return the events that a booth got about its microphone."""
    tells = [effect for effect in effects if isinstance(effect, SendEvent)]
    return [event.data["what"] for event in tells if event.event == "handover"]


def fact(person: str, output: str = "fr", is_live: bool = True, at: int = NOW) -> ReportFact:
    return ReportFact(ReportBooth("fr", person, output, is_live, at))


def test_the_microphone_on_and_off_is_heard_and_reported() -> None:
    on, effects = do(booths_with(ADA), ADA, "microphone", on=True)
    assert effects == (SwitchVoice("fr", "ada-publish"), fact("ada"))
    assert do(on, ADA, "microphone", on=True) == (on, ())
    off, effects = do(on, ADA, "microphone", on=False)
    assert effects == (SwitchVoice("fr", None), fact("ada", is_live=False))
    assert do(off, ADA, "microphone", on=False) == (off, ())


def test_a_partner_cannot_take_what_is_in_use() -> None:
    state = live(ADA, BEA)
    assert refused(state, BEA, "microphone", on=True) == "microphone_taken"
    assert do(state, BEA, "microphone", on=False) == (state, ())


def test_a_microphone_that_is_not_connected_is_not_taken() -> None:
    state = booths_with(replace(ADA, up=False), EAR)
    assert refused(state, ADA, "microphone", on=True) == "microphone_unconnected"
    state, _effects = rules.session_linked(state, ADA.session, True, NOW)
    assert do(state, EAR, "microphone", on=True)[0].voice("fr") == ADA.session


def test_an_offer_is_accepted_in_one_fade() -> None:
    state, effects = do(live(ADA, BEA), ADA, "offer")
    assert said(*effects) == ["offered"]
    state, effects = do(state, BEA, "accept", NOW + 5_000)
    assert effects == (
        SwitchVoice("fr", "bea-publish"),
        SendEvent("booth:fr", "handover", {"what": "accepted", "name": "Bea"}),
        fact("bea", at=NOW + 5_000),
    )
    assert do(state, BEA, "accept") == (state, ())


def test_a_partner_asks_and_the_holder_gives() -> None:
    state, effects = do(live(ADA, BEA), BEA, "offer")
    assert said(*effects) == ["asked"]
    assert refused(state, BEA, "accept") == "own_offer"
    state, effects = do(state, ADA, "accept")
    assert effects[0] == SwitchVoice("fr", "bea-publish")


def test_of_three_interpreters_only_the_holder_answers_who_asks() -> None:
    state = do(live(ADA, BEA, CID), BEA, "offer")[0]
    assert refused(state, CID, "accept") == "not_holder"
    assert refused(state, CID, "offer") == "already_offered"


@pytest.mark.parametrize(("who", "what"), [(BEA, "declined"), (ADA, "withdrawn")])
def test_an_offer_is_declined_or_withdrawn(who: BoothSession, what: str) -> None:
    before = live(ADA, BEA)
    state, effects = do(do(before, ADA, "offer")[0], who, "decline")
    assert (said(*effects), state) == ([what], before)
    assert do(state, who, "decline") == (state, ())
    assert refused(state, BEA, "accept") == "no_offer"


def test_an_offer_lapses() -> None:
    state = do(live(ADA, BEA), ADA, "offer")[0]
    assert rules.tick(state, NOW + OFFER_MS - 1) == (state, ())
    lapsed, effects = rules.tick(state, NOW + OFFER_MS)
    assert (said(*effects), lapsed) == (["expired"], live(ADA, BEA))
    with pytest.raises(BoothRefused, check=lambda refused: refused.code == "no_offer"):
        do(state, BEA, "accept", NOW + OFFER_MS)


def test_an_offer_falls_when_the_partner_vanishes() -> None:
    state = do(live(ADA, BEA), ADA, "offer")[0]
    state, effects = rules.session_linked(state, BEA.session, False, NOW)
    assert (said(*effects), state.voice("fr")) == (["vanished"], ADA.session)
    assert refused(state, ADA, "offer") == "no_partner"


def test_nobody_offers_a_silent_booths_microphone() -> None:
    assert refused(booths_with(ADA, BEA), ADA, "offer") == "booth_silent"


def test_the_live_interpreter_vanishes_and_the_partner_takes_over() -> None:
    state, effects = rules.session_ended(live(ADA, BEA), ADA.session, NOW)
    assert effects[0] == SwitchVoice("fr", None)
    assert said(*effects) == ["lost"]
    state, effects = do(state, BEA, "microphone", on=True)
    assert effects == (SwitchVoice("fr", "bea-publish"), fact("bea"))
    state, effects = rules.session_began(state, ADA, NOW)
    assert (effects, state.voice("fr")) == ((), BEA.session)


def test_who_was_cut_off_is_live_again_without_a_press() -> None:
    state, _effects = rules.session_linked(live(ADA, BEA), ADA.session, False, NOW)
    state, effects = rules.session_linked(state, ADA.session, True, NOW + RETURN_MS - 1)
    assert effects[0] == SwitchVoice("fr", ADA.session)
    assert said(*effects) == ["back"]


def test_who_stays_away_too_long_comes_back_silent() -> None:
    state, _effects = rules.session_linked(live(ADA, BEA), ADA.session, False, NOW)
    state, _effects = rules.tick(state, NOW + RETURN_MS)
    state, effects = rules.session_linked(state, ADA.session, True, NOW + RETURN_MS)
    assert (effects, state.voice("fr")) == ((), "")


def test_a_newer_connection_of_the_live_interpreter_goes_on() -> None:
    again = replace(ADA, session="ada-again")
    state, effects = rules.session_began(live(ADA, BEA), again, NOW)
    assert effects == (SwitchVoice("fr", "ada-again"),)
    assert rules.session_ended(state, ADA.session, NOW)[1] == ()


RECORD = {"fr": Reported("ada", "en", True, NOW - 90_000), "en": Reported("dan", "en", False, NOW)}


def test_after_a_restart_who_was_live_is_live_again() -> None:
    state = rules.begin(LANGUAGES, NOW, RECORD)
    assert rules.tick(state, NOW + 5_000) == (state, ())
    state, effects = rules.session_began(state, ADA, NOW + 5_000)
    assert effects[0] == SwitchVoice("fr", ADA.session)
    assert [effect for effect in effects if isinstance(effect, ReportFact)] == []
    assert rules.carries(state)["en"] == Carried("fr")
    assert view(state, NOW, {})["fr"]["members"][0]["since_s"] == 90
    assert rules.session_began(state, DAN, NOW)[0].voice("en") == ""


def test_after_a_restart_without_them_the_record_learns_that_the_booth_is_silent() -> None:
    state = rules.begin(LANGUAGES, NOW, RECORD)
    assert rules.tick(state, NOW + RETURN_MS)[1] == (fact("ada", "en", False, NOW + RETURN_MS),)


def test_a_cough_is_silent_and_never_for_good() -> None:
    state, effects = do(live(ADA, BEA), ADA, "cough", on=True)
    assert effects == (SetCough(ADA.session, True),)
    assert do(state, ADA, "cough", on=True) == (state, ())
    assert do(state, ADA, "cough", on=False)[1] == (SetCough(ADA.session, False),)
    assert rules.tick(state, NOW + COUGH_MS)[1] == (SetCough(ADA.session, False),)
    assert rules.carries(state)["fr"] == Carried("fr")


def test_a_cough_does_not_go_along_in_a_handover() -> None:
    state = do(do(live(ADA, BEA), ADA, "cough", on=True)[0], ADA, "offer")[0]
    _state, effects = do(state, BEA, "accept")
    assert effects[:2] == (SwitchVoice("fr", BEA.session), SetCough(ADA.session, False))


def test_nobody_coughs_for_their_partner() -> None:
    state = live(ADA, BEA)
    assert do(state, BEA, "cough", on=True) == (state, ())


def test_output_b_and_back() -> None:
    state, effects = do(live(ADA, BEA), ADA, "output", to="EN")
    assert effects == (fact("ada", "en"),)
    assert rules.carries(state) == {"ar": Carried(), "en": Carried("fr"), "fr": Carried()}
    assert refused(state, BEA, "output", to="A") == "not_holder"
    assert do(state, ADA, "output", to="A")[1] == (fact("ada"),)
    assert refused(state, ADA, "output", to="de") == "no_language"


def test_output_into_a_language_that_is_taken_is_refused() -> None:
    state = do(live(DAN, ADA), ADA, "microphone", on=True)[0]
    assert refused(state, ADA, "output", to="en") == "output_taken"


def test_a_relay_is_heard_and_falls_with_its_pivot() -> None:
    state = do(live(DAN, ADA, EAR), ADA, "microphone", on=True)[0]
    state, effects = hear(state, EAR, "en")
    assert effects == (SwitchChannel(EAR.session, "en"),)
    with pytest.raises(BoothRefused, check=lambda refused: refused.code == CIRCLE):
        hear(state, DAN, "fr")
    with pytest.raises(BoothRefused, check=lambda refused: refused.code == SILENT):
        hear(state, ADA, "ar")
    down, effects = rules.session_linked(state, DAN.session, False, NOW)
    assert SwitchChannel(EAR.session, FLOOR) in effects
    assert SwitchChannel(EAR.session, "en") in rules.session_linked(down, DAN.session, True, NOW)[1]


def test_an_ear_that_comes_hears_what_the_booth_works_from() -> None:
    state = hear(live(DAN, ADA), ADA, "en")[0]
    assert rules.session_began(state, EAR, NOW)[1] == (SwitchChannel(EAR.session, "en"),)


def finishing(now: int) -> Booths:
    """Return booths in which Ada still speaks when the speaker ends, at `now`."""
    state = rules.spoken(live(ADA), 7, "en", NOW)[0]
    state = rules.sounded(state, {ADA.session: -20.0}, now - 100)[0]
    return rules.spoken(state, 0, "", now)[0]


def test_a_booth_is_ending_until_it_pauses() -> None:
    at = NOW + 60_000
    state = rules.sounded(finishing(at), {ADA.session: -20.0}, at + 1_400)[0]
    assert view(state, at + 2_000, {})["fr"]["ending"] == 2
    state = rules.sounded(state, {ADA.session: -60.0}, at + 1_400 + PAUSE_MS)[0]
    assert view(state, at + 4_000, {})["fr"]["ending"] is None


def test_a_booth_that_pauses_as_the_speaker_ends_is_not_ending() -> None:
    state = rules.spoken(live(ADA), 7, "en", NOW)[0]
    assert view(rules.spoken(state, 0, "", NOW)[0], NOW, {})["fr"]["ending"] is None


def test_a_booth_is_heard_out_before_its_channel_goes_to_the_floor() -> None:
    at = NOW + 60_000
    state = rules.spoken(finishing(at), 8, "fr-CA", at + 500)[0]
    assert rules.carries(state)["fr"] == Carried("fr")
    for passed in range(0, ENDING_MS + 1, 500):
        state = rules.sounded(state, {ADA.session: -20.0}, at + 500 + passed)[0]
    assert rules.carries(state)["fr"] == Carried(FLOOR)


def test_the_spoken_language_is_corrected_until_the_floor_changes() -> None:
    state = rules.spoken(live(ADA), 7, "fr", NOW)[0]
    assert rules.carries(state)["fr"] == Carried(FLOOR)
    state, effects = do(state, ADA, "spoken", language="en")
    assert effects == (SendEvent("all", "spoken", {"language": "en"}),)
    assert rules.carries(state)["fr"] == Carried("fr")
    assert do(state, ADA, "spoken", language="und")[0].corrected == "und"
    state, effects = rules.spoken(state, 8, "fr", NOW)
    assert effects == (SendEvent("all", "spoken", {"language": ""}),)
    assert rules.carries(state)["fr"] == Carried(FLOOR)


def test_a_signal_goes_to_all_who_can_help_and_is_shown_for_a_while() -> None:
    state, effects = do(booths_with(ADA), ADA, "signal", what="slow")
    data = {"booth": "fr", "what": "slow", "name": "Ada"}
    audiences = ("moderator", "technician", "holder", "booths")
    assert effects == (
        ReportFact(ReportSignal("fr", "slow")),
        *(SendEvent(audience, "signal", data) for audience in audiences),
    )
    assert do(state, ADA, "signal", what="slow") == (state, ())
    shown = [view(state, NOW + passed, {})["fr"]["slow"] for passed in (0, SIGNAL_MS)]
    assert (shown, view(state, NOW, {})["fr"]["trouble"]) == ([True, False], False)


def test_messages_reach_both_ends_and_whoever_comes_later() -> None:
    state, effects = do(
        booths_with(ADA, TECHNICIAN), ADA, "say", to="technician", text=" No sound. "
    )
    data = {"id": "1", "from": "booth:fr", "name": "Ada", "to": "technician", "text": "No sound."}
    data["at"] = NOW  # type: ignore[assignment]
    assert effects == (
        SendEvent("technician", "message", data),
        SendEvent("booth:fr", "message", data),
    )
    state, effects = do(state, TECHNICIAN, "say", to="booth:fr", text="Better?")
    state, effects = do(state, ADA, "say", to="booth:fr", text="Among us.")
    assert [effect.to for effect in effects if isinstance(effect, SendEvent)] == ["booth:fr"]
    told = [
        effect.data["text"]
        for effect in rules.session_began(state, BEA, NOW)[1]
        if isinstance(effect, SendEvent)
    ]
    assert told == ["No sound.", "Better?", "Among us."]
    assert rules.session_began(state, DAN, NOW)[1] == ()


SEAT = BoothSession("seat", "attend", "speaker", "sam", "Sam", seat="s")
OTHER_SEAT = BoothSession("other", "listen", "panellist", "pat", "Pat", seat="p")


def test_a_seat_writes_to_the_technician_and_only_they_and_the_seat_read_it() -> None:
    state = booths_with(SEAT, OTHER_SEAT, TECHNICIAN, ADA)
    state, effects = do(state, SEAT, "say", to="technician", text="I hear nothing.")
    assert [effect.to for effect in effects if isinstance(effect, SendEvent)] == [
        "technician",
        "seat:s",
    ]
    state, effects = do(state, TECHNICIAN, "say", to="seat:s", text="Reload the page.")
    assert {effect.to for effect in effects if isinstance(effect, SendEvent)} == {
        "seat:s",
        "technician",
    }
    for to in ("moderator", "booth:fr", "seat:p", "seat:s", "seat:nobody"):
        assert refused(state, SEAT, "say", to=to, text="?") == "no_recipient"
    assert refused(state, ADA, "say", to="seat:s", text="?") == "no_recipient"
    assert refused(state, TECHNICIAN, "say", to="seat:nobody", text="?") == "no_recipient"
    # Senders who reconnect read their own messages; nobody else does.
    assert len(rules.session_began(state, replace(SEAT, session="again"), NOW)[1]) == 2
    for other in (OTHER_SEAT, ADA, replace(TECHNICIAN, role="moderator")):
        assert rules.session_began(state, replace(other, session="again"), NOW)[1] == ()


def test_a_seat_writes_only_so_often_and_its_messages_are_forgotten() -> None:
    state = booths_with(SEAT, TECHNICIAN)
    for number in range(rules.SEAT_MESSAGES):
        state, _ = do(state, SEAT, "say", to="technician", text=str(number))
    assert refused(state, SEAT, "say", to="technician", text="more") == "too_often"
    now = NOW
    for number in range(rules.KEPT_OF_A_SEAT + 1):
        now += rules.SEAT_MESSAGES_MS
        state, _ = do(state, SEAT, "say", now, to="technician", text=str(number))
    assert len(state.messages) == rules.KEPT_OF_A_SEAT
    state, _ = do(state, TECHNICIAN, "say", now, to="moderator", text="All is well.")
    state, _ = do(state, TECHNICIAN, "say", now + rules.KEPT_MS, to="seat:s", text="Still there?")
    assert [sent.text for sent in state.messages] == ["All is well.", "Still there?"]


@pytest.mark.parametrize(
    ("who", "message", "code"),
    [
        (ADA, {"do": "dance"}, "not_for_booths"),
        (ADA, {"do": "microphone"}, "not_for_booths"),
        (ADA, {"do": "microphone", "on": "yes"}, "not_for_booths"),
        (ADA, {"do": "signal", "what": "fast"}, "not_for_booths"),
        (BEA, {"do": "microphone", "on": True}, "not_for_booths"),
        (TECHNICIAN, {"do": "microphone", "on": True}, "no_booth"),
        (ADA, {"do": "incoming", "from": {"fr": 1}}, "no_language"),
        (ADA, {"do": "spoken", "language": "tlh"}, "no_language"),
        (ADA, {"do": "say", "to": "everyone", "text": "Hello"}, "no_recipient"),
        (ADA, {"do": "say", "to": "technician", "text": "  "}, "no_text"),
        (ADA, {"do": "say", "to": "technician", "text": "x" * 501}, "long_text"),
    ],
)
def test_what_makes_no_sense_is_refused(
    who: BoothSession, message: dict[str, Any], code: str
) -> None:
    with pytest.raises(BoothRefused, check=lambda refused: refused.code == code):
        handle(booths_with(ADA, TECHNICIAN), who.session, message, NOW)


def test_a_booth_that_the_hearing_has_not() -> None:
    stranger = here("eve", "tlh")
    assert refused(booths_with(stranger), stranger, "microphone", on=True) == "no_booth"
    assert refused(booths_with(stranger), stranger, "say", text="?") == "no_recipient"


def test_the_sight_of_a_booth() -> None:
    state = do(live(ADA, EAR, BEA), ADA, "offer", NOW + 1_000)[0]
    assert view(state, NOW + 3_500, {ADA.session: -18.4})["fr"] == {
        "live": "ada-publish",
        "on": True,
        "name": "Ada",
        "lost": False,
        "level": -18,
        "output": "fr",
        "chosen": FLOOR,
        "incoming": FLOOR,
        "from": FLOOR,
        "depth": 0,
        "ending": None,
        "slow": False,
        "trouble": False,
        "members": [
            {
                "session": "ada-publish",
                "name": "Ada",
                "connected": True,
                "microphone": True,
                "cough": False,
                "since_s": 3,
            },
            {
                "session": "bea-publish",
                "name": "Bea",
                "connected": True,
                "microphone": False,
                "cough": False,
                "since_s": 0,
            },
        ],
        "offer": "ada-publish",
    }
    silent = view(state, NOW, {})["ar"]
    assert (silent["on"], silent["level"], silent["members"]) == (False, QUIETEST, [])


def test_who_closes_the_page_comes_back_silent_and_who_was_cut_off_comes_back_live() -> None:
    cut_off, _ = rules.session_ended(live(ADA, BEA), ADA.session, NOW)
    state, _ = rules.page_closed(cut_off, "fr", "ada", NOW)
    assert state.booths["fr"].holder == ""
    state, _ = rules.session_began(state, ADA, NOW + 2_000)
    assert state.voice("fr") == ""
    state, _ = rules.session_began(cut_off, ADA, NOW + 2_000)
    assert state.voice("fr") == ADA.session


def test_who_closes_one_of_two_pages_stays_live_and_a_partners_page_ends_nothing() -> None:
    state, _ = rules.session_began(live(ADA, BEA), replace(ADA, session="second"), NOW)
    state, _ = rules.session_ended(state, ADA.session, NOW)
    assert rules.page_closed(state, "fr", "ada", NOW) == (state, ())
    assert rules.page_closed(state, "fr", "bea", NOW) == (state, ())
    assert state.voice("fr") == "second"
