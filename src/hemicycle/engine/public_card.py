"""The card that the public sees while the feed is stopped, or has not caught up with its delay.

It is drawn and encoded like the program, by an encoder with the same settings, so that players
change between both without a break. It runs only while it is shown.
"""

import asyncio
from collections.abc import Callable

from hemicycle.engine.outputs import Outputs
from hemicycle.engine.public_feed import CardPicture
from hemicycle.engine.settings import Settings
from hemicycle.engine.video.layouts import BLANK, HoldingCard, Layout
from hemicycle.engine.video.video_engine import VideoEngine


class PublicCard:
    """Makes the picture of the card for `PublicFeed`. For the event loop only."""

    def __init__(self, outputs: Outputs, settings: Settings, wall_ms: Callable[[], int]) -> None:
        self._outputs, self._settings, self._wall_ms = outputs, settings, wall_ms
        self._layout = Layout("card", card=BLANK)
        self._running: VideoEngine | None = None
        self._ending: set[asyncio.Future[None]] = set()

    def show(self, card: HoldingCard, mark: str) -> None:
        """Set the card's content, with the rehearsal's `mark` ("" for none)."""
        layout = Layout("card", card=card, mark=mark)
        if layout == self._layout:
            return
        self._layout = layout
        if self._running is not None:
            self._running.show(layout)

    def begin(self) -> VideoEngine:
        """Start the card's picture."""
        self._running = VideoEngine(
            self._outputs.loop,
            self._outputs.start,
            self._settings.size,
            self._settings.fps,
            wall_ms=self._wall_ms,
            bit_rate=self._settings.bit_rate,
        )
        # The webcast's second rendition must show the card too, and never the picture before it.
        self._running.reduce(on=True)
        self._running.show(self._layout)
        return self._running

    def end(self, card: CardPicture) -> None:
        """Stop a card's picture in a thread, because the picture's own thread must end first."""
        self._running = None
        ending = self._outputs.loop.run_in_executor(None, card.shut_down)
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Wait until all stopped pictures have ended."""
        await asyncio.gather(*self._ending)
