"""The outputs of one hearing: audio, video, preview, practice and recorded videos.

`Outputs` carries out the operations of the plan.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hemicycle.engine import plan
from hemicycle.engine.audio.audio_engine import AudioEngine, HandedAudio
from hemicycle.engine.audio.practice import PracticeRoom
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.plan import PlanOperation
from hemicycle.engine.protection import STRICTEST, Protection
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import FLOOR, PROGRAM, Output
from hemicycle.engine.video.geometry import Size
from hemicycle.engine.video.layouts import Layout, Plate
from hemicycle.engine.video.prefetch import Fetch, RecordedVideos
from hemicycle.engine.video.recording_player import RecordingPlayer
from hemicycle.engine.video.video_engine import VideoEngine

PREVIEW = "preview"
"""The channel on which the moderator and the technician see and hear the next speaker."""

PREVIEW_SIZE = Size(320, 180)
PREVIEW_FPS = 10


@dataclass(frozen=True, slots=True)
class HandedOutputs:
    """The state of a hearing's outputs for another process.

    `open` are the sources with an open microphone, and `limited` is the source that is cut at
    `limit_ms` (ms since the Unix epoch).
    """

    audio: HandedAudio
    open: frozenset[str]
    limited: str
    limit_ms: int | None


class Outputs:
    """All outputs of a hearing on one program clock.

    Create it in the event loop. `start` is the clock's zero in monotonic seconds. If it is given,
    another process still runs these outputs, and the sound rests until `go_on`.
    """

    def __init__(
        self,
        languages: Sequence[str],
        settings: Settings,
        wall_ms: Callable[[], int],
        fetch: Fetch,
        start: float | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        resting = start is not None
        self.start = time.monotonic() if start is None else start
        self._wall_ms = wall_ms
        channels = (FLOOR, *languages, PREVIEW)
        self.sound = AudioEngine(channels, self.loop, self.start, resting=resting)
        self.sound.route(PREVIEW, PREVIEW)
        self.picture = VideoEngine(
            self.loop,
            self.start,
            settings.size,
            settings.fps,
            wall_ms=wall_ms,
            bit_rate=settings.bit_rate,
        )
        self._preview: VideoEngine | None = None
        self._previewed: Layout | None = None
        self.practice = PracticeRoom(self.loop, self.start)
        self.videos = RecordedVideos(fetch)
        self.streams: Mapping[str, Output] = {PROGRAM: self.picture.output, **self.sound.outputs}
        self._cameras: dict[str, MediaSession] = {}
        self._limit: tuple[str, int | None] = ("", None)
        self._open: set[str] = set()
        self._to_play = ""
        self.protection_of: Callable[[str], Protection] = lambda slot: STRICTEST
        """What may be seen and heard of a slot's recorded video."""
        self._recording: tuple[RecordingPlayer, Protection] | None = None
        self._starting: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop every engine; return when their threads have ended."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await self.videos.close()
        await asyncio.to_thread(self._shut_down)

    def _shut_down(self) -> None:
        self.practice.close()
        self.sound.shut_down()
        self.picture.shut_down()
        if self._preview is not None:
            self._preview.shut_down()

    # Hand-over to another process.

    def rest(self) -> None:
        """Let all outputs rest. Call it in a thread: it may block as long as a picture takes."""
        self.practice.rest()
        self.rest_pictures()
        self.sound.rest()

    def rest_pictures(self) -> None:
        """Let the pictures rest. Call it in a thread: it may block as long as a picture takes."""
        self.picture.rest()
        if self._preview is not None:
            self._preview.rest()

    def go_on(self) -> None:
        """Let the sound continue."""
        self.sound.go_on()
        self.practice.go_on()

    def go_on_with_pictures(self) -> None:
        """Let the pictures continue."""
        self.picture.go_on()
        if self._preview is not None:
            self._preview.go_on()

    def handed(self) -> HandedOutputs:
        """Return the state of the outputs for another process. Call it while they rest."""
        return HandedOutputs(self.sound.handed(), frozenset(self._open), *self._limit)

    def resume(self, handed: HandedOutputs, sessions: Mapping[str, MediaSession]) -> None:
        """Continue from the state of another process, with the sessions by id.

        Raises ValueError if the state does not fit.
        """
        sounds = {
            id: sound for id, session in sessions.items() if (sound := session.sound) is not None
        }
        self.sound.resume(handed.audio, sounds)
        self._open = set(handed.open)
        self._limit = handed.limited, handed.limit_ms

    @property
    def plays(self) -> bool:
        """Whether a recorded video plays, or is about to."""
        return bool(self._to_play)

    # Sources.

    def add(self, session: MediaSession) -> None:
        """Read what a session sends; it is not heard or seen yet."""
        self.add_sound(session)
        self.show_camera(session, on=True)

    def add_sound(self, session: MediaSession) -> None:
        """Read the session's sound from now on as the session gives it: original, or changed."""
        if session.sound is not None:
            self.sound.add(session.id, session.sound)

    def remove(self, session: MediaSession) -> None:
        """Remove a session's sources."""
        self.sound.remove(session.id)
        self.show_camera(session, on=False)

    def show_camera(self, session: MediaSession, *, on: bool) -> None:
        """Use the session's picture, or show its card instead."""
        if on and session.picture is not None:
            self._cameras[session.id] = session
            self.picture.add(session.id, session.picture)
            if self._preview is not None:
                self._preview.add(session.id, session.picture)
            return
        self._cameras.pop(session.id, None)
        self.picture.remove(session.id)
        if self._preview is not None:
            self._preview.remove(session.id)

    def preview(self) -> Output:
        """Return the picture of the next speaker, created on first use."""
        if self._preview is None:
            self._preview = VideoEngine(
                self.loop, self.start, PREVIEW_SIZE, PREVIEW_FPS, wall_ms=self._wall_ms
            )
            for session in self._cameras.values():
                assert session.picture is not None
                self._preview.add(session.id, session.picture)
            if self._previewed is not None:
                self._preview.show(self._previewed)
        return self._preview.output

    # The plan.

    def carry_out(self, operation: PlanOperation) -> None:
        """Carry out one operation of the plan."""
        match operation:
            case plan.OpenMicrophone(source):
                self._open.add(source)
                self.sound.open(source)
            case plan.CloseMicrophone(source):
                self._open.discard(source)
                self.sound.close(source)
            case plan.RouteChannel(channel, source):
                self.sound.route(channel, source)
            case plan.ShowPreview(session):
                self.sound.booth(PREVIEW, session or None)
                self._wake(session)
            case plan.PlayVideo(slot):
                self._play(slot)
            case plan.ShowScene(scene):
                for source in (scene.main, scene.screen, *scene.others):
                    self._wake(source)

    def show(self, layout: Layout, next_speaker: str, plate: Plate) -> None:
        """Show the program picture, and preview the next speaker."""
        self.picture.show(layout)
        self._previewed = Layout("speaker", main=next_speaker, plate=plate, mark=layout.mark)
        if self._preview is not None:
            self._preview.show(self._previewed)

    def limit(self, source: str, at_ms: int | None) -> None:
        """Schedule the cut of an open microphone at a time (ms since the Unix epoch; None: never).

        The mixer then cuts at the exact sample, even if other processes have failed by then.
        """
        # The caller repeats this at each change; only a new limit has to be scheduled.
        if (source, at_ms) == self._limit:
            return
        self._limit = source, at_ms
        if source:
            self._open_until_limit(source)

    def _open_until_limit(self, source: str) -> None:
        limited, at_ms = self._limit
        self.sound.open(source)  # cancels the cut at the previous limit
        if source == limited and at_ms is not None:
            self.sound.close(source, time.monotonic() + (at_ms - self._wall_ms()) / 1000)

    def _wake(self, source: str) -> None:
        """Request a keyframe from a camera that enters the picture."""
        if source in self._cameras:
            self._cameras[source].ask_key()

    def _play(self, slot: str) -> None:
        before = self.videos.playing
        if before is not None:
            self.sound.remove(plan.video_of(before[0]))
            self.picture.remove(plan.video_of(before[0]))
            self._recording = None
        self.videos.stop()
        self._to_play = slot
        if slot:
            task = self.loop.create_task(self._begin(slot))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _begin(self, slot: str) -> None:
        if slot != self._to_play:
            return
        recording = await self.videos.play(slot)
        if recording is not None:
            self.protect_recording()
            # The plan may have closed the microphone again while the file was opened.
            if plan.video_of(slot) in self._open:
                self._open_until_limit(plan.video_of(slot))

    def protect_recording(self) -> None:
        """Apply the speaker's choices to the recording that plays."""
        if self.videos.playing is None:
            return
        slot, recording = self.videos.playing
        protection = self.protection_of(slot)
        if self._recording == (recording, protection):
            return
        self._recording = recording, protection
        source = plan.video_of(slot)
        self.sound.add(source, MaskedVoice(recording) if protection.masks else recording)
        if protection.shows:
            self.picture.add(source, recording)
        else:
            self.picture.remove(source)
