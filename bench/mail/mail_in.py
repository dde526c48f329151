"""2,000 messages with 300 KB attachments on 20 connections, with a kill of the process.

Real SMTP clients send to the real process. Each keeps its connection open, sends its messages one
after the other, and sends a message again if it gets no 250, like a mail server. When half of the
messages are acknowledged, the process is killed (SIGKILL) and started again on the same port.
Afterwards the files and the rows are compared with the acknowledged messages.

`per_s` is the number of messages acknowledged per second, without the pause of the kill. `p99_ms`
is the time from the first command for a message to its 250. `lost` counts acknowledged messages
that are not stored whole. `read_per_s` is how many stored messages the process then reads per
second; their senders are unknown to the hearing.
"""

import os
import smtplib
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.fixtures import fresh
from bench.sizes import size

RUN = ("per_s", "p99_ms", "lost", "acknowledged", "sent_again", "read_per_s")
FIGURES = ("messages", *RUN, *(f"postgresql.{name}" for name in RUN))
MESSAGES = size(2000, 200, "BENCH_MESSAGES")
CONNECTIONS = size(20, 4)
ATTACHED = size(300_000, 3_000)
READ_S = size(5.0, 0.5)
"""How long the reading is watched, in seconds."""
TO = "statements@hearing.example"
HEARING = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"


@dataclass
class Tally:
    """The results of all clients together."""

    acknowledged: dict[str, float] = field(default_factory=dict)
    """For each digest of an acknowledged message, how long the transmission took, in seconds."""
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def run() -> dict[str, Any]:
    """Return the figures on SQLite and on PostgreSQL, each in a separate process."""
    return {"messages": MESSAGES, **_apart("sqlite"), "postgresql": _apart("postgresql")}


def _apart(kind: str) -> dict[str, Any]:
    import json

    done = subprocess.run(
        [sys.executable, "-m", "bench.mail.mail_in", kind], stdout=subprocess.PIPE, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(kind: Any) -> dict[str, Any]:
    """Return the figures on one database."""
    with fresh(kind) as folder:
        from hemicycle.hearing.setup.actions import convene
        from tests.mail.incoming.conftest import Post

        convene(HEARING, slug="bench", publish=True)
        letters = [_letter(number) for number in range(MESSAGES)]
        post = Post(folder, os.environ["HEMICYCLE_DATABASE_URL"])
        post.start()
        try:
            tally, took = _rush(post, letters)
            lost = _lost(tally)
            read = _reading()
        finally:
            post.stop()
    times = sorted(tally.acknowledged.values())
    return {
        "per_s": round(len(times) / took, 1),
        "p99_ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "lost": lost,
        "acknowledged": len(times),
        "sent_again": tally.again,
        "read_per_s": read,
    }


def _letter(number: int) -> bytes:
    """Return a message as it is transmitted: a short text and a unique attachment."""
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = f"ngo{number}@example.org", TO
    message["Subject"], message["Message-ID"] = f"Statement {number}", f"<{number}@example.org>"
    message.set_content("Please find our statement attached.")
    content = os.urandom(ATTACHED)
    message.add_attachment(content, maintype="application", subtype="pdf", filename="statement.pdf")
    return message.as_bytes()


def _rush(post: Any, letters: list[bytes]) -> tuple[Tally, float]:
    tally = Tally()
    shares = [letters[start::CONNECTIONS] for start in range(CONNECTIONS)]
    threads = [threading.Thread(target=_send_all, args=(post, share, tally)) for share in shares]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    while len(tally.acknowledged) < len(letters) // 2:
        time.sleep(0.005)
    post.kill()
    killed = time.perf_counter()
    post.start()
    pause = time.perf_counter() - killed
    for thread in threads:
        thread.join()
    return tally, time.perf_counter() - begun - pause


def _send_all(post: Any, letters: list[bytes], tally: Tally) -> None:
    client: smtplib.SMTP | None = None
    for raw in letters:
        while True:
            try:
                client = client or smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=60)
                sent = time.perf_counter()
                client.sendmail("ngo@example.org", [TO], raw)
            except (OSError, smtplib.SMTPException):
                client = None
                with tally.lock:
                    tally.again += 1
                time.sleep(0.05)
                continue
            with tally.lock:
                tally.acknowledged[sha256(raw).hexdigest()] = time.perf_counter() - sent
            break
    with suppress(OSError, smtplib.SMTPException):
        if client is not None:
            client.quit()


def _lost(tally: Tally) -> int:
    """Return how many acknowledged messages have no row, or a wrong file."""
    from hemicycle.mail.incoming.models import Mail

    files = dict(Mail.objects.values_list("sha256", "file"))
    whole = {digest for digest in tally.acknowledged if _is_whole(files.get(digest, ""), digest)}
    return len(tally.acknowledged) - len(whole)


def _is_whole(file: str, digest: str) -> bool:
    from django.core.files.storage import default_storage

    if not file or not default_storage.exists(file):
        return False
    with default_storage.open(file) as opened:
        return sha256(opened.read()).hexdigest() == digest


def _reading() -> float:
    """Return how many messages per second the process reads and settles."""
    from hemicycle.mail.incoming.models import Mail

    stored = Mail.objects.filter(state=Mail.State.STORED)
    before, begun = stored.count(), time.perf_counter()
    if not before:
        return 0.0
    time.sleep(READ_S)
    return round((before - stored.count()) / (time.perf_counter() - begun), 1)


if __name__ == "__main__":
    import json

    print(json.dumps(measure(sys.argv[1])), flush=True)
