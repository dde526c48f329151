"""Checks of the relays (TURN): each is asked to relay, with credentials as participants get."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from aioice.stun import TransactionError, TransactionFailed
from aioice.turn import (
    DEFAULT_ALLOCATION_LIFETIME,
    DEFAULT_CHANNEL_REFRESH_TIME,
    TurnClientTcpProtocol,
    TurnClientUdpProtocol,
)
from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle import shared_clock
from hemicycle.meeting.room import turn
from hemicycle.meeting.room.turn import TurnServers
from hemicycle.site.operating.doctor import TIMEOUT_S, Diagnosis, Health, ok

PAGE_TIMEOUT_S = 2.0
"""How many seconds the operations page waits for a relay."""
KEPT_S = 60.0
"""How many seconds the operations page shows the same findings, to spare the relays requests."""

FIRST_CHANNEL = 0x4000
UNAUTHORIZED = 401
MUCH_LATER_S = 10 * 365 * 86_400.0
"""Credentials that end this much later are valid even if a clock is wrong by months."""

type Client = TurnClientTcpProtocol | TurnClientUdpProtocol


class RelayOutcome(StrEnum):
    """The outcome of a request to a relay."""

    WORKS = "works"
    SILENT = "silent"
    UNTRUSTED = "untrusted"
    """Browsers would refuse its certificate."""
    UNKNOWN = "unknown"
    """It does not accept the site's secret."""
    EXPIRED = "expired"
    """It regards new credentials as expired."""
    REFUSED = "refused"
    """It refuses for another reason."""
    APART = "apart"
    """It relays nothing to the media engine."""


@dataclass(frozen=True, slots=True)
class RelayTrial:
    """The trial of a relay; `detail` is the relay's own reason, if it gave one."""

    url: str
    outcome: RelayOutcome
    detail: str = ""


def tried(timeout_s: float) -> list[RelayTrial]:
    """Try all relays of the settings at the same time; each has `timeout_s` to answer."""

    async def all_tried() -> list[RelayTrial]:
        return await asyncio.gather(*(_tried(url, timeout_s) for url in settings.TURN.urls))

    return asyncio.run(all_tried())


async def _tried(url: str, timeout_s: float) -> RelayTrial:
    now = shared_clock.now_s()
    trial = await _asked(url, now, timeout_s)
    if trial.outcome is RelayOutcome.UNKNOWN:
        # A relay answers the same to a wrong secret and to credentials that it regards as expired.
        later = await _asked(url, now + MUCH_LATER_S, timeout_s)
        if later.outcome is RelayOutcome.WORKS:
            return RelayTrial(url, RelayOutcome.EXPIRED, trial.detail)
    return trial


async def _asked(url: str, now: float, timeout_s: float) -> RelayTrial:
    """Ask for an allocation (RFC 8656) and a channel to the engine, as browsers do."""
    try:
        async with asyncio.timeout(timeout_s), _connected(url, now) as client:
            try:
                await client.connect()
            except TransactionFailed as error:
                code, reason = _code(error)
                outcome = RelayOutcome.UNKNOWN if code == UNAUTHORIZED else RelayOutcome.REFUSED
                return RelayTrial(url, outcome, f"{code} {reason}")
            apart = await _apart(client)
            await client.delete()
            return RelayTrial(url, RelayOutcome.APART if apart else RelayOutcome.WORKS, apart)
    except ssl.SSLCertVerificationError as error:
        return RelayTrial(url, RelayOutcome.UNTRUSTED, error.verify_message)
    except (OSError, TransactionError) as error:  # a timeout is an OSError
        return RelayTrial(url, RelayOutcome.SILENT, str(error))


async def _apart(client: Client) -> str:
    """Return why the relay relays nothing to the engine; "" if it does."""
    for number, address in enumerate(_addresses_of_engine(), FIRST_CHANNEL):
        try:
            await client.channel_bind(number, (address, settings.MEDIA_ENGINE.port))
        except TransactionFailed as error:
            code, reason = _code(error)
            return f"{address}: {code} {reason}"
    return ""


def _code(error: TransactionFailed) -> tuple[int, str]:
    code, reason = error.response.attributes.get("ERROR-CODE", (0, ""))
    return code, reason


def _addresses_of_engine() -> Iterator[str]:
    """Yield the engine's IPv4 addresses in the settings; browsers use IPv4 allocations too."""
    for address in settings.MEDIA_ENGINE.addresses:
        try:
            yield str(IPv4Address(address))
        except ValueError:
            continue


