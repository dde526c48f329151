"""The worker sends checkpoints to the witnesses that accept them: C2SP tlog-witness.

Each witness is asked separately, so that a slow or missing one does not delay the others. Its
result is stored (`WitnessContact`), so that the office sees why a witness does not cosign. If a
witness says that a history was changed, or has forgotten what it cosigned, nothing more is sent to
it until the office enters it again.
"""

import asyncio
import base64
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import aiohttp

from hemicycle import ssrf_guard
from hemicycle.hearing.jobs import background
from hemicycle.hearing.jobs.background import DatabaseThreads
from hemicycle.hearing.setup import witnesses
from hemicycle.hearing.setup.models import Hearing, WitnessContact
from hemicycle.hearing.setup.witnesses import NamedWitness
from hemicycle.record import clock
from hemicycle.record.log import checkpoints, cosigning
from hemicycle.record.log.notes import InvalidNote, NoteSignature
from hemicycle.record.models import Checkpoint, Cosignature

log = logging.getLogger(__name__)

LOOK_S = 1.0
TOTAL_S = 10.0
MOST_READ = 16_384
WAITS_S: Final = (5, 10, 30, 60, 300)
"""How long to wait after the first, second, … problem in a row, in seconds."""
SIZE = "text/x.tlog.size"
_NUMBER = re.compile(rb"(0|[1-9][0-9]{0,17})\n")

Problem = WitnessContact.Problem
FINAL = frozenset({Problem.HISTORY, Problem.FORGOT})
"""Problems after which no attempt is made until a person decides."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A checkpoint that a witness has not cosigned yet, and the size that it cosigned last."""

    hearing: UUID
    witness: NamedWitness
    checkpoint: Checkpoint
    old: int


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """The answer of a witness; `problem` is set if it could not be asked."""

    status: int = 0
    body: bytes = b""
    content_type: str = ""
    problem: Problem = Problem.NONE


def due(busy: frozenset[tuple[UUID, str]] = frozenset()) -> list[Feed]:
    """Return the checkpoints that must be sent now, without those to `busy` (hearing, vkey)."""
    hearings = Hearing.objects.exclude(status=Hearing.Status.DRAFT).exclude(witnesses=[])
    found = []
    for hearing in hearings:
        checkpoint = checkpoints.latest(hearing.id)
        if checkpoint is None:
            continue
        resting = _resting(hearing)
        for witness in witnesses.named(hearing):
            is_free = witness.vkey not in resting and (hearing.id, witness.vkey) not in busy
            if witness.url and is_free:
                old = _cosigned(hearing.id, witness)
                if old < checkpoint.size:
                    found.append(Feed(hearing.id, witness, checkpoint, old))
    return found


def _resting(hearing: Hearing) -> set[str]:
    """Return the keys of witnesses that are not asked now because an attempt has failed."""
    now = clock.now_ms()
    return {
        contact.vkey
        for contact in WitnessContact.objects.filter(hearing=hearing)
        if contact.problem in FINAL or contact.again_ms > now
    }


def _cosigned(hearing: UUID, witness: NamedWitness) -> int:
    """Return the size of the largest tree that a witness has cosigned; 0 if there is none."""
    name, key_hash = witness.ident
    rows = Cosignature.objects.filter(checkpoint__hearing=hearing, name=name, key_hash=key_hash)
    largest = rows.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True)
    return largest.first() or 0


def body(feed: Feed, old: int) -> bytes:
    """Return the request for a cosignature, with the proof from the tree of `old` entries."""
    size = feed.checkpoint.size
    proof = checkpoints.consistency(feed.hearing, old, size) if 0 < old < size else []
    lines = [f"old {old}", *(base64.b64encode(hash).decode() for hash in proof)]
    return ("\n".join(lines) + "\n\n" + str(checkpoints.note_of(feed.checkpoint))).encode()


def judge(feed: Feed, old: int, answer: WitnessAnswer) -> int | Problem:
    """Judge an answer: return a size with which to try again, or a problem (`NONE` for success)."""
    if answer.problem or answer.status == 200:
        return answer.problem or _take(feed, answer.body)
    if answer.status == 409 and answer.content_type == SIZE:
        return _other_size(feed, old, answer.body)
    known = {403: Problem.KEY, 404: Problem.LOG, 409: Problem.HISTORY, 422: Problem.HISTORY}
    return known.get(answer.status, Problem.REFUSED)


def _other_size(feed: Feed, old: int, told: bytes) -> int | Problem:
    spelled = _NUMBER.fullmatch(told)
    if spelled is None:
        return Problem.REFUSED
    size = int(spelled[1])
    if size < _cosigned(feed.hearing, feed.witness):
        return Problem.FORGOT
    if size > feed.checkpoint.size or size == old:
        return Problem.HISTORY  # it saw more entries than exist, or another tree of this size
    return size


