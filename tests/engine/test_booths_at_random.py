"""Booths under random acts: the sound desk matches their state, and each voice has a session."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hemicycle.engine.booths import rules
from hemicycle.engine.booths.effects import Transition
from hemicycle.engine.booths.rules import handle
from hemicycle.engine.booths.state import (
    BoothEffect,
    BoothRefused,
    BoothSession,
    ReportFact,
    SetCough,
    SwitchChannel,
    SwitchVoice,
)
from hemicycle.engine.booths.view import view
from hemicycle.procedure.channels import FLOOR
from hemicycle.procedure.commands import ReportBooth
from tests.support.examples import examples

NOW = 1_770_000_000_000
LANGUAGES = ("ar", "en", "fr")
PEOPLE = {"ada": "fr", "bea": "fr", "cid": "fr", "dan": "en", "eve": "ar"}
people = st.sampled_from(sorted(PEOPLE))
CONTROLS = (
    {"do": "microphone", "on": True},
    {"do": "microphone", "on": False},
    {"do": "offer"},
    {"do": "accept"},
    {"do": "decline"},
    {"do": "cough", "on": True},
    {"do": "cough", "on": False},
    {"do": "output", "to": "A"},
    {"do": "output", "to": "en"},
    {"do": "incoming", "from": "floor"},
    {"do": "incoming", "from": "en"},
    {"do": "incoming", "from": "fr"},
    {"do": "spoken", "language": "en"},
    {"do": "signal", "what": "slow"},
    {"do": "say", "to": "booth:fr", "text": "Now?"},
)


class House(RuleBasedStateMachine):
    """A house in which people come, go and press any key at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.state = rules.begin(LANGUAGES, NOW)
        self.voices: dict[str, str | None] = {}
        self.ears: dict[str, str] = {}
        self.record: dict[str, tuple[str, str] | None] = {}
        self.coming = 0

    def take(self, step: Transition) -> None:
        self.state, effects = step
        voiced = [effect.language for effect in effects if isinstance(effect, SwitchVoice)]
        assert len(voiced) == len(set(voiced)), "a booth's voice changes once in a step"
        for effect in effects:
            self.carry_out(effect)

    def carry_out(self, effect: BoothEffect) -> None:
        match effect:
            case SwitchVoice(language, session):
                assert session is None or session in self.state.sessions
                assert session != self.voices.get(language)
                self.voices[language] = session
            case SetCough(session):
                assert session in self.state.sessions
            case SwitchChannel(session, channel):
                assert session in self.state.sessions
                self.ears[session] = channel
            case ReportFact(ReportBooth(language, person, output, is_live)):
                said = (person, output) if is_live else None
                assert said != self.record.get(language)
                self.record[language] = said

    @rule(person=people, use=st.sampled_from(("publish", "listen")), up=st.booleans())
    def come(self, person: str, use: str, up: bool) -> None:
        self.coming += 1
        new = BoothSession(
            f"{person}{self.coming}", use, "interpreter", person, "", PEOPLE[person], up
        )
        self.take(rules.session_began(self.state, new, self.now))

    @precondition(lambda self: self.state.sessions)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(sorted(self.state.sessions)))
        self.take(rules.session_ended(self.state, session, self.now))

    @precondition(lambda self: self.state.sessions)
    @rule(data=st.data(), up=st.booleans())
    def link(self, data: st.DataObject, up: bool) -> None:
        session = data.draw(st.sampled_from(sorted(self.state.sessions)))
        self.take(rules.session_linked(self.state, session, up, self.now))

    @precondition(lambda self: self.state.sessions)
    @rule(data=st.data(), control=st.sampled_from(CONTROLS))
    def press(self, data: st.DataObject, control: dict[str, Any]) -> None:
        session = data.draw(st.sampled_from(sorted(self.state.sessions)))
        before, voices = self.state, dict(self.voices)
        try:
            step = handle(before, session, control, self.now)
        except BoothRefused:
            return
        self.take(step)
        language = before.sessions[session].booth
        if control["do"] == "accept" and voices.get(language):
            assert self.voices[language], "a handover never passes through silence"
        kept = {other: self.voices.get(other) for other in LANGUAGES if other != language}
        assert kept == {other: voices.get(other) for other in LANGUAGES if other != language}

    @rule(passed=st.sampled_from((100, 5_000, 31_000, 61_000)))
    def wait(self, passed: int) -> None:
        self.now += passed
        self.take(rules.tick(self.state, self.now))

    @rule(loud=st.booleans())
    def sound(self, loud: bool) -> None:
        levels = dict.fromkeys(self.state.sessions, -20.0 if loud else -70.0)
        self.take(rules.sounded(self.state, levels, self.now))

    @rule(holding=st.integers(0, 3), language=st.sampled_from(("", "en", "fr-BE")))
    def speak(self, holding: int, language: str) -> None:
        self.take(rules.spoken(self.state, holding, language, self.now))

    @invariant()
    def the_desk_is_as_the_booths_are(self) -> None:
        state = self.state
        assert {other: self.voices.get(other) or "" for other in LANGUAGES} == {
            other: state.voice(other) for other in LANGUAGES
        }
        sights = view(state, self.now, {})
        for session, listener in state.sessions.items():
            if listener.use == "listen":
                assert self.ears[session] == sights[listener.booth]["incoming"]
        for language in LANGUAGES:
            booth = state.booths[language]
            live = (booth.holder, booth.output) if state.voice(language) else None
            assert self.record.get(language) == live

    @invariant()
    def one_microphone_a_booth_and_no_dead_source(self) -> None:
        for booth in view(self.state, self.now, {}).values():
            on = [member["session"] for member in booth["members"] if member["microphone"]]
            assert on == ([booth["live"]] if booth["live"] else [])
        for carried in rules.carries(self.state).values():
            assert carried.source == FLOOR or self.state.voice(carried.source)


TestHouse = House.TestCase
TestHouse.settings = examples(60, stateful_step_count=40)
