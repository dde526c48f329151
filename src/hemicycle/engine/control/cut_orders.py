"""Cuts and removals that `web` has ordered: requested every second, made in turn, and reported.

An order stays with `web` until it is reported as done, so an engine that is killed in the middle
makes the cut when it runs again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from hemicycle.engine import hls
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.engine.hls import CutOrder
from hemicycle.engine.hls.folder_id import folder_id
from hemicycle.engine.hls.publisher import WebcastPublisher

log = logging.getLogger(__name__)

ASK_S = 1.0

type CutLive = Callable[[str, str, CutOrder], Awaitable[bool | None]]
"""Cuts into a hearing's running meeting (`HearingRegistry.cut`); None for any other meeting."""


class CutKeeper:
    """Makes the ordered cuts, and deletes the webcasts of removed hearings.

    `segments` is the folder with `<hearing>/<meeting>/` in it, `live` cuts into running webcasts,
    `publisher` writes to the object store, if there is one.

    For the event loop only.
    """

    def __init__(
        self,
        segments: Path,
        web: WebClient,
        live: CutLive,
        publisher: WebcastPublisher | None = None,
    ) -> None:
        self._segments, self._web, self._live = segments, web, live
        self._publisher = publisher

    async def keep(self) -> None:
        """Carry out orders until cancelled."""
        while True:
            try:
                await self.look()
            except WebUnavailable as away:
                log.info("which cuts are ordered is not known: %s", away)
            except Exception:
                log.exception("a cut could not be made; it is tried again")
            await asyncio.sleep(ASK_S)

    async def look(self) -> None:
        """Carry out the orders that `web` has now. Raises `WebUnavailable`."""
        orders = await self._web.cuts(folder_id(self._segments))
        for order in orders["cuts"]:
            await self._carry_out(order)
        for hearing in orders.get("removed", ()):  # the previous version of `web` sends none
            await self._remove(UUID(hex=hearing).hex)

    async def _remove(self, hearing: str) -> None:
        try:
            done = await asyncio.to_thread(hls.remove, self._segments / hearing)
            if done and self._publisher is not None:
                done = await asyncio.to_thread(self._publisher.remove, hearing)
        except OSError as error:
            log.warning(
                "the recordings of removed hearing %s cannot be deleted: %s", hearing, error
            )
            return
        if done:
            log.info("the recordings of removed hearing %s are deleted", hearing)
            await self._web.post_removed(hearing, folder_id(self._segments))

    async def _carry_out(self, data: Mapping[str, Any]) -> None:
        hearing, meeting = data["hearing"], data["meeting"]
        order = CutOrder(**data["order"])
        try:
            done = await self.make(hearing, meeting, order)
        except hls.OnTheAir:
            return  # it is just starting or ending
        except OSError as error:
            log.warning("the cut %s cannot be made: %s", order.cut, error)
            done = False
        report = {"order": data["order"], "done": done, "folder": folder_id(self._segments)}
        await self._web.post_cut(hearing, report)

    async def make(self, hearing: str, meeting: str, order: CutOrder) -> bool:
        """Make one cut; return whether it is complete, both on disk and in the object store.

        Raises `OnTheAir` and OSError.
        """
        done = await self._live(hearing, meeting, order)
        folder = self._segments / hearing / meeting
        if done is None:
            done = await asyncio.to_thread(hls.cut, folder, order)
        if done and self._publisher is not None:
            done = await asyncio.to_thread(self._publisher.cleared, folder)
        return done
