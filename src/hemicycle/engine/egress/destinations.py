"""The pushes of a hearing: one for each broadcaster in its configuration, while a meeting is on."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from hemicycle.engine.egress.push import InvalidPushAddress, Push, PushState
from hemicycle.engine.egress.reaching import MayReach
from hemicycle.engine.hearing_config import PushTarget
from hemicycle.engine.streams import PROGRAM, Output


class Destinations:
    """Follows the targets in the configuration. For the event loop only.

    `on_state` is called when the state of a push changes.
    """

    def __init__(
        self,
        outputs: Mapping[str, Output],
        on_state: Callable[[PushState], None],
        may_reach: MayReach,
    ) -> None:
        self._outputs, self._on_state, self._may_reach = outputs, on_state, may_reach
        self._running: dict[PushTarget, Push | None] = {}
        self._states: dict[PushTarget, PushState] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def states(self) -> list[PushState]:
        """The state of each push, in the configuration's order."""
        return [self._states[target] for target in self._running if target in self._states]

    def follow(self, targets: Collection[PushTarget]) -> None:
        """Start and stop pushes so that exactly these run."""
        for target in self._running.keys() - set(targets):
            self._end(target)
        for target in targets:
            if target not in self._running:
                self._begin(target)

    async def stop(self) -> None:
        """End all pushes; return when they have ended."""
        self.follow(())
        await asyncio.gather(*self._ending)

    def _begin(self, target: PushTarget) -> None:
        def stands(state: PushState) -> None:
            if target in self._running:
                self._states[target] = state
                self._on_state(state)

        self._running[target] = None
        sound = self._outputs.get(target.channel)
        if sound is None or sound.kind != "sound":
            return stands(PushState("", target.channel, "broken", "no_channel"))
        try:
            self._running[target] = Push(
                target.url, self._outputs[PROGRAM], sound, stands, may_reach=self._may_reach
            )
        except InvalidPushAddress as error:
            stands(PushState("", target.channel, "broken", "bad_address", str(error)))
        return None

    def _end(self, target: PushTarget) -> None:
        push = self._running.pop(target)
        self._states.pop(target, None)
        if push is not None:
            task = asyncio.create_task(push.close())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
