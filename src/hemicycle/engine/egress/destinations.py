"""The pushes of a hearing: one for each broadcaster that it names, while a meeting is on."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from hemicycle.engine.egress.push import BadAddress, Push, State
from hemicycle.engine.hearing_config import Target
from hemicycle.engine.streams import PROGRAM, Output


class Pushes:
    """Follows the targets that the brief names. Of the event loop only.

    `on_state` is called whenever one of them stands otherwise.
    """

    def __init__(self, outputs: Mapping[str, Output], on_state: Callable[[State], None]) -> None:
        self._outputs, self._on_state = outputs, on_state
        self._running: dict[Target, Push | None] = {}
        self._states: dict[Target, State] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def states(self) -> list[State]:
        """How each stands, in the brief's order."""
        return [self._states[target] for target in self._running if target in self._states]

    def follow(self, targets: Collection[Target]) -> None:
        """Let exactly these run."""
        for target in self._running.keys() - set(targets):
            self._end(target)
        for target in targets:
            if target not in self._running:
                self._begin(target)

    async def stop(self) -> None:
        """End them all; returns when they have ended."""
        self.follow(())
        await asyncio.gather(*self._ending)

    def _begin(self, target: Target) -> None:
        def stands(state: State) -> None:
            if target in self._running:
                self._states[target] = state
                self._on_state(state)

        self._running[target] = None
        sound = self._outputs.get(target.channel)
        if sound is None or sound.kind != "sound":
            sentence = "This hearing has no such channel. Choose another in the office."
            return stands(State("", target.channel, "broken", sentence))
        try:
            self._running[target] = Push(target.url, self._outputs[PROGRAM], sound, stands)
        except BadAddress as error:
            stands(State("", target.channel, "broken", str(error)))
        return None

    def _end(self, target: Target) -> None:
        push = self._running.pop(target)
        self._states.pop(target, None)
        if push is not None:
            task = asyncio.create_task(push.close())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
