"""One running hearing: its outputs, its sessions, and the loop that makes both follow the floor.

Everything that may change the program (an entry of the record, a session that begins, ends or is
lost, a control of a booth, the time limit by the engine's own clock) ends in `_replan`: it computes
the program plan and carries out the difference. What was heard is reported as facts.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from hemicycle.engine import hearing_config, plan
from hemicycle.engine.booths import rules
from hemicycle.engine.booths import state as booth_state
from hemicycle.engine.booths.effects import Transition
from hemicycle.engine.booths.state import (
    BoothEffect,
    BoothSession,
    ReportFact,
    SendEvent,
    SetCough,
    SwitchChannel,
    SwitchVoice,
)
from hemicycle.engine.captions.aliases import public_text
from hemicycle.engine.captions.captions import Captions
from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.control.device_checks import DeviceChecks
from hemicycle.engine.control.feed_stopper import FeedStopper
from hemicycle.engine.control.input_verdicts import InputVerdicts
from hemicycle.engine.control.passes import PASS_S
from hemicycle.engine.control.protection_keeper import ProtectionKeeper
from hemicycle.engine.control.record_follower import RecordFollower
from hemicycle.engine.control.reporting import FactReporter
from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import (
    ControlRefused,
    MediaSession,
)
from hemicycle.engine.control.status_events import StatusEvents
from hemicycle.engine.control.technician import TechnicianDesk
from hemicycle.engine.control.technician_notices import TechnicianNotices
from hemicycle.engine.edges.addresses import Audience
from hemicycle.engine.edges.hearing_edges import HearingEdges
from hemicycle.engine.edges.publication import EdgeClient
from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.live import LiveWebcast
from hemicycle.engine.movable_hearing import AheadHearing, MovableHearing
from hemicycle.engine.outputs import PREVIEW, Outputs
from hemicycle.engine.overlays import layout_of, plate_of
from hemicycle.engine.plan import ProgramPlan
from hemicycle.engine.public_feed import PublicFeed
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import PROGRAM, Output
from hemicycle.engine.video.bit_rates import camera_bit_rate
from hemicycle.engine.voices import Utterance, VoiceMeter
from hemicycle.engine.webcast import HearingWebcast
from hemicycle.procedure import clock
from hemicycle.procedure.commands import (
    ReportLink,
    ReportMicrophone,
    ReportSound,
    ReportVoice,
    StopFeed,
)
from hemicycle.procedure.state import Floor
from hemicycle.procedure.terms import LinkState

log = logging.getLogger(__name__)

ROUND_S = 0.25
"""Seconds between two checks of levels, offers, signals and connections."""
SIGN_INS_S = 0.5
"""Seconds between two checks of who has signed out, while a signed-in person is here."""

OPENED_BY = {"secretariat": ("technician", "captioner", "listener")}
"""The engine's roles that a role of the hearing opens, if the names differ."""