@asynccontextmanager
async def _connected(url: str, now: float) -> AsyncIterator[Client]:
    """Connect to a relay, with credentials issued at `now` (seconds since the epoch)."""
    host, port, kind = turn.parse_url(url)
    (server,) = turn.servers(TurnServers((url,), settings.TURN.secret), now)
    given = (
        (host, port),
        str(server["username"]),
        str(server["credential"]),
        DEFAULT_ALLOCATION_LIFETIME,
        DEFAULT_CHANNEL_REFRESH_TIME,
    )
    loop = asyncio.get_running_loop()
    transport: asyncio.BaseTransport
    client: Client
    if kind == "udp":
        transport, client = await loop.create_datagram_endpoint(
            lambda: TurnClientUdpProtocol(*given), remote_addr=(host, port)
        )
    else:
        context = ssl.create_default_context() if kind == "tls" else None
        transport, client = await loop.create_connection(
            lambda: TurnClientTcpProtocol(*given), host, port, ssl=context
        )
    try:
        yield client
    finally:
        if client.refresh_task is not None:
            client.refresh_task.cancel()
        transport.close()


# The findings of the doctor, one for each relay.


def relays_answer() -> Iterator[Diagnosis]:
    """Check that each TURN server relays for participants, with credentials as they get."""
    for trial in tried(TIMEOUT_S):
        yield _diagnosed(trial)


def _diagnosed(trial: RelayTrial) -> Diagnosis:
    url, detail = trial.url, trial.detail
    match trial.outcome:
        case RelayOutcome.WORKS:
            return ok("turn", f"{url} relays with credentials of this site")
        case RelayOutcome.SILENT:
            found = f"no server answers at {url}"
            advice = "Start the TURN server, and open its port; or correct HEMICYCLE_TURN_URLS."
        case RelayOutcome.UNTRUSTED:
            found = f"browsers refuse the certificate of {url}: {detail}"
            advice = "Give the server a valid certificate for its name (coturn: cert and pkey)."
        case RelayOutcome.UNKNOWN:
            found = f"{url} refuses the credentials of this site ({detail})"
            advice = (
                "Give it the secret of HEMICYCLE_TURN_SECRET (coturn: use-auth-secret and "
                "static-auth-secret)."
            )
        case RelayOutcome.EXPIRED:
            found = f"{url} takes new credentials of this site for expired ({detail})"
            advice = "Its clock and this machine's differ by more than an hour: set both by NTP."
        case RelayOutcome.APART:
            found = f"{url} relays nothing to the media engine ({detail})"
            advice = "Let it relay to the engine's address (coturn: allowed-peer-ip)."
        case _:
            found = f"{url} refuses to relay ({detail})"
            advice = "The log of the TURN server says why."
    return Diagnosis("turn", Health.FAULT, found, advice)


# The findings of the operations page, for all relays together.


class _KeptTrials:
    """Caches the latest trials for `KEPT_S`, or until the settings change."""

    def __init__(self) -> None:
        self.of: TurnServers | None = None
        self.until = 0.0
        self.trials: list[RelayTrial] = []

    def get(self) -> list[RelayTrial]:
        now = time.monotonic()
        if self.of != settings.TURN or now > self.until:
            self.of, self.trials = settings.TURN, tried(PAGE_TIMEOUT_S)
            self.until = time.monotonic() + KEPT_S
        return self.trials


_kept = _KeptTrials()


def relays_work() -> Iterator[Diagnosis]:
    """Check the relays; findings name no addresses and may be a minute old."""
    trials = _kept.get()
    wrong = {trial.outcome for trial in trials} - {RelayOutcome.WORKS}
    if trials and not wrong:
        yield ok("turn", _("the relays (TURN) accept connections"))
    if wrong & {RelayOutcome.UNKNOWN, RelayOutcome.EXPIRED}:
        found = _(
            "a relay (TURN) refuses the credentials of this site: people whose network lets "
            "nothing else through are not heard"
        )
        advice = _(
            "Give it the secret of HEMICYCLE_TURN_SECRET, and set its clock. `hemicycle doctor` "
            "says which of the two is wrong."
        )
        yield Diagnosis("turn", Health.FAULT, found, advice)
    if wrong - {RelayOutcome.UNKNOWN, RelayOutcome.EXPIRED}:
        found = _(
            "a relay (TURN) does not work: people whose network lets nothing else through are not "
            "heard"
        )
        yield Diagnosis("turn", Health.FAULT, found, _("`hemicycle doctor` says what is wrong."))