def _take(feed: Feed, said: bytes) -> Problem:
    try:
        lines = [NoteSignature.parse(line) for line in said.decode("utf-8").splitlines()]
        note = checkpoints.note_of(feed.checkpoint).with_signatures(lines)
        cosigning.take(feed.hearing, str(note), [feed.witness.key])
    except (UnicodeDecodeError, InvalidNote):
        return Problem.REFUSED
    except cosigning.CosignatureRefused as refused:
        return Problem.CLOCK if refused.reason == "clock" else Problem.SIGNATURE
    return Problem.NONE


def note(feed: Feed, problem: Problem) -> None:
    """Store the result, and the time of the next attempt."""
    where = {"hearing_id": feed.hearing, "vkey": feed.witness.vkey}
    contact = WitnessContact.objects.filter(**where).first() or WitnessContact(**where)
    contact.attempts = contact.attempts + 1 if problem else 0
    wait_s = WAITS_S[min(contact.attempts, len(WAITS_S)) - 1] if problem else 0
    contact.again_ms = clock.now_ms() + wait_s * 1000
    if contact.problem != problem or contact.pk is None:
        contact.problem, contact.since = problem, clock.now()
    contact.save()
    if problem in FINAL:
        log.critical("witness %s: %s", feed.witness.label, Problem(problem).label)


# ── The thread of the worker ──────────────────────────────────────────────────────────────────


class WitnessFeeder:
    """Sends checkpoints to witnesses until it is cancelled."""

    def __init__(self) -> None:
        self._threads = DatabaseThreads("feeder")
        self._busy: dict[tuple[UUID, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send what is due until cancelled."""
        try:
            async with session() as through:
                while True:
                    try:
                        await self.look(through)
                    except Exception:
                        log.exception("it could not be looked what witnesses have not cosigned")
                    await asyncio.sleep(LOOK_S)
        finally:
            self._threads.drop()

    async def look(self, through: aiohttp.ClientSession) -> None:
        """Start a request to each witness that is due."""
        for feed in await self._threads.do(partial(due, frozenset(self._busy))):
            who = (feed.hearing, feed.witness.vkey)
            self._busy[who] = task = asyncio.create_task(self._ask(through, feed))
            task.add_done_callback(partial(self._done, who))

    def _done(self, who: tuple[UUID, str], _task: asyncio.Task[None]) -> None:
        self._busy.pop(who, None)

    async def idle(self) -> None:
        """Wait until no request is running."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))
            await asyncio.sleep(0)

    async def _ask(self, through: aiohttp.ClientSession, feed: Feed) -> None:
        try:
            await self._threads.do(partial(note, feed, await self._exchange(through, feed)))
        except Exception:
            log.exception("witness %s could not be asked", feed.witness.label)

    async def _exchange(self, through: aiohttp.ClientSession, feed: Feed) -> Problem:
        old = feed.old
        for _attempt in range(2):
            sent = await self._threads.do(partial(body, feed, old))
            answer = await post(through, feed.witness.url, sent)
            result = await self._threads.do(partial(judge, feed, old, answer))
            if isinstance(result, Problem):
                return result
            old = result
        return Problem.REFUSED


def session() -> aiohttp.ClientSession:
    """Return an HTTP session that connects to permitted addresses only and keeps no cookies."""
    return aiohttp.ClientSession(
        connector=ssrf_guard.connector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=TOTAL_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def post(through: aiohttp.ClientSession, url: str, sent: bytes) -> WitnessAnswer:
    """Send one request; errors of the witness or the network become a `problem`."""
    address = f"{url.rstrip('/').removesuffix('/add-checkpoint')}/add-checkpoint"
    try:
        ssrf_guard.check(address)
        async with through.post(address, data=sent, allow_redirects=False) as response:
            said = await response.content.read(MOST_READ)
            return WitnessAnswer(response.status, said, response.content_type)
    except (ssrf_guard.Forbidden, ssrf_guard.ForbiddenPlace, aiohttp.InvalidURL):
        return WitnessAnswer(problem=Problem.FORBIDDEN)
    except aiohttp.ClientConnectorError as error:
        is_inside = isinstance(error.os_error, ssrf_guard.ForbiddenPlace)
        return WitnessAnswer(problem=Problem.FORBIDDEN if is_inside else Problem.UNREACHABLE)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return WitnessAnswer(problem=Problem.UNREACHABLE)


async def feed_all() -> None:
    """Send everything that is due now, once. For tests."""
    feeder = WitnessFeeder()
    try:
        async with session() as through:
            await feeder.look(through)
            await feeder.idle()
    finally:
        feeder._threads.finish()  # noqa: SLF001 - our own


def start() -> Callable[[], None]:
    """Send checkpoints in a thread of this process; return a function that ends it."""
    return background.start(lambda: WitnessFeeder().run(), name="witnesses")
