"""Try third-party clients and players, and write docs/clients.md: `make clients`.

With names as arguments, try only these and replace their rows.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.engine import apart
from tools.clients.hall import OURS_HZ, Hall, open_hall
from tools.clients.makers import ffmpeg, gstreamer, node, pages, pion, players
from tools.clients.page import PAGE, keep, written
from tools.clients.rows import (
    ROLES,
    SOUND_ONLY,
    TIMES,
    Client,
    Found,
    Player,
    Row,
    first_line,
    trial,
)

CLIENTS: list[Client] = [
    *ffmpeg.CLIENTS,
    *gstreamer.CLIENTS,
    *pages.CLIENTS[3:],
    *node.CLIENTS,
    *pion.CLIENTS,
    *pages.CLIENTS[:3],
]
REREAD = re.compile("(?i)duplicated moov")
"""A warning that is expected from FFmpeg on a live webcast: it reads the header (EXT-X-MAP) again
after each reload of the list and skips it, also with a list of its own muxer. On demand it reads
the list once, and a warning is a fault.
"""

PLAYERS: list[Player] = [*pages.PLAYERS, *players.PLAYERS]

INSIDE = "HEMICYCLE_CLIENTS_INSIDE"
ROUTED = """sh -c 'ip route add default dev d0 && exec "$@"' sh "$@\""""
"""Adds a default route, which ends at the other end of the interface. Firefox needs one."""
TRIAL_S = 120.0
RUNS_S = 16.0
"""For how long the webcast runs before the first player starts, in seconds. A webcast begins with
sound alone, and VLC does not change from this part to the picture.
"""


def main(names: Sequence[str]) -> int:
    """Try all clients and players, or those in `names`. Return 1 if a trial failed."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        command = [sys.executable, "-m", "tools.clients", *names]
        inside = ["unshare", "--net", "--map-root-user", "sh", "-c", apart.SETUP + ROUTED]
        os.execvp("unshare", [*inside, "sh", *command])  # noqa: S606
    rows = asyncio.run(_all(names))
    write()
    return int(any(one.state == "fails" for row in rows for one in row.found.values()))


def write() -> None:
    """Write the page with the newest row of each client and player."""
    PAGE.write_text(written(CLIENTS, PLAYERS))


async def _all(names: Sequence[str]) -> list[Row]:
    wanted = [client for client in CLIENTS if _is_wanted(client.name, names)]
    following = [player for player in PLAYERS if _is_wanted(player.name, names)]
    rows: list[Row] = []
    if wanted:
        async with _hall() as hall:
            rows += [await _client(client, hall) for client in wanted]
    if following:
        async with _hall() as hall:
            rows += await _players(following, hall)
    return rows


@asynccontextmanager
async def _hall() -> AsyncIterator[Hall]:
    with tempfile.TemporaryDirectory(prefix="hemicycle-clients-") as folder:
        async with open_hall(Path(folder)) as hall:
            yield hall


def _is_wanted(name: str, names: Sequence[str]) -> bool:
    return not names or any(part.lower() in name.lower() for part in names)


async def _client(client: Client, hall: Hall) -> Row:
    if missing := client.needs():
        lacking = Found("none", f"Not tried here: {missing}.")
        row = Row(client.name, client.of, "—", _today(), dict.fromkeys(ROLES, lacking))
        keep(row)
        return row
    row = Row(client.name, client.of, client.version(), _today(), {})
    for role in ROLES:
        try:
            async with asyncio.timeout(TRIAL_S):
                row.found[role] = await trial(client, role, hall)
        except TimeoutError:
            row.found[role] = Found("fails", f"It did not end within {TRIAL_S:.0f} s.")
        _say(client.name, role, row.found[role])
    keep(row)
    return row


async def _players(following: Sequence[Player], hall: Hall) -> list[Row]:
    rows = []
    for player in following:
        missing = player.needs()
        lacking = Found("none", f"Not tried here: {missing}.")
        version = "—" if missing else player.version()
        nothing = dict.fromkeys(TIMES, lacking)
        rows.append(Row(player.name, player.of, version, _today(), nothing))
    async with hall.speech():
        await asyncio.sleep(RUNS_S)
        for player, row in zip(following, rows, strict=True):
            await _play(player, row, "live", hall)
            keep(row)
    hall.close()
    await asyncio.sleep(4)
    for player, row in zip(following, rows, strict=True):
        await _play(player, row, "on demand", hall)
        keep(row)
    return rows


async def _play(player: Player, row: Row, when: str, hall: Hall) -> None:
    if row.version == "—":
        return
    if reason := player.cannot.get(when):
        row.found[when] = Found("none", reason)
        return
    begun = time.monotonic()
    found = await _played(player, when, hall)
    if found.state == "fails" and not player.done.get(when):
        again = await _played(player, when, hall)
        if again.state == "works":
            text = f"{again.text}, at the second try. At the first: {found.text.removesuffix('.')}"
            found = replace(again, text=text)
    row.found[when] = found
    _say(player.name, f"{when} {time.monotonic() - begun:.0f} s", found)


async def _played(player: Player, when: str, hall: Hall) -> Found:
    """Return the outcome of a trial in which a player plays the webcast."""
    try:
        async with asyncio.timeout(TRIAL_S):
            heard = await player.play(hall.webcast, OURS_HZ)
        warned = [line for line in heard.warned if when != "live" or not REREAD.search(line)]
        assert not warned, f"It warned: {warned[0]}"
        assert heard.is_tone(OURS_HZ), f"It played {heard.hertz:.0f} Hz instead of {OURS_HZ} Hz."
    except Exception as error:  # noqa: BLE001 - any error of a third-party player is its result
        return Found("fails", first_line(error))
    return Found(
        "works", f"{heard.width}×{heard.height}" if heard.width else f"in time{SOUND_ONLY}"
    )


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _say(name: str, what: str, found: Found) -> None:
    print(f"{found.state:6} {name}, {what}: {found.text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
