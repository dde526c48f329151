"""Attackers of a live meeting, in a separate process with lower priority than the site.

They come from one network and make one attack after the other: downloads of a published archive,
registrations, offers to the practice room, slow uploads, and requests that are never completed.
`ABUSE_SHARE=0.1` makes a tenth of each.

Real attackers have their own machines. Here they get only the processor time that the site, the
moderator and the seats do not use, so that the figures show the waiting times of the site and not
the competition for a processor.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp

from bench.sizes import size

SHARE = size(1.0, 0.02, "ABUSE_SHARE")
DOWNLOADS, REGISTRATIONS, OFFERS, UPLOADS, HALF_OPEN = (
    max(1, round(count * SHARE)) for count in (200, 10_000, 500, 100, 5_000)
)
AT_ONCE = 64
LONGEST_S = 120.0
HELD_S = size(20.0, 1.0)
"""How long slow uploads and incomplete requests are kept open, in seconds."""
NETWORK = {"X-Forwarded-For": "203.0.113.7"}
"""The address of all attacks, in the header of the proxy in front."""
CSRF = re.compile(r'(?:csrfmiddlewaretoken" value|data-csrf)="([^"]+)"')
ATTACKS = ("archive", "registrations", "practice", "slow_uploads", "half_open")
YIELDING = Path(__file__).parents[2] / "tests" / "support" / "yielding"


@dataclass(frozen=True, slots=True)
class Targets:
    """The hearings that are attacked: the live one with personal links, an old one, and forms."""

    slug: str
    links: list[str]
    old_slug: str
    forms: list[tuple[str, dict[str, str]]]


@asynccontextmanager
async def elsewhere(
    port: int, targets: Targets
) -> AsyncIterator[Callable[[str], Awaitable[dict[str, int]]]]:
    """Start the process; yield a function that runs an attack in it and returns its responses.

    They are counted by their kind.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(str(YIELDING), "-m", "bench.site.strangers", str(port)),
        env={**os.environ, "YIELDING": sys.executable},
        stdin=pipe,
        stdout=pipe,
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    asked, told = process.stdin, process.stdout
    asked.write(json.dumps(asdict(targets)).encode() + b"\n")

    async def attack(name: str) -> dict[str, int]:
        asked.write(name.encode() + b"\n")
        answers: dict[str, int] = json.loads(await told.readline())
        return answers

    try:
        yield attack
    finally:
        asked.close()
        await process.wait()


def main(port: int) -> None:
    """Make the attacks that the lines of the standard input name, one after the other.

    Print a line of JSON with the responses for each.
    """
    targets = Targets(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        answers = asyncio.run(_attack(line.strip(), port, targets))
        print(json.dumps(dict(answers.most_common())), flush=True)


async def _attack(name: str, port: int, targets: Targets) -> Counter[str]:
    base = f"http://localhost:{port}"
    attacks: dict[str, Callable[[], Awaitable[Counter[str]]]] = {
        "archive": lambda: downloads(base, targets),
        "registrations": lambda: registrations(base, targets),
        "practice": lambda: practice(base, targets),
        "slow_uploads": lambda: slow_uploads(port, targets),
        "half_open": lambda: half_open(port),
    }
    try:
        async with asyncio.timeout(LONGEST_S):
            return await attacks[name]()
    except TimeoutError:
        return Counter(unfinished=1)


@asynccontextmanager
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    """Yield an HTTP client whose requests come from the attackers' network."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=NETWORK, cookie_jar=aiohttp.CookieJar()
    ) as browser:
        yield browser


async def crowd(count: int, at_once: int, act: Callable[[int], Awaitable[str]]) -> Counter[str]:
    """Run `count` actions, at most `at_once` at the same time; count their results and errors."""
    answers: Counter[str] = Counter()
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            try:
                answers[await act(number)] += 1
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                answers[type(error).__name__] += 1

    await asyncio.gather(*(work() for _ in range(min(at_once, count))))
    return answers


async def downloads(base: str, targets: Targets) -> Counter[str]:
    """Download the archive many times at once, each time to its end."""
    async with stranger() as browser:

        async def download(_number: int) -> str:
            async with browser.get(f"{base}/h/{targets.old_slug}/archive.zip") as answer:
                async for _block in answer.content.iter_chunked(65536):
                    pass
                return str(answer.status)

        return await crowd(DOWNLOADS, DOWNLOADS, download)


async def registrations(base: str, targets: Targets) -> Counter[str]:
    """Submit forms, one after the other from each of `AT_ONCE` clients, like a program."""
    path, _data = targets.forms[0]
    async with stranger() as browser, browser.get(base + path) as page:
        text = await page.text()
        hidden = dict(
            re.findall(r'name="(csrfmiddlewaretoken|form_key|draft_key)" value="([^"]+)', text)
        )

        async def register(number: int) -> str:
            where, data = targets.forms[number % len(targets.forms)]
            mine = {**data, **hidden, "email": f"nobody{number}@hearing.example"}
            async with browser.post(base + where, data=mine, allow_redirects=False) as answer:
                return str(answer.status)

        return await crowd(REGISTRATIONS, AT_ONCE, register)


async def practice(base: str, targets: Targets) -> Counter[str]:
    """Send offers to the practice room, each with a new pass that a personal link gives."""
    offer = await _offer()
    async with stranger() as browser:

        async def practise(number: int) -> str:
            secret = targets.links[number % len(targets.links)]
            async with browser.get(f"{base}/my/{secret}/practice/") as page:
                found = CSRF.search(await page.text())
            if found is None:
                return f"page {page.status}"
            asked = {"use": "practice", "csrfmiddlewaretoken": found[1]}
            async with browser.post(
                f"{base}/h/{targets.slug}/seat/{secret}/pass/", data=asked
            ) as answer:
                if answer.status != 200:
                    return f"pass {answer.status}"
                given = await answer.json()
            headers = {
                "Authorization": f"Bearer {given['token']}",
                "Content-Type": "application/sdp",
            }
            async with browser.post(base + given["whip"], data=offer, headers=headers) as answer:
                return f"offer {answer.status}"

        return await crowd(OFFERS, AT_ONCE, practise)


async def _offer() -> str:
    from aiortc import RTCPeerConnection
    from aiortc.mediastreams import AudioStreamTrack

    client = RTCPeerConnection()
    client.addTrack(AudioStreamTrack())
    await client.setLocalDescription(await client.createOffer())
    sdp: str = client.localDescription.sdp
    await client.close()
    return sdp.replace("a=sendrecv", "a=sendonly")


async def slow_uploads(port: int, targets: Targets) -> Counter[str]:
    """Upload statements of 20 MB with valid personal links, a few bytes at a time."""

    async def upload(number: int) -> str:
        secret = targets.links[number % len(targets.links)]
        head = (
            f"POST /my/{secret}/statement/ HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "X-Forwarded-For: 203.0.113.7\r\nContent-Length: 20000000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
        return await _trickle(port, head.encode(), b"x" * 64)

    return await crowd(UPLOADS, UPLOADS, upload)


async def half_open(port: int) -> Counter[str]:
    """Begin requests and send their headers a few bytes at a time, without an end."""
    head = f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n".encode()
    return await crowd(HALF_OPEN, HALF_OPEN, lambda number: _trickle(port, head, b"X-A: b\r\n"))


async def _trickle(port: int, head: bytes, drop: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    until = time.monotonic() + HELD_S
    try:
        writer.write(head)
        while time.monotonic() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    answer = await reader.read(200)
                    return answer[9:12].decode() or "hung up"
            writer.write(drop)
            await writer.drain()
        return "held"
    finally:
        writer.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