class LiveHearing(MovableHearing):
    """A hearing whose meeting is open, is about to open, or in which somebody practises.

    Create it in the event loop. `follower` has the floor and the configuration, `reporter` takes
    facts. `epoch` is that of the lease by which the hearing runs here, `edges` is the client that
    calls edges. With `ahead`, another process runs the hearing, and this one may take it over.
    """

    def __init__(
        self,
        hearing: str,
        follower: RecordFollower,
        reporter: FactReporter,
        settings: Settings,
        ahead: AheadHearing | None = None,
        *,
        epoch: int = 0,
        edges: EdgeClient | None = None,
    ) -> None:
        self.hearing, self._epoch = hearing, epoch
        self.roster = SessionRoster()
        self._notices = TechnicianNotices(hearing, self.roster, lambda: self._floor, self._now)
        self._follower, self._reporter = follower, reporter
        self._read: tuple[Any, HearingConfig] = (
            follower.config,
            hearing_config.read(follower.config),
        )
        self._languages = ahead.channels if ahead else self._config.languages
        start = ahead.start if ahead else None
        self._outputs = Outputs(self._languages, settings, follower.now_ms, follower.fetch, start)
        self._protection = ProtectionKeeper(self._outputs, follower)
        self._webcast = HearingWebcast(
            settings.segments / hearing,
            self._outputs,
            follower.now_ms,
            self.notice,
            settings,
            epoch=epoch,
        )
        self._stop = FeedStopper()
        self._checks = DeviceChecks(self._outputs.practice, follower.tell_check)
        self._inputs = InputVerdicts(self._outputs.loop.time)
        self._webcast.feed.on_caption = self._captioned_in_public
        self.captions = Captions(
            follower.now_ms, self._captioned, self._caption_text, self._caption_speakers
        )
        streams: Mapping[Audience, Mapping[str, Output]] = {
            "room": self.outputs,
            "public": self.public_outputs,
        }
        self._edges = (
            HearingEdges(hearing, edges, follower.tell_edges, streams, self._notices.edge_troubled)
            if edges is not None
            else None
        )
        self._voices = VoiceMeter()
        self._booths = rules.begin(self._languages, self._now(), self._floor.booths)
        self._desk = TechnicianDesk(
            self.roster, reporter.report, self._outputs.sound.cough, self._close
        )
        self._status_events = StatusEvents(self.roster, self._desk, camera_bit_rate(settings.size))
        self._program = ProgramPlan()
        self._links: dict[str, LinkState] = {}
        self._opened: dict[str, str] = {}  # slot by source, to report it closed after it has left
        self._alarm: asyncio.TimerHandle | None = None
        self._rounds: list[asyncio.Task[None]] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._dismissed: dict[tuple[str, str], float] = {}  # when, by the monotonic clock
        self._is_resumed = self._rests = False
        if ahead is not None:
            self._draw(ahead.program, ahead.publishers)

    async def start(self) -> None:
        """Start the outputs and follow the hearing."""
        self._outputs.sound.on_changed = self._microphone_changed
        self._outputs.sound.on_limited = self._notices.limited
        self._outputs.sound.on_howl = self._inputs.howled
        self._outputs.sound.on_failed = self._notices.source_failed
        self._outputs.sound.on_late = self._notices.late
        self._outputs.videos.on_ready = self._replan
        self._outputs.videos.on_trouble = self.notice
        self._follower.on_change = self._replan
        self._follower.on_role = self._role_changed
        if not self._is_resumed:
            for slot in sorted(self._floor.heard):  # facts that a killed engine could not report
                self._reporter.report(ReportMicrophone(slot, open=False, at_ms=self._now()))
        self._replan()
        self._rounds = [
            asyncio.create_task(work) for work in (self._go_round(), self._follow_sign_ins())
        ]

    async def stop(self) -> None:
        """Stop: end every session and wait for every thread."""
        # This comes first: a change that arrives while sessions close must not start anything
        # again.
        self._follower.on_change = lambda: None
        self._follower.on_role = lambda person, role, held: None
        for task in self._rounds:
            task.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        if self._alarm is not None:
            self._alarm.cancel()
        self._checks.stop()
        self._inputs.stop()
        for session in tuple(self.roster.sessions.values()):
            await session.close("over")
        if self._edges is not None:
            await self._edges.stop()
        await self._webcast.stop()
        await self._outputs.close()

    async def cease(self) -> None:
        """End all sound and pictures at once, without a report: another engine may run the hearing.

        Its pages connect again. Call `stop` afterwards.
        """
        await self.rest()
        self._reporter.let_go()
        for session in tuple(self.roster.sessions.values()):
            await session.close("lost")

    @property
    def _floor(self) -> Floor:
        return self._follower.floor

    @property
    def _config(self) -> HearingConfig:
        # Read the configuration once for each answer, since it is needed many times a second.
        if self._read[0] is not self._follower.config:
            self._read = (self._follower.config, hearing_config.read(self._follower.config))
        return self._read[1]

    def _now(self) -> int:
        return self._follower.now_ms()

    @property
    def attended(self) -> bool:
        """Whether somebody is connected and the meeting is not closed."""
        return bool(self.roster.sessions) and self._floor.phase != "closed"

    @property
    def is_behind(self) -> bool:
        """Whether this version cannot read all entries of the record."""
        return self._follower.is_behind

    @property
    def speaking(self) -> tuple[str, ...]:
        """The sources that are measured as speaking in a discussion."""
        return self._voices.speaking

    @property
    def seen(self) -> frozenset[str]:
        """The sources in the program picture."""
        scene = self._program.scene
        return frozenset({scene.main, scene.screen, *scene.others} - {""})

    # What sessions can receive.

    @property
    def outputs(self) -> Mapping[str, Output]:
        """`program`, `floor`, each language, and `preview`."""
        return self._outputs.streams

    @property
    def public_outputs(self) -> Mapping[str, Output]:
        """`program`, `floor`, and each language, as the public gets them."""
        return self.public_feed.streams

    def picture(self, channel: str) -> Output:
        """Return the program; for the channel `preview`, the picture of the next speaker."""
        return self._outputs.preview() if channel == PREVIEW else self.outputs[PROGRAM]

    def practice(self, seat: str) -> Output | None:
        """Return the echo of a seat's practice; None while nobody practises there."""
        return self._outputs.practice.output(seat)

    async def cut(self, meeting: str, order: CutOrder) -> bool | None:
        """Remove a stretch from the running webcast; see `HearingWebcast.cut`."""
        return await self._webcast.cut(meeting, order)

    def live(self, meeting: str) -> LiveWebcast | None:
        """Return the running webcast of a meeting; None if there is none."""
        return self._webcast.live(meeting)

    @property
    def webcast_behind_s(self) -> float | None:
        """Seconds by which the webcast is behind the program; None without a webcast."""
        return self._webcast.behind_s

    @property
    def public_feed(self) -> PublicFeed:
        """What the public sees and hears."""
        return self._webcast.feed

    # Sessions.

    def session_began(self, session: MediaSession) -> None:
        """Admit a session to the hearing."""
        self.roster.add(session)
        self._protection.admit(session)
        if self._is_barred(session):
            self._close(session)
        if session.kind == "practice":
            if session.sound is not None:
                self._outputs.practice.enter(session.pass_.seat, session.sound, session.input)
            return
        self._outputs.add(session)
        self._desk.admit(session)
        self._take(rules.session_began(self._booths, _booth_session(session), self._now()))
        self._replan()

    def session_changed(self, session: MediaSession) -> None:
        """Follow a session whose connection came up, was lost or came back."""
        if session.id not in self.roster.sessions:
            return
        up = session.state == "up"
        self._take(rules.session_linked(self._booths, session.id, up, self._now()))
        if up:
            self._report_link(session, "recovered" if session.id in self._links else "up")
        elif session.state == "lost":
            self._report_link(session, "lost")
        self._replan()

    def session_ended(self, session: MediaSession, reason: str) -> None:
        """Remove a session that has ended."""
        if session.kind == "practice" and session.way == "in":
            self._outputs.practice.leave(session.pass_.seat)
        self.roster.remove(session)
        self._desk.forget(session)
        self._protection.forget(session)
        self._outputs.remove(session)
        self._take(rules.session_ended(self._booths, session.id, self._now()))
        if session.id in self._links:
            self._report_link(session, "down")
            del self._links[session.id]
        if reason == "flooding":
            self._notices.flooded(session)
        self._replan()

    def page_closed(self, session: MediaSession) -> None:
        """Take the microphone from an interpreter who closed the page of an ended session."""
        pass_ = session.pass_
        if session.kind != "publish" or pass_.role != "interpreter":
            return
        self._take(rules.page_closed(self._booths, pass_.booth, pass_.person, self._now()))
        self._replan()

    def network_failed(self, session: MediaSession, why: str) -> None:
        """Notify technicians that nothing got through from an ended session.

        Its page shows the reason at each attempt.
        """
        self._notices.network_failed(session, why)

    def _report_link(self, session: MediaSession, state: LinkState) -> None:
        pass_ = session.pass_
        if session.kind != "publish" or self._links.get(session.id) == state:
            return
        self._links[session.id] = state
        connection = pass_.connection or session.id
        self._reporter.report(ReportLink(connection, pass_.person, pass_.slot, state, self._now()))

    # Controls.

    async def control(self, session: MediaSession, message: dict[str, Any]) -> None:
        """Carry out a session's control (docs/media.md). Raises `ControlRefused`."""
        interprets = session.pass_.role == "interpreter"
        match message.get("do"):
            case "stop_feed" if session.pass_.role in {"moderator", "technician"}:
                self._stop_feed(session)
            case "listen" if not interprets:
                self._listen(session, str(message.get("channel")))
            case "check" if session.kind == "practice" and session.way == "in":
                self._checks.begin(session)
            case "microphone" if not interprets and session.sound is not None:
                self._desk.mute(session, on=message.get("on") is False)
            case _ if session.pass_.role == "technician" and self._desk.act(session, message):
                pass
            case "picture" if session.way == "in":
                self._protection.switch_camera(session, on=message.get("on") is not False)
            case _:
                self._ask_booths(session, message)
        self._replan()

    def _stop_feed(self, session: MediaSession) -> None:
        """Stop the public feed now; the record gets the fact afterwards, however slow it is."""
        # Stop the feed here first: the report may wait for a slow or missing database.
        self._stop.press(self._follower.meeting, self._floor)
        self._reporter.report(StopFeed(session.pass_.person))

    def _listen(self, session: MediaSession, channel: str) -> None:
        output = session.outputs.get(channel)
        if output is None or output.kind != "sound":
            raise ControlRefused("no_channel")
        if channel == PREVIEW and session.pass_.role not in {"moderator", "technician"}:
            raise ControlRefused("not_ahead")
        session.hear(output)

    def _ask_booths(self, session: MediaSession, message: dict[str, Any]) -> None:
        try:
            self._take(rules.handle(self._booths, session.id, message, self._now()))
        except booth_state.BoothRefused as error:
            raise ControlRefused(error.code) from error

    def _take(self, step: Transition) -> None:
        self._booths, effects = step
        for effect in effects:
            self._carry(effect)

    def _carry(self, effect: BoothEffect) -> None:
        match effect:
            case SwitchVoice(language, session):
                self._outputs.sound.booth(language, session)
            case SetCough(session, on):
                self._desk.cough(session, on)
            case SwitchChannel(session, channel):
                if session in self.roster.sessions:
                    self.roster.sessions[session].hear(self.outputs[channel])
            case SendEvent(to, event, data):
                for recipient in self.roster.audience(to, self._floor):
                    recipient.send(event, dict(data))
            case ReportFact(command):
                self._reporter.report(command)

    # The program plan.

    def _replan(self) -> None:
        # A floor that the previous process has already left must not return: a microphone would
        # open that is muted by now.
        if self._rests or self._follower.lags:
            return
        floor, config, now = self._floor, self._config, self._now()
        self._close_removed(floor)
        self._protection.apply(self.roster.sessions.values(), config.protected)
        self._outputs.videos.want(config.videos)
        holding = floor.holder.giving if floor.holder else 0
        self._take(rules.spoken(self._booths, holding, plan.speaks(floor), now))
        publishers = self.roster.publishers()
        want = plan.wanted(
            floor,
            publishers.values(),
            self._outputs.videos.ready & config.videos.keys(),
            rules.carries(self._booths),
            now=now,
            presiding=frozenset(config.moderators),
            first=config.first,
            apart=self._apart(floor, config),
            speaking=self._voices.speaking,
        )
        want = self._desk.held(want)
        for operation in plan.plan(want, self._program):
            self._outputs.carry_out(operation)
        self._program = want
        self._draw(want, publishers)
        self._keep_limit(floor, want)
        stopped = self._stop.holds(self._follower.meeting, floor)
        self._webcast.follow(floor, config, stopped=stopped)
        if self._edges is not None:
            self._edges.follow(self.roster.sessions.values(), on=floor.phase != "closed")
        self._status_events.send_feed(self._webcast.feed)
        pushes = self._webcast.pushes.states
        levels, troubles = self._outputs.sound.levels(), self._inputs.troubles
        self._status_events.send(want, self._booths, levels, pushes, troubles=troubles, now=now)

    def _apart(self, floor: Floor, config: HearingConfig) -> frozenset[str]:
        """Return who takes no part in a discussion, including people whose choices are not yet
        known.
        """
        unknown = {
            slot
            for slot in floor.panel
            if slot not in config.places or not self._follower.is_settled(slot)
        }
        return config.apart | unknown

    def _draw(self, want: ProgramPlan, publishers: dict[str, plan.Publisher]) -> None:
        config = self._config
        layout = layout_of(want.scene, self._floor, config, publishers)
        self._outputs.show(layout, want.preview, plate_of(want.preview, config, publishers))

    def _keep_limit(self, floor: Floor, want: ProgramPlan) -> None:
        slot = floor.holder.slot if floor.holder else ""
        source = next((source for source in want.heard if self._slot_of(source) == slot), "")
        at = clock.cut_at(floor) if source else None
        # The mixer gets the limit ahead of time, so that the cut does not depend on this loop's
        # punctuality.
        self._outputs.limit(source, at)
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if at is not None:
            left_s = max(0.0, (at - self._now()) / 1000)
            # The plan also changes at the limit: the picture and the console must follow the cut.
            self._alarm = self._outputs.loop.call_later(left_s, self._replan)

    def _slot_of(self, source: str) -> str:
        session = self.roster.sessions.get(source)
        return session.pass_.slot if session else plan.slot_of(source)

    def _close_removed(self, floor: Floor) -> None:
        for session in tuple(self.roster.sessions.values()):
            slot = floor.slots.get(session.pass_.slot)
            withdrawn = slot is not None and slot.state == "withdrawn"
            access = self._follower.access
            barred = access.bars(session.pass_)
            if barred or withdrawn or session.pass_.person in floor.removed:
                self._close(session, "unseated" if access.unseats(session.pass_) else "removed")

    def _role_changed(self, person: str, role: str, held: bool) -> None:
        """End a person's sessions in a role that was taken from them.

        A pass that was signed earlier no longer opens anything, unless the role was given again.
        """
        for as_what in OPENED_BY.get(role, (role,)):
            self._dismissed.pop((person, as_what), None)
            if not held:
                # Keep this for as long as a pass signed earlier may still be used.
                self._dismissed[person, as_what] = time.monotonic()
        for session in tuple(self.roster.sessions.values()):
            if self._is_dismissed(session):
                self._close(session)

    def _is_barred(self, session: MediaSession) -> bool:
        return self._is_dismissed(session) or self._follower.access.bars(session.pass_)

    def _is_dismissed(self, session: MediaSession) -> bool:
        at = self._dismissed.get((session.pass_.person, session.pass_.role))
        return at is not None and time.monotonic() - at < PASS_S

    async def _follow_sign_ins(self) -> None:
        while True:
            await asyncio.sleep(SIGN_INS_S)
            try:
                await self._end_signed_out()
            except Exception:
                log.exception("who has signed out could not be found; it is asked again")

    async def _end_signed_out(self) -> None:
        """End the sessions of people whose sign-in session has ended."""
        present = {session.pass_.sign_in for session in self.roster.sessions.values()} - {""}
        if not present:
            return
        ended = await self._follower.ended(present)
        for session in tuple(self.roster.sessions.values()):
            if session.pass_.sign_in in ended:
                self._close(session)

    def _close(self, session: MediaSession, reason: str = "removed") -> None:
        task = self._outputs.loop.create_task(session.close(reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _caption_text(self, text: str) -> str:
        return public_text(text, self._floor, self._config, self._now())

    def _caption_speakers(self, start_ms: int) -> str:
        """Return the names to put before a line: only in a discussion, where several people are
        heard.
        """
        if self._floor.discussion is None:
            return ""
        publishers, config = self.roster.publishers(), self._config
        plates = (plate_of(source, config, publishers) for source in self._voices.at(start_ms))
        return ", ".join(plate.name for plate in plates if plate.name)

    def _captioned(self, line: CaptionLine) -> None:
        self._send_caption(line, in_public=False)
        self.public_feed.caption(line)

    def _captioned_in_public(self, line: CaptionLine) -> None:
        """Add a line to the webcast, and send it to halls that get the public feed, at its public
        time.
        """
        self._webcast.caption(line)
        self._send_caption(line, in_public=True)

    def _send_caption(self, line: CaptionLine, *, in_public: bool) -> None:
        for session in self.roster.sessions.values():
            if session.kind in {"listen", "attend"} and session.in_public == in_public:
                session.send("caption", line.told())

    # Reports.

    def notice(self, code: str, **values: str) -> None:
        """Report a problem to the technician, by a code of `refusals.NOTICES` and its values."""
        self._notices.send(code, **values)

    def _microphone_changed(self, source: str, opened: bool, at: float) -> None:
        # A source that has left is still reported as closed, so its slot is remembered.
        slot = self._slot_of(source) if opened else self._opened.pop(source, "")
        if not slot:
            return
        if opened:
            self._opened[source] = slot
        else:
            # This comes first: the record accepts a voice only from an open microphone.
            self._report_voices(self._voices.end(source), slot)
        # The mixer reports on the monotonic clock; the record has its own.
        at_ms = self._now() - round((time.monotonic() - at) * 1000)
        self._reporter.report(ReportMicrophone(slot, opened, at_ms))
        measured = None if opened else self._outputs.sound.measured(source)
        if measured is not None:
            loudness, peak = measured
            self._reporter.report(ReportSound(slot, round(loudness * 100), round(peak * 100)))

    def _follow_voices(self) -> None:
        """Measure who speaks in a discussion, and report it."""
        levels = self._outputs.sound.levels()
        heard = self._program.heard - self._desk.muted if self._floor.discussion else frozenset()
        open_ = {id: levels[id].loudness for id in heard if id in levels}
        for voice in self._voices.take(open_, self._now()):
            self._report_voices([voice], self._opened.get(voice.source, ""))

    def _report_voices(self, voices: list[Utterance], slot: str) -> None:
        for voice in voices:
            if slot:  # a moderator presides, and is not on the list
                self._reporter.report(ReportVoice(slot, voice.from_ms, voice.until_ms))

    async def _go_round(self) -> None:
        while True:
            await asyncio.sleep(ROUND_S)
            try:
                self._round()
            except Exception:
                log.exception("a round of the hearing failed; the next one follows")

    def _round(self) -> None:
        if self._rests:
            return
        levels = {id: level.peak for id, level in self._outputs.sound.levels().items()}
        self._take(rules.sounded(self._booths, levels, self._now()))
        self._take(rules.tick(self._booths, self._now()))
        self._checks.round(self.roster.sessions.values())
        self._inputs.round(self._speaking())
        if self.is_behind:
            self._notices.behind()
        self._follow_voices()
        self._notices.pictures()
        self._replan()

    def _speaking(self) -> list[MediaSession]:
        """Return the sessions heard on the floor or on a channel, and those that practise."""
        voices = {self._booths.voice(language) for language in self._booths.booths}
        return [
            session
            for session in self.roster.sessions.values()
            if session.id in self._program.heard
            or session.id in voices
            or (session.kind == "practice" and session.way == "in")
        ]


def _booth_session(session: MediaSession) -> BoothSession:
    pass_ = session.pass_
    return BoothSession(
        session.id,
        pass_.use,
        pass_.role,
        pass_.person,
        pass_.name,
        pass_.booth if pass_.role == "interpreter" else "",
        session.state == "up",
        pass_.seat,
    )
