"""The crowd of the soak, in a separate process: seats that join, switch channels, leave and vanish.

`python -m bench.engine.soak_crowd '{…}'` runs until its input ends; then all disconnect, and it
prints its report as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from random import Random
from typing import Any

import aiohttp

from bench.engine.crowd import Door, Ear, Look, Mouth, stay_here

CHANNELS = ("floor", "en", "fr", "ar")
COMES_EVERY_S = 3.0
SWITCHES_EVERY_S = 2.0
VANISH = 0.4
"""The share of seats that leave without a message."""

HERTZ = {"moderator": 400, "speaker": 600, "panellist": 800, "fr": 1000, "ar": 1200}


class Crowd:
    """Listeners, a moderator, three speakers in turn and two interpreters."""

    def __init__(
        self, http: aiohttp.ClientSession, door: Door, seats: int, since: float, turn_s: float
    ) -> None:
        self.http, self.door, self.seats = http, door, seats
        self.since, self.turn_s = since, turn_s
        self.random = Random(3)
        self.ears: list[Ear] = []
        self.speakers: dict[int, Mouth] = {}
        self.others: list[Mouth] = []
        self.did: Counter[str] = Counter()
        self._number = 0

    async def come(self) -> None:
        """Connect the staff and all listeners."""
        await self._staff()
        while len(self.ears) < self.seats:
            await self._guarded(self._fill)

    async def _staff(self) -> None:
        chair = self.door.token("publish", "moderator", "chair", person="chair")
        self.others.append(Mouth(self.http, self.door, chair, HERTZ["moderator"], Look()))
        for language in ("fr", "ar"):
            who = f"interpreter-{language}"
            token = self.door.token("publish", "interpreter", who, person=who, booth=language)
            self.others.append(Mouth(self.http, self.door, token, HERTZ[language]))
        for peer in self.others:
            await peer.start()
        for interpreter in self.others[1:]:
            await interpreter.control(do="microphone", on=True)

    async def _join(self) -> None:
        self._number += 1
        seat = f"seat-{self._number}"
        token = self.door.token("listen", "listener", seat, person=seat)
        ear = Ear(self.http, self.door, token, self.random.choice(CHANNELS))
        await ear.start()
        self.ears.append(ear)
        self.did["joined"] += 1

    async def go_on(self) -> None:
        """Let all act at their own pace until cancelled; count failures."""
        await asyncio.gather(
            self._every(COMES_EVERY_S, self._change_places),
            self._every(SWITCHES_EVERY_S, self._switch),
            self._every(1.0, self._report),
            self._every(1.0, self._take_turns),
            self._every(30.0, self._flicker),
        )

    async def _every(self, seconds: float, do: Any) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._guarded(do)

    async def _guarded(self, do: Any) -> None:
        try:
            await do()
        except Exception as error:  # noqa: BLE001  # is counted
            self.did["mishaps"] += 1
            print(f"mishap: {error!r}", file=sys.stderr, flush=True)

    async def _fill(self) -> None:
        """Connect up to four of the missing listeners."""
        lacking = self.seats - len(self.ears)
        await asyncio.gather(*(self._join() for _ in range(min(4, lacking))))

    async def _change_places(self) -> None:
        for dropped in [ear for ear in self.ears if not ear.up]:  # the machine was too busy
            self.ears.remove(dropped)
            self.did["dropped"] += 1
            await dropped.leave()
        if len(self.ears) >= self.seats:
            ear = self.ears.pop(self.random.randrange(len(self.ears)))
            silently = self.random.random() < VANISH
            await (ear.vanish() if silently else ear.leave())
            self.did["vanished" if silently else "left"] += 1
        await self._fill()

    async def _switch(self) -> None:
        ear = self.random.choice(self.ears)
        await ear.control(do="listen", channel=self.random.choice(CHANNELS))
        self.did["switched"] += 1

    async def _report(self) -> None:
        for ear in self.ears:
            await ear.report()

    async def _take_turns(self) -> None:
        """Disconnect past speakers, and connect the current and the next two."""
        turn = int((time.time() - self.since) / self.turn_s)
        for gone in [
            number for number, speaker in self.speakers.items() if number < turn or not speaker.up
        ]:
            speaker = self.speakers.pop(gone)
            await (speaker.vanish() if gone % 4 == 0 else speaker.leave())
            self.did["spoke"] += 1
        for number in range(turn, turn + 3):
            if number not in self.speakers:
                await self._step_up(number)

    async def _step_up(self, number: int) -> None:
        who = f"s{number}"
        token = self.door.token("publish", "speaker", who, person=f"person-{who}", slot=who)
        hertz = HERTZ["speaker"] + number % 5 * 20
        mouth = Mouth(self.http, self.door, token, hertz, Look() if number % 3 else None)
        await mouth.start()
        self.speakers[number] = mouth

    async def _flicker(self) -> None:
        """Turn an interpreter's microphone off, and on again after a second."""
        interpreter = self.random.choice(self.others[1:])
        await interpreter.control(do="microphone", on=False)
        await asyncio.sleep(1)
        await interpreter.control(do="microphone", on=True)

    async def go(self) -> None:
        """Disconnect all."""
        everybody = (*self.ears, *self.speakers.values(), *self.others)
        await asyncio.gather(*(peer.leave() for peer in everybody), return_exceptions=True)


async def main(told: dict[str, Any]) -> None:
    """Connect the crowd, let it act until the input ends, disconnect it, and print its report."""
    stay_here()
    door = Door(**told["door"])
    no_limit = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(connector=no_limit, timeout=timeout) as http:
        crowd = Crowd(http, door, told["seats"], told["since"], told["turn_s"])
        await crowd.come()
        print("here", flush=True)
        staying = asyncio.create_task(crowd.go_on())
        await asyncio.to_thread(sys.stdin.read)
        staying.cancel()
        await asyncio.gather(staying, return_exceptions=True)
        await crowd.go()
    print(json.dumps(crowd.did), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
