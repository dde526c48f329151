"""2,000 personal messages, queued and sent to a local mail server, with kills of the sender.

Hemicycle's own sender runs in a separate process on SQLite, and the server (aiosmtpd) in another.
The first round is undisturbed, for `per_s`. In the second round, the sender is killed (SIGKILL)
several times and started again. Messages with an unclear outcome are settled as the secretariat
does it, by looking for the Message-ID in the server's log. Then `lost` counts the messages that
never arrived, and `doubled` those that arrived more than once.
"""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.fixtures import fresh
from bench.sizes import size

FIGURES = ("per_s", "queued_per_s", "lost", "doubled", "kills", "unclear", "messages")
MESSAGES = size(2000, 80)
KILLED_AFTER = (MESSAGES // 20, 6 * MESSAGES // 20, 11 * MESSAGES // 20, 16 * MESSAGES // 20)
HELD_S = 2.0
LIMIT_S = 600.0


def run() -> dict[str, Any]:
    """Return `per_s` of the first round, and `lost`, `doubled` and `unclear` of the second one."""
    with fresh() as folder:
        queue_s, send_s = _undisturbed(folder)
        return {
            "per_s": round(MESSAGES / send_s),
            "queued_per_s": round(MESSAGES / queue_s),
            **_killed(folder),
            "messages": MESSAGES,
        }


def _queue(box: str) -> float:
    """Queue a message for each of `MESSAGES` people; return how long it took, in seconds."""
    from django.db import transaction

    from hemicycle.hearing.people.models import Person
    from hemicycle.mail.outgoing.actions import queue
    from hemicycle.mail.outgoing.models import Message

    people = Person.objects.bulk_create(
        Person(name=f"Person {number}", email=f"{box}{number}@example.org")
        for number in range(MESSAGES)
    )
    begun = time.perf_counter()
    with transaction.atomic():
        for person in people:
            queue(
                hearing_id=None,
                purpose=Message.Purpose.ANNOUNCEMENT,
                subject=f"To {person.name}",
                body=f"{person.name},\n\nthe meeting begins at ten.\n\nhttps://hearing.example/",
                person=person,
            )
    return time.perf_counter() - begun


def _undisturbed(folder: Path) -> tuple[float, float]:
    queue_s = _queue("calm")
    server, sender = _processes(folder / "calm")
    sender.start()
    _until(lambda: server.log.stat().st_size > 0)
    begun = time.perf_counter()
    _until(lambda: not _waiting())
    took = time.perf_counter() - begun
    sender.stop()
    server.stop()
    assert len(server.boxes()) == MESSAGES
    return queue_s, took


def _killed(folder: Path) -> dict[str, int]:
    _queue("killed")
    server, sender = _processes(folder / "killed")
    for number in KILLED_AFTER:
        sender.start()
        _until(lambda number=number: _lines(server.log) >= number)  # type: ignore[misc] # bound
        sender.kill()
    unclear = _settled(server)
    sender.start()
    _until(lambda: not _waiting())
    sender.stop()
    unclear += _settled(server)
    server.stop()
    arrived: Counter[str] = server.boxes()
    return {
        "lost": MESSAGES - len(arrived),
        "doubled": sum(number > 1 for number in arrived.values()),
        "kills": len(KILLED_AFTER),
        "unclear": unclear,
    }


def _processes(folder: Path) -> tuple[Any, Any]:
    from tests.support.mail_server import MailServer, Sender

    folder.mkdir()
    server = MailServer(folder)
    server.start()
    return server, Sender(server, {**os.environ, "HEMICYCLE_MAIL_PER_MINUTE": "0"}, HELD_S)


def _settled(server: Any) -> int:
    """Wait for the server's log, settle unclear messages by it, and return their number."""
    from hemicycle.mail.outgoing import outbox
    from hemicycle.mail.outgoing.actions import settle
    from hemicycle.mail.outgoing.delivery.mail import message_id
    from hemicycle.mail.outgoing.models import Message
    from hemicycle.record import clock
    from hemicycle.record.writer import Actor

    time.sleep(1)
    Message.objects.filter(state="sending").update(claimed_until=clock.now())
    log, unclear = server.log.read_text(), list(Message.objects.filter(outbox.unclear()))
    for message in unclear:
        settle(message=message, arrived=message_id(message) in log, actor=Actor.system("bench"))
    return len(unclear)


def _waiting() -> bool:
    from hemicycle.mail.outgoing.models import Message

    return Message.objects.filter(state__in=Message.WAITING).exists()


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def _until(look: Any) -> None:
    limit = time.monotonic() + LIMIT_S
    while not look():
        assert time.monotonic() < limit, f"not done within {LIMIT_S} s"
        time.sleep(0.05)
