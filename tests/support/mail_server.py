"""A mail server for tests and benchmarks, in a separate process: it logs accepted messages.

Its answer depends on the local part of the recipient's address: `busy` gets a temporary refusal,
`full` a permanent one, `drop` loses the connection before the message, `vanish` accepts the message
and loses the connection before the answer, `late` gets a late answer. All others are accepted.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

LATE_S = 0.5
START_S = 20.0


class Handler:
    """Writes each accepted message to a log, as a line of JSON."""

    def __init__(self, log: Path) -> None:
        self.log = log.open("a", buffering=1)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        box = address.partition("@")[0].partition("-")[0]
        if box == "busy":
            return "451 4.3.2 Come again later"
        if box == "full":
            return "550 5.1.1 Nobody of that name"
        if box == "drop":
            _hang_up(server)
            return "421 4.3.0 gone"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        (to,) = envelope.rcpt_tos
        box = to.partition("@")[0].partition("-")[0]
        if box == "late":
            await asyncio.sleep(LATE_S)
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        taken = {"from": envelope.mail_from, "to": to, "data": data.decode()}
        self.log.write(json.dumps(taken) + "\n")
        if box == "vanish":
            _hang_up(server)
        return "250 2.0.0 taken"


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()  # type: ignore[attr-defined] # a socket's transport has it


async def _serve(log: Path, port: int) -> None:
    handler = Handler(log)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=False, loop=loop), "127.0.0.1", port
    )
    print(listening.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


class MailServer:
    """A mail server in a separate process."""

    def __init__(self, folder: Path) -> None:
        self.log, self.port = folder / "mail.jsonl", 0
        self.log.touch()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the server, on its previous port if it had one."""
        command = [sys.executable, "-m", "tests.support.mail_server", str(self.log), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """Stop the server."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @property
    def settings(self) -> dict[str, Any]:
        """The value of `settings.SMTP` for this server."""
        here = {"host": "127.0.0.1", "port": self.port}
        return {**here, "user": "", "password": "", "tls": "never"}

    @property
    def url(self) -> str:
        """The value of `HEMICYCLE_SMTP_URL` for this server."""
        return f"smtp://127.0.0.1:{self.port}?tls=never"

    def taken(self) -> list[dict[str, str]]:
        """Return all accepted messages in order, each with `from`, `to` and `data`."""
        whole, _newline, _half_written = self.log.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def boxes(self) -> Counter[str]:
        """Return the number of accepted messages for each address."""
        return Counter(message["to"] for message in self.taken())


class Sender:
    """A sender in a separate process, which a test can kill."""

    def __init__(self, server: MailServer, environment: dict[str, str], held_s: float = 1) -> None:
        self.environment = environment | {"HEMICYCLE_SMTP_URL": server.url}
        self.held_s = held_s
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the sender."""
        command = [sys.executable, "-m", "tests.support.sender", str(self.held_s)]
        self._process = subprocess.Popen(command, env=self.environment)

    def kill(self) -> None:
        """Kill the sender at once, at any point of its work."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        """Ask the sender to end, and wait until it has."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


def until(what: str, look: Any, seconds: float = START_S) -> None:
    """Wait until `look` returns something. Fails after `seconds`, naming `what`."""
    limit = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < limit, f"no sign of {what} in {seconds} s"
        time.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
